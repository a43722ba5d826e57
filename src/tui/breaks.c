/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoints: at addresses, and at what a search could look for; their list.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/command.h"
#include "view/internal.h"

enum { SYMBOL = 64 };

static void break_toggle(struct ws__viewer *viewer, uint32_t linear)
{
    struct ws_view_state *state = &viewer->state;
    size_t before = state->breakpoints;
    if (ws_timeline_break_toggle(viewer->timeline, linear) != WS_OK) {
        ws__viewer_say(viewer, "%s", ws_status_text(WS_NO_MEMORY));
        return;
    }
    state->breakpoint = ws_timeline_breaks(viewer->timeline, &state->breakpoints);
    ws__viewer_say(viewer, "breakpoint at %08x %s", linear,
                   state->breakpoints > before ? "set: c, w, n, f and play stop there" : "removed");
}

void ws__do_breakpoint(struct ws__viewer *viewer, unsigned which)
{
    struct ws_view_state *state = &viewer->state;
    bool at_cursor = state->has_cursor && state->panel == WS_PANEL_CODE;
    (void)which;
    break_toggle(viewer, at_cursor ? state->cursor : state->eip_linear);
}

/* -- :break -------------------------------------------------------------------------------------------- */

/* "crossing", "crossing=world" */
static bool crossing_parse(const char *text, struct ws_break *out)
{
    out->kind = WS_BREAK_CROSSING;
    out->any = strcmp(text, "crossing") == 0;
    for (unsigned kind = 0; !out->any && kind < WS_CROSSING_KINDS; kind++) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "crossing=%s", ws_crossing_kind_name((enum ws_crossing_kind)kind));
        out->value = kind;
        if (strcmp(text, wanted) == 0)
            return true;
    }
    return out->any;
}

/* "byte 1234": memory by its linear address, as it is mapped now. */
static bool byte_parse(const struct ws__viewer *viewer, const char *text, struct ws_break *out)
{
    struct ws_translation walk;
    uint32_t linear;
    if (strncmp(text, "byte ", 5) != 0 || !ws__viewer_address(viewer, text + 5 + strspn(text + 5, " "), &linear) ||
        !ws_machine_translate(viewer->options.machine, linear, WS_ACCESS_READ, false, &walk))
        return false;
    out->kind = WS_BREAK_CHANGE;
    out->watch = (struct ws_watch){.kind = WS_WATCH_MEMORY, .bytes = 1, .phys = walk.phys};
    return true;
}

static void condition_add(struct ws__viewer *viewer, struct ws_break *wanted, const char *text)
{
    size_t count;
    snprintf(wanted->text, sizeof wanted->text, "%s", text);
    ws_timeline_conditions(viewer->timeline, &count);
    if (count == WS_TIMELINE_BREAKS)
        ws__viewer_say(viewer, "there are %d breakpoints of this kind; :unbreak NUMBER removes one",
                       WS_TIMELINE_BREAKS);
    else if (ws_timeline_condition_add(viewer->timeline, wanted) != WS_OK)
        ws__viewer_say(viewer, "\"%s\": there is no RAM at this physical address", text);
    else
        ws__viewer_say(viewer, "breakpoint \"%s\" set: c, w, n, f and play stop before it", text);
}

void ws__command_break(struct ws__viewer *viewer, const char *argument)
{
    struct ws_break wanted = {0};
    uint32_t linear;
    if (!*argument)
        ws__do_breakpoint(viewer, 0);
    else if (crossing_parse(argument, &wanted) || byte_parse(viewer, argument, &wanted))
        condition_add(viewer, &wanted, argument);
    else if (ws__search_condition(viewer, argument, &wanted))
        condition_add(viewer, &wanted, argument);
    else if (viewer->state.message) /* what the search says of a world that nobody knows */
        return;
    else if (ws__viewer_address(viewer, strncmp(argument, "eip=", 4) == 0 ? argument + 4 : argument, &linear))
        break_toggle(viewer, linear);
    else
        ws__viewer_say(viewer, "\"%s\": such as ADDRESS, cr3, eax, vector=14, byte ADDRESS, world=vmm, crossing",
                       argument);
}

/* -- :breaks ------------------------------------------------------------------------------------------- */

static void list_write(struct ws__viewer *viewer, struct ws_buffer *out)
{
    size_t addresses, conditions;
    const uint32_t *linear = ws_timeline_breaks(viewer->timeline, &addresses);
    const struct ws_break *row = ws_timeline_conditions(viewer->timeline, &conditions);
    for (size_t at = 0; at < addresses; at++) {
        char name[SYMBOL];
        ws__view_symbol(&viewer->state, linear[at], name, sizeof name);
        ws_buffer_printf(out, "%3zu  %08x%s%s\n", at + 1, (unsigned)linear[at], *name ? "  " : "", name);
    }
    for (size_t at = 0; at < conditions; at++)
        ws_buffer_printf(out, "%3zu  %s\n", addresses + at + 1, row[at].text);
    if (!out->size)
        ws_buffer_printf(out, "There is none.  b sets one here; :break vector=14 and the like, elsewhere.\n");
}

void ws__command_breaks(struct ws__viewer *viewer, const char *argument)
{
    (void)argument;
    ws_buffer_clear(&viewer->post_mortem);
    list_write(viewer, &viewer->post_mortem);
    viewer->starved |= viewer->post_mortem.failed;
    if (viewer->state.panel != WS_PANEL_HELP)
        ws__do_help(viewer, 0);
    viewer->state.post_mortem = ws_buffer_text(&viewer->post_mortem);
    viewer->state.post_mortem_title = "breakpoints; :unbreak NUMBER removes one; Esc closes this";
}

void ws__command_unbreak(struct ws__viewer *viewer, const char *argument)
{
    size_t addresses, conditions;
    const uint32_t *linear = ws_timeline_breaks(viewer->timeline, &addresses);
    ws_timeline_conditions(viewer->timeline, &conditions);
    char *end;
    unsigned long number = strtoul(argument, &end, 10);
    if (strcmp(argument, "all") == 0) {
        while (conditions)
            ws_timeline_condition_remove(viewer->timeline, --conditions);
        while (addresses && ws_timeline_break_toggle(viewer->timeline, linear[0]) == WS_OK)
            linear = ws_timeline_breaks(viewer->timeline, &addresses);
        ws__viewer_say(viewer, "all breakpoints are removed");
    } else if (end == argument || *end || !number || number > addresses + conditions) {
        ws__viewer_say(viewer, "\"%s\" is the number of no breakpoint; :breaks lists them, all removes all", argument);
        return;
    } else if (number > addresses) {
        ws_timeline_condition_remove(viewer->timeline, number - addresses - 1);
        ws__viewer_say(viewer, "breakpoint %lu is removed", number);
    } else {
        break_toggle(viewer, linear[number - 1]);
    }
    viewer->state.breakpoint = ws_timeline_breaks(viewer->timeline, &viewer->state.breakpoints);
}
