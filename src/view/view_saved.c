/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stack panel, second half: the contexts in the cross page, field by field, and the registers that a left world has
 * on its own stack.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/cross.h>
#include <worldswitch/crossing.h>

#include "view/rows.h"
#include "worlds/layout.h"

enum { VALUE_COLUMN = 26, MEANING_COLUMN = 42, A_ROW = 4 };

/* -- whose it is --------------------------------------------------------------------------------------- */

/* The last world switch, finished or under way, that left the world with this page directory. */
static const struct ws_crossing *leaving_find(const struct ws_view_state *state, uint32_t cr3)
{
    const struct ws_crossing *found = NULL;
    for (size_t at = 0; at < state->crossings && state->crossing[at].begin <= state->mark; at++) {
        const struct ws_crossing *crossing = &state->crossing[at];
        if (crossing->kind == WS_CROSSING_WORLD && crossing->before.value[WS_CR3] == cr3)
            found = crossing;
    }
    return found;
}

/* Has the last world switch that is finished entered the world with this page directory? */
static bool is_running(const struct ws_view_state *state, uint32_t cr3)
{
    bool runs = false;
    for (size_t at = 0; at < state->crossings && state->crossing[at].end <= state->mark; at++) {
        const struct ws_crossing *crossing = &state->crossing[at];
        if (crossing->kind == WS_CROSSING_WORLD)
            runs = crossing->after.value[WS_CR3] == cr3;
    }
    return runs;
}

static void draw_title(struct ws_rows *rows, const struct ws_view_state *state, unsigned index, const char *name,
                       const char *what)
{
    char title[120];
    snprintf(title, sizeof title, "cross page, context %u at %08x%s%s%s", index,
             (unsigned)(state->cross_linear + WS_CROSS_CONTEXTS_OFFSET + index * WS_CROSS_CONTEXT_BYTES),
             *name ? ", of " : "", name, what);
    ws__view_rule(rows, title);
}

/* -- its fields ---------------------------------------------------------------------------------------- */

static const struct field {
    const char *name, *meaning;
    uint8_t offset, bytes;
} field_table[] = {
#define FIELD(name, text)                                                                                \
    {                                                                                                    \
#name, text, offsetof(struct ws_cross_context, name), sizeof((struct ws_cross_context *)0)->name \
    }
    FIELD(esp, "its stack: there are its registers"),
    FIELD(ss, "and that stack's segment"),
    FIELD(ldtr, "local descriptor table"),
    FIELD(tr, "task: its TSS"),
    FIELD(cr0, "paging and protection"),
    FIELD(cr2, "address of its last page fault"),
    FIELD(cr3, "its page directory"),
    FIELD(cr4, "extensions"),
    FIELD(tss_descriptor, "linear, of its TSS's descriptor; fixed"),
#undef FIELD
};

/* "ffc00430  cr3  00101000  its page directory" */
static void draw_field(struct ws_rows *rows, uint32_t linear, const char *name, const char *value, const char *meaning)
{
    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_LINEAR, linear);
    ws__rows_print(rows, WS_ROLE_DIM, " %08x", linear);
    ws__rows_print(rows, WS_ROLE_TEXT, "  %s", name);
    ws__rows_pad(rows, VALUE_COLUMN);
    ws__rows_print(rows, WS_ROLE_TEXT, "%s", value);
    ws__rows_pad(rows, MEANING_COLUMN);
    ws__rows_print(rows, WS_ROLE_WHY, "%s", meaning);
}

static void draw_table_field(struct ws_rows *rows, uint32_t linear, const char *name, struct ws_cross_table table,
                             const char *meaning)
{
    char value[24];
    snprintf(value, sizeof value, "%08x +%04x", (unsigned)table.base, table.limit);
    draw_field(rows, linear, name, value, meaning);
}

static void draw_fields(struct ws_rows *rows, uint32_t linear, const struct ws_cross_context *context)
{
    for (size_t at = 0; at < sizeof field_table / sizeof field_table[0]; at++) {
        const struct field *field = &field_table[at];
        uint32_t value = 0;
        char text[12];
        memcpy(&value, (const uint8_t *)context + field->offset, field->bytes);
        snprintf(text, sizeof text, "%0*x", 2 * field->bytes, (unsigned)value);
        draw_field(rows, linear + field->offset, field->name, text, field->meaning);
    }
    draw_table_field(rows, linear + WS_CONTEXT_GDTR, "gdtr", context->gdtr, "its segments: base and limit");
    draw_table_field(rows, linear + WS_CONTEXT_IDTR, "idtr", context->idtr, "its handlers: base and limit");
}

/* -- its registers ------------------------------------------------------------------------------------- */

static const struct ws__saved_register {
    const char *name;
    uint8_t offset, digits;
} register_table[] = {
#define REGISTER(name, digits)                               \
    {                                                        \
#name, offsetof(struct ws_cross_frame, name), digits \
    }
    REGISTER(eax, 8), REGISTER(ebx, 8),    REGISTER(ecx, 8), REGISTER(edx, 8), REGISTER(esi, 8), REGISTER(edi, 8),
    REGISTER(ebp, 8), REGISTER(eflags, 8), REGISTER(ds, 4),  REGISTER(es, 4),  REGISTER(fs, 4),  REGISTER(gs, 4),
#undef REGISTER
};

/* What the switch has pushed onto the left world's stack, read with that world's page tables. */
static void draw_registers(struct ws_rows *rows, const struct ws_view_state *state,
                           const struct ws_cross_context *context)
{
    struct ws_registers its = state->now;
    struct ws_cross_frame frame;
    char symbol[64];
    its.value[WS_CR0] = context->cr0;
    its.value[WS_CR3] = context->cr3;
    its.value[WS_CR4] = context->cr4;
    if (ws__view_read(state, &its, context->esp, &frame, sizeof frame) < sizeof frame)
        return;
    for (size_t at = 0; at < sizeof register_table / sizeof register_table[0]; at++) {
        const struct ws__saved_register *row = &register_table[at];
        uint32_t value;
        memcpy(&value, (const uint8_t *)&frame + row->offset, sizeof value);
        if (at % A_ROW == 0)
            ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_DIM, " %-6s ", row->name);
        ws__rows_print(rows, WS_ROLE_TEXT, "%0*x  ", row->digits,
                       (unsigned)(row->digits == 4 ? value & 0xffff : value));
    }
    ws__view_symbol(state, frame.eip, symbol, sizeof symbol);
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_WHY, " it goes on at ");
    ws__rows_print(rows, WS_ROLE_TEXT, "%04x:%08x %s", (unsigned)(frame.cs & 0xffff), (unsigned)frame.eip, symbol);
}

/* -- all of them --------------------------------------------------------------------------------------- */

static void draw_context(struct ws_rows *rows, const struct ws_view_state *state, unsigned index,
                         const struct ws_cross_context *context)
{
    const struct ws_crossing *left = leaving_find(state, context->cr3);
    bool leaving = left && state->mark < left->end, runs = is_running(state, context->cr3);
    char what[60] = "";
    if (leaving)
        snprintf(what, sizeof what, ": it is being written");
    else if (runs)
        snprintf(what, sizeof what, ": it runs, this is void");
    else if (left)
        snprintf(what, sizeof what, ", left at mark %llu", (unsigned long long)left->begin);
    draw_title(rows, state, index, left ? left->from : "", what);
    draw_fields(rows, state->cross_linear + WS_CROSS_CONTEXTS_OFFSET + index * WS_CROSS_CONTEXT_BYTES, context);
    if (left && !leaving && !runs)
        draw_registers(rows, state, context);
}

void ws__view_saved(struct ws_rows *rows, const struct ws_view_state *state)
{
    for (unsigned index = 0; state->has_cross && index < WS_CROSS_CONTEXTS; index++) {
        struct ws_cross_context context, empty = {0};
        uint32_t linear = state->cross_linear + WS_CROSS_CONTEXTS_OFFSET + index * WS_CROSS_CONTEXT_BYTES;
        if (ws__view_read(state, &state->now, linear, &context, sizeof context) < sizeof context)
            continue;
        empty.tss_descriptor = context.tss_descriptor;
        bool is_void = memcmp(&context, &empty, sizeof context) == 0;
        if (!is_void)
            draw_context(rows, state, index, &context);
        else if (context.tss_descriptor)
            draw_title(rows, state, index, "", ": written when its world is left");
    }
}
