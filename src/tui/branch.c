/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What if?  The person takes out an instruction, or changes a register or memory, and the run goes on in a branch.  The
 * recorded run waits meanwhile, and is what it was when the person comes back.
 */
#include "tui/viewer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ablation/ablation.h"

/* What to change. */
struct change {
    enum { CHANGE_REGISTER, CHANGE_LINEAR, CHANGE_PHYS } kind;
    enum ws_register which;
    uint32_t where;
    uint8_t bytes[WS_INSTRUCTION_BYTES]; /* of memory, or of the register's value */
    unsigned size;
    char text[WS__VIEWER_CHANGE]; /* for the person: "eax=00000005" */
};

/* -- going in and out ---------------------------------------------------------------------------------- */

/* The run that waits becomes the one that is shown. */
static void branch_pop(struct ws__viewer *viewer)
{
    struct ws__branch *branch = viewer->branch;
    ws__heard_free(viewer->heard);
    ws_timeline_return(viewer->timeline);
    viewer->timeline = branch->timeline;
    viewer->options.watcher = branch->watcher;
    viewer->heard = branch->heard;
    viewer->looked_ahead = branch->looked_ahead;
    viewer->branch = branch->outer;
    free(branch);
}

void ws__branch_leave(struct ws__viewer *viewer)
{
    while (viewer->branch)
        branch_pop(viewer);
}

uint64_t ws__viewer_frontier(const struct ws__viewer *viewer)
{
    const struct ws_timeline *recorded = viewer->timeline;
    for (const struct ws__branch *branch = viewer->branch; branch; branch = branch->outer)
        recorded = branch->timeline;
    return ws_timeline_frontier(recorded);
}

/* The branch is what is shown, and is listened to from its beginning; then to the place where it parts. */
static enum ws_seek branch_show(struct ws__viewer *viewer, struct ws_timeline *timeline)
{
    const struct ws__branch *branch = viewer->branch;
    uint64_t begin = ws_timeline_mark(timeline);
    viewer->timeline = timeline;
    viewer->options.watcher = ws_timeline_watcher(timeline);
    if (ws__heard_new(&viewer->heard, viewer->options.machine, viewer->options.watcher, viewer->state.hosted) != WS_OK)
        return WS_SEEK_NO_MEMORY;
    ws__heard_copy(viewer->heard, branch->heard, begin);
    viewer->looked_ahead = 0;
    return ws_timeline_seek(timeline, ws_timeline_parting(timeline));
}

/* Begin a branch here.  false: there is none, which was said. */
static bool branch_begin(struct ws__viewer *viewer, const char *change)
{
    struct ws__branch *branch = calloc(1, sizeof *branch);
    struct ws_timeline *timeline;
    enum ws_status status = branch ? ws_timeline_branch(&timeline, viewer->timeline) : WS_NO_MEMORY;
    if (status != WS_OK) {
        free(branch);
        ws__viewer_say(viewer, "there is no branch: %s", ws_status_text(status));
        return false;
    }
    ws_timeline_bound(timeline, WS__BRANCH_BOUND);
    *branch = (struct ws__branch){
        .outer = viewer->branch,
        .timeline = viewer->timeline,
        .watcher = viewer->options.watcher,
        .heard = viewer->heard,
        .looked_ahead = viewer->looked_ahead,
        .mark = viewer->state.mark,
    };
    snprintf(branch->change, sizeof branch->change, "%s", change);
    viewer->branch = branch;
    enum ws_seek seek = branch_show(viewer, timeline);
    if (seek == WS_SEEK_THERE)
        return true;
    branch_pop(viewer);
    ws__viewer_say(viewer, "there is no branch: %s",
                   ws_status_text(seek == WS_SEEK_INTERRUPTED ? WS_INTERRUPTED : WS_NO_MEMORY));
    return false;
}

/* -- changing something -------------------------------------------------------------------------------- */

static enum ws_status change_do(struct ws_machine *machine, const struct change *change)
{
    uint32_t value;
    if (change->kind == CHANGE_LINEAR)
        return ws_machine_write(machine, change->where, change->bytes, change->size);
    if (change->kind == CHANGE_PHYS)
        return ws_machine_write_phys(machine, change->where, change->bytes, change->size);
    memcpy(&value, change->bytes, sizeof value);
    return ws_machine_register_set(machine, change->which, value);
}

static void refusal_say(struct ws__viewer *viewer, const struct change *change, enum ws_status status)
{
    if (status == WS_UNSUPPORTED)
        ws__viewer_say(viewer, "%s: only eax to edi, eip, eflags, cr0, cr2, cr3, cr4 can be set", change->text);
    else if (change->kind == CHANGE_REGISTER)
        ws__viewer_say(viewer, "%s: the CPU refuses it: its reserved bits are fixed, and PE stays set", change->text);
    else if (change->kind == CHANGE_PHYS)
        ws__viewer_say(viewer, "%s: there is no RAM at this physical address", change->text);
    else
        ws__viewer_say(viewer, "%s: this address is not mapped to RAM here", change->text);
}

/* Can something be changed here at all? */
static bool change_is_possible(struct ws__viewer *viewer)
{
    if (viewer->state.halt)
        ws__viewer_say(viewer, "the run has ended here; go back with S, and change something before its end");
    else if (!viewer->state.mark)
        ws__viewer_say(viewer, "nothing has been executed yet; step with s first, then change something");
    else
        return true;
    return false;
}

static void change_make(struct ws__viewer *viewer, const struct change *change)
{
    if (!change_is_possible(viewer) || !branch_begin(viewer, change->text))
        return;
    enum ws_status status = change_do(viewer->options.machine, change);
    if (status != WS_OK)
        branch_pop(viewer);
    viewer->state.has_cursor = false;
    ws__viewer_arrive(viewer);
    if (status == WS_OK)
        ws__viewer_say(viewer, "%s: this is a branch; X comes back to the recorded run", change->text);
    else
        refusal_say(viewer, change, status);
}

void ws__do_without(struct ws__viewer *viewer, unsigned which)
{
    struct ws_view_state *state = &viewer->state;
    struct change change = {.kind = CHANGE_LINEAR, .where = state->eip_linear};
    struct ws_instruction here;
    uint8_t code[WS_INSTRUCTION_BYTES];
    size_t bytes = sizeof code;
    (void)which;
    while (bytes && ws_machine_read(viewer->options.machine, state->eip_linear, code, bytes) != WS_OK)
        bytes--;
    if (!bytes) {
        ws__viewer_say(viewer, "nothing is mapped at EIP, so there is no instruction to leave out");
    } else if (!ws_disasm_one(state->disasm, code, bytes, state->eip_linear, state->wide, state->syntax, &here)) {
        ws__viewer_say(viewer, "there is no instruction at EIP to leave out");
    } else if (strncmp(here.text, "nop", 3) == 0) {
        ws__viewer_say(viewer, "this instruction is a nop: it does nothing already");
    } else {
        change.size = here.size;
        ws__nop_put(change.bytes, here.size);
        snprintf(change.text, sizeof change.text, "without %s", here.text);
        change_make(viewer, &change);
    }
}

void ws__do_recorded(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    if (!viewer->branch) {
        ws__viewer_say(viewer, "this is the recorded run; x leaves it, without the instruction that is next");
        return;
    }
    ws__branch_leave(viewer);
    ws__viewer_arrived(viewer, WS_SEEK_THERE, "");
    ws__viewer_say(viewer, "the recorded run again, at mark %llu, where the branch began",
                   (unsigned long long)viewer->state.mark);
}

/* -- :set ---------------------------------------------------------------------------------------------- */

/* A number in hexadecimal, with or without 0x, of at most so many bits. */
static bool value_parse(const char *text, unsigned bits, uint32_t *value)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 16);
    *value = (uint32_t)number;
    return end != text && !*end && !errno && *text != '-' && *text != '+' && number >> bits == 0;
}

/* "byte 1234", "dword host.current", "phys 101000", "cr4": what is to get the value.  `value` follows. */
static bool set_parse(const struct ws__viewer *viewer, const char *place, const char *text, struct change *change)
{
    static const struct {
        const char *word;
        int kind;
        unsigned size;
    } rows[] = {{"byte ", CHANGE_LINEAR, 1}, {"dword ", CHANGE_LINEAR, 4}, {"phys ", CHANGE_PHYS, 1}};
    const char *where = place;
    uint32_t value;
    *change = (struct change){.kind = CHANGE_REGISTER, .which = ws_register_find(place), .size = 4};
    for (size_t at = 0; at < sizeof rows / sizeof rows[0]; at++) {
        size_t length = strlen(rows[at].word);
        if (strncmp(place, rows[at].word, length) != 0)
            continue;
        where = place + length + strspn(place + length, " ");
        change->kind = rows[at].kind;
        change->size = rows[at].size;
    }
    bool found = change->kind == CHANGE_REGISTER ? change->which != WS_REGISTER_COUNT
                 : change->kind == CHANGE_LINEAR ? ws__viewer_address(viewer, where, &change->where)
                                                 : value_parse(where, 32, &change->where);
    if (!found || !value_parse(text, change->size * 8, &value))
        return false;
    for (unsigned at = 0; at < change->size; at++)
        change->bytes[at] = (uint8_t)(value >> at * 8);
    snprintf(change->text, sizeof change->text, "%.60s=%0*x", place, (int)change->size * 2, value);
    return true;
}

void ws__branch_set(struct ws__viewer *viewer, const char *what)
{
    char place[WS__VIEWER_LINE];
    struct change change;
    size_t length = strcspn(what, "=");
    const char *value = what[length] ? what + length + 1 : "";
    value += strspn(value, " ");
    while (length && what[length - 1] == ' ')
        length--;
    snprintf(place, sizeof place, "%.*s", (int)length, what);
    if (set_parse(viewer, place, value, &change))
        change_make(viewer, &change);
    else
        ws__viewer_say(viewer, "\"%s\": such as :set cr4=0, :set eax=5, :set byte 1234=90, in hexadecimal", what);
}

/* -- what is shown ------------------------------------------------------------------------------------- */

/* What was changed, the first change first; `mark`: only there, unless it is UINT64_MAX. */
static void changes_write(const struct ws__branch *branch, uint64_t mark, struct ws_buffer *out)
{
    if (!branch)
        return;
    changes_write(branch->outer, mark, out);
    if (mark == UINT64_MAX || branch->mark == mark)
        ws_buffer_printf(out, "%s%s", out->size ? ", " : "", branch->change);
}

void ws__capture_branch(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    struct ws_buffer all = WS_BUFFER_INIT, here = WS_BUFFER_INIT;
    state->branch = state->branch_here = NULL;
    for (const struct ws__branch *branch = viewer->branch; branch; branch = branch->outer)
        state->branch_mark = branch->mark;
    if (!viewer->branch)
        return;
    changes_write(viewer->branch, UINT64_MAX, &all);
    changes_write(viewer->branch, state->mark, &here);
    viewer->starved |= all.failed || here.failed;
    snprintf(viewer->branch_text, sizeof viewer->branch_text, "%s", ws_buffer_text(&all));
    snprintf(viewer->branch_here, sizeof viewer->branch_here, "%s", ws_buffer_text(&here));
    state->branch = viewer->branch_text;
    state->branch_here = here.size ? viewer->branch_here : NULL;
    ws_buffer_release(&all);
    ws_buffer_release(&here);
}
