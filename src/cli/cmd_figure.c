/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * figure: run a guest to its end, and draw one of the book's two figures from what was seen.
 *
 * At the end of a run there may be no second world any more: a host takes it down with its virtual machine.  So address
 * spaces are drawn when they are there, at each crossing, and the last drawing counts.
 */
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include <worldswitch/forward.h>
#include <worldswitch/view.h>

#include "front/system.h"

enum { KINDS = 2 }; /* of enum ws_crossing_kind: threads share their address space */
enum { VMMS = 8 };  /* more are not drawn */

/* The last paths of one VMM. */
struct vmm_paths {
    char world[WS_NAME_BYTES];
    struct ws_forward_path last[WS_FORWARD_KINDS];
    uint64_t count[WS_FORWARD_KINDS];
};

struct figure {
    struct ws__system system;
    struct ws__output output;
    struct ws_forward *forward;
    struct vmm_paths vmm[VMMS]; /* in the order in which they were seen */
    unsigned vmms;
    bool ascii;
    char left[WS_NAME_BYTES];     /* the world that is drawn there: the one with processes, or the first */
    struct ws_rows spaces[KINDS]; /* by the kind of the crossing */
    char pair[2][WS_NAME_BYTES];  /* of the context switches to draw: the first two processes with programs */
    struct ws_crossing crossing[KINDS];
    uint64_t crossings[KINDS];
};

static void state_init(struct ws_view_state *state, const struct figure *figure)
{
    uint32_t cross;
    *state = (struct ws_view_state){
        .memory = ws_machine_memory(figure->system.machine),
        .symbols = figure->system.symbols,
        .width = WS_FIGURE_WIDTH,
        .ascii = figure->ascii,
    };
    if (ws_symbols_find(figure->system.symbols, "cross", &cross) == WS_OK) {
        state->has_cross = true;
        state->cross_linear = cross;
    }
}

/* -- figure 7-11 --------------------------------------------------------------------------------------- */

static void side_fill(struct figure *figure, struct ws_view_side *side, const struct ws_registers *registers)
{
    *side = (struct ws_view_side){.known = true, .registers = *registers};
    snprintf(side->world, sizeof side->world, "%s", ws_watcher_world(figure->system.watcher, registers));
    snprintf(side->process, sizeof side->process, "%s", ws_watcher_process(figure->system.watcher, registers));
    side->number = strcmp(side->world, figure->left) != 0;
}

/* The host is the world that has processes. */
static void left_choose(struct figure *figure, const struct ws_crossing *crossing)
{
    bool from = *ws_watcher_process(figure->system.watcher, &crossing->before);
    bool to = *ws_watcher_process(figure->system.watcher, &crossing->after);
    if (crossing->kind == WS_CROSSING_WORLD && (from != to || !*figure->left))
        snprintf(figure->left, sizeof figure->left, "%s", to ? crossing->to : crossing->from);
}

/* Of the context switches, those are drawn that "compare" shows, too: from the first of two programs to the second, as
 * soon as there are two.  The other direction would be the same picture with its sides exchanged. */
static bool is_drawn(struct figure *figure, const struct ws_crossing *crossing)
{
    if (crossing->kind == WS_CROSSING_WORLD)
        return true;
    if (!*figure->pair[0] && ws__system_is_process(&figure->system, &crossing->before) &&
        ws__system_is_process(&figure->system, &crossing->after)) {
        snprintf(figure->pair[0], WS_NAME_BYTES, "%s", crossing->from);
        snprintf(figure->pair[1], WS_NAME_BYTES, "%s", crossing->to);
    }
    return !*figure->pair[0] ||
           (strcmp(figure->pair[0], crossing->from) == 0 && strcmp(figure->pair[1], crossing->to) == 0);
}

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct figure *figure = context;
    struct ws_view_state state;
    if (crossing->kind >= KINDS)
        return;
    struct ws_rows *rows = &figure->spaces[crossing->kind];
    if (!(crossing->before.value[WS_CR0] & crossing->after.value[WS_CR0] & WS_CR0_PG))
        return; /* out of a loader's world, which has no address space of its own */
    left_choose(figure, crossing);
    figure->crossings[crossing->kind]++;
    if (!is_drawn(figure, crossing))
        return;
    figure->crossing[crossing->kind] = *crossing;
    state_init(&state, figure);
    state.here = state.to = crossing->kind == WS_CROSSING_CONTEXT || strcmp(crossing->to, figure->left) != 0;
    side_fill(figure, &state.side[state.here], &crossing->after);
    side_fill(figure, &state.side[1 - state.here], &crossing->before);
    ws_rows_clear(rows, WS_FIGURE_SPACES_WIDTH);
    ws_view_spaces(rows, &state);
}

static int spaces_write(struct figure *figure)
{
    static const enum ws_crossing_kind order[KINDS] = {WS_CROSSING_CONTEXT, WS_CROSSING_WORLD};
    struct ws_buffer *out = &figure->output.pending;
    if (!figure->crossings[WS_CROSSING_WORLD]) {
        ws__complain("\"worldswitch trace\" shows what there was",
                     "this guest made no world switch: there is no second address space to draw");
        return WS__EXIT_WANTING;
    }
    for (unsigned i = 0; i < KINDS; i++) {
        const struct ws_crossing *crossing = &figure->crossing[order[i]];
        if (!figure->crossings[order[i]])
            continue;
        ws_buffer_printf(out,
                         "%sthe last %s switch from \"%s\" to \"%s\"\nmarks %llu to %llu; %llu %s switches in all\n\n",
                         out->size ? "\n" : "", ws_crossing_kind_name(order[i]), crossing->from, crossing->to,
                         (unsigned long long)crossing->begin, (unsigned long long)crossing->end,
                         (unsigned long long)figure->crossings[order[i]], ws_crossing_kind_name(order[i]));
        out->failed |= figure->spaces[order[i]].failed;
        ws_rows_write(&figure->spaces[order[i]], out);
    }
    return WS__EXIT_DONE;
}

/* -- figure 7-10 --------------------------------------------------------------------------------------- */

/* A path is complete when its last step is told. */
static void step_take(void *context, const struct ws_forward_path *path, unsigned step)
{
    struct figure *figure = context;
    unsigned vmm = 0;
    if (!path->end || step + 1u < path->steps)
        return;
    while (vmm < figure->vmms && strcmp(figure->vmm[vmm].world, path->vmm) != 0)
        vmm++;
    if (vmm == VMMS)
        return;
    if (vmm == figure->vmms)
        snprintf(figure->vmm[figure->vmms++].world, WS_NAME_BYTES, "%s", path->vmm);
    figure->vmm[vmm].last[path->kind] = *path;
    figure->vmm[vmm].count[path->kind]++;
}

static void hosted_draw(struct figure *figure, const struct vmm_paths *vmm)
{
    struct ws_view_state state;
    struct ws_rows rows;
    state_init(&state, figure);
    for (unsigned kind = 0; kind < WS_FORWARD_KINDS; kind++) {
        state.forward[kind] = vmm->count[kind] ? &vmm->last[kind] : NULL;
        state.forwards[kind] = vmm->count[kind];
    }
    ws_rows_init(&rows, WS_FIGURE_WIDTH, figure->ascii);
    ws_view_hosted(&rows, &state);
    figure->output.pending.failed |= rows.failed;
    ws_rows_write(&rows, &figure->output.pending);
    ws_rows_release(&rows);
}

/* Once for each VMM that got help from a host. */
static int hosted_write(struct figure *figure)
{
    struct ws_buffer *out = &figure->output.pending;
    if (!figure->vmms) {
        ws__complain("\"worldswitch trace\" shows what there was",
                     "this guest forwarded no interrupt to a host, and asked none for anything");
        return WS__EXIT_WANTING;
    }
    for (unsigned vmm = 0; vmm < figure->vmms; vmm++) {
        ws_buffer_printf(out, "%s", vmm ? "\n" : "");
        hosted_draw(figure, &figure->vmm[vmm]);
    }
    return WS__EXIT_DONE;
}

/* -- the command --------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    ws_crossing_listener *crossing; /* NULL: none */
    int (*write)(struct figure *figure);
} figure_row[] = {{"7-10", NULL, hosted_write}, {"7-11", crossing_take, spaces_write}};

enum { FIGURES = sizeof figure_row / sizeof figure_row[0] };

static enum ws_status figure_listen(struct figure *figure, unsigned row)
{
    enum ws_status status = ws_forward_new(&figure->forward, figure->system.machine, figure->system.watcher);
    if (status == WS_OK)
        ws_forward_listen(figure->forward, step_take, figure);
    if (status == WS_OK && figure_row[row].crossing)
        status = ws_watcher_listen(figure->system.watcher, figure_row[row].crossing, figure);
    return status;
}

static int figure_draw(struct figure *figure, const struct ws__options *options, unsigned row)
{
    enum ws_status status = figure_listen(figure, row);
    if (status != WS_OK)
        return ws__complain_status(status, "figure");
    int result = ws__output_open(&figure->output, options->output);
    if (result != WS__EXIT_DONE)
        return result;
    ws__system_run(&figure->system, options, &figure->output, false);
    ws_watcher_settle(figure->system.watcher);
    result = ws_machine_failure(figure->system.machine) == WS_OK ? figure_row[row].write(figure) : WS__EXIT_HOST;
    figure->output.nothing = result != WS__EXIT_DONE;
    if (figure->system.contradicted)
        result = WS__EXIT_WANTING;
    result = ws__system_finish(&figure->system, &figure->output, result);
    return result == WS__EXIT_HOST ? result : ws__system_halt_tell(&figure->system, options, result);
}

int ws__cmd_figure(const struct ws__options *options)
{
    struct figure figure = {.ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0};
    unsigned row = 0;
    while (row < FIGURES && strcmp(figure_row[row].name, options->word[0]) != 0)
        row++;
    if (row == FIGURES) {
        ws__complain(NULL, "\"%s\" is none of the figures 7-10 and 7-11", options->word[0]);
        return WS__EXIT_USAGE;
    }
    int result = ws__system_open(&figure.system, options, true, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    for (unsigned kind = 0; kind < KINDS; kind++)
        ws_rows_init(&figure.spaces[kind], WS_FIGURE_SPACES_WIDTH, figure.ascii);
    result = figure_draw(&figure, options, row);
    for (unsigned kind = 0; kind < KINDS; kind++)
        ws_rows_release(&figure.spaces[kind]);
    ws_forward_free(figure.forward);
    ws__system_close(&figure.system);
    return result;
}
