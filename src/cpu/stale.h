/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that a processor may still hold.
 *
 * A guest changes the entry of a page that is in use, and uses the page again without invlpg or a load of CR3 in
 * between.  A processor may use the old entry then, or the new one; this machine uses the new one.  So programs
 * with this defect run here, and fail elsewhere now and then: whoever listens to WS_EVENT_STALE is told.
 *
 * Nothing is done unless somebody listens.  invlpg is taken to invalidate all pages, so that nothing wrong is
 * told; and that a page is the supervisor's now is not looked at.  The pages stand in the CPU's state, so that a
 * snapshot has them.
 * SDM 3A §4.10.4.1 "Operations that Invalidate TLBs and Paging-Structure Caches"
 */
#ifndef WS_CPU_STALE_H
#define WS_CPU_STALE_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/paging.h>

struct ws__cpu;

enum { WS__STALE_PAGES = 8 }; /* that are remembered; later ones are not told of */

struct ws__stale {
    uint32_t page[WS__STALE_PAGES]; /* linear; the lowest bits say more */
    uint32_t count;
};

/* So that no write to a page table in use goes unseen: protect them all.  Whenever that may have been undone. */
void ws__stale_protect(struct ws__cpu *cpu);
/* The frame at `phys` was written, and held `before`: which entries in use were changed? */
void ws__stale_note(struct ws__cpu *cpu, uint32_t phys, const uint8_t before[WS_PAGE_BYTES]);
/* Translations were invalidated. */
void ws__stale_clear(struct ws__cpu *cpu);
/* Would it matter for this access to this page? */
bool ws__stale_has(const struct ws__cpu *cpu, uint32_t page, enum ws_access access);
/* The present instruction makes it: tell, once. */
void ws__stale_tell(struct ws__cpu *cpu, uint32_t page, enum ws_access access);

#endif
