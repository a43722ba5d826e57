/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading one entry of a page directory or page table.
 */
#ifndef WS_X86_PAGE_ENTRY_H
#define WS_X86_PAGE_ENTRY_H

#include <worldswitch/paging.h>

/* The entry at `phys`; all ones where there is no RAM. */
uint32_t ws__page_entry_read(const struct ws_physical *memory, uint32_t phys);

/* Set the accessed bits for a successful walk and, for a write, the dirty bit.  `ram` is the memory that the walk read.
 * SDM 3A §4.8 "Accessed and Dirty Flags". */
void ws__page_mark_used(const struct ws_translation *walk, uint8_t *ram, uint32_t bytes, enum ws_access access);

#endif
