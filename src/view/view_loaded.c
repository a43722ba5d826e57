/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables panel, what does not stand in a table: the frame that a vector has pushed, and segment registers whose
 * descriptors are not, or not any more, where their selectors point.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/exception.h>

#include "view/rows.h"
#include "view/sentence.h"
#include "view/slots.h"
#include "x86/idt.h"

/* -- the frame ----------------------------------------------------------------------------------------- */

/* The vector that the last step delivered last onto a stack; NULL: none. */
static const struct ws_event *vector_delivered(const struct ws_view_state *state)
{
    const struct ws_event *vector = NULL;
    for (unsigned at = 0; state->stepped && at < state->done.events; at++) {
        const struct ws_event *event = &state->done.event[at];
        if (event->kind == WS_EVENT_TASK)
            return NULL; /* through a task gate: the registers are in a TSS */
        if (event->kind == WS_EVENT_VECTOR)
            vector = event;
    }
    return vector;
}

/* SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures": a gate of 16 bits pushes words. */
static unsigned slot_bytes(const struct ws_view_state *state, const struct ws_event *vector)
{
    struct ws__idt_entry entry;
    ws__idt_read(&state->memory, &state->now, (uint8_t)vector->which, &entry);
    return ws__gate_slot_bytes(&entry.gate) == 2 ? 2 : 4;
}

void ws__view_frame(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_event *vector = vector_delivered(state);
    if (!vector)
        return;
    struct ws_buffer title = WS_BUFFER_INIT;
    unsigned bytes = slot_bytes(state, vector);
    unsigned end = ws__slot_end(vector->cpl > state->cpl);
    uint32_t linear = state->segment[1].base + vector->esp;
    ws_buffer_printf(&title, "pushed at %08x: ", linear);
    ws__sentence_vector(&title, vector);
    ws__view_rule(rows, ws_buffer_text(&title));
    for (unsigned at = ws__slot_first(vector->has_error_code); at < end; at++, linear += bytes) {
        uint32_t value = 0;
        ws__rows_begin(rows);
        ws__rows_link(rows, WS_LINK_LINEAR, linear);
        if (ws__view_read(state, &state->now, linear, &value, bytes) < bytes) {
            ws__rows_print(rows, WS_ROLE_WARNING, " %08x is not mapped", linear);
            break;
        }
        ws__rows_print(rows, WS_ROLE_DIM, " %08x  ", linear);
        ws__rows_print(rows, WS_ROLE_TEXT, "%-10s  %0*x", ws__slot(at)->name, 2 * (int)bytes, value);
        ws__rows_pad(rows, 34);
        ws__rows_print(rows, WS_ROLE_WHY, "%s", ws__slot(at)->meaning);
    }
    rows->failed |= title.failed;
    ws_buffer_release(&title);
}

/* -- segment registers --------------------------------------------------------------------------------- */

/* The same segment?  What the CPU marks in a descriptor when it loads it does not count: accessed, busy. */
static bool descriptor_same(const struct ws_descriptor *one, const struct ws_descriptor *two)
{
    unsigned mark = one->system ? WS_TYPE_TSS32_BUSY ^ WS_TYPE_TSS32 : WS_TYPE_ACCESSED;
    return one->base == two->base && one->limit == two->limit && one->system == two->system && one->dpl == two->dpl &&
           one->present == two->present && ((one->type ^ two->type) & ~mark) == 0;
}

/* What the tables say about a selector now; false: nothing, and *why tells. */
static bool descriptor_find(const struct ws_view_state *state, uint32_t selector, struct ws_descriptor *out,
                            const char **why)
{
    const struct ws_descriptor *ldt = &state->segment[WS_VIEW_LDTR];
    bool local = selector & WS_SELECTOR_TI;
    uint32_t offset = selector & 0xfff8u;
    uint32_t base = local ? ldt->base : state->now.value[WS_GDTR_BASE];
    uint32_t limit = local ? ldt->limit : state->now.value[WS_GDTR_LIMIT];
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    *why = local ? "there is no LDT now" : "the GDT ends in front of it";
    if (local && !(state->now.value[WS_LDTR] & 0xfff8u))
        return false;
    if (local)
        *why = "the LDT ends in front of it";
    if (offset + WS_DESCRIPTOR_BYTES - 1 > limit)
        return false;
    *why = local ? "the LDT is not mapped there" : "the GDT is not mapped there";
    if (ws__view_read(state, &state->now, base + offset, raw, sizeof raw) < sizeof raw)
        return false;
    ws_descriptor_decode(out, raw);
    *why = "the table has another descriptor there now";
    return true;
}

static void draw_loaded(struct ws_rows *rows, const struct ws_view_state *state, unsigned place, const char *why)
{
    const struct ws_descriptor *hidden = &state->segment[place];
    enum ws_register which = ws_view_segment(place);
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_WARNING, " %04x  %-4s", state->now.value[which], ws_register_info(which)->name);
    ws__rows_print(rows, WS_ROLE_TEXT, " %08x +%-8x dpl %u  ", hidden->base, hidden->limit, hidden->dpl);
    ws__rows_print(rows, WS_ROLE_WHY, "%s", why);
}

void ws__view_loaded(struct ws_rows *rows, const struct ws_view_state *state)
{
    bool any = false;
    for (unsigned place = 0; place < WS_VIEW_SEGMENTS; place++) {
        uint32_t selector = state->now.value[ws_view_segment(place)];
        struct ws_descriptor now;
        const char *why;
        if (!(selector & 0xfffcu))
            continue; /* a null selector names no descriptor */
        if (descriptor_find(state, selector, &now, &why) && descriptor_same(&now, &state->segment[place]))
            continue;
        if (!any)
            ws__view_rule(rows, "loaded from a table that was replaced: the CPU uses this");
        any = true;
        draw_loaded(rows, state, place, why);
    }
}
