/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted architecture, Modern Operating Systems, figure 7-10, with the path of the last forwarded interrupt (i to
 * v) and of the last request (1 to 6).  The picture is a text; a step that was not made is left blank in it.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/forward.h>

static const char *const picture[] = {
    "       host OS context                                   VMM context",
    "       ┌───────────────────────────────────────┐",
    "ring 3 │ VMX                                   │          ┌────────────────────┐",
    "       │                                       │          │ virtual machine    │",
    "       └──────────┬────────────────────▲─────┬─┘          └──────────┬─────────┘",
    "              (4) │            (3) (v) │ (5) │                   (1) │ (i)",
    "       ┌──────────▼───────┐   ┌────────┴─────▼─┐          ┌──────────▼─────────┐",
    "ring 0 │ host OS          │   │ VMX driver     │ (2) (ii) │ VMM                │",
    "       │   fs             │   │                │◄─────────┤ exception handlers │",
    "       │   scsi           │   │                │   world  │                    │",
    "       │   int handler    │   │                │  switch  │                    │",
    "       │      (iv)        │◄──┤ (iii) int      ├─────────►│                    │",
    "       └──────────────────┘   └────────────────┘ (6)      └────────────────────┘",
};

/* Draw the glyph at `text`; returns its bytes, 0 if there is none. */
static size_t draw_glyph(struct ws_rows *rows, const char *text)
{
    for (unsigned glyph = 0; glyph < WS_GLYPH_COUNT; glyph++) {
        const char *utf8 = ws_glyph_text((enum ws_glyph)glyph, false);
        if (strncmp(text, utf8, strlen(utf8)) == 0) {
            ws_rows_glyph(rows, WS_ROLE_DIM, (enum ws_glyph)glyph, 1);
            return strlen(utf8);
        }
    }
    return 0;
}

static bool step_made(const struct ws_view_state *state, unsigned kind, unsigned step)
{
    const struct ws_forward_path *path = state->forward[kind];
    return path && step < path->steps && path->step[step].mark;
}

static enum ws_role kind_role(unsigned kind)
{
    return kind == WS_FORWARD_INTERRUPT ? WS_ROLE_CHANGED : WS_ROLE_KEY;
}

/* Draw the step "(iii)" at `text`, or blanks; returns its bytes, 0 if there is none. */
static size_t draw_tag(struct ws_rows *rows, const struct ws_view_state *state, const char *text)
{
    for (unsigned kind = 0; kind < WS_FORWARD_KINDS; kind++)
        for (unsigned step = 0; step < WS_FORWARD_STEPS; step++) {
            char tag[8];
            int bytes = snprintf(tag, sizeof tag, "(%s)", ws_forward_step_name((enum ws_forward_kind)kind, step));
            if (strncmp(text, tag, (size_t)bytes) != 0)
                continue;
            bool made = step_made(state, kind, step);
            ws_rows_print(rows, kind_role(kind), "%*s", bytes, made ? tag : "");
            return (size_t)bytes;
        }
    return 0;
}

static void draw_picture(struct ws_rows *rows, const struct ws_view_state *state)
{
    for (size_t line = 0; line < sizeof picture / sizeof picture[0]; line++) {
        const char *text = picture[line];
        ws_rows_begin(rows);
        while (*text) {
            size_t bytes = draw_glyph(rows, text);
            if (!bytes && *text == '(')
                bytes = draw_tag(rows, state, text);
            if (!bytes)
                ws_rows_print(rows, WS_ROLE_TEXT, "%.*s", (int)(bytes = 1), text);
            text += bytes;
        }
    }
}

/* "   iii    12685429  host: vmx        c01034dc  the driver executes int with that vector  int_table+b8" */
static void draw_step(struct ws_rows *rows, const struct ws_view_state *state, unsigned kind, unsigned number)
{
    const struct ws_forward_step *step = &state->forward[kind]->step[number];
    char who[2 * WS_NAME_BYTES + 2], symbol[64];
    ws_rows_begin(rows);
    ws_rows_link(rows, WS_LINK_MARK, step->mark);
    ws_rows_print(rows, kind_role(kind), "  %-3s", ws_forward_step_name((enum ws_forward_kind)kind, number));
    snprintf(who, sizeof who, "%s%s%s", step->world, *step->process ? ": " : "", step->process);
    ws_rows_print(rows, WS_ROLE_TEXT, "%12llu  %-11s", (unsigned long long)step->mark, who);
    ws_rows_print(rows, WS_ROLE_DIM, " %08x  ", step->linear);
    ws_rows_print(rows, WS_ROLE_WHY, "%s", ws_forward_step_text((enum ws_forward_kind)kind, number));
    /* What is interrupted is anywhere in the virtual machine; the handler has a name. */
    ws__view_symbol(state, number ? step->linear : step->target, symbol, sizeof symbol);
    if (*symbol) {
        ws_rows_print(rows, WS_ROLE_DIM, "  ");
        if (!number)
            ws_rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_TO, 1);
        ws_rows_print(rows, WS_ROLE_DIM, "%s%s", number ? "" : " ", symbol);
    }
}

static void draw_path(struct ws_rows *rows, const struct ws_view_state *state, unsigned kind)
{
    const struct ws_forward_path *path = state->forward[kind];
    const char *name = ws_forward_kind_name((enum ws_forward_kind)kind);
    ws_rows_begin(rows);
    ws_rows_begin(rows);
    if (!path) {
        ws_rows_print(rows, WS_ROLE_WARNING, "no %s went this way in this run", name);
        return;
    }
    ws_rows_print(rows, WS_ROLE_TITLE, "the last %s: vector %u, from \"%s\" to \"%s\"", name, path->vector, path->vmm,
                  path->host);
    ws_rows_print(rows, WS_ROLE_DIM, " (of %llu; marks, linear addresses)", (unsigned long long)state->forwards[kind]);
    for (unsigned step = 0; step < path->steps; step++)
        if (step_made(state, kind, step))
            draw_step(rows, state, kind, step);
    if (kind == WS_FORWARD_REQUEST && path->calls > 2) {
        ws_rows_begin(rows);
        ws_rows_print(rows, WS_ROLE_DIM, "     between 4 and 5, the VMX made %u more", path->calls - 2u);
    }
}

void ws_view_hosted(struct ws_rows *rows, const struct ws_view_state *state)
{
    draw_picture(rows, state);
    for (unsigned kind = 0; kind < WS_FORWARD_KINDS; kind++)
        draw_path(rows, state, kind);
}
