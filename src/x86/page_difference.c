/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How two address spaces differ.
 *
 * Both page directories are read side by side.  An entry of a directory stands for a *slot* of 4 MiB.  Where two slots
 * have the same page table and the same rights, the table is not read.  Two others are compared page by page.
 */
#include "x86/page_difference.h"

#include <string.h>

#include "x86/page_entry.h"

#define RIGHTS (uint32_t)(WS_PTE_RW | WS_PTE_US)

struct space {
    const uint8_t *directory; /* NULL: paging is off */
    bool big_pages;           /* CR4.PSE */
    uint8_t room[WS_PAGE_BYTES];
};

/* 4 MiB of an address space. */
struct slot {
    bool present;
    bool big;        /* one page, or no paging */
    uint32_t frame;  /* the page's physical address, or the page table's */
    uint32_t rights; /* RIGHTS bits */
};

/* A slot's page table. */
struct table {
    const uint8_t *entries; /* NULL: the slot is not present, or is one page */
    uint8_t room[WS_PAGE_BYTES];
};

static void space_open(struct space *space, const struct ws_physical *memory, const struct ws_registers *registers)
{
    space->directory = NULL;
    space->big_pages = registers->value[WS_CR4] & WS_CR4_PSE;
    if (registers->value[WS_CR0] & WS_CR0_PG)
        space->directory = ws__page_entries(memory, registers->value[WS_CR3] & WS_PAGE_FRAME, space->room);
}

/* Without paging, every linear address is the physical one, and every ring may use it. */
static struct slot slot_read(const struct space *space, unsigned index)
{
    uint32_t entry = space->directory ? ws__page_entry_at(space->directory, index)
                                      : (index * (uint32_t)WS_BIG_PAGE_BYTES) | RIGHTS | WS_PTE_P;
    bool big = !space->directory || (entry & WS_PTE_PS && space->big_pages);
    return (struct slot){
        .present = entry & WS_PTE_P && !(big && entry & WS__BIG_PAGE_RESERVED),
        .big = big,
        .frame = entry & (big ? WS__BIG_PAGE_FRAME : WS_PAGE_FRAME),
        .rights = entry & RIGHTS,
    };
}

static void table_open(struct table *table, const struct ws_physical *memory, const struct slot *slot)
{
    bool has_one = slot->present && !slot->big;
    table->entries = has_one ? ws__page_entries(memory, slot->frame, table->room) : NULL;
}

/* The page at `index` of a slot, as a page table entry that has only RIGHTS and P; 0: it is not mapped. */
static uint32_t page_of(const struct slot *slot, const struct table *table, unsigned index)
{
    if (!slot->present)
        return 0;
    if (slot->big)
        return (slot->frame + index * (uint32_t)WS_PAGE_BYTES) | slot->rights | WS_PTE_P;
    uint32_t entry = ws__page_entry_at(table->entries, index);
    return entry & WS_PTE_P ? entry & (WS_PAGE_FRAME | WS_PTE_P | slot->rights) : 0;
}

/* Are there only zeros in the entries from `index` on, WS__PAGE_ENTRIES_CHUNK of them? */
static bool is_hole(const struct slot *slot, const struct table *table, unsigned index)
{
    return !slot->present || (table->entries && ws__page_entries_are_hole(table->entries, index));
}

static void page_note(struct ws__page_difference *difference, uint32_t page)
{
    difference->user |= page & WS_PTE_US;
    difference->kernel |= page && !(page & WS_PTE_US);
}

/* Is there nothing to be found in these two slots that is not known already?  A page is only the user's if the entry of
 * the directory says so, too. */
static bool is_all_known(const struct ws__page_difference *difference, const struct slot *a, const struct slot *b)
{
    return difference->kernel && (difference->user || !((a->rights | b->rights) & WS_PTE_US));
}

static bool slots_are_equal(const struct slot *a, const struct slot *b)
{
    if (!a->present || !b->present)
        return a->present == b->present;
    return a->big == b->big && a->frame == b->frame && a->rights == b->rights;
}

/* Compare the two slots that the entries at `index` of both directories describe, unless one look tells enough. */
static void slots_compare(struct ws__page_difference *difference, const struct ws_physical *memory,
                          const struct space *space_a, const struct space *space_b, unsigned index)
{
    struct slot a = slot_read(space_a, index), b = slot_read(space_b, index);
    struct table table_a, table_b;
    if (slots_are_equal(&a, &b) || is_all_known(difference, &a, &b))
        return;
    table_open(&table_a, memory, &a);
    table_open(&table_b, memory, &b);
    for (unsigned i = 0; i < WS__PAGE_ENTRIES && !is_all_known(difference, &a, &b); i++) {
        if (i % WS__PAGE_ENTRIES_CHUNK == 0 && is_hole(&a, &table_a, i) && is_hole(&b, &table_b, i)) {
            i += WS__PAGE_ENTRIES_CHUNK - 1;
            continue;
        }
        uint32_t page_a = page_of(&a, &table_a, i), page_b = page_of(&b, &table_b, i);
        if (page_a != page_b) {
            page_note(difference, page_a);
            page_note(difference, page_b);
        }
    }
}

/* Are `count` entries from `index` on the same in both directories? */
static bool entries_are_equal(const struct space *a, const struct space *b, unsigned index, unsigned count)
{
    size_t offset = index * sizeof(uint32_t);
    return a->directory && b->directory && a->big_pages == b->big_pages &&
           memcmp(a->directory + offset, b->directory + offset, count * sizeof(uint32_t)) == 0;
}

struct ws__page_difference ws__page_difference_find(const struct ws_physical *memory, const struct ws_registers *a,
                                                    const struct ws_registers *b)
{
    struct ws__page_difference difference = {false, false};
    struct space space_a, space_b;
    space_open(&space_a, memory, a);
    space_open(&space_b, memory, b);
    for (unsigned i = 0; i < WS__PAGE_ENTRIES && !(difference.user && difference.kernel); i++) {
        if (i % WS__PAGE_ENTRIES_CHUNK == 0 && entries_are_equal(&space_a, &space_b, i, WS__PAGE_ENTRIES_CHUNK))
            i += WS__PAGE_ENTRIES_CHUNK - 1;
        else if (!entries_are_equal(&space_a, &space_b, i, 1))
            slots_compare(&difference, memory, &space_a, &space_b, i);
    }
    return difference;
}
