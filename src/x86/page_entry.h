/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading one entry of a page directory or page table.
 */
#ifndef WS_X86_PAGE_ENTRY_H
#define WS_X86_PAGE_ENTRY_H

#include <worldswitch/paging.h>

/* The entry at `phys`; all ones where there is no RAM. */
uint32_t ws__page_entry_read(const struct ws_physical *memory, uint32_t phys);

#endif
