/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When did this change?  A span of marks is executed again; looking back, one span between two snapshots after the
 * other.  The value is compared where it may have changed: memory, when its frame is written; the registers of the GDT
 * and the IDT, when one is loaded; another register, at each instruction, which is slow.
 */
#include "timeline/internal.h"

#include <string.h>

#include "machine/frame_watch.h"

/* A search at work. */
struct watch_state {
    const struct ws_watch *watch;
    uint8_t value[WS_WATCH_BYTES]; /* before the instruction at `mark` */
    uint64_t mark;
    uint64_t from; /* only changes after this mark count */
    bool first;    /* stop at the first one; else the last one is wanted */
    bool any;
    uint64_t found; /* the mark of the instruction that made it */
};

/* A segment register holds a descriptor, too, which may be another one under the same selector. */
static void hidden_read(const struct ws_watch *watch, const struct ws_machine *machine, uint8_t *out)
{
    static const uint8_t segment[] = {WS_CS, WS_SS, WS_DS, WS_ES, WS_FS, WS_GS, WS_LDTR, WS_TR};
    struct ws_descriptor hidden;
    if (!memchr(segment, watch->which, sizeof segment))
        return;
    ws_machine_segment(machine, (enum ws_register)watch->which, &hidden);
    ws_descriptor_encode(out, &hidden);
}

void ws__watch_read(const struct ws_watch *watch, const struct ws_machine *machine, uint8_t out[WS_WATCH_BYTES])
{
    struct ws_registers registers;
    struct ws_physical memory;
    memset(out, 0, WS_WATCH_BYTES);
    if (watch->kind == WS_WATCH_REGISTER) {
        ws_machine_registers(machine, &registers);
        memcpy(out, &registers.value[watch->which], sizeof registers.value[0]);
        hidden_read(watch, machine, out + sizeof registers.value[0]);
        return;
    }
    memory = ws_machine_memory(machine);
    memcpy(out, memory.ram + watch->phys, watch->bytes);
}

/* The machine stands before the next instruction: did the last one change the value? */
static void value_compare(struct watch_state *at, struct ws_machine *machine)
{
    uint8_t now[WS_WATCH_BYTES];
    ws__watch_read(at->watch, machine, now);
    bool wanted = at->mark >= at->from && !(at->first && at->any);
    if (memcmp(now, at->value, sizeof now) != 0) {
        if (wanted) {
            at->any = true;
            at->found = at->mark;
        }
        memcpy(at->value, now, sizeof now);
    }
    at->mark = ws_machine_mark(machine);
}

/* The last instruction that has begun has written the frame. */
static void frame_see(void *context, struct ws_machine *machine)
{
    struct watch_state *at = context;
    uint64_t mark = ws_machine_mark(machine);
    at->mark = mark ? mark - 1 : 0;
    value_compare(at, machine);
    if (at->first && at->any)
        ws_machine_stop(machine);
}

static void table_see(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct watch_state *at = context;
    at->mark = event->mark;
    value_compare(at, machine);
    if (at->first && at->any)
        ws_machine_stop(machine);
}

static void instruction_see(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct watch_state *at = context;
    value_compare(at, machine);
    at->mark = event->mark;
    if (at->first && at->any)
        ws_machine_stop(machine);
}

static bool in_one_frame(const struct ws_watch *watch)
{
    return watch->kind == WS_WATCH_MEMORY && watch->phys % WS_PAGE_BYTES + watch->bytes <= WS_PAGE_BYTES;
}

/* Only lgdt and lidt load these. */
static bool is_table(const struct ws_watch *watch)
{
    return watch->kind == WS_WATCH_REGISTER && (watch->which == WS_GDTR_BASE || watch->which == WS_GDTR_LIMIT ||
                                                watch->which == WS_IDTR_BASE || watch->which == WS_IDTR_LIMIT);
}

/* Watch from here on. */
static bool watch_begin(struct watch_state *at, struct ws_machine *machine)
{
    ws__watch_read(at->watch, machine, at->value);
    at->mark = ws_machine_mark(machine);
    if (in_one_frame(at->watch)) {
        ws__machine_frame_watch(machine, at->watch->phys, frame_see, at);
        return true;
    }
    if (is_table(at->watch))
        return ws_machine_listen(machine, WS_EVENT_MASK(TABLE_LOAD), table_see, at) == WS_OK;
    return ws_machine_listen(machine, WS_EVENT_MASK(INSTRUCTION), instruction_see, at) == WS_OK;
}

static void watch_end(struct watch_state *at, struct ws_machine *machine)
{
    if (in_one_frame(at->watch)) {
        ws__machine_frame_unwatch(machine);
    } else if (is_table(at->watch)) {
        ws_machine_unlisten(machine, table_see, at);
    } else {
        ws_machine_unlisten(machine, instruction_see, at);
        value_compare(at, machine);
    }
}

bool ws__watch_is_valid(const struct ws_watch *watch, const struct ws_machine *machine)
{
    struct ws_physical memory = ws_machine_memory(machine);
    if (watch->kind == WS_WATCH_REGISTER)
        return watch->which < WS_REGISTER_COUNT;
    return watch->bytes && watch->bytes <= WS_WATCH_BYTES && watch->phys < memory.bytes &&
           watch->bytes <= memory.bytes - watch->phys;
}

enum ws_seek ws_timeline_next_change(struct ws_timeline *timeline, const struct ws_watch *watch)
{
    struct ws_machine *machine = timeline->machine;
    struct watch_state at = {.watch = watch, .from = ws_machine_mark(machine) + 1, .first = true};
    uint64_t horizon = ws__timeline_horizon(timeline);
    enum ws__run run;
    if (!ws__watch_is_valid(watch, machine))
        return WS_SEEK_NONE;
    if (!watch_begin(&at, machine))
        return WS_SEEK_NO_MEMORY;
    ws__breaks_depart(timeline);
    do {
        run = ws__timeline_run_on(timeline, horizon);
    } while (run == WS__RUN_STOPPED && !at.any);
    watch_end(&at, machine);
    return at.any ? ws__timeline_return(timeline, at.found) : ws__timeline_seek_of(run);
}

/* The last change in the span between the snapshot before `end` and `end`; it begins at *begin. */
static enum ws__run span_scan(struct ws_timeline *timeline, struct watch_state *at, uint64_t end, uint64_t *begin)
{
    enum ws__run run;
    *begin = ws__timeline_rewind(timeline, end - 1);
    if (!watch_begin(at, timeline->machine))
        return WS__RUN_FAILED;
    do {
        run = ws__timeline_run(timeline, end, false);
    } while (run == WS__RUN_STOPPED);
    watch_end(at, timeline->machine);
    return run;
}

enum ws_seek ws_timeline_previous_change(struct ws_timeline *timeline, const struct ws_watch *watch)
{
    uint64_t now = ws_machine_mark(timeline->machine);
    struct watch_state at = {.watch = watch};
    if (!ws__watch_is_valid(watch, timeline->machine))
        return WS_SEEK_NONE;
    for (uint64_t end = now, begin; end > timeline->start && !at.any; end = begin) {
        enum ws__run run = span_scan(timeline, &at, end, &begin);
        if (run != WS__RUN_THERE && run != WS__RUN_HALTED)
            return ws__timeline_seek_of(run);
        if (ws__timeline_interrupted(timeline))
            return WS_SEEK_INTERRUPTED;
    }
    enum ws_seek seek = ws__timeline_return(timeline, at.any ? at.found : now);
    return seek == WS_SEEK_THERE && !at.any ? WS_SEEK_NONE : seek;
}
