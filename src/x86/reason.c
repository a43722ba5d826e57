/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reasons in words.
 */
#include "x86/reason.h"

#include <stddef.h>

#include <worldswitch/exception.h>

static const struct {
    const char *sentence, *citation;
} reason_row[WS_REASON_COUNT] = {
#define WS_REASON_ROW(name, sentence, citation) [WS_REASON_##name] = {sentence, citation},
    WS_REASON_TABLE(WS_REASON_ROW)
#undef WS_REASON_ROW
};

/* -- values ------------------------------------------------------------------------------------ */

static void selector_append(struct ws_buffer *out, uint32_t selector)
{
    ws_buffer_printf(out, "0x%04x (%s entry %u)", selector, selector & WS_SELECTOR_TI ? "LDT" : "GDT",
                     (selector & 0xffff) >> 3);
}

static void type_append(struct ws_buffer *out, uint32_t value)
{
    const struct ws_descriptor descriptor = {.type = value & 15, .system = value >> 4 & 1, .big = value >> 5 & 1};
    bool empty = descriptor.system && !descriptor.type; /* most often a descriptor that was never written */
    ws_buffer_printf(out, "%s", empty ? "empty (type 0)" : ws_descriptor_type_text(&descriptor));
}

static void vector_append(struct ws_buffer *out, uint32_t vector)
{
    const char *mnemonic = ws_exception_info((uint8_t)vector)->mnemonic;
    ws_buffer_printf(out, *mnemonic ? "%u (%s)" : "%u", vector, mnemonic);
}

/* SDM 3B §17.2.3 "Debug Status Register (DR6)" */
static void conditions_append(struct ws_buffer *out, uint32_t dr6)
{
    static const struct {
        uint8_t bit;
        const char *text;
    } row[] = {
        {0, "breakpoint 0"},
        {1, "breakpoint 1"},
        {2, "breakpoint 2"},
        {3, "breakpoint 3"},
        {13, "an access to debug registers"},
        {14, "a single step, as TF is set"},
        {15, "a switch to a task with the T flag"},
    };
    unsigned any = 0;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (dr6 >> row[i].bit & 1)
            ws_buffer_printf(out, "%s%s", any++ ? ", " : "", row[i].text);
    }
}

static void value_append(struct ws_buffer *out, char letter, uint32_t value)
{
    static const char *const segment[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
    switch (letter) {
    case 'x':
        ws_buffer_printf(out, "0x%x", value);
        break;
    case 's':
        selector_append(out, value);
        break;
    case 't':
        type_append(out, value);
        break;
    case 'v':
        vector_append(out, value);
        break;
    case 'r':
        ws_buffer_printf(out, "%s", segment[value % (sizeof segment / sizeof segment[0])]);
        break;
    case 'i':
        ws_buffer_printf(out, "%d", (int)value);
        break;
    case 'd':
        conditions_append(out, value);
        break;
    case 'p':
        ws_buffer_printf(out, "%s", ws_page_result_text((enum ws_page_result)value));
        break;
    default:
        ws_buffer_printf(out, "%u", value);
    }
}

void ws_reason_append(struct ws_buffer *out, const struct ws_reason *reason)
{
    unsigned next = 0;
    if (reason->code >= WS_REASON_COUNT)
        return;
    for (const char *at = reason_row[reason->code].sentence; *at; at++) {
        if (*at != '%') {
            ws_buffer_append(out, at, 1);
            continue;
        }
        value_append(out, *++at, reason->value[next++ % WS_REASON_VALUES]);
    }
}

const char *ws_reason_citation(const struct ws_reason *reason)
{
    return reason->code < WS_REASON_COUNT ? reason_row[reason->code].citation : "";
}

/* -- making one -------------------------------------------------------------------------------- */

struct ws_reason ws__reason_beyond(uint16_t selector, uint32_t limit)
{
    if (selector & WS_SELECTOR_TI && !limit)
        return WS__REASON(LDT_NONE, selector);
    return WS__REASON(SELECTOR_LIMIT, selector, limit);
}

struct ws_reason ws__reason_page(const struct ws_translation *walk)
{
    if (walk->kept != WS_KEPT_NONE)
        return WS__REASON(KEPT, walk->linear & WS_PAGE_FRAME, walk->result);
    uint32_t wanted = walk->result == WS_PAGE_NOT_USER       ? WS_PTE_US
                      : walk->result == WS_PAGE_NOT_WRITABLE ? WS_PTE_RW
                                                             : 0;
    /* Both levels must allow the access: name the one that does not. */
    bool table = walk->page_bytes == WS_PAGE_BYTES || walk->result == WS_PAGE_PTE_NOT_PRESENT;
    bool directory = !table || (wanted && !(walk->pde & wanted));
    return WS__REASON(PAGE, walk->result, directory ? walk->pde_phys : walk->pte_phys,
                      directory ? walk->pde : walk->pte);
}
