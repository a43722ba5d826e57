/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the machine to the state that views draw: registers, memory that changed, explanations.
 */
#include "tui/viewer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/ram_copy.h"

/* -- memory that changed ----------------------------------------------------------------------- */

void ws__capture_before(struct ws__viewer *viewer)
{
    ws__ram_copy_release(viewer->before);
    viewer->before = NULL;
    viewer->starved |= ws__ram_copy_take(&viewer->before, viewer->options.machine) != WS_OK;
}

/* The linear address by which the guest reaches a physical one, if there is one. */
static bool linear_of(const struct ws_page_map *map, uint32_t phys, uint32_t *linear)
{
    for (size_t at = 0; at < map->count; at++) {
        const struct ws_mapping *run = &map->run[at];
        if (phys >= run->phys && phys - run->phys < run->bytes) {
            *linear = run->linear + (phys - run->phys);
            return true;
        }
    }
    return false;
}

static void store_add(struct ws__viewer *viewer, const struct ws_page_map *map, uint32_t phys, const uint8_t *before)
{
    struct ws_view_state *state = &viewer->state;
    if (state->stores == WS__VIEWER_STORES) {
        state->stores_more = true;
        return;
    }
    struct ws_view_store *store = &viewer->store[state->stores++];
    *store = (struct ws_view_store){.phys = phys, .bytes = 4};
    memcpy(&store->before, before, 4);
    memcpy(&store->after, state->memory.ram + phys, 4);
    store->mapped = linear_of(map, phys, &store->linear);
}

/* The words of this page that were changed. */
static void stores_add(struct ws__viewer *viewer, const struct ws_page_map *map, uint32_t page)
{
    static const uint8_t zero[WS_PAGE_BYTES] = {0};
    const uint8_t *before = ws__ram_copy_page(viewer->before, page);
    const uint8_t *now = viewer->state.memory.ram + (size_t)page * WS_PAGE_BYTES;
    before = before ? before : zero;
    for (uint32_t at = 0; at < WS_PAGE_BYTES; at += 4)
        if (memcmp(before + at, now + at, 4) != 0)
            store_add(viewer, map, page * WS_PAGE_BYTES + at, before + at);
}

void ws__capture_stores(struct ws__viewer *viewer)
{
    const struct ws_machine *machine = viewer->options.machine;
    struct ws_view_state *state = &viewer->state;
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws_page_map map = {0};

    state->stores = 0;
    state->stores_more = false;
    if (!viewer->before)
        return;
    viewer->starved |= ws_page_map_read(&map, &memory, &state->before) != WS_OK; /* the map is empty then */
    uint32_t pages = memory.bytes / WS_PAGE_BYTES;
    for (uint32_t page = 0; (page = ws__ram_changed(machine, viewer->before, page)) < pages; page++)
        stores_add(viewer, &map, page);
    ws_page_map_release(&map);
}

/* -- explanations ------------------------------------------------------------------------------ */

/* Those of the context switch of the kernel that is mapped now.  In a laboratory each world has its own. */
static void capture_context_steps(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    static const char *const routine[] = {"context_switch", "host.context_switch", "vmm.context_switch"};
    struct ws__context_step step[WS__CONTEXT_STEPS];
    uint8_t code[WS__CONTEXT_CODE];
    uint32_t linear = 0;
    unsigned count = 0;
    for (size_t at = 0; state->symbols && !count && at < sizeof routine / sizeof routine[0]; at++) {
        bool near = ws_symbols_find(state->symbols, routine[at], &linear) == WS_OK &&
                    state->eip_linear - linear < WS__CONTEXT_CODE;
        if (near && ws_machine_read(viewer->options.machine, linear, code, sizeof code) == WS_OK)
            count = ws__context_steps(code, step);
    }
    for (unsigned at = 0; at < count; at++)
        viewer->step[state->steps++] = (struct ws_view_step){
            .linear = linear + step[at].offset,
            .number = at + 1,
            .count = count,
            .phase = step[at].phase,
            .why = step[at].why,
            .without = step[at].without,
        };
}

/* The instructions of the cross page that are in memory as we know them: a changed one gets no
 * explanation. */
static void capture_steps(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    const uint8_t *page = ws_cross_page();
    uint8_t code[WS_CROSS_CONTEXTS_OFFSET];
    state->steps = 0;
    bool known = ws_machine_read(viewer->options.machine, WS_CROSS_LINEAR, code, sizeof code) == WS_OK &&
                 ws_cross_is_built_in(code);
    for (unsigned number = 1; known && number <= ws_cross_step_count(); number++) {
        struct ws_cross_step step;
        uint8_t byte[WS_INSTRUCTION_BYTES];
        if (!ws_cross_step_get(number, &step) || step.size > sizeof byte)
            continue;
        if (ws_machine_read(viewer->options.machine, step.linear, byte, step.size) != WS_OK ||
            memcmp(byte, page + (step.linear - WS_CROSS_LINEAR), step.size) != 0)
            continue;
        viewer->step[state->steps++] = (struct ws_view_step){
            .linear = step.linear,
            .number = number,
            .count = WS_CROSS_INSTRUCTIONS,
            .phase = ws_cross_phase_text((enum ws_cross_phase)step.phase),
            .why = step.why,
            .without = step.without,
        };
    }
    state->step = viewer->step;
    state->has_cross = state->steps > 0;
    state->cross_linear = WS_CROSS_LINEAR;
    capture_context_steps(viewer);
}

/* -- the text screen --------------------------------------------------------------------------- */

static void capture_text(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    unsigned row, column;
    for (unsigned i = 0; i < WS_TEXT_ROWS; i++)
        ws_machine_text_row(viewer->options.machine, i, viewer->text + i * WS_TEXT_COLUMNS);
    state->text = viewer->text;
    state->has_text_cursor = ws_machine_text_cursor(viewer->options.machine, &row, &column);
    state->text_cursor = state->has_text_cursor ? row * WS_TEXT_COLUMNS + column : 0;
}

/* -- the whole --------------------------------------------------------------------------------- */

void ws__capture(struct ws__viewer *viewer)
{
    struct ws_machine *machine = viewer->options.machine;
    struct ws_view_state *state = &viewer->state;
    const struct ws_halt *halt = ws_machine_halt(machine);

    state->mark = ws_machine_mark(machine);
    ws_machine_registers(machine, &state->now);
    for (unsigned at = 0; at < WS_VIEW_SEGMENTS; at++)
        ws_machine_segment(machine, ws_view_segment(at), &state->segment[at]);
    state->cpl = ws_machine_cpl(machine);
    state->eip_linear = ws_machine_eip_linear(machine);
    state->wide = state->segment[0].big;
    state->memory = ws_machine_memory(machine);
    state->irqs = true;
    for (unsigned i = 0; i < 2; i++)
        state->irq_base[i] = ws_machine_irq_vector(machine, 8 * i);
    state->halt = halt->reason == WS_HALT_NONE ? NULL : halt;
    state->serial = ws_machine_serial(machine, &state->serial_bytes);
    state->serial_dropped = ws_machine_serial_dropped(machine);
    state->crossing = ws_timeline_crossings(viewer->timeline, &state->crossings);
    state->watched = ws_timeline_watched(viewer->timeline);
    state->start = ws_timeline_start(viewer->timeline);
    state->frontier = ws_timeline_frontier(viewer->timeline);
    state->cause = viewer->heard->causes.cause;
    state->causes = viewer->heard->causes.count;
    state->turn = viewer->heard->turns.turn;
    state->turns = viewer->heard->turns.count;
    state->paged = viewer->heard->paged.since;
    state->breakpoint = ws_timeline_breaks(viewer->timeline, &state->breakpoints);
    state->store = viewer->store;
    if (!viewer->walk_chosen)
        state->chosen_linear = state->eip_linear;
    capture_steps(viewer);
    capture_text(viewer);
    ws__capture_spaces(viewer);
    ws__capture_thread(viewer);
    ws__capture_progress(viewer);
    ws__capture_hosted(viewer);
    ws__look_capture(viewer);
    ws__capture_branch(viewer);
}

/*
 * How far a crossing that begins here will go is known when it has ended. So, where one begins or
 * is under way for the first time, run ahead until it has, and come back.
 */
static void look_ahead(struct ws__viewer *viewer)
{
    struct ws_timeline *timeline = viewer->timeline;
    struct ws_machine *machine = viewer->options.machine;
    uint64_t mark = ws_timeline_mark(timeline);
    struct ws_cross_step step;
    bool open = ws_watcher_open(viewer->options.watcher, NULL) ||
                ws_cross_step_at_linear(ws_machine_eip_linear(machine), &step);
    if (!open || mark != ws_timeline_frontier(timeline) || mark < viewer->looked_ahead)
        return;
    viewer->looked_ahead = mark + WS_CROSSING_LIMIT;
    ws_timeline_seek(timeline, viewer->looked_ahead);
    ws_timeline_seek(timeline, mark);
}

/* The machine stands just before the instruction whose doing is to be shown. */
static void before_take(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    ws_machine_registers(viewer->options.machine, &state->before);
    state->before_mark = ws_timeline_mark(viewer->timeline);
    ws__capture_before(viewer);
    state->stepped = true;
}

/* The machine stands just behind it. */
static void after_take(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    ws__ahead_look(viewer);
    ws__look_difference(viewer);
    ws__capture(viewer);
    state->stores = 0;
    if (state->stepped)
        ws__capture_stores(viewer);
    if (viewer->crossing_chosen)
        return;
    state->chosen_crossing = 0;
    for (size_t at = 0; at < state->crossings && state->crossing[at].begin <= state->mark; at++)
        state->chosen_crossing = at;
}

void ws__viewer_arrive(struct ws__viewer *viewer)
{
    struct ws_timeline *timeline = viewer->timeline;
    uint64_t mark;

    look_ahead(viewer);
    mark = ws_timeline_mark(timeline);
    viewer->state.stepped = false;
    viewer->state.done = (struct ws_view_doing){0};
    if (mark > ws_timeline_start(timeline) && ws_timeline_seek(timeline, mark - 1) == WS_SEEK_THERE) {
        before_take(viewer);
        ws__collect_begin(viewer, &viewer->state.done);
        ws_timeline_seek(timeline, mark);
        ws__collect_end(viewer);
    }
    after_take(viewer);
}

enum ws_seek ws__viewer_step(struct ws__viewer *viewer)
{
    before_take(viewer);
    ws__collect_begin(viewer, &viewer->state.done);
    enum ws_seek seek = ws_timeline_step(viewer->timeline, 1);
    ws__collect_end(viewer);
    if (seek == WS_SEEK_THERE) {
        look_ahead(viewer);
        after_take(viewer);
    } else {
        ws__viewer_arrive(viewer);
    }
    return seek;
}
