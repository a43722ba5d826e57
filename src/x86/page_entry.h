/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading one entry of a page directory or page table.
 */
#ifndef WS_X86_PAGE_ENTRY_H
#define WS_X86_PAGE_ENTRY_H

#include <string.h>

#include <worldswitch/paging.h>

/* SDM 3A §4.3 "32-Bit Paging": without PSE-36, bits 21 to 13 of an entry for a 4 MiB page are reserved. */
#define WS__BIG_PAGE_RESERVED 0x003fe000u
#define WS__BIG_PAGE_FRAME    0xffc00000u

/* The entry at `phys`; all ones where there is no RAM. */
uint32_t ws__page_entry_read(const struct ws_physical *memory, uint32_t phys);

/* -- all entries of a page directory or page table ------------------------------------------------- */

enum {
    WS__PAGE_ENTRIES = 1024,
    WS__PAGE_ENTRIES_CHUNK = 32 /* entries that are looked at together, since most of an address space is not mapped */
};

/* The entries at `phys`.  If they do not lie in RAM as a whole, a copy in `room`. */
const uint8_t *ws__page_entries(const struct ws_physical *memory, uint32_t phys, uint8_t room[WS_PAGE_BYTES]);

/* The entry at `index`.  This needs a little-endian host, which configure checks. */
static inline uint32_t ws__page_entry_at(const uint8_t *entries, unsigned index)
{
    uint32_t entry;
    memcpy(&entry, entries + (size_t)index * sizeof entry, sizeof entry);
    return entry;
}

/* Is not one bit set in WS__PAGE_ENTRIES_CHUNK entries from `index` on? */
static inline bool ws__page_entries_are_hole(const uint8_t *entries, unsigned index)
{
    static const uint32_t none[WS__PAGE_ENTRIES_CHUNK];
    return memcmp(entries + (size_t)index * sizeof none[0], none, sizeof none) == 0;
}

/* The first entry from `index` on that is present; WS__PAGE_ENTRIES: there is none. */
static inline unsigned ws__page_entry_present(const uint8_t *entries, unsigned index)
{
    while (index < WS__PAGE_ENTRIES) {
        if (ws__page_entry_at(entries, index) & WS_PTE_P)
            return index;
        index += index % WS__PAGE_ENTRIES_CHUNK == 0 && ws__page_entries_are_hole(entries, index)
                     ? WS__PAGE_ENTRIES_CHUNK
                     : 1;
    }
    return WS__PAGE_ENTRIES;
}

/* A walk that does not read the page directory entry: the CPU has kept it (see cpu/kept.h). */
bool ws__page_walk_kept_directory(struct ws_translation *out, const struct ws_physical *memory,
                                  const struct ws_registers *registers, uint32_t linear, uint32_t pde,
                                  enum ws_access access, bool user);
/* A walk that reads no entry: the CPU has kept the whole translation.  `entry` is like the entry that maps the page,
 * with the rights of both levels. */
bool ws__page_walk_kept_page(struct ws_translation *out, const struct ws_registers *registers, uint32_t linear,
                             uint32_t entry, uint32_t page_bytes, enum ws_access access, bool user);

/* Set the accessed bits in the entries that a successful walk has read and, for a write, the dirty bit.  `ram` is the
 * memory that the walk read.  SDM 3A §4.8 "Accessed and Dirty Flags". */
void ws__page_mark_used(const struct ws_translation *walk, uint8_t *ram, uint32_t bytes, enum ws_access access);

#endif
