/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers: a narrow column for the screen, and a full panel that names every bit that is set.
 *
 * A register that the last step changed has the role "changed" and a * behind its value.
 */
#include "view/internal.h"

#include <string.h>

#include "view/rows.h"

/* One place in the narrow column: a label, a register, the digits to show. */
struct cell {
    const char *label;
    uint8_t which; /* enum ws_register */
    uint8_t digits;
};

enum { CELLS = 3 }; /* in a row, at most */

/* clang-format off */
static const struct cell narrow_table[][CELLS] = {
    { { "eax", WS_EAX, 8 }, { "esi", WS_ESI, 8 } },
    { { "ebx", WS_EBX, 8 }, { "edi", WS_EDI, 8 } },
    { { "ecx", WS_ECX, 8 }, { "ebp", WS_EBP, 8 } },
    { { "edx", WS_EDX, 8 }, { "esp", WS_ESP, 8 } },
    { { "eip", WS_EIP, 8 }, { "efl", WS_EFLAGS, 8 } },
    { { NULL, 0, 0 } }, /* the flags by name */
    { { "cs", WS_CS, 4 }, { "ds", WS_DS, 4 }, { "fs", WS_FS, 4 } },
    { { "ss", WS_SS, 4 }, { "es", WS_ES, 4 }, { "gs", WS_GS, 4 } },
    { { "cr0", WS_CR0, 8 }, { "cr3", WS_CR3, 8 } },
    { { "cr2", WS_CR2, 8 }, { "cr4", WS_CR4, 8 } },
    { { "gdt", WS_GDTR_BASE, 8 }, { "idt", WS_IDTR_BASE, 8 } },
    { { "ldt", WS_LDTR, 4 }, { "tr", WS_TR, 4 } },
};
/* clang-format on */

static void draw_value(struct ws_rows *rows, const struct ws_view_state *state, enum ws_register which, unsigned digits)
{
    bool changed = ws__view_changed(state, which);
    ws__rows_print(rows, changed ? WS_ROLE_CHANGED : WS_ROLE_TEXT, "%0*x%s", (int)digits, state->now.value[which],
                   changed ? "*" : " ");
}

/* The names of the bits that are set, a changed one with a *; "-IF*" means that it went off. */
static void draw_bits(struct ws_rows *rows, const struct ws_view_state *state, enum ws_register which)
{
    uint32_t now = state->now.value[which];
    uint32_t changed = state->stepped ? now ^ state->before.value[which] : 0;
    for (const struct ws_bit *bit = ws_register_bits(which); bit && bit->mask; bit++) {
        bool differs = changed & bit->mask, set = now & bit->mask;
        bool field = bit->mask & (bit->mask - 1);
        if (!set && !differs)
            continue;
        enum ws_role role = differs ? WS_ROLE_CHANGED : WS_ROLE_TEXT;
        ws__rows_print(rows, role, "%s%s", set ? "" : "-", bit->name);
        if (field && set)
            ws__rows_print(rows, role, "=%x", (now & bit->mask) / (bit->mask & -bit->mask));
        ws__rows_print(rows, role, "%s ", differs ? "*" : "");
    }
}

void ws_view_registers_narrow(struct ws_rows *rows, const struct ws_view_state *state)
{
    for (size_t line = 0; line < sizeof narrow_table / sizeof narrow_table[0]; line++) {
        ws__rows_begin(rows);
        if (!narrow_table[line][0].label) {
            ws__rows_print(rows, WS_ROLE_DIM, "    ");
            draw_bits(rows, state, WS_EFLAGS);
            continue;
        }
        for (size_t at = 0; at < CELLS && narrow_table[line][at].label; at++) {
            const struct cell *cell = &narrow_table[line][at];
            ws__rows_print(rows, WS_ROLE_DIM, at && cell->digits == 8 ? "  %-3s " : "%-3s ", cell->label);
            draw_value(rows, state, (enum ws_register)cell->which, cell->digits);
            if (cell->digits == 4)
                ws__rows_print(rows, WS_ROLE_TEXT, " ");
        }
    }
}

static void draw_full(struct ws_rows *rows, const struct ws_view_state *state, enum ws_register which)
{
    const struct ws_register_info *info = ws_register_info(which);
    unsigned digits = info->bits / 4;
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, " %-10s ", info->name);
    draw_value(rows, state, which, digits);
    ws__rows_pad(rows, 22);
    if (ws__view_changed(state, which))
        ws__rows_print(rows, WS_ROLE_CHANGED, "was %0*x  ", (int)digits, state->before.value[which]);
    if (ws_register_bits(which)) {
        ws__rows_pad(rows, 36);
        draw_bits(rows, state, which);
    }
}

/* What a bit of a control register means: for the reader who does not know "WP" by heart. */
static void draw_meanings(struct ws_rows *rows, const struct ws_view_state *state, enum ws_register which,
                          const char *title)
{
    ws__view_rule(rows, title);
    for (const struct ws_bit *bit = ws_register_bits(which); bit && bit->mask; bit++) {
        bool set = state->now.value[which] & bit->mask;
        ws__rows_begin(rows);
        ws__rows_print(rows, set ? WS_ROLE_TEXT : WS_ROLE_DIM, " %-11s %-3s  %s", bit->name, set ? "on" : "-",
                       bit->meaning);
    }
}

void ws_view_registers(struct ws_rows *rows, const struct ws_view_state *state)
{
    for (unsigned which = 0; which < WS_REGISTER_COUNT; which++)
        draw_full(rows, state, (enum ws_register)which);
    draw_meanings(rows, state, WS_EFLAGS, "flags");
    draw_meanings(rows, state, WS_CR0, "cr0");
    draw_meanings(rows, state, WS_CR4, "cr4");
}
