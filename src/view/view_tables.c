/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables panel: GDT, LDT and IDT as they stand in memory now.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/exception.h>
#include <worldswitch/segment.h>

#include "view/rows.h"
#include "x86/idt.h"

enum { ROWS_LIMIT = 512, NAME_COLUMN = 7, TYPE_COLUMN = 22 };

/* Which registers hold this selector: "cs", "ss ds es". */
static void selector_users(const struct ws_view_state *state, uint16_t selector, char *out, size_t room)
{
    static const uint8_t which[] = {WS_CS, WS_SS, WS_DS, WS_ES, WS_FS, WS_GS, WS_LDTR, WS_TR};
    size_t used = 0;
    out[0] = '\0';
    for (size_t at = 0; at < sizeof which && used < room; at++)
        if (((state->now.value[which[at]] ^ selector) & ~(uint32_t)WS_SELECTOR_RPL) == 0)
            used += (size_t)snprintf(out + used, room - used, "%s%s", used ? " " : "",
                                     ws_register_info((enum ws_register)which[at])->name);
}

static void draw_call_gate(struct ws_rows *rows, const uint8_t *raw)
{
    struct ws_gate gate;
    ws_gate_decode(&gate, raw);
    ws__rows_print(rows, WS_ROLE_TEXT, "gate ");
    ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_TO, 1);
    ws__rows_print(rows, WS_ROLE_TEXT, " %04x:%08x  dpl %u%s", gate.selector, gate.offset, gate.dpl,
                   gate.present ? "" : "  absent");
}

static void draw_descriptor(struct ws_rows *rows, const struct ws_view_state *state, uint16_t selector,
                            const uint8_t *raw)
{
    struct ws_descriptor descriptor;
    char users[40];

    ws_descriptor_decode(&descriptor, raw);
    selector_users(state, selector, users, sizeof users);
    ws__rows_begin(rows);
    ws__rows_print(rows, users[0] ? WS_ROLE_TEXT : WS_ROLE_DIM, " %04x", selector);
    ws__rows_pad(rows, NAME_COLUMN);
    ws__rows_print(rows, WS_ROLE_KEY, "%s", users);
    ws__rows_pad(rows, TYPE_COLUMN);
    if (ws_descriptor_is_gate(&descriptor)) {
        draw_call_gate(rows, raw);
        return;
    }
    ws__rows_link(rows, WS_LINK_LINEAR, descriptor.base);
    ws__rows_print(rows, WS_ROLE_TEXT, "%08x +%-8x dpl %u  %s%s", descriptor.base, descriptor.limit, descriptor.dpl,
                   ws_descriptor_type_text(&descriptor), descriptor.present ? "" : ", absent");
}

/* The descriptors of a table that is `bytes` long; selectors get `ti`. */
static void draw_descriptors(struct ws_rows *rows, const struct ws_view_state *state, uint32_t linear, uint32_t bytes,
                             uint16_t ti)
{
    static const uint8_t empty[WS_DESCRIPTOR_BYTES];
    unsigned shown = 0;
    for (uint32_t offset = 0; offset + WS_DESCRIPTOR_BYTES <= bytes; offset += WS_DESCRIPTOR_BYTES) {
        uint8_t raw[WS_DESCRIPTOR_BYTES];
        if (ws__view_read(state, &state->now, linear + offset, raw, sizeof raw) < sizeof raw) {
            ws__rows_begin(rows);
            ws__rows_print(rows, WS_ROLE_WARNING, " %04x  %08x is not mapped", offset | ti, linear + offset);
            return;
        }
        if (memcmp(raw, empty, sizeof raw) == 0 || shown++ >= ROWS_LIMIT)
            continue;
        draw_descriptor(rows, state, (uint16_t)(offset | ti), raw);
    }
    if (shown > ROWS_LIMIT) {
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_DIM, " and %u more", shown - ROWS_LIMIT);
    }
}

/* ": stale, not mapped" behind a title, if it is so. */
static const char *stale_append(const struct ws_view_state *state, enum ws_register which, char *title, size_t room)
{
    enum ws__stale stale = ws__view_stale(state, which);
    size_t used = strlen(title);
    if (stale)
        snprintf(title + used, room - used, ": %s", ws__view_stale_text(stale));
    return title;
}

/* The LDT is what LDTR has in its hidden part. */
static void draw_ldt(struct ws_rows *rows, const struct ws_view_state *state)
{
    uint32_t selector = state->now.value[WS_LDTR];
    const struct ws_descriptor *ldt = &state->segment[WS_VIEW_LDTR];
    char title[80];

    if (!(selector & (uint32_t)WS_SELECTOR_INDEX))
        return;
    snprintf(title, sizeof title, "LDT at %08x, selector %04x", (unsigned)ldt->base, (unsigned)selector);
    ws__view_rule(rows, stale_append(state, WS_LDTR, title, sizeof title));
    draw_descriptors(rows, state, ldt->base, ldt->limit < 0xffff ? ldt->limit + 1 : 0x10000, WS_SELECTOR_TI);
}

void ws__view_descriptor_tables(struct ws_rows *rows, const struct ws_view_state *state)
{
    char title[80];
    uint32_t base = state->now.value[WS_GDTR_BASE], limit = state->now.value[WS_GDTR_LIMIT];
    snprintf(title, sizeof title, "GDT at %08x, limit %04x", (unsigned)base, (unsigned)limit);
    ws__view_rule(rows, stale_append(state, WS_GDTR_BASE, title, sizeof title));
    draw_descriptors(rows, state, base, limit + 1, 0);
    draw_ldt(rows, state);
}

/* -- the IDT ------------------------------------------------------------------------------------------- */

static const char *const entry_text[] = {
    [WS__IDT_GATE] = "with a handler", [WS__IDT_ABSENT] = "not present (P=0)", [WS__IDT_INVALID] = "no gate",
    [WS__IDT_EMPTY] = "empty",         [WS__IDT_BEYOND] = "beyond the limit",  [WS__IDT_UNMAPPED] = "not mapped",
};

enum { ENTRY_STATES = sizeof entry_text / sizeof *entry_text };

static void draw_gate(struct ws_rows *rows, const struct ws_view_state *state, unsigned vector,
                      enum ws__idt_state entry, const struct ws_gate *gate)
{
    char symbol[64];
    const struct ws_exception_info *info = ws_exception_info((uint8_t)vector);
    bool trap = gate->type == WS_TYPE_TRAP_GATE32 || gate->type == WS_TYPE_TRAP_GATE16;
    ws__view_symbol(state, gate->offset, symbol, sizeof symbol);
    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_LINEAR, gate->offset);
    ws__rows_print(rows, WS_ROLE_TEXT, " %3u", vector);
    ws__rows_pad(rows, NAME_COLUMN);
    ws__rows_print(rows, WS_ROLE_KEY, "%s", info->mnemonic);
    ws__rows_pad(rows, TYPE_COLUMN - 8);
    if (entry == WS__IDT_INVALID) {
        ws__rows_print(rows, WS_ROLE_WARNING, "no gate: type %x%s", gate->type, gate->system ? "" : ", no system type");
        return;
    }
    ws__rows_print(rows, WS_ROLE_TEXT, "%-9s ", gate->type == WS_TYPE_TASK_GATE ? "task" : trap ? "trap" : "interrupt");
    ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_TO, 1);
    ws__rows_print(rows, WS_ROLE_TEXT, " %04x:%08x  dpl %u  %s", gate->selector, gate->offset, gate->dpl, symbol);
    if (entry == WS__IDT_ABSENT)
        ws__rows_print(rows, WS_ROLE_WARNING, "  not present (P=0)");
    for (unsigned i = 0; i < 2 && state->irqs; i++) {
        if (vector - state->irq_base[i] < 8)
            ws__rows_print(rows, WS_ROLE_DIM, "  IRQ %u", 8 * i + vector - state->irq_base[i]);
    }
}

void ws__view_handlers(struct ws_rows *rows, const struct ws_view_state *state)
{
    uint32_t base = state->now.value[WS_IDTR_BASE], limit = state->now.value[WS_IDTR_LIMIT];
    unsigned count[ENTRY_STATES] = {0};
    char title[80];

    snprintf(title, sizeof title, "IDT at %08x, limit %04x", (unsigned)base, (unsigned)limit);
    ws__view_rule(rows, stale_append(state, WS_IDTR_BASE, title, sizeof title));
    for (unsigned vector = 0; vector < 256; vector++) {
        struct ws__idt_entry entry;
        enum ws__idt_state found = ws__idt_read(&state->memory, &state->now, (uint8_t)vector, &entry);
        if (found <= WS__IDT_INVALID)
            draw_gate(rows, state, vector, found, &entry.gate);
        count[found]++;
    }
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, " of 256 vectors:");
    for (unsigned entry = WS__IDT_GATE, any = 0; entry < ENTRY_STATES; entry++)
        if (count[entry])
            ws__rows_print(rows, entry == WS__IDT_UNMAPPED ? WS_ROLE_WARNING : WS_ROLE_DIM, "%s %u %s",
                           any++ ? "," : "", count[entry], entry_text[entry]);
}

void ws_view_tables(struct ws_rows *rows, const struct ws_view_state *state)
{
    ws__view_frame(rows, state);
    ws__view_loaded(rows, state);
    ws__view_descriptor_tables(rows, state);
    ws__view_handlers(rows, state);
    ws__view_tss(rows, state);
    ws__view_page_walk(rows, state);
}
