/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How two states differ, in words. */
#include <worldswitch/state.h>

#include <stdlib.h>
#include <string.h>

#include <worldswitch/segment.h>

#include "timeline/space.h"

/* A comparison at work. */
struct comparison {
    const struct ws_state *a, *b;
    ws_state_difference *say;
    void *context;
    struct ws_buffer line;
    enum ws_status status;
};

/* Say the line, if there is one. */
static void line_say(struct comparison *at, const char *category)
{
    if (at->line.failed)
        at->status = WS_NO_MEMORY;
    else if (at->line.size)
        at->say(at->context, category, ws_buffer_text(&at->line));
    ws_buffer_clear(&at->line);
}

/* -- registers --------------------------------------------------------------------------------- */

static void category_compare(struct comparison *at, unsigned category, const char *name)
{
    for (unsigned which = 0; which < WS_REGISTER_COUNT; which++) {
        const struct ws_register_info *info = ws_register_info((enum ws_register)which);
        uint32_t a = at->a->registers.value[which], b = at->b->registers.value[which];
        if (info->category != category || which == WS_EIP || a == b)
            continue;
        ws_buffer_printf(&at->line, "%s%s 0x%0*x -> 0x%0*x", at->line.size ? "; " : "", info->name, info->bits / 4, a,
                         info->bits / 4, b);
    }
    line_say(at, name);
}

static void place_compare(struct comparison *at)
{
    const struct ws_state *a = at->a, *b = at->b;
    if (strcmp(a->world, b->world) != 0)
        ws_buffer_printf(&at->line, "world \"%s\" -> \"%s\"; ", a->world, b->world);
    if (strcmp(a->process, b->process) != 0)
        ws_buffer_printf(&at->line, "process \"%s\" -> \"%s\"; ", a->process, b->process);
    if (a->cpl != b->cpl)
        ws_buffer_printf(&at->line, "ring %u -> %u; ", a->cpl, b->cpl);
    if (a->registers.value[WS_EIP] != b->registers.value[WS_EIP] || at->line.size)
        ws_buffer_printf(&at->line, "eip 0x%08x -> 0x%08x", a->registers.value[WS_EIP], b->registers.value[WS_EIP]);
    line_say(at, "place");
}

/* -- tables ------------------------------------------------------------------------------------ */

static void entry_describe(struct ws_buffer *out, const struct ws_buffer *table, size_t offset)
{
    struct ws_descriptor descriptor;
    struct ws_gate gate;
    const uint8_t *raw = (const uint8_t *)table->data + offset;
    if (offset + WS_DESCRIPTOR_BYTES > table->size) {
        ws_buffer_printf(out, "(none)");
        return;
    }
    ws_descriptor_decode(&descriptor, raw);
    ws_gate_decode(&gate, raw);
    if (ws_descriptor_is_gate(&descriptor))
        ws_gate_describe(out, &gate);
    else
        ws_descriptor_describe(out, &descriptor);
}

/* What words do not show is the bit that the CPU sets when it loads a segment. */
static void entries_describe(struct ws_buffer *out, const struct ws_buffer *a, const struct ws_buffer *b, size_t offset)
{
    struct ws_buffer was = WS_BUFFER_INIT, is = WS_BUFFER_INIT;
    entry_describe(&was, a, offset);
    entry_describe(&is, b, offset);
    bool same = !strcmp(ws_buffer_text(&was), ws_buffer_text(&is));
    ws_buffer_printf(out, "%s -> %s", ws_buffer_text(&was),
                     same ? "the same, its accessed or available bits aside" : ws_buffer_text(&is));
    out->failed |= was.failed || is.failed;
    ws_buffer_release(&was);
    ws_buffer_release(&is);
}

static bool entry_differs(const struct ws_buffer *a, const struct ws_buffer *b, size_t offset)
{
    static const uint8_t zero[WS_DESCRIPTOR_BYTES];
    const void *of_a = offset + sizeof zero <= a->size ? a->data + offset : (const char *)zero;
    const void *of_b = offset + sizeof zero <= b->size ? b->data + offset : (const char *)zero;
    return memcmp(of_a, of_b, sizeof zero) != 0;
}

/* Entries are numbered as selectors and vectors are: GDT and LDT by offset, the IDT by vector. */
static void table_compare(struct comparison *at, enum ws_state_table which, const char *name)
{
    enum { SAID_MOST = 8 };
    const struct ws_buffer *a = &at->a->table[which], *b = &at->b->table[which];
    size_t size = a->size > b->size ? a->size : b->size;
    unsigned differ = 0;
    for (size_t offset = 0; offset < size; offset += WS_DESCRIPTOR_BYTES) {
        if (!entry_differs(a, b, offset) || ++differ > SAID_MOST)
            continue;
        ws_buffer_printf(&at->line, "%s 0x%02zx: ", which == WS_STATE_IDT ? "vector" : "entry",
                         which == WS_STATE_IDT ? offset / WS_DESCRIPTOR_BYTES : offset);
        entries_describe(&at->line, a, b, offset);
        line_say(at, name);
    }
    if (differ > SAID_MOST) {
        ws_buffer_printf(&at->line, "and %u more entries", differ - SAID_MOST);
        line_say(at, name);
    }
}

static void task_compare(struct comparison *at)
{
    static const struct {
        uint8_t offset;
        const char *name;
    } field[] = {{4, "esp0"}, {8, "ss0"}};
    const struct ws_buffer *a = &at->a->table[WS_STATE_TSS], *b = &at->b->table[WS_STATE_TSS];
    for (unsigned i = 0; i < sizeof field / sizeof field[0]; i++) {
        uint32_t of_a = 0, of_b = 0;
        if (field[i].offset + sizeof of_a <= a->size)
            memcpy(&of_a, a->data + field[i].offset, sizeof of_a);
        if (field[i].offset + sizeof of_b <= b->size)
            memcpy(&of_b, b->data + field[i].offset, sizeof of_b);
        if (of_a != of_b)
            ws_buffer_printf(&at->line, "%s%s 0x%08x -> 0x%08x", at->line.size ? "; " : "", field[i].name, of_a, of_b);
    }
    if (!at->line.size && (a->size != b->size || (a->size && memcmp(a->data, b->data, a->size))))
        ws_buffer_printf(&at->line, "other content");
    line_say(at, "tss");
}

/* -- memory ------------------------------------------------------------------------------------ */

static void space_compare(struct comparison *at)
{
    static const char *const fate[] = {
        [WS__SPACE_GOES] = "is not mapped any more",
        [WS__SPACE_COMES] = "is mapped now",
        [WS__SPACE_DIFFERS] = "is other memory, or has other rights",
    };
    struct ws__space_run *runs;
    size_t count;
    if (ws__space_overlay(&at->a->map, &at->b->map, &runs, &count) != WS_OK) {
        at->status = WS_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (runs[i].change == WS__SPACE_STAYS)
            continue;
        bool user = runs[i].before.bytes ? runs[i].before.user : runs[i].after.user;
        ws_buffer_printf(&at->line, "0x%08x - 0x%08x %s", runs[i].linear,
                         (uint32_t)(runs[i].linear + runs[i].bytes - 1), fate[runs[i].change]);
        line_say(at, ws_category_name(user ? WS_CATEGORY_USER_SPACE : WS_CATEGORY_KERNEL_SPACE));
    }
    free(runs);
}

static bool page_differs(const struct ws_state *a, const struct ws_state *b, size_t page)
{
    return page >= a->pages || page >= b->pages || a->page[page] != b->page[page];
}

static void memory_compare(struct comparison *at)
{
    size_t pages = at->a->pages > at->b->pages ? at->a->pages : at->b->pages, differ = 0;
    for (size_t page = 0; page < pages; page++) {
        size_t first = page;
        while (page < pages && page_differs(at->a, at->b, page))
            page++;
        if (page == first)
            continue;
        ws_buffer_printf(&at->line, "%s0x%08zx", differ ? ", " : "pages at ", first * WS_PAGE_BYTES);
        if (page - first > 1)
            ws_buffer_printf(&at->line, " - 0x%08zx", page * WS_PAGE_BYTES - 1);
        differ += page - first;
    }
    if (differ)
        ws_buffer_printf(&at->line, " (%zu in all)", differ);
    line_say(at, "memory");
}

static void devices_compare(struct comparison *at)
{
    for (unsigned part = 0; part < WS_PART_COUNT; part++)
        if (at->a->part[part] != at->b->part[part])
            ws_buffer_printf(&at->line, "%s%s", at->line.size ? ", " : "", ws_part_name((enum ws_part)part));
    line_say(at, "devices");
}

/* -- all of it --------------------------------------------------------------------------------- */

enum ws_status ws_state_compare(const struct ws_state *a, const struct ws_state *b, ws_state_difference *say,
                                void *context)
{
    struct comparison at = {.a = a, .b = b, .say = say, .context = context, .status = WS_OK};
    place_compare(&at);
    for (unsigned category = 0; category < WS_CATEGORY_COUNT; category++)
        category_compare(&at, category, ws_category_name((enum ws_category)category));
    category_compare(&at, WS_CATEGORY_NONE, "debug-registers");
    ws_fpu_compare(&a->fpu, &b->fpu, false, &at.line);
    line_say(&at, "fpu");
    space_compare(&at);
    table_compare(&at, WS_STATE_GDT, "gdt");
    table_compare(&at, WS_STATE_IDT, "idt");
    table_compare(&at, WS_STATE_LDT, "ldt");
    task_compare(&at);
    memory_compare(&at);
    devices_compare(&at);
    ws_buffer_release(&at.line);
    return at.status;
}
