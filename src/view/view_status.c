/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is always in sight: where we are, what the last step changed, and why the next instruction
 * is there.
 */
#include "view/internal.h"

#include <worldswitch/crossing.h>

#include <stdio.h>
#include <string.h>

#include <worldswitch/cross.h>
#include <worldswitch/exception.h>
#include <worldswitch/hosted.h>

#include "view/rows.h"
#include "view/sentence.h"

enum { LINES = 6 }; /* of a sentence, at most */

static void draw_separator(struct ws_rows *rows)
{
    ws__rows_print(rows, WS_ROLE_DIM, " ");
    ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_VERTICAL, 1);
    ws__rows_print(rows, WS_ROLE_DIM, " ");
}

/* "world switch host > vmm" */
static void draw_progress(struct ws_rows *rows, const struct ws_view_progress *progress)
{
    ws__rows_print(rows, WS_ROLE_WARNING, "%s switch", ws_crossing_kind_name((enum ws_crossing_kind)progress->kind));
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

/* `brief`: without the words that can be missed. */
static void draw_status(struct ws_rows *rows, const struct ws_view_state *state, bool brief)
{
    const struct ws_view_side *here = &state->side[state->here];
    ws__rows_begin(rows);
    if (state->branch) {
        ws__rows_print(rows, WS_ROLE_WARNING, " BRANCH");
        draw_separator(rows);
    } else {
        ws__rows_print(rows, WS_ROLE_TEXT, " ");
    }
    ws__rows_print(rows, ws__role_of_world(here->number), "%s%s", brief ? "" : "world ", here->world);
    if (here->process[0])
        ws__rows_print(rows, ws__role_of_world(here->number), ", %s%s", brief ? "" : "process ", here->process);
    if (state->thread[0] && !(brief && state->progress.number)) /* a switch names both of its threads */
        ws__rows_print(rows, ws__role_of_world(here->number), ", %s", state->thread);
    bool vm = state->hosted && state->place == WS_HOSTED_VM;
    if (vm)
        ws__rows_print(rows, ws__role_of_world(here->number), ", virtual machine");
    draw_separator(rows);
    ws__rows_print(rows, WS_ROLE_TEXT, "ring %u", state->cpl);
    if (vm) /* the VM's ring 0 runs in ring 1: src/guest/vmm/vmm.h */
        ws__rows_print(rows, WS_ROLE_TEXT, ", virtual ring %u", state->cpl == 1 ? 0 : state->cpl);
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

static void status_whole(struct ws_rows *rows, const struct ws_view_state *state)
{
    draw_status(rows, state, false);
}

void ws_view_status(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_rows whole;
    ws__view_part(&whole, status_whole, state, rows->width, 1);
    bool brief = state->branch || (whole.count && whole.row[0].cut);
    rows->failed |= whole.failed;
    ws_rows_release(&whole);
    draw_status(rows, state, brief);
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

/* -- what steps cause ---------------------------------------------------------------------------------- */

const struct ws_view_store *ws__view_request(const struct ws_view_state *state)
{
    for (size_t at = 0; state->hosted && state->has_cross && at < state->stores; at++)
        if (state->store[at].mapped && state->store[at].after &&
            state->store[at].linear == state->cross_linear + WS_CROSS_MAILBOX_OFFSET)
            return &state->store[at];
    return NULL;
}

void ws_view_done(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_view_store *request = ws__view_request(state);
    if (state->branch_here) {
        struct ws_buffer text = WS_BUFFER_INIT;
        ws_buffer_printf(&text, "changed here by you: %s", state->branch_here);
        ws__rows_sentence(rows, WS_ROLE_WARNING, 1, 2, &text);
    }
    for (unsigned at = 0; state->stepped && at < state->done.events; at++) {
        struct ws_buffer text = WS_BUFFER_INIT;
        const struct ws_event *event = &state->done.event[at];
        ws_buffer_printf(&text, "caused: ");
        ws__sentence_event(&text, state, event, true);
        if (state->done.more && at + 1 == state->done.events)
            ws_buffer_printf(&text, ", and %u more", state->done.more);
        bool vector = event->kind == WS_EVENT_VECTOR || event->kind == WS_EVENT_FAULT_CHAIN;
        ws__rows_sentence(rows, vector ? WS_ROLE_WARNING : WS_ROLE_TEXT, 1, 3, &text);
    }
    if (state->stepped && request) {
        struct ws_buffer text = WS_BUFFER_INIT;
        ws_buffer_printf(&text, "caused: a message to the host: ");
        ws__sentence_request(&text, request->after, 0);
        ws__rows_sentence(rows, WS_ROLE_WARNING, 1, 1, &text);
    }
}

/* What will come of the instruction about to begin, as the machine says that has executed it. */
static void draw_ahead(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_view_ahead *ahead = &state->ahead;
    for (unsigned at = 0; ahead->known && at < ahead->doing.events; at++) {
        const struct ws_event *event = &ahead->doing.event[at];
        struct ws_buffer text = WS_BUFFER_INIT;
        bool outside = event->kind == WS_EVENT_VECTOR && event->origin == WS_ORIGIN_EXTERNAL;
        ws_buffer_printf(&text, outside ? "First comes " : "Here, in ring %u: ", state->cpl);
        ws__sentence_event(&text, state, event, true);
        if (outside)
            ws_buffer_printf(&text, "; this instruction waits");
        ws__rows_sentence(rows, WS_ROLE_WARNING, 1, LINES, &text);
        if (outside)
            return; /* the rest is done by the handler's first instruction */
    }
    if (ahead->known && ahead->halt != WS_HALT_NONE)
        ws__rows_wrap(rows, WS_ROLE_WARNING, 1, LINES, ws_halt_text((enum ws_halt_reason)ahead->halt));
}

/* -- why the instruction is there ---------------------------------------------------------------------- */

/* What an instruction does that will not do it here. */
static void draw_explanation(struct ws_rows *rows, const struct ws_view_state *state, const char *explanation)
{
    char text[400];
    snprintf(text, sizeof text, "%s%s", ws__view_exception_ahead(state) ? "Otherwise: " : "", explanation);
    ws__rows_wrap(rows, WS_ROLE_WHY, 1, LINES, text);
}

static const char *const switch_text[WS_CROSSING_KINDS] = {
    [WS_CROSSING_CONTEXT] =
        "In a context switch: the kernel leaves one stack and one page directory for another's, and "
        "returns into another process.",
    [WS_CROSSING_WORLD] = "In a world switch: everything that belongs to the left world is going to be replaced.",
    [WS_CROSSING_THREAD] =
        "In a switch between threads: the kernel leaves one stack for another, and the address space "
        "stays.",
};

/* Outside of the known switches: where this code belongs, and what could be pressed. */
static void why_elsewhere(struct ws_rows *rows, const struct ws_view_state *state)
{
    const char *explanation = ws__view_explain(state);
    char symbol[64];
    ws__view_symbol(state, state->eip_linear, symbol, sizeof symbol);
    ws__view_rule(rows, symbol[0] ? symbol : "no symbol here");
    if (state->halt) {
        ws__rows_wrap(rows, WS_ROLE_WARNING, 1, 2, ws_halt_text((enum ws_halt_reason)state->halt->reason));
        return;
    }
    draw_ahead(rows, state);
    if (explanation)
        draw_explanation(rows, state, explanation);
    else if (state->progress.number)
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 4, switch_text[state->progress.kind]);
    else if (!state->crossings)
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 4,
                      "Nothing has been switched yet. Press c to run to the first instruction of the "
                      "next switch, then s to step through it.");
    else if (state->cpl == 3 && !(state->hosted && state->place == WS_HOSTED_VM))
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 4,
                      "A process runs. Only an interrupt or an exception leads from here into the "
                      "kernel of its world.");
}

void ws_view_why(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_view_step *step = ws__view_step_at(state, state->eip_linear);
    char text[400];
    if (!step) {
        why_elsewhere(rows, state);
        return;
    }
    snprintf(text, sizeof text, "%u/%u %s", step->number, step->count, step->phase ? step->phase : "");
    ws__view_rule(rows, text);
    draw_ahead(rows, state);
    if (step->why)
        draw_explanation(rows, state, step->why);
    if (step->without) {
        snprintf(text, sizeof text, "Without it: %s", step->without);
        ws__rows_wrap(rows, WS_ROLE_TEXT, 1, LINES, text);
    }
}
