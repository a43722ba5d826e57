/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the panels without a number need, and the keys that choose them.
 */
#include "tui/viewer.h"

#include <stdio.h>
#include <string.h>

/* -- the difference between two marks ------------------------------------------------------------------ */

/* Where the last switch began, one that began before this mark; false: there is none that is known. */
static bool last_switch(const struct ws__viewer *viewer, uint64_t mark, uint64_t *begin)
{
    size_t count;
    const struct ws_crossing *crossing = ws_timeline_crossings(viewer->timeline, &count);
    bool found = false;
    for (size_t at = 0; at < count && crossing[at].begin < mark; at++) {
        *begin = crossing[at].begin;
        found = true;
    }
    return found;
}

static void difference_say(void *context, const char *category, const char *text)
{
    ws_buffer_printf(context, "%s\t%s\n", category, text);
}

/* Go to that mark, take its state, and come back. */
static bool state_take(struct ws__viewer *viewer, uint64_t mark, struct ws_state *out)
{
    uint64_t here = ws_timeline_mark(viewer->timeline);
    enum ws_seek seek = ws_timeline_seek(viewer->timeline, mark);
    enum ws_status status = WS_OK;
    bool there = seek == WS_SEEK_THERE;
    if (there)
        status = ws_state_take(out, viewer->options.machine, viewer->options.watcher);
    viewer->starved |= status != WS_OK;
    while (ws_timeline_seek(viewer->timeline, here) == WS_SEEK_INTERRUPTED)
        continue;
    return there && status == WS_OK;
}

void ws__look_difference(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    uint64_t now = ws_timeline_mark(viewer->timeline), since = viewer->since_chosen;
    struct ws_state present;
    state->difference = NULL;
    if (state->panel != WS_PANEL_DIFFERENCE)
        return;
    if (state->since == WS_SINCE_CROSSING && !last_switch(viewer, now, &since))
        return;
    if (!viewer->since_taken || viewer->since.mark != since) {
        ws_state_release(&viewer->since);
        viewer->since_taken = state_take(viewer, since, &viewer->since);
    }
    if (!viewer->since_taken)
        return;
    if (ws_state_take(&present, viewer->options.machine, viewer->options.watcher) != WS_OK) {
        viewer->starved = true;
        return;
    }
    ws_buffer_clear(&viewer->difference);
    viewer->starved |= ws_state_compare(&viewer->since, &present, difference_say, &viewer->difference) != WS_OK;
    viewer->starved |= viewer->difference.failed;
    state->difference = ws_buffer_text(&viewer->difference);
    state->since_mark = since;
    ws_state_release(&present);
}

/* -- what a look at the machine gives ------------------------------------------------------------------ */

void ws__look_capture(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    ws__pushed_capture(&viewer->heard->pushed, state);
    ws_buffer_clear(&viewer->devices);
    ws_machine_devices_describe(viewer->options.machine, &viewer->devices);
    viewer->starved |= viewer->devices.failed;
    state->devices = ws_buffer_text(&viewer->devices);
    if (!viewer->memory_chosen) {
        state->memory_at = state->segment[1].base + state->now.value[WS_ESP];
        state->memory_physical = false;
    }
}

/* -- keys ---------------------------------------------------------------------------------------------- */

void ws__do_stack(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_panel_key(viewer, WS_PANEL_STACK);
}

void ws__do_devices(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_panel_key(viewer, WS_PANEL_DEVICES);
}

/* Again: compare with this mark, and then with the last switch again. */
void ws__do_difference(struct ws__viewer *viewer, unsigned which)
{
    struct ws_view_state *state = &viewer->state;
    (void)which;
    if (state->panel == WS_PANEL_DIFFERENCE) {
        bool here = state->since == WS_SINCE_CROSSING;
        state->since = here ? WS_SINCE_MARK : WS_SINCE_CROSSING;
        viewer->since_chosen = state->mark;
        if (here)
            ws__viewer_say(viewer, "from here on: what differs from mark %llu", (unsigned long long)state->mark);
        else
            ws__viewer_say(viewer, "what differs from the beginning of the last switch");
    }
    ws__viewer_panel(viewer, WS_PANEL_DIFFERENCE);
}

/* -- memory -------------------------------------------------------------------------------------------- */

void ws__do_memory(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_prompt_open(viewer, WS__PROMPT_MEMORY, "");
}

void ws__look_memory(struct ws__viewer *viewer, const char *line)
{
    struct ws_view_state *state = &viewer->state;
    bool physical = strncmp(line, "phys ", 5) == 0;
    uint32_t at;
    if (strcmp(line, "up") == 0 || strcmp(line, "down") == 0) {
        state->downward = *line == 'd';
        ws__viewer_say(viewer, "addresses go %s from row to row, in the stack panel, too",
                       state->downward ? "down" : "up");
    } else if (!*line) {
        viewer->memory_chosen = false;
        ws__look_capture(viewer);
    } else if (ws__viewer_address(viewer, line + (physical ? 5 : 0), &at)) {
        viewer->memory_chosen = true;
        state->memory_at = at;
        state->memory_physical = physical;
    } else {
        ws__viewer_say(viewer, "\"%s\" is no hexadecimal address and no symbol; or \"phys ADDRESS\", \"up\", \"down\"",
                       line);
        return;
    }
    ws__viewer_panel(viewer, WS_PANEL_MEMORY);
}

void ws__look_memory_scroll(struct ws__viewer *viewer, int rows)
{
    struct ws_view_state *state = &viewer->state;
    uint32_t by = (uint32_t)(rows * WS_MEMORY_ROW);
    viewer->memory_chosen = true;
    state->memory_at += state->downward ? -by : by;
}
