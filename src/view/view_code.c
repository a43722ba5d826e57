/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The code panel: instructions around EIP, those of the cross page numbered.
 *
 *   ●▶ 00300124 17/45 mov %cr2, %eax        why it is there
 *   │└ about to begin
 *   └─ breakpoint
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include "view/rows.h"

enum {
    LOOK_BACK = 512,   /* bytes before EIP in which its predecessors are looked for */
    BYTES_COLUMN = 96, /* from this width on, the instruction's bytes are shown */
    WHY_WIDTH = 78,    /* and from this one, why it is there */
    TEXT_COLUMNS = 26  /* how much of the instruction's text is seen before that */
};

/* Code as it was read: `bytes` from `linear` on. */
struct code {
    const struct ws_view_state *state;
    uint32_t linear;
    uint32_t bytes;
    uint8_t byte[LOOK_BACK];
};

static bool code_at(const struct code *code, uint32_t offset, struct ws_instruction *out)
{
    return ws_disasm_one(code->state->disasm, code->byte + offset, code->bytes - offset, code->linear + offset,
                         code->state->wide, code->state->syntax, out);
}

/* Does decoding from `offset` on arrive exactly at the end? Fills `start` with the offsets, newest
 * last. */
static size_t code_sweep(const struct code *code, uint32_t offset, uint16_t *start)
{
    size_t count = 0;
    while (offset < code->bytes) {
        struct ws_instruction instruction;
        if (!code_at(code, offset, &instruction))
            return 0;
        start[count++] = (uint16_t)offset;
        offset += instruction.size;
    }
    return offset == code->bytes ? count : 0;
}

/*
 * Where do the instructions before `linear` begin? x86 code cannot be read backwards, so the
 * nearest symbol is the best place to start from; without one, the farthest place from which
 * decoding falls into step with `linear`.
 */
static size_t code_before(struct code *code, uint32_t linear, uint16_t *start)
{
    const struct ws_view_state *state = code->state;
    uint32_t back = linear < LOOK_BACK ? linear : LOOK_BACK;
    uint32_t offset = 0;

    code->linear = linear - back;
    if (ws__view_read(state, &state->now, code->linear, code->byte, back) < back) {
        /* the page before is missing: only this page's part */
        back = linear % WS_PAGE_BYTES < back ? linear % WS_PAGE_BYTES : back;
        code->linear = linear - back;
        if (ws__view_read(state, &state->now, code->linear, code->byte, back) < back)
            back = 0;
    }
    code->bytes = back;
    if (state->symbols && ws_symbols_at(state->symbols, linear, &offset) && offset <= back) {
        size_t count = code_sweep(code, back - offset, start);
        if (count || offset == 0)
            return count;
    }
    for (uint32_t from = back > 64 ? back - 64 : 0; from < back; from++) {
        size_t count = code_sweep(code, from, start);
        if (count)
            return count;
    }
    return 0;
}

static bool is_breakpoint(const struct ws_view_state *state, uint32_t linear)
{
    for (size_t at = 0; at < state->breakpoints; at++)
        if (state->breakpoint[at] == linear)
            return true;
    return false;
}

/* "17/45 " in the cross page; elsewhere nothing, or blanks if other rows have numbers. */
static void draw_number(struct ws_rows *rows, const struct ws_view_state *state, uint32_t linear, enum ws_role role)
{
    const struct ws_view_step *step = ws__view_step_at(state, linear);
    bool here = linear == state->eip_linear;
    if (step)
        ws__rows_print(rows, role, "%2u/%-2u ", step->number, step->count);
    else if (here && state->progress.number && state->progress.count)
        ws__rows_print(rows, role, "%2u/%-2u ", state->progress.number, state->progress.count);
    else
        ws__rows_print(rows, role, "      ");
}

static void draw_bytes(struct ws_rows *rows, const struct ws_instruction *instruction)
{
    char text[3 * 7 + 1] = "";
    unsigned shown = instruction->size < 7 ? instruction->size : 6;
    for (unsigned at = 0; at < shown; at++)
        snprintf(text + 2 * at, 3, "%02x", instruction->bytes[at]);
    ws__rows_print(rows, WS_ROLE_DIM, "%s%s", text, shown < instruction->size ? ".." : "");
}

static void draw_instruction(struct ws_rows *rows, const struct ws_view_state *state,
                             const struct ws_instruction *instruction)
{
    uint32_t linear = instruction->linear;
    bool here = linear == state->eip_linear;
    bool chosen = state->has_cursor && linear == state->cursor;
    enum ws_role role = here ? WS_ROLE_CURRENT : chosen ? WS_ROLE_SELECTED : WS_ROLE_TEXT;
    const struct ws_view_step *step = ws__view_step_at(state, linear);

    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_LINEAR, linear);
    if (chosen || (here && !state->has_cursor))
        rows->focus = rows->count - 1;
    if (is_breakpoint(state, linear))
        ws__rows_glyph(rows, WS_ROLE_WARNING, WS_GLYPH_BREAKPOINT, 1);
    else
        ws__rows_pad(rows, 1);
    if (here)
        ws__rows_glyph(rows, role, WS_GLYPH_HERE, 1);
    else if (chosen)
        ws__rows_glyph(rows, role, WS_GLYPH_CURSOR, 1);
    else
        ws__rows_print(rows, role, " ");
    ws__rows_print(rows, here || chosen ? role : WS_ROLE_DIM, "%08x ", linear);
    draw_number(rows, state, linear, here || chosen ? role : WS_ROLE_KEY);
    unsigned text_column = rows->failed ? 0 : rows->row[rows->count - 1].columns;
    if (rows->width >= BYTES_COLUMN) {
        draw_bytes(rows, instruction);
        text_column += 15;
        ws__rows_pad(rows, text_column);
    }
    ws__rows_print(rows, role, "%s", instruction->text);
    if (rows->width >= WHY_WIDTH && step && step->why) {
        ws__rows_pad(rows, text_column + TEXT_COLUMNS);
        ws__rows_print(rows, WS_ROLE_WHY, " %s", step->why);
    }
}

static void draw_label(struct ws_rows *rows, const struct ws_view_state *state, uint32_t linear)
{
    uint32_t offset = 1;
    const char *name = state->symbols ? ws_symbols_at(state->symbols, linear, &offset) : NULL;
    if (!name || offset != 0)
        return;
    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_LINEAR, linear);
    ws__rows_print(rows, WS_ROLE_TITLE, "%s:", name);
}

/* Rows for the instructions before `linear`, at most `limit` of them. */
static void draw_before(struct ws_rows *rows, const struct ws_view_state *state, uint32_t linear, size_t limit)
{
    struct code code = {.state = state};
    uint16_t start[LOOK_BACK];
    size_t count = code_before(&code, linear, start);
    for (size_t at = count > limit ? count - limit : 0; at < count; at++) {
        struct ws_instruction instruction;
        code_at(&code, start[at], &instruction);
        draw_label(rows, state, instruction.linear);
        draw_instruction(rows, state, &instruction);
    }
}

/* The row for one instruction; returns its size, 0 if there is no memory. */
static unsigned draw_one(struct ws_rows *rows, const struct ws_view_state *state, uint32_t linear)
{
    struct ws_instruction instruction;
    uint8_t byte[WS_INSTRUCTION_BYTES];
    size_t bytes = ws__view_read(state, &state->now, linear, byte, sizeof byte);
    draw_label(rows, state, linear);
    if (bytes == 0) {
        ws__rows_begin(rows);
        ws__rows_print(rows, linear == state->eip_linear ? WS_ROLE_WARNING : WS_ROLE_DIM, "  %08x is not mapped",
                       linear);
        return 0;
    }
    ws_disasm_one(state->disasm, byte, bytes, linear, state->wide, state->syntax, &instruction);
    draw_instruction(rows, state, &instruction);
    return instruction.size;
}

void ws_view_code(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_rows all;
    uint32_t linear = state->has_cursor ? state->cursor : state->eip_linear;
    unsigned height = state->height ? state->height : 1;
    unsigned above = height / 3;

    if (!state->disasm)
        return;
    ws_rows_init(&all, rows->width, rows->ascii);
    draw_before(&all, state, linear, above);
    size_t center = all.count;
    for (size_t end = center + height + 1; all.count < end && !all.failed;) {
        unsigned size = draw_one(&all, state, linear);
        if (size == 0)
            break;
        linear += size;
    }
    size_t first = center > above ? center - above : 0;
    rows->focus = rows->count + (all.focus > first ? all.focus - first : 0);
    for (size_t at = first; at < all.count && at < first + height; at++) {
        ws__rows_begin(rows);
        ws__rows_append(rows, &all, at);
        ws__rows_link(rows, (enum ws_link_kind)all.row[at].link.kind, all.row[at].link.value);
    }
    rows->failed |= all.failed;
    ws_rows_release(&all);
}
