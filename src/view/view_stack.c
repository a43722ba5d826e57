/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stack panel: the stack at ESP, and the one of ring 0 that the TSS names.  What gates have pushed there has named
 * slots.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/segment.h>

#include "view/rows.h"
#include "view/sentence.h"
#include "view/slots.h"

enum {
    WORDS = 32,               /* of the stack at ESP, at most, and the rest of a frame that begins there */
    RING_0_WORDS = WS__SLOTS, /* of ring 0's: as many as a gate pushes with an error code */
    VALUE_COLUMN = 23,
    MEANING_COLUMN = 33,
    TSS_ESP0 = 4,
    TSS_SS0 = 8
};

/* -- frames -------------------------------------------------------------------------------------------- */

/* The frame that has a slot here, and which one. */
static const struct ws_view_frame *frame_at(const struct ws_view_state *state, uint32_t linear, unsigned *slot)
{
    for (unsigned at = 0; at < state->frames; at++) {
        const struct ws_view_frame *frame = &state->frame[at];
        uint32_t offset = linear - frame->linear;
        *slot = ws__slot_first(frame->event.has_error_code) + offset / frame->slot_bytes;
        if (offset % frame->slot_bytes == 0 && *slot < ws__slot_end(frame->inward))
            return frame;
    }
    return NULL;
}

static void draw_frame_title(struct ws_rows *rows, const struct ws_view_frame *frame)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    ws__sentence_vector(&text, &frame->event);
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_TITLE, "   the frame of %s", ws_buffer_text(&text));
    ws__rows_print(rows, WS_ROLE_DIM, ", pushed at mark %llu%s", (unsigned long long)frame->event.mark,
                   frame->open ? "" : ", taken by iret since");
    ws__rows_link(rows, WS_LINK_MARK, frame->event.mark);
    rows->failed |= text.failed;
    ws_buffer_release(&text);
}

/* -- words --------------------------------------------------------------------------------------------- */

/* Does a call end where this address begins? */
static bool is_behind_call(const struct ws_view_state *state, uint32_t linear)
{
    enum { SHORTEST = 2, LONGEST = 7 };
    for (uint32_t size = SHORTEST; state->disasm && size <= LONGEST; size++) {
        uint8_t code[LONGEST];
        struct ws_instruction instruction;
        if (ws__view_read(state, &state->now, linear - size, code, size) < size)
            return false;
        if (ws_disasm_one(state->disasm, code, size, linear - size, state->wide, WS_SYNTAX_INTEL, &instruction) &&
            instruction.size == size && strncmp(instruction.text, "call", 4) == 0)
            return true;
    }
    return false;
}

/* What a word that no gate has pushed may be. */
static void draw_guess(struct ws_rows *rows, const struct ws_view_state *state, uint32_t value, uint32_t from,
                       uint32_t end)
{
    char symbol[64];
    ws__view_symbol(state, value, symbol, sizeof symbol);
    if (is_behind_call(state, value + state->segment[0].base))
        ws__rows_print(rows, WS_ROLE_WHY, "return address, behind a call: %s", symbol[0] ? symbol : "no symbol");
    else if (symbol[0])
        ws__rows_print(rows, WS_ROLE_DIM, "%s", symbol);
    else if (value >= from && value < end)
        ws__rows_print(rows, WS_ROLE_DIM, "an address in this stack");
}

static void draw_slot(struct ws_rows *rows, const struct ws_view_state *state, unsigned slot, uint32_t value)
{
    char symbol[64] = "";
    if (slot == WS__SLOT_EIP)
        ws__view_symbol(state, value, symbol, sizeof symbol);
    ws__rows_print(rows, WS_ROLE_WHY, "%s%s%s", ws__slot(slot)->meaning, symbol[0] ? ": " : "", symbol);
}

/* The word or slot at an address; false: nothing is mapped there. */
static bool draw_word(struct ws_rows *rows, const struct ws_view_state *state, uint32_t linear, uint32_t from,
                      uint32_t end)
{
    unsigned slot;
    const struct ws_view_frame *frame = frame_at(state, linear, &slot);
    unsigned bytes = frame ? frame->slot_bytes : 4;
    bool here = linear == from && from == state->segment[1].base + state->now.value[WS_ESP];
    uint32_t value = 0;

    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_LINEAR, linear);
    if (here)
        ws__rows_glyph(rows, WS_ROLE_CURRENT, WS_GLYPH_HERE, 1);
    ws__rows_pad(rows, 1);
    if (ws__view_read(state, &state->now, linear, &value, bytes) < bytes) {
        ws__rows_print(rows, WS_ROLE_WARNING, "%08x is not mapped", linear);
        return false;
    }
    ws__rows_print(rows, WS_ROLE_DIM, "%08x  ", linear);
    ws__rows_print(rows, WS_ROLE_TEXT, "%s", frame ? ws__slot(slot)->name : here ? "esp is here" : "");
    ws__rows_pad(rows, VALUE_COLUMN);
    ws__rows_print(rows, WS_ROLE_TEXT, "%0*x", 2 * (int)bytes, value);
    ws__rows_pad(rows, MEANING_COLUMN);
    if (frame)
        draw_slot(rows, state, slot, value);
    else
        draw_guess(rows, state, value, from, end);
    return true;
}

/* The words from an address on, at most so many, and not behind `end`; but no frame is cut. */
static void draw_words(struct ws_rows *rows, const struct ws_view_state *state, uint32_t from, uint32_t end,
                       unsigned most)
{
    uint32_t at[WORDS + WS__SLOTS];
    unsigned count = 0, slot;
    const struct ws_view_frame *last = NULL;
    for (uint32_t linear = from; linear < end;) {
        const struct ws_view_frame *frame = frame_at(state, linear, &slot);
        if (count >= most && (!frame || frame != last))
            break;
        at[count++] = linear;
        last = frame;
        linear += frame ? frame->slot_bytes : 4;
    }
    const struct ws_view_frame *told = NULL;
    for (unsigned line = 0; line < count; line++) {
        uint32_t linear = at[state->downward ? count - 1 - line : line];
        const struct ws_view_frame *frame = frame_at(state, linear, &slot);
        if (frame && frame != told)
            draw_frame_title(rows, frame);
        told = frame;
        if (!draw_word(rows, state, linear, from, end) && !state->downward)
            break; /* what is above is not mapped either, or is another stack */
    }
}

/* -- the stacks ---------------------------------------------------------------------------------------- */

/* Ring 0's stack, where the TSS says it begins; false: TR names no TSS that is mapped. */
static bool ring_0_stack(const struct ws_view_state *state, uint32_t *esp0, uint32_t *ss0)
{
    uint32_t tss = state->segment[WS_VIEW_TR].base;
    *esp0 = *ss0 = 0;
    return (state->now.value[WS_TR] & (uint32_t)WS_SELECTOR_INDEX) &&
           ws__view_read(state, &state->now, tss + TSS_ESP0, esp0, 4) == 4 &&
           ws__view_read(state, &state->now, tss + TSS_SS0, ss0, 2) == 2;
}

/* Is the present stack the one that begins there? */
static bool is_on(const struct ws_view_state *state, uint32_t esp, uint32_t esp0)
{
    return state->cpl == 0 && esp <= esp0 && esp0 - esp <= WS_PAGE_BYTES;
}

static void draw_top(struct ws_rows *rows, uint32_t esp0)
{
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, " %08x  ESP0 of the TSS: here the stack is empty", esp0);
}

static void draw_present(struct ws_rows *rows, const struct ws_view_state *state, bool known, uint32_t esp0)
{
    uint32_t esp = state->segment[1].base + state->now.value[WS_ESP];
    bool on = known && is_on(state, esp, esp0);
    uint32_t room = 4 * (WORDS + WS__SLOTS);
    uint32_t end = on ? esp0 : esp > UINT32_MAX - room ? UINT32_MAX - 3 : esp + room;
    char title[80];

    snprintf(title, sizeof title, "the stack of ring %u, ss:esp %04x:%08x, %s", state->cpl,
             (unsigned)state->now.value[WS_SS], (unsigned)state->now.value[WS_ESP],
             state->downward ? "low addresses below" : "low addresses above");
    ws__view_rule(rows, title);
    bool whole = on && esp0 - esp <= 4 * WORDS;
    if (whole && state->downward)
        draw_top(rows, esp0);
    draw_words(rows, state, esp, end, WORDS);
    if (whole && !state->downward)
        draw_top(rows, esp0);
}

static void draw_ring_0(struct ws_rows *rows, const struct ws_view_state *state, bool known, uint32_t esp0,
                        uint32_t ss0)
{
    uint32_t esp = state->segment[1].base + state->now.value[WS_ESP];
    char title[80];
    if (!known) {
        ws__view_rule(rows, "the stack of ring 0: TR names no TSS that is mapped");
        return;
    }
    snprintf(title, sizeof title, "the stack of ring 0 in the TSS, ss0:esp0 %04x:%08x", (unsigned)ss0, (unsigned)esp0);
    ws__view_rule(rows, title);
    if (is_on(state, esp, esp0)) {
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 2, "It is the stack above.");
        return;
    }
    ws__rows_wrap(rows, WS_ROLE_WHY, 1, 3,
                  state->cpl ? "The next vector into ring 0 pushes SS just below ESP0.  What is there now:"
                             : "A vector from an outer ring would push SS just below ESP0.  What is there now:");
    if (esp0 >= 4 * RING_0_WORDS)
        draw_words(rows, state, esp0 - 4 * RING_0_WORDS, esp0, RING_0_WORDS);
}

void ws_view_stack(struct ws_rows *rows, const struct ws_view_state *state)
{
    uint32_t esp0, ss0;
    bool known = ring_0_stack(state, &esp0, &ss0);
    draw_present(rows, state, known, esp0);
    if (state->watched) {
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_DIM, " frames that were pushed before mark %llu are not known",
                       (unsigned long long)state->watched);
    }
    draw_ring_0(rows, state, known, esp0, ss0);
    ws__view_saved(rows, state);
}
