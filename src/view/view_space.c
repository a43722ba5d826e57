/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The linear address space, live: Modern Operating Systems, figure 7-11.
 *
 * Two address spaces stand side by side, cut into pieces at every place where one of them changes: the one that the
 * switch under way, or the last one, leaves, and the one that it enters.  Each piece has a sign:
 *
 *     =  the same memory with the same rights in both     +  mapped only in the entered one: it appears
 *    !=  both map something there, but not the same       -  mapped only in the left one: it vanishes
 *
 * (A terminal that has the unequal sign gets it.)  Neither sides nor signs change until another switch begins; what
 * changes is which side is mapped now.  What the other side alone has stands in parentheses.
 */
#include "view/pieces.h"

#include <stdio.h>
#include <string.h>

#include "view/rows.h"

static void size_text(uint64_t bytes, char *out, size_t room)
{
    if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
        snprintf(out, room, "%u M", (unsigned)(bytes >> 20));
    else
        snprintf(out, room, "%u K", (unsigned)(bytes >> 10));
}

static const struct {
    enum ws_role role;
    const char *text; /* NULL: a glyph, WS_GLYPH_DIFFERENT */
    const char *meaning;
} sign_table[WS__SIGN_COUNT] = {
    [WS__SIGN_SAME] = {WS_ROLE_SHARED, "=", "the same memory with the same rights in both address spaces"},
    [WS__SIGN_DIFFERENT] = {WS_ROLE_CHANGED, NULL, "in both address spaces, but other memory or other rights"},
    [WS__SIGN_APPEARED] = {WS_ROLE_APPEARED, "+", "only in the address space that the switch enters"},
    [WS__SIGN_VANISHED] = {WS_ROLE_VANISHED, "-", "only in the address space that the switch leaves"},
};

void ws__view_sign(struct ws_rows *rows, enum ws__sign sign)
{
    if (sign_table[sign].text)
        ws__rows_print(rows, sign_table[sign].role, "%s", sign_table[sign].text);
    else
        ws__rows_glyph(rows, sign_table[sign].role, WS_GLYPH_DIFFERENT, 1);
}

void ws__view_sign_at(struct ws_rows *rows, enum ws__sign sign, unsigned column)
{
    bool wide = rows->ascii && !sign_table[sign].text;
    unsigned columns = wide ? (unsigned)strlen(ws__glyph_text(WS_GLYPH_DIFFERENT, true)) : 1;
    ws__rows_pad(rows, column + 1 - columns);
    ws__view_sign(rows, sign);
}

const char *ws__view_sign_meaning(enum ws__sign sign)
{
    return sign_table[sign].meaning;
}

const char *ws__view_fate(enum ws__sign sign, bool will)
{
    static const char *const fate[WS__SIGN_COUNT][2] = {
        [WS__SIGN_SAME] = {"the same in both", "the same in both"},
        [WS__SIGN_DIFFERENT] = {"replaced by others", "will be replaced"},
        [WS__SIGN_APPEARED] = {"appeared", "will appear"},
        [WS__SIGN_VANISHED] = {"vanished", "will vanish"},
    };
    return fate[sign][will];
}

enum { SIGN_COLUMN = 1, RANGE_COLUMN = 3, SIZE_COLUMN = 21, SIDE_COLUMN = 29, SIDE_COLUMNS = 26, NAME_COLUMNS = 15 };

static bool both_known(const struct ws_view_state *state)
{
    return state->side[0].known && state->side[1].known && !state->side[0].gone && !state->side[1].gone;
}

/* "kernel rw > 00101000", in parentheses if nothing of it can be reached now. */
static void draw_run(struct ws_rows *rows, const struct ws_mapping *run, uint64_t linear, bool reached, bool paging)
{
    enum ws_role role = reached ? WS_ROLE_TEXT : WS_ROLE_DIM;
    if (!run) {
        ws__rows_print(rows, WS_ROLE_DIM, " ");
        ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_BULLET, 1);
        return;
    }
    ws__rows_print(rows, role, reached ? " " : "(");
    if (paging)
        ws__rows_print(rows, role, "%-6s %s ", run->user ? "user" : "kernel", run->writable ? "rw" : "r-");
    else
        ws__rows_print(rows, role, "no paging ");
    ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_TO, 1);
    ws__rows_print(rows, role, " %08x%s%s", ws__run_phys(run, linear), run->global ? " g" : "", reached ? "" : ")");
}

static void draw_piece(struct ws_rows *rows, const struct ws_view_state *state, const struct ws__piece *piece)
{
    char size[16];
    bool cross = ws__piece_is_cross(piece, state);

    size_text(piece->end - piece->begin, size, sizeof size);
    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_LINEAR, piece->begin);
    if (both_known(state))
        ws__view_sign_at(rows, piece->sign, SIGN_COLUMN);
    ws__rows_pad(rows, RANGE_COLUMN);
    ws__rows_print(rows, WS_ROLE_TEXT, "%08x-%08x", (unsigned)piece->begin, (unsigned)(piece->end - 1));
    ws__rows_pad(rows, SIZE_COLUMN);
    ws__rows_print(rows, cross ? WS_ROLE_SHARED : WS_ROLE_DIM, "%s", cross ? "cross" : size);
    for (unsigned side = 0; side < 2; side++) {
        if (!state->side[side].known || state->side[side].gone)
            continue;
        bool reached = side == state->here || piece->sign == WS__SIGN_SAME;
        ws__rows_pad(rows, SIDE_COLUMN + side * SIDE_COLUMNS - 1);
        draw_run(rows, piece->run[side], piece->begin, reached, state->side[side].registers.value[WS_CR0] & WS_CR0_PG);
    }
}

static void draw_side_name(struct ws_rows *rows, const struct ws_view_state *state, unsigned side)
{
    char name[2 * WS_NAME_BYTES + 2];
    bool here = side == state->here;
    if (!state->side[side].known) {
        ws__rows_print(rows, WS_ROLE_DIM, "(no crossing so far)");
        return;
    }
    ws__view_side_name(&state->side[side], name, sizeof name);
    bool fits = strlen(name) + sizeof ", not mapped now" <= SIDE_COLUMNS;
    ws__rows_print(rows, ws__role_of_world(state->side[side].number), "%.*s", fits ? SIDE_COLUMNS : NAME_COLUMNS, name);
    ws__rows_print(rows, here ? WS_ROLE_CURRENT : WS_ROLE_DIM, "%s",
                   here                     ? ", now"
                   : state->side[side].gone ? ", is no more"
                   : fits                   ? ", not mapped now"
                                            : ", unmapped");
}

static void draw_heading(struct ws_rows *rows, const struct ws_view_state *state)
{
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, "   linear");
    for (unsigned side = 0; side < 2; side++) {
        ws__rows_pad(rows, SIDE_COLUMN + side * SIDE_COLUMNS - 1);
        if (side == state->here)
            ws__rows_glyph(rows, WS_ROLE_CURRENT, WS_GLYPH_HERE, 1);
        else
            ws__rows_print(rows, WS_ROLE_TEXT, " ");
        draw_side_name(rows, state, side);
    }
}

/* Where the handlers and the segments come from: in a world switch these change too.  In its midst, the CPU may still
 * hold what belongs to the world that was left. */
static void draw_register(struct ws_rows *rows, const struct ws_view_state *state, enum ws_register which,
                          const char *label)
{
    enum ws__stale stale = ws__view_stale(state, which);
    ws__rows_begin(rows);
    if (both_known(state))
        ws__view_sign_at(rows, ws__view_table_same(state, which) ? WS__SIGN_SAME : WS__SIGN_DIFFERENT, SIGN_COLUMN);
    ws__rows_pad(rows, RANGE_COLUMN);
    ws__rows_print(rows, WS_ROLE_DIM, "%s", label);
    for (unsigned side = 0; side < 2; side++) {
        bool here = side == state->here;
        int digits = ws_register_info(which)->bits / 4;
        if (!state->side[side].known || state->side[side].gone)
            continue;
        ws__rows_pad(rows, SIDE_COLUMN + side * SIDE_COLUMNS - 1);
        if (here && stale)
            ws__rows_print(rows, WS_ROLE_WARNING, " %0*x stale", digits, state->now.value[which]);
        else
            ws__rows_print(rows, here ? WS_ROLE_TEXT : WS_ROLE_DIM, here ? " %0*x" : "(%0*x)", digits,
                           state->side[side].registers.value[which]);
    }
}

/* "pages: =1 the same !=0 replaced by others +18 appeared -8 vanished" */
static void draw_summary(struct ws_rows *rows, const struct ws_view_state *state, const uint64_t bytes[WS__SIGN_COUNT])
{
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, " pages:");
    for (unsigned sign = 0; sign < WS__SIGN_COUNT; sign++) {
        ws__rows_print(rows, WS_ROLE_TEXT, " ");
        ws__view_sign(rows, (enum ws__sign)sign);
        ws__rows_print(rows, WS_ROLE_TEXT, "%u ", (unsigned)(bytes[sign] / WS_PAGE_BYTES));
        ws__rows_print(rows, WS_ROLE_TEXT, "%s", /* numbers of pages may be large: in 80 columns, each word counts */
                       sign == WS__SIGN_SAME ? "the same" : ws__view_fate((enum ws__sign)sign, ws__view_will(state)));
    }
}

static const struct {
    uint8_t which;
    const char *text;
} table_row[] = {
    {WS_IDTR_BASE, "handlers (idt)"},
    {WS_GDTR_BASE, "segments (gdt)"},
    {WS_LDTR, "ldt"},
    {WS_TR, "task (tr)"},
    {WS_CR3, "cr3"},
};

enum { TABLES = sizeof table_row / sizeof table_row[0] };

/* "others: != handlers (idt) = task (tr)": the handlers belong to the figure as much as the memory.  Values that are
 * the same by chance are told as such: two worlds without an LDT do not share one. */
void ws__view_space_tables(struct ws_rows *rows, const struct ws_view_state *state)
{
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, " others:");
    for (size_t at = 0; at < TABLES; at++) {
        bool same = ws__view_table_same(state, (enum ws_register)table_row[at].which);
        bool zero = !state->side[0].registers.value[table_row[at].which];
        ws__rows_print(rows, WS_ROLE_TEXT, " ");
        ws__view_sign(rows, same ? WS__SIGN_SAME : WS__SIGN_DIFFERENT);
        ws__rows_print(rows, WS_ROLE_TEXT, " %s%s", table_row[at].text, same && zero ? ": both 0" : "");
    }
}

/* "stale, not mapped: idt gdt": what the CPU still holds of the world that was left. */
static void draw_stale(struct ws_rows *rows, const struct ws_view_state *state)
{
    for (enum ws__stale stale = WS__STALE_UNMAPPED; stale <= WS__STALE_OTHER; stale++) {
        bool any = false;
        for (size_t at = 0; at < TABLES; at++) {
            if (table_row[at].which == WS_CR3 || ws__view_stale(state, (enum ws_register)table_row[at].which) != stale)
                continue;
            if (!any) {
                ws__rows_begin(rows);
                ws__rows_print(rows, WS_ROLE_WARNING, " %s:", ws__view_stale_text(stale));
            }
            ws__rows_print(rows, WS_ROLE_WARNING, "%s %s", any ? "," : "", table_row[at].text);
            any = true;
        }
    }
}

/* The cross page stands on top, since a switch is executed in it. */
static void pieces_append(struct ws_rows *rows, const struct ws_rows *pieces, size_t cross)
{
    for (size_t at = 0; at < pieces->count; at++) {
        size_t index = cross >= pieces->count ? at : at == 0 ? cross : at <= cross ? at - 1 : at;
        ws__rows_begin(rows);
        ws__rows_append(rows, pieces, index);
        ws__rows_link(rows, (enum ws_link_kind)pieces->row[index].link.kind, pieces->row[index].link.value);
    }
}

void ws_view_space(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws__cutter cutter;
    uint64_t bytes[WS__SIGN_COUNT] = {0};
    size_t cross = SIZE_MAX;
    struct ws_rows pieces;
    struct ws__piece piece;

    rows->failed |= !ws__cutter_init(&cutter, state);
    ws_rows_init(&pieces, rows->width, rows->ascii);
    while (ws__cutter_next(&cutter, &piece)) {
        bytes[piece.sign] += piece.end - piece.begin;
        if (ws__piece_is_cross(&piece, state))
            cross = pieces.count;
        draw_piece(&pieces, state, &piece);
    }
    draw_heading(rows, state);
    if (both_known(state)) {
        draw_summary(rows, state, bytes);
        ws__view_space_tables(rows, state);
        draw_stale(rows, state);
    }
    pieces_append(rows, &pieces, cross);
    for (size_t at = 0; at < TABLES; at++)
        draw_register(rows, state, (enum ws_register)table_row[at].which, table_row[at].text);
    rows->failed |= pieces.failed;
    ws_rows_release(&pieces);
    ws__cutter_release(&cutter);
}
