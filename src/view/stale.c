/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which tables the CPU uses, and whose they are.  In the midst of a switch, registers still name tables of the world
 * that was left, where other memory is mapped now, or none.
 *
 * SDM 3A §2.4 "Memory-Management Registers": GDTR, IDTR, LDTR and TR hold linear addresses, the latter two in their
 * hidden parts, which keep what the descriptor said when its selector was loaded.
 */
#include "view/internal.h"

#include <assert.h>
#include <stdio.h>

static const uint8_t segment_table[WS_VIEW_SEGMENTS] = {WS_CS, WS_SS, WS_DS, WS_ES, WS_FS, WS_GS, WS_LDTR, WS_TR};

enum ws_register ws_view_segment(unsigned place)
{
    assert(place < WS_VIEW_SEGMENTS);
    return (enum ws_register)segment_table[place];
}

/* Where a table register's table begins, linear; false: it names none. */
static bool table_linear(const struct ws_view_state *state, enum ws_register which, uint32_t *linear)
{
    unsigned place = which == WS_LDTR ? WS_VIEW_LDTR : WS_VIEW_TR;
    if (which == WS_GDTR_BASE || which == WS_IDTR_BASE) {
        *linear = state->now.value[which];
        return true;
    }
    *linear = state->segment[place].base;
    return (state->now.value[which] & (uint32_t)WS_SELECTOR_INDEX) != 0;
}

/*
 * Memory decides, not the selector: two worlds may give their tasks the same one.  A base that both worlds have in
 * memory of their own is taken for what its register says.
 */
enum ws__stale ws__view_stale(const struct ws_view_state *state, enum ws_register which)
{
    const struct ws_registers *left = &state->side[1 - state->to].registers;
    struct ws_translation then, now;
    uint32_t linear;
    bool switched = state->progress.number && state->side[0].known && state->side[1].known &&
                    !state->side[1 - state->to].gone && state->here == state->to;
    if (!switched || !table_linear(state, which, &linear))
        return WS__STALE_NOT;
    if (!ws_page_walk(&then, &state->memory, left, linear, WS_ACCESS_READ, false))
        return WS__STALE_NOT; /* the left world has nothing there: the entered one's register was loaded */
    if (!ws_page_walk(&now, &state->memory, &state->now, linear, WS_ACCESS_READ, false))
        return WS__STALE_UNMAPPED;
    bool loaded = state->now.value[which] == state->side[state->to].registers.value[which];
    return now.phys != then.phys && !loaded ? WS__STALE_OTHER : WS__STALE_NOT;
}

/* Where a side's table is in memory; false: it has none, or it is not mapped. */
static bool table_phys(const struct ws_view_state *state, unsigned side, enum ws_register which, uint32_t *phys)
{
    const struct ws_registers *registers = &state->side[side].registers;
    uint32_t linear = registers->value[which], offset = linear & (uint32_t)WS_SELECTOR_INDEX;
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    struct ws_descriptor descriptor;
    struct ws_translation walk;
    if (which == WS_LDTR || which == WS_TR) {
        linear = registers->value[WS_GDTR_BASE] + offset;
        if (!offset || ws__view_read(state, registers, linear, raw, sizeof raw) < sizeof raw)
            return false;
        ws_descriptor_decode(&descriptor, raw);
        linear = descriptor.base;
    }
    if (!ws_page_walk(&walk, &state->memory, registers, linear, WS_ACCESS_READ, false))
        return false;
    *phys = walk.phys;
    return true;
}

bool ws__view_table_same(const struct ws_view_state *state, enum ws_register which)
{
    uint32_t phys[2] = {0, 0};
    bool there[2], equal = state->side[0].registers.value[which] == state->side[1].registers.value[which];
    if (which == WS_CR3 || !equal)
        return equal;
    for (unsigned side = 0; side < 2; side++)
        there[side] = table_phys(state, side, which, &phys[side]);
    return there[0] == there[1] && phys[0] == phys[1];
}

const char *ws__view_stale_text(enum ws__stale stale)
{
    return stale == WS__STALE_UNMAPPED ? "stale, not mapped" : stale == WS__STALE_OTHER ? "stale, other memory" : "";
}

bool ws__view_will(const struct ws_view_state *state)
{
    return state->progress.number && state->here != state->to;
}
