/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is always in sight: where we are, what the last step changed, and why the next instruction
 * is there.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include "view/rows.h"

enum { WHY_ROWS = 5 }; /* a rule, the reason, and what happens without the instruction */

static void draw_separator(struct ws_rows *rows)
{
    ws__rows_print(rows, WS_ROLE_DIM, " ");
    ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_VERTICAL, 1);
    ws__rows_print(rows, WS_ROLE_DIM, " ");
}

/* "world switch host > vmm" */
static void draw_progress(struct ws_rows *rows, const struct ws_view_progress *progress)
{
    ws__rows_print(rows, WS_ROLE_WARNING, "%s switch", progress->world ? "world" : "context");
    if (progress->from[0])
        ws__rows_print(rows, WS_ROLE_WARNING, " %s", progress->from);
    if (progress->to[0]) {
        ws__rows_print(rows, WS_ROLE_WARNING, " ");
        ws__rows_glyph(rows, WS_ROLE_WARNING, WS_GLYPH_TO, 1);
        ws__rows_print(rows, WS_ROLE_WARNING, " %s", progress->to);
    }
    if (progress->count)
        ws__rows_print(rows, WS_ROLE_WARNING, " %u/%u", progress->number, progress->count);
    else
        ws__rows_print(rows, WS_ROLE_WARNING, " %u", progress->number);
}

void ws_view_status(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_view_side *here = &state->side[state->here];
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_TEXT, " ");
    ws__rows_print(rows, ws__role_of_world(here->number), "world %s", here->world);
    if (here->process[0])
        ws__rows_print(rows, ws__role_of_world(here->number), ", process %s", here->process);
    draw_separator(rows);
    ws__rows_print(rows, WS_ROLE_TEXT, "ring %u", state->cpl);
    draw_separator(rows);
    ws__rows_print(rows, WS_ROLE_TEXT, "mark %llu", (unsigned long long)state->mark);
    if (state->progress.number) {
        draw_separator(rows);
        draw_progress(rows, &state->progress);
    } else if (state->halt) {
        draw_separator(rows);
        ws__rows_print(rows, WS_ROLE_WARNING, "the end");
    }
}

/* "cr3 00101000>00201000* " */
static void draw_change(struct ws_rows *rows, const char *name, unsigned digits, uint32_t before, uint32_t after)
{
    ws__rows_print(rows, WS_ROLE_DIM, " %s ", name);
    ws__rows_print(rows, WS_ROLE_TEXT, "%0*x", (int)digits, before);
    ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_TO, 1);
    ws__rows_print(rows, WS_ROLE_CHANGED, "%0*x*", (int)digits, after);
}

/* Privileged registers come first: they are what this program is about, and the line may be cut. */
static void draw_registers(struct ws_rows *rows, const struct ws_view_state *state, bool privileged)
{
    for (unsigned which = 0; which < WS_REGISTER_COUNT; which++) {
        const struct ws_register_info *info = ws_register_info((enum ws_register)which);
        if (which == WS_EIP || (which >= WS_GDTR_BASE) != privileged)
            continue;
        if (ws__view_changed(state, (enum ws_register)which))
            draw_change(rows, info->name, info->bits / 4, state->before.value[which], state->now.value[which]);
    }
}

static void draw_stores(struct ws_rows *rows, const struct ws_view_state *state)
{
    for (size_t at = 0; at < state->stores; at++) {
        const struct ws_view_store *store = &state->store[at];
        char name[24];
        snprintf(name, sizeof name, store->mapped ? "[%08x]" : "phys [%08x]",
                 (unsigned)(store->mapped ? store->linear : store->phys));
        draw_change(rows, name, store->bytes * 2u, store->before, store->after);
    }
    if (state->stores_more)
        ws__rows_print(rows, WS_ROLE_DIM, " and more memory");
}

void ws_view_changes(struct ws_rows *rows, const struct ws_view_state *state)
{
    ws__rows_begin(rows);
    if (!state->stepped) {
        ws__rows_print(rows, WS_ROLE_DIM, " changed: nothing yet");
        return;
    }
    if (state->before_mark + 1 == state->mark)
        ws__rows_print(rows, WS_ROLE_DIM, " changed:");
    else
        ws__rows_print(rows, WS_ROLE_DIM, " changed since mark %llu:", (unsigned long long)state->before_mark);
    unsigned before = rows->failed ? 0 : rows->row[rows->count - 1].columns;
    draw_registers(rows, state, true);
    draw_stores(rows, state);
    draw_registers(rows, state, false);
    if (!rows->failed && rows->row[rows->count - 1].columns == before)
        ws__rows_print(rows, WS_ROLE_DIM, " nothing but eip");
}

/* Outside of a crossing: where this code belongs, and what could be pressed. */
static void why_elsewhere(struct ws_rows *rows, const struct ws_view_state *state)
{
    const char *explanation = ws__view_explain(state);
    char symbol[64];
    ws__view_symbol(state, state->eip_linear, symbol, sizeof symbol);
    ws__view_rule(rows, symbol[0] ? symbol : "no symbol here");
    if (state->halt)
        ws__rows_wrap(rows, WS_ROLE_WARNING, 1, 2, ws_halt_text((enum ws_halt_reason)state->halt->reason));
    else if (explanation)
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 4, explanation);
    else if (state->progress.number)
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 4,
                      state->progress.world ? "In a world switch: everything that belongs to the "
                                              "left world is going to be replaced."
                                            : "In a context switch: the kernel leaves one stack and "
                                              "one page directory for another's, and "
                                              "returns into another process.");
    else if (!state->crossings)
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 4,
                      "Nothing has been switched yet. Press c to run to the first instruction of the "
                      "next switch, then s to step through it.");
    else if (state->cpl == 3)
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 4,
                      "A process runs. Only an interrupt or an exception leads from here into the "
                      "kernel of its world.");
}

void ws_view_why(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_view_step *step = ws__view_step_at(state, state->eip_linear);
    size_t first = rows->count;
    char text[400];
    if (!step) {
        why_elsewhere(rows, state);
        return;
    }
    snprintf(text, sizeof text, "%u/%u %s", step->number, ws__view_step_count(state), step->phase ? step->phase : "");
    ws__view_rule(rows, text);
    if (step->why)
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 2, step->why);
    if (step->without) {
        snprintf(text, sizeof text, "without it: %s", step->without);
        ws__rows_wrap(rows, WS_ROLE_DIM, 1, WHY_ROWS - (unsigned)(rows->count - first), text);
    }
}
