/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The linear address space, live: Modern Operating Systems, figure 7-11.
 *
 * Two address spaces stand side by side, cut into pieces at every place where one of them changes.
 * Each piece has a sign that says how the space that is mapped now relates to the other one:
 *
 * = the same memory with the same rights in both + mapped now, not in the other: it appeared
 *   #  both map something there, but not the same       -  mapped in the other only: it vanished
 *
 * ("#" is drawn as an unequal sign where the terminal has one.)
 */
#include "view/pieces.h"

#include <stdio.h>

#include "view/rows.h"

static void size_text(uint64_t bytes, char *out, size_t room)
{
    if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
        snprintf(out, room, "%u M", (unsigned)(bytes >> 20));
    else
        snprintf(out, room, "%u K", (unsigned)(bytes >> 10));
}

void ws__view_sign(struct ws_rows *rows, enum ws__sign sign)
{
    static const struct {
        enum ws_role role;
        const char *text;
    } look[WS__SIGN_COUNT] = {
        [WS__SIGN_SAME] = {WS_ROLE_SHARED, "="},
        [WS__SIGN_DIFFERENT] = {WS_ROLE_CHANGED, NULL},
        [WS__SIGN_APPEARED] = {WS_ROLE_APPEARED, "+"},
        [WS__SIGN_VANISHED] = {WS_ROLE_VANISHED, "-"},
    };
    if (look[sign].text)
        ws__rows_print(rows, look[sign].role, "%s", look[sign].text);
    else
        ws__rows_glyph(rows, look[sign].role, WS_GLYPH_DIFFERENT, 1);
}

enum { RANGE_COLUMN = 3, SIZE_COLUMN = 21, SIDE_COLUMN = 29, SIDE_COLUMNS = 25 };

/* "kernel rw > 00101000" */
static void draw_run(struct ws_rows *rows, const struct ws_mapping *run, uint64_t linear, enum ws_role role,
                     bool paging)
{
    if (!run) {
        ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_BULLET, 1);
        return;
    }
    if (paging)
        ws__rows_print(rows, role, "%-6s %s ", run->user ? "user" : "kernel", run->writable ? "rw" : "r-");
    else
        ws__rows_print(rows, role, "no paging ");
    ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_TO, 1);
    ws__rows_print(rows, role, " %08x%s", ws__run_phys(run, linear), run->global ? " g" : "");
}

static void draw_piece(struct ws_rows *rows, const struct ws_view_state *state, const struct ws__piece *piece)
{
    char size[16];
    bool both = state->side[0].known && state->side[1].known;
    bool cross = state->has_cross && piece->begin <= state->cross_linear && state->cross_linear < piece->end;

    size_text(piece->end - piece->begin, size, sizeof size);
    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_LINEAR, piece->begin);
    ws__rows_print(rows, WS_ROLE_TEXT, " ");
    if (both)
        ws__view_sign(rows, piece->sign);
    ws__rows_pad(rows, RANGE_COLUMN);
    ws__rows_print(rows, WS_ROLE_TEXT, "%08x-%08x", (unsigned)piece->begin, (unsigned)(piece->end - 1));
    ws__rows_pad(rows, SIZE_COLUMN);
    ws__rows_print(rows, cross ? WS_ROLE_SHARED : WS_ROLE_DIM, "%s", cross ? "cross" : size);
    for (unsigned side = 0; side < 2; side++) {
        if (!state->side[side].known)
            continue;
        ws__rows_pad(rows, SIDE_COLUMN + side * SIDE_COLUMNS);
        draw_run(rows, piece->run[side], piece->begin, side == state->here ? WS_ROLE_TEXT : WS_ROLE_DIM,
                 state->side[side].registers.value[WS_CR0] & WS_CR0_PG);
    }
}

static void draw_heading(struct ws_rows *rows, const struct ws_view_state *state)
{
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, "   linear");
    for (unsigned side = 0; side < 2; side++) {
        char name[2 * WS_NAME_BYTES + 2];
        ws__rows_pad(rows, SIDE_COLUMN + side * SIDE_COLUMNS - 2);
        if (side == state->here)
            ws__rows_glyph(rows, WS_ROLE_CURRENT, WS_GLYPH_HERE, 1);
        ws__rows_pad(rows, SIDE_COLUMN + side * SIDE_COLUMNS);
        ws__view_side_name(&state->side[side], name, sizeof name);
        if (state->side[side].known)
            ws__rows_print(rows, ws__role_of_world(state->side[side].number), "%.14s%s", name,
                           side == state->here ? ", now" : "");
        else
            ws__rows_print(rows, WS_ROLE_DIM, "(no crossing so far)");
    }
}

/* Where the handlers and the segments come from: in a world switch these change too. */
static void draw_register(struct ws_rows *rows, const struct ws_view_state *state, enum ws_register which,
                          const char *label)
{
    bool differ = state->side[0].known && state->side[1].known &&
                  state->side[0].registers.value[which] != state->side[1].registers.value[which];
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_TEXT, " ");
    if (differ)
        ws__view_sign(rows, WS__SIGN_DIFFERENT);
    else if (state->side[0].known && state->side[1].known)
        ws__view_sign(rows, WS__SIGN_SAME);
    ws__rows_pad(rows, RANGE_COLUMN);
    ws__rows_print(rows, WS_ROLE_DIM, "%s", label);
    for (unsigned side = 0; side < 2; side++) {
        if (!state->side[side].known)
            continue;
        ws__rows_pad(rows, SIDE_COLUMN + side * SIDE_COLUMNS);
        ws__rows_print(rows, side == state->here ? WS_ROLE_TEXT : WS_ROLE_DIM, "%0*x",
                       ws_register_info(which)->bits / 4, state->side[side].registers.value[which]);
    }
}

/* "= 1 shared  # 0 different  + 18 only host  - 8 only vmm" */
static void draw_summary(struct ws_rows *rows, const struct ws_view_state *state, const uint64_t bytes[WS__SIGN_COUNT])
{
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, "   pages:");
    for (unsigned sign = 0; sign < WS__SIGN_COUNT; sign++) {
        char name[2 * WS_NAME_BYTES + 2];
        unsigned side = sign == WS__SIGN_APPEARED ? state->here : 1 - state->here;
        ws__rows_print(rows, WS_ROLE_TEXT, "  ");
        ws__view_sign(rows, (enum ws__sign)sign);
        ws__rows_print(rows, WS_ROLE_TEXT, " %u ", (unsigned)(bytes[sign] / WS_PAGE_BYTES));
        ws__view_side_name(&state->side[side], name, sizeof name);
        if (sign == WS__SIGN_SAME || sign == WS__SIGN_DIFFERENT)
            ws__rows_print(rows, WS_ROLE_TEXT, sign == WS__SIGN_SAME ? "shared" : "different");
        else
            ws__rows_print(rows, WS_ROLE_TEXT, "only %.14s", name);
    }
}

/* "tables:  # idt  # gdt  = tr": the handlers belong to the figure as much as the memory. */
void ws__view_space_tables(struct ws_rows *rows, const struct ws_view_state *state)
{
    static const struct {
        uint8_t which;
        const char *text;
    } table[] = {
        {WS_IDTR_BASE, "handlers (idt)"},
        {WS_GDTR_BASE, "segments (gdt)"},
        {WS_LDTR, "ldt"},
        {WS_TR, "task (tr)"},
        {WS_CR3, "cr3"},
    };
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, "   others:");
    for (size_t at = 0; at < sizeof table / sizeof table[0]; at++) {
        bool same = state->side[0].registers.value[table[at].which] == state->side[1].registers.value[table[at].which];
        ws__rows_print(rows, WS_ROLE_TEXT, at ? "  " : " ");
        ws__view_sign(rows, same ? WS__SIGN_SAME : WS__SIGN_DIFFERENT);
        ws__rows_print(rows, WS_ROLE_TEXT, " %s", table[at].text);
    }
}

void ws_view_space(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws__cutter cutter;
    uint64_t bytes[WS__SIGN_COUNT] = {0};
    struct ws_rows pieces;
    struct ws__piece piece;

    rows->failed |= !ws__cutter_init(&cutter, state);
    ws_rows_init(&pieces, rows->width, rows->ascii);
    while (ws__cutter_next(&cutter, &piece)) {
        bytes[piece.sign] += piece.end - piece.begin;
        draw_piece(&pieces, state, &piece);
    }
    draw_heading(rows, state);
    if (state->side[0].known && state->side[1].known)
        draw_summary(rows, state, bytes);
    if (state->side[0].known && state->side[1].known)
        ws__view_space_tables(rows, state);
    for (size_t at = 0; at < pieces.count; at++) {
        ws__rows_begin(rows);
        ws__rows_append(rows, &pieces, at);
        ws__rows_link(rows, (enum ws_link_kind)pieces.row[at].link.kind, pieces.row[at].link.value);
    }
    draw_register(rows, state, WS_IDTR_BASE, "handlers (idt)");
    draw_register(rows, state, WS_GDTR_BASE, "segments (gdt)");
    draw_register(rows, state, WS_TR, "task (tr)");
    draw_register(rows, state, WS_CR3, "directory (cr3)");
    rows->failed |= pieces.failed;
    ws_rows_release(&pieces);
    ws__cutter_release(&cutter);
}
