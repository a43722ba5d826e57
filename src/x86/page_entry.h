/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading one entry of a page directory or page table.
 */
#ifndef WS_X86_PAGE_ENTRY_H
#define WS_X86_PAGE_ENTRY_H

#include <worldswitch/paging.h>

/* The entry at `phys`; all ones where there is no RAM. */
uint32_t ws__page_entry_read(const struct ws_physical *memory, uint32_t phys);

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
