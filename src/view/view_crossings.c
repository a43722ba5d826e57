/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The crossings panel: every switch that was seen, in order; the chosen one says what it changed
 * and what it kept.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/crossing.h>

#include "view/rows.h"
#include "view/sentence.h"

enum { MARK_COLUMN = 37, AROUND = 200 /* crossings on either side of the chosen one */ };

static void draw_categories(struct ws_rows *rows, enum ws_role role, const char *label, uint32_t categories)
{
    char text[256];
    size_t used = (size_t)snprintf(text, sizeof text, "%s%s", label, categories ? "" : " nothing");
    for (unsigned category = 0; category < WS_CATEGORY_COUNT && used < sizeof text; category++)
        if (categories & 1u << category)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s %s",
                                     categories & ((1u << category) - 1) ? "," : "",
                                     ws_category_name((enum ws_category)category));
    ws__rows_wrap(rows, role, 7, 3, text);
}

/* The cause of a crossing; NULL: it is not known. */
static const struct ws_view_cause *cause_find(const struct ws_view_state *state, uint64_t begin)
{
    size_t low = 0, high = state->causes;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (state->cause[middle].begin < begin)
            low = middle + 1;
        else
            high = middle;
    }
    return low < state->causes && state->cause[low].begin == begin ? &state->cause[low] : NULL;
}

/* "timer, IRQ 0 (vector 32)"; in `whole`, where it came, too. */
static void draw_cause(struct ws_rows *rows, enum ws_role role, const struct ws_view_cause *cause, bool whole)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    if (whole)
        ws_buffer_printf(&text, "cause: ");
    if (cause)
        ws__sentence_cause(&text, cause);
    if (whole && cause && cause->mail && cause->vectored) {
        ws_buffer_printf(&text, "; into the VMM by ");
        ws__sentence_vector(&text, &cause->event);
    }
    if (whole && cause && cause->vectored)
        ws_buffer_printf(&text, ", at mark %llu, eip %08x", (unsigned long long)cause->event.mark, cause->event.before);
    if (whole && (!cause || (!cause->vectored && !cause->mail)))
        ws_buffer_printf(&text, "%s", cause ? "no vector: code that was never interrupted" : "not known");
    if (whole)
        ws__rows_wrap(rows, role, 7, 2, ws_buffer_text(&text));
    else
        ws__rows_print(rows, role, "%s", ws_buffer_text(&text));
    rows->failed |= text.failed;
    ws_buffer_release(&text);
}

/* The columns are too narrow for the names of Linux's tasks. */
static void draw_tasks(struct ws_rows *rows, const struct ws_crossing *crossing)
{
    char from[WS_WHO_BYTES], to[WS_WHO_BYTES];
    if (!*crossing->from_task.name && !*crossing->to_task.name)
        return;
    ws_crossing_who(crossing, false, from);
    ws_crossing_who(crossing, true, to);
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_TEXT, "       %s ", from);
    ws__rows_glyph(rows, WS_ROLE_TEXT, WS_GLYPH_TO, 1);
    ws__rows_print(rows, WS_ROLE_TEXT, " %s", to);
}

static void draw_crossing(struct ws_rows *rows, const struct ws_view_state *state, size_t index)
{
    const struct ws_crossing *crossing = &state->crossing[index];
    bool chosen = index == state->chosen_crossing;
    bool inside = crossing->begin <= state->mark && state->mark < crossing->end;
    bool ahead = state->mark < crossing->begin;
    enum ws_role role = chosen ? WS_ROLE_SELECTED : ahead ? WS_ROLE_DIM : WS_ROLE_TEXT;

    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_CROSSING, index);
    if (inside)
        ws__rows_glyph(rows, WS_ROLE_CURRENT, WS_GLYPH_HERE, 1);
    else if (ahead)
        ws__rows_print(rows, role, "+");
    ws__rows_pad(rows, 1);
    if (chosen)
        ws__rows_glyph(rows, role, WS_GLYPH_END_RIGHT, 1);
    ws__rows_pad(rows, 2);
    ws__rows_print(rows, role, "%4u %-8s ", (unsigned)index + 1,
                   ws_crossing_kind_name((enum ws_crossing_kind)crossing->kind));
    ws__rows_print(rows, role, "%.10s ", crossing->from);
    ws__rows_glyph(rows, role, WS_GLYPH_TO, 1);
    ws__rows_print(rows, role, " %.10s", crossing->to);
    ws__rows_pad(rows, MARK_COLUMN);
    ws__rows_print(rows, role, "%10llu %4llu  ", (unsigned long long)crossing->begin,
                   (unsigned long long)crossing->instructions);
    draw_cause(rows, role, cause_find(state, crossing->begin), false);
    if (chosen) {
        draw_tasks(rows, crossing);
        draw_cause(rows, WS_ROLE_TEXT, cause_find(state, crossing->begin), true);
        draw_categories(rows, WS_ROLE_TEXT, "changed", crossing->changed);
        draw_categories(rows, WS_ROLE_DIM, "kept", crossing->kept);
    }
}

/* Of thousands of crossings, those around the chosen one are enough. */
static void draw_more(struct ws_rows *rows, size_t count, const char *where)
{
    if (!count)
        return;
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, " and %zu %s", count, where);
}

void ws_view_crossings(struct ws_rows *rows, const struct ws_view_state *state)
{
    ws__rows_begin(rows);
    if (state->watched) {
        ws__rows_print(rows, WS_ROLE_DIM, " the crossings before mark %llu are not known yet; C looks for them",
                       (unsigned long long)state->watched);
        ws__rows_begin(rows);
    }
    if (!state->crossings) {
        ws__rows_print(rows, WS_ROLE_DIM, " no crossing so far; c runs to the next one");
        return;
    }
    ws__rows_print(rows, WS_ROLE_DIM, "    no kind     from, to");
    ws__rows_pad(rows, MARK_COLUMN);
    ws__rows_print(rows, WS_ROLE_DIM, "      mark long  why (Enter: go there)");
    size_t first = state->chosen_crossing > AROUND ? state->chosen_crossing - AROUND : 0;
    size_t end = state->crossings - first > 2 * AROUND ? first + 2 * AROUND : state->crossings;
    draw_more(rows, first, "before these; k goes there");
    for (size_t index = first; index < end; index++) {
        if (state->crossing[index].begin > state->mark && (!index || state->crossing[index - 1].begin <= state->mark))
            ws__view_rule(rows, "+ ahead of us");
        if (index == state->chosen_crossing)
            rows->focus = rows->count;
        draw_crossing(rows, state, index);
    }
    draw_more(rows, state->crossings - end, "behind these; j goes there");
}
