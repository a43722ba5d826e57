/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that a real CPU may still hold in its TLB.
 *
 * A guest may change the page table entry of a page that is in use, and use the page again without invlpg or a load of
 * CR3 in between.  A real CPU then uses the old entry or the new one; this machine always uses the new one.  So a
 * program with this defect runs here, and fails now and then elsewhere.  A client that listens to WS_EVENT_STALE is
 * told of it.
 *
 * If no client listens, nothing is done.  So that a correct program is never reported, each invlpg counts as if it
 * invalidated all pages, and a page that now belongs to the supervisor is not looked for.  The pages are part of the
 * CPU's state, so that a snapshot has them.
 * SDM 3A §4.10.4.1 "Operations that Invalidate TLBs and Paging-Structure Caches"
 */
#ifndef WS_CPU_STALE_H
#define WS_CPU_STALE_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/paging.h>

struct ws__cpu;

enum { WS__STALE_PAGES = 8 }; /* how many pages are remembered; later ones are not reported */

struct ws__stale {
    uint32_t page[WS__STALE_PAGES]; /* linear addresses; the lowest bits are flags, see stale.c */
    uint32_t count;
};

/* Protect all page tables in use, so that no write to them goes unnoticed.  Call this whenever they may be others. */
void ws__stale_protect(struct ws__cpu *cpu);
/* The frame at `phys` was written, and held `before`: remember the pages whose entries in use were changed. */
void ws__stale_note(struct ws__cpu *cpu, uint32_t phys, const uint8_t before[WS_PAGE_BYTES]);
/* The guest has invalidated translations: forget all pages. */
void ws__stale_clear(struct ws__stale *stale);
/* Could a real CPU still use an old entry for this access to this page? */
bool ws__stale_has(const struct ws__stale *stale, uint32_t page, enum ws_access access);
/* The present instruction makes this access: report it, once. */
void ws__stale_tell(struct ws__cpu *cpu, uint32_t page, enum ws_access access);

#endif
