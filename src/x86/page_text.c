/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page walk described in words.
 */
#include <worldswitch/paging.h>

#include <stddef.h>

/* clang-format off */

/* SDM 3A §4.3 "32-Bit Paging", tables 4-4 to 4-6 */
#define ENTRY_COMMON                                                  \
    {WS_PTE_P, "P", "present"},                                       \
    {WS_PTE_RW, "RW", "may be written"},                              \
    {WS_PTE_US, "US", "ring 3 may use it"},                           \
    {WS_PTE_PWT, "PWT", "caches write through"},                      \
    {WS_PTE_PCD, "PCD", "not cached"},                                \
    {WS_PTE_A, "A", "was used"}

static const struct ws_bit table_bits[] = {ENTRY_COMMON, {0, NULL, NULL}};

static const struct ws_bit pde_bits[] = {
    ENTRY_COMMON,
    {WS_PTE_D, "D", "was written (4 MiB page)"},
    {WS_PTE_PS, "PS", "maps a 4 MiB page (with CR4.PSE)"},
    {WS_PTE_G, "G", "global: survives a load of CR3 (4 MiB page, with CR4.PGE)"},
    {1u << 12, "PAT", "memory type, with PWT and PCD (4 MiB page)"},
    {0, NULL, NULL}
};

static const struct ws_bit pte_bits[] = {
    ENTRY_COMMON,
    {WS_PTE_D, "D", "was written"},
    {WS_PTE_PS, "PAT", "memory type, with PWT and PCD"},
    {WS_PTE_G, "G", "global: survives a load of CR3 (with CR4.PGE)"},
    {0, NULL, NULL}
};

static const char *const result_text[] = {
    [WS_PAGE_OK] = "the access is allowed",
    [WS_PAGE_OFF] = "paging is off: the linear address is the physical one",
    [WS_PAGE_PDE_NOT_PRESENT] = "the page directory entry is not present",
    [WS_PAGE_PTE_NOT_PRESENT] = "the page table entry is not present",
    [WS_PAGE_RESERVED_BIT] = "a reserved bit is set in the page directory entry",
    [WS_PAGE_NOT_USER] = "ring 3 may not use the page",
    [WS_PAGE_NOT_WRITABLE] = "the page may not be written",
};

static const struct ws_bit error_bits[] = {
    {WS_PF_P, "P", "the page was present"},
    {WS_PF_W, "W", "a write"},
    {WS_PF_U, "U", "from ring 3"},
    {WS_PF_RSVD, "RSVD", "a reserved bit"},
    {0, NULL, NULL}
};
/* clang-format on */

const char *ws_page_result_text(enum ws_page_result result)
{
    if ((size_t)result >= sizeof result_text / sizeof *result_text)
        return "an unknown result";
    return result_text[result];
}

static void bits_append(struct ws_buffer *out, const struct ws_bit *bit, uint32_t value)
{
    const char *between = "";
    for (; bit->mask; bit++) {
        if (!(value & bit->mask))
            continue;
        ws_buffer_printf(out, "%s%s %s", between, bit->name, bit->meaning);
        between = ", ";
    }
}

static void entry_append(struct ws_buffer *out, const char *name, uint32_t index, uint32_t phys, uint32_t entry,
                         const struct ws_bit *bits)
{
    ws_buffer_printf(out, "%s %u at 0x%08x is 0x%08x: ", name, index, phys, entry);
    if (entry & WS_PTE_P)
        bits_append(out, bits, entry);
    else
        ws_buffer_printf(out, "P clear, not present; the other bits mean nothing to the CPU");
    ws_buffer_printf(out, "\n");
}

static void result_append(struct ws_buffer *out, const struct ws_translation *walk)
{
    const char *text = ws_page_result_text((enum ws_page_result)walk->result);
    if (walk->result == WS_PAGE_OK) {
        ws_buffer_printf(out, "physical 0x%08x: %s page, ring %s, %s%s\n", walk->phys,
                         walk->page_bytes == WS_PAGE_BYTES ? "4 KiB" : "4 MiB", walk->user ? "0 to 3" : "0 only",
                         walk->writable ? "read and write" : "read-only", walk->global ? ", global" : "");
    } else {
        ws_buffer_printf(out, "#PF: %s; error code 0x%x", text, walk->error_code);
        ws_buffer_printf(out, walk->error_code ? " (" : "");
        bits_append(out, error_bits, walk->error_code);
        ws_buffer_printf(out, walk->error_code ? ")\n" : "\n");
    }
}

void ws_page_describe(struct ws_buffer *out, const struct ws_translation *walk)
{
    uint32_t pde = walk->linear >> 22, pte = walk->linear >> 12 & 0x3ff;
    if (walk->result == WS_PAGE_OFF) {
        ws_buffer_printf(out, "linear 0x%08x: paging is off, physical 0x%08x\n", walk->linear, walk->phys);
        return;
    }
    bool table = walk->page_bytes == WS_PAGE_BYTES || walk->result == WS_PAGE_PTE_NOT_PRESENT;
    if (table)
        ws_buffer_printf(out, "linear 0x%08x: PDE %u, PTE %u, offset 0x%03x\n", walk->linear, pde, pte,
                         walk->linear & (WS_PAGE_BYTES - 1));
    else
        ws_buffer_printf(out, "linear 0x%08x: PDE %u, offset 0x%06x\n", walk->linear, pde,
                         walk->linear & (WS_BIG_PAGE_BYTES - 1));
    entry_append(out, "PDE", pde, walk->pde_phys, walk->pde, table ? table_bits : pde_bits);
    if (table)
        entry_append(out, "PTE", pte, walk->pte_phys, walk->pte, pte_bits);
    result_append(out, walk);
}
