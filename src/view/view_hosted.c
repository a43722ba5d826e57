/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted architecture, Modern Operating Systems, figure 7-10, with the path of the last forwarded interrupt (i to
 * v) and of the last request (1 to 6).  The picture is a text; a step that was not made is left blank in it.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/forward.h>
#include <worldswitch/hosted.h>

#include "view/rows.h"

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

/* -- the picture --------------------------------------------------------------------------------------- */

/* Draw the glyph at `text`; returns its bytes, 0 if there is none. */
static size_t draw_glyph(struct ws_rows *rows, const char *text)
{
    for (unsigned glyph = 0; glyph < WS_GLYPH_COUNT; glyph++) {
        const char *utf8 = ws__glyph_text((enum ws_glyph)glyph, false);
        if (strncmp(text, utf8, strlen(utf8)) == 0) {
            ws__rows_glyph(rows, WS_ROLE_DIM, (enum ws_glyph)glyph, 1);
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

/* Draw the step "(iii)" at `text`; if it was not made, blanks or a piece of the line that it is in.  Returns its bytes,
 * 0 if there is none. */
static size_t draw_tag(struct ws_rows *rows, const struct ws_view_state *state, const char *text, bool in_line)
{
    for (unsigned kind = 0; kind < WS_FORWARD_KINDS; kind++)
        for (unsigned step = 0; step < WS_FORWARD_STEPS; step++) {
            char tag[8];
            int bytes = snprintf(tag, sizeof tag, "(%s)", ws_forward_step_name((enum ws_forward_kind)kind, step));
            if (strncmp(text, tag, (size_t)bytes) != 0)
                continue;
            if (step_made(state, kind, step))
                ws__rows_print(rows, kind_role(kind), "%s", tag);
            else if (in_line)
                ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_HORIZONTAL, (unsigned)bytes);
            else
                ws__rows_print(rows, WS_ROLE_TEXT, "%*s", bytes, "");
            return (size_t)bytes;
        }
    return 0;
}

/* Draw the blank at `text` and the name behind it, if it is where we are; returns its bytes, else 0. */
static size_t draw_here(struct ws_rows *rows, const struct ws_view_state *state, const char *text)
{
    /* What the present place is called in the picture; a process has its name there. */
    const char *label = state->place == WS_HOSTED_PROCESS ? state->side[state->here].process
                                                          : ws_hosted_place_label((enum ws_hosted_place)state->place);
    size_t bytes = strlen(label);
    if (!bytes || *text != ' ' || strncmp(text + 1, label, bytes) != 0)
        return 0;
    const char *behind = text + 1 + bytes; /* not a letter: "VMX" is no "VMX driver" */
    if (behind[0] != ' ' || (behind[1] != ' ' && !((unsigned char)behind[1] & 0x80)))
        return 0;
    ws__rows_glyph(rows, WS_ROLE_CURRENT, WS_GLYPH_HERE, 1);
    ws__rows_print(rows, WS_ROLE_CURRENT, "%s", label);
    return 1 + bytes;
}

void ws__view_hosted_picture(struct ws_rows *rows, const struct ws_view_state *state, const char *const *line,
                             size_t lines)
{
    for (size_t at = 0; at < lines; at++) {
        const char *text = line[at];
        bool in_line = false;
        ws__rows_begin(rows);
        while (*text) {
            size_t bytes = draw_glyph(rows, text), drawn = bytes;
            if (!drawn && *text == '(')
                drawn = draw_tag(rows, state, text, in_line);
            if (!drawn)
                drawn = draw_here(rows, state, text);
            if (!drawn)
                ws__rows_print(rows, WS_ROLE_TEXT, "%.*s", (int)(drawn = 1), text);
            in_line = bytes || (in_line && *text == '(');
            text += drawn;
        }
    }
}

/* -- the paths ----------------------------------------------------------------------------------------- */

/* Is the step that is about to be drawn the one that the person chose? */
static bool step_chosen(const struct ws_rows *rows, const struct ws_view_state *state)
{
    unsigned before = 0;
    for (size_t at = 0; at < rows->count; at++)
        before += rows->row[at].link.kind == WS_LINK_MARK;
    return state->chosen_step == before + 1;
}

/* "   iii    12685429  host: vmx        c01034dc  the driver executes int with that vector  int_table+b8" */
static void draw_step(struct ws_rows *rows, const struct ws_view_state *state, unsigned kind, unsigned number)
{
    const struct ws_forward_step *step = &state->forward[kind]->step[number];
    char who[2 * WS_NAME_BYTES + 2], symbol[64];
    bool chosen = step_chosen(rows, state);
    if (chosen)
        rows->focus = rows->count;
    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_MARK, step->mark);
    if (chosen)
        ws__rows_glyph(rows, WS_ROLE_SELECTED, WS_GLYPH_END_RIGHT, 1);
    ws__rows_pad(rows, 2);
    ws__rows_print(rows, chosen ? WS_ROLE_SELECTED : kind_role(kind), "%-3s",
                   ws_forward_step_name((enum ws_forward_kind)kind, number));
    snprintf(who, sizeof who, "%s%s%s", step->world, *step->process ? ": " : "", step->process);
    ws__rows_print(rows, WS_ROLE_TEXT, "%12llu  %-11s", (unsigned long long)step->mark, who);
    ws__rows_print(rows, WS_ROLE_DIM, " %08x  ", step->linear);
    ws__rows_print(rows, WS_ROLE_WHY, "%s", ws_forward_step_text((enum ws_forward_kind)kind, number));
    /* What is interrupted is anywhere in the virtual machine; the handler has a name. */
    ws__view_symbol(state, number ? step->linear : step->target, symbol, sizeof symbol);
    if (*symbol) {
        ws__rows_print(rows, WS_ROLE_DIM, "  ");
        if (!number)
            ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_TO, 1);
        ws__rows_print(rows, WS_ROLE_DIM, "%s%s", number ? "" : " ", symbol);
    }
}

void ws__view_hosted_path(struct ws_rows *rows, const struct ws_view_state *state, unsigned kind)
{
    const struct ws_forward_path *path = state->forward[kind];
    const char *name = ws_forward_kind_name((enum ws_forward_kind)kind);
    bool interrupt = state->hosted && kind == WS_FORWARD_INTERRUPT;
    bool disk = interrupt && path && path->vector == WS_HOSTED_DISK_VECTOR;
    ws__rows_begin(rows);
    if (!path) {
        ws__rows_print(rows, WS_ROLE_WARNING, "no %s has gone this way", name);
        return;
    }
    ws__rows_print(rows, WS_ROLE_TITLE, "the last %s%s: vector %u, from \"%s\" to \"%s\"", disk ? "disk " : "", name,
                   path->vector, path->vmm, path->host);
    ws__rows_print(rows, WS_ROLE_DIM, " (of %llu; marks, linear addresses)", (unsigned long long)state->forwards[kind]);
    for (unsigned step = 0; step < path->steps; step++)
        if (step_made(state, kind, step))
            draw_step(rows, state, kind, step);
    if (kind == WS_FORWARD_REQUEST && path->calls > 2) {
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_DIM, "     between 4 and 5, the VMX made %u more", path->calls - 2u);
    }
}

/* The VMM's world has its name in the heading, if it is one of several. */
static void draw_heading(struct ws_rows *rows, const struct ws_view_state *state)
{
    for (unsigned kind = 0; kind < WS_FORWARD_KINDS; kind++) {
        const struct ws_forward_path *path = state->forward[kind];
        if (!path || ws_hosted_vmm_number(path->vmm) < 1)
            continue;
        ws__rows_print(rows, WS_ROLE_TEXT, ": %s", path->vmm);
        return;
    }
}

void ws_view_hosted(struct ws_rows *rows, const struct ws_view_state *state)
{
    ws__view_hosted_picture(rows, state, picture, 1);
    draw_heading(rows, state);
    ws__view_hosted_picture(rows, state, picture + 1, sizeof picture / sizeof picture[0] - 1);
    for (unsigned kind = 0; kind < WS_FORWARD_KINDS; kind++) {
        ws__rows_begin(rows);
        ws__view_hosted_path(rows, state, kind);
    }
}
