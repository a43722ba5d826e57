/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that the CPU keeps: the strictest TLB that the manual allows.
 *
 * A processor may keep a translation that it has used until the guest invalidates it, and it may drop it at any time.
 * By default this machine drops all that a page table's change makes wrong.  With ws_machine_options.tlb it keeps every
 * translation for as long as the manual allows.  So a guest that forgets to invalidate one fails at once and always.
 *
 * What is kept is state of the machine: saved, hashed, and put back by snapshots.  It must not be mixed up with the
 * engine's TLB (tlb.h), which is filled from it and may be emptied at any time.  It is a map from linear pages:
 *   - of each page that was used, the translation, as an entry with the rights of both levels;
 *   - of each page directory entry that was used, the entry.  It serves for other pages of the same 4 MiB.
 *     SDM 3A §4.10.3.1 "Caches for Paging Structures"
 *
 *    access ──► is the page kept? ─ yes ─► that is the translation, whatever the page tables say now
 *                  │ no
 *               is the directory entry kept? ─ yes ─► walk on from there        ─► then both are kept
 *                  │ no
 *               walk from CR3 on
 *
 * Two rules make it simple.  A write to a page that is not dirty in the map walks the page tables anew, since the CPU
 * must set the dirty bit in the entry that it uses.  And an access that the map refuses walks them anew, too: if they
 * refuse it as well, theirs is the page fault.  If they allow it, the page fault is *spurious*: it comes once, and
 * invalidates the page.  SDM 3A §4.8 "Accessed and Dirty Flags", §4.10.4.3 "Optional Invalidation"
 *
 * The map changes in step mode only, by an instruction that has begun, and by deliveries: in block mode, tlb.c refuses
 * accesses whose translation is not kept yet.
 *
 * What drops translations: SDM 3A §4.10.4.1 "Operations that Invalidate TLBs and Paging-Structure Caches", §11.9
 * "Invalidating the Translation Lookaside Buffers (TLBs)"
 *
 *      invlpg                           that page, also if it is global; all directory entries
 *      CR3 loaded, also by a task       all but global pages; all directory entries
 *      CR0.PG or PE, CR4.PGE, PSE, PAE changed          everything
 *      a page fault                     that page and its directory entry
 *      a write that walks anew          the page's translation from before, if it finds another one
 */
#ifndef WS_CPU_KEPT_H
#define WS_CPU_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/paging.h>

struct ws__cpu;

/* Places in the map: the pages, then the directory entries. */
enum { WS__KEPT_PAGES = 1 << 20, WS__KEPT_PLACES = WS__KEPT_PAGES + 1024 };

struct ws__kept {
    uint32_t *entry; /* one for each place; NULL: the CPU keeps nothing */
    uint32_t *used;  /* the places that may hold something, each once */
    uint32_t uses;
};

/* What one place holds, as it is copied, saved and hashed. */
struct ws__kept_place {
    uint32_t place, entry;
};

/* false: no memory. */
bool ws__kept_init(struct ws__kept *kept);
void ws__kept_release(struct ws__kept *kept);

/* Translate as the CPU does now.  It is ws_page_walk() if nothing is kept.  Only CR0, CR3 and CR4 of `registers` are
 * used.  Nothing changes. */
bool ws__cpu_walk(const struct ws__cpu *cpu, struct ws_translation *out, const struct ws_registers *registers,
                  uint32_t linear, enum ws_access access, bool user);
/* An access was translated so, and is made: set accessed and dirty bits, keep the translation, and tell if the page
 * tables say something else now. */
void ws__cpu_walk_use(struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access);

/* Would ws__cpu_walk_use() tell?  Once for each translation. */
bool ws__kept_is_told(const struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access);
/* Would ws__cpu_walk_use() change the map, or tell? */
bool ws__kept_matters(const struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access);
/* An access failed so, and is a page fault: tell if it is spurious, and invalidate the page. */
void ws__kept_fault(struct ws__cpu *cpu, const struct ws_translation *walk);
/* invlpg was executed for this address. */
void ws__kept_invalidate(struct ws__cpu *cpu, uint32_t linear);
/* A control register was loaded; these bits of it have changed. */
void ws__kept_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t changed);

/* The entry at a place; 0: it holds nothing. */
uint32_t ws__kept_at(const struct ws__kept *kept, uint32_t place);
/* Does the place hold the translation of a page?  Then *linear is its address. */
bool ws__kept_linear(const struct ws__kept *kept, uint32_t place, uint32_t *linear);
/* Append all places that hold something to an empty buffer, in ascending order, as struct ws__kept_place. */
void ws__kept_copy(const struct ws__kept *kept, struct ws_buffer *out);
/* Hold these instead. */
void ws__kept_replace(struct ws__kept *kept, const struct ws__kept_place *place, size_t count);
/* Could a CPU hold these?  They came from a file. */
bool ws__kept_is_sound(const struct ws__kept_place *place, size_t count);

#endif
