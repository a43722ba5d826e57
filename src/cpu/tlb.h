/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TLB: which translations the engine may use without asking.
 *
 * The engine does not walk page tables.  Where its TLB has no entry for an access, it asks ws__tlb_fill(), and that
 * walks (paging.c).  One rule decides what goes into the TLB:
 *
 *     In block mode the TLB holds only what needs no look.  Every other access is refused: the engine comes back in
 *     front of the instruction, which is then executed in step mode.  There everything that paging allows is allowed,
 *     and what the instruction did is looked at before the next one begins.
 *
 * A look is needed
 *   - where the walk fails: this becomes the page fault, with its reason;
 *   - for a write to a frame that is protected, since page tables or code are in it: see frames.h;
 *   - in a page with a data breakpoint;
 *   - in a page that a segment in use does not reach, or that its limit ends in.
 * So neither a translation nor code can be out of date, and the TLB is no part of the machine's state: when its entries
 * come and go can never be seen.  SDM 3A §4.10.4.3 "Optional Invalidation" allows a processor to drop them at any
 * time.
 *
 * Accessed and dirty bits are set when an access is made.  Fetches need care, since the engine fetches ahead of
 * execution: see ws__tlb_fetch().
 *
 *                    block mode                                      step mode
 *      load, store ─► in the TLB? ─ yes ─► done                       (the same)
 *                         │ no
 *                     ws__tlb_fill(): walk ── needs no look ─► in     ── allowed ─► in, until the next instruction
 *                         │ needs a look                                 │ not allowed
 *                     refused: step mode                              #PF
 */
#ifndef WS_CPU_TLB_H
#define WS_CPU_TLB_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/paging.h>

struct ws__cpu;
struct ws__engine_page;

enum {
    WS__TLB_AHEAD = 16 /* pages fetched ahead that are remembered */
};

/* A page that was fetched before an instruction in it has begun. */
struct ws__ahead {
    uint32_t page;
    bool user;
};

struct ws__tlb {
    struct ws__ahead ahead[WS__TLB_AHEAD];
    unsigned aheads;
    uint8_t armed;        /* one bit a WS__SEGMENT_: pages that these do not reach are left out, in block mode: */
    uint32_t first, last; /* the first and the last page that is not; none if `first` is larger */
    bool step_mode;       /* the engine was entered in step mode */
    bool loose;           /* it holds what the other mode wants to see */
    uint32_t looks;       /* counts changes of what needs a look by its address */
    bool looked;          /* the last refusal was for that */
    uint32_t refused;     /* the linear page that was refused last */
    enum ws_access refused_access;
};

/* For the engine: an access of this kind is made to the page at `address`, whose upper bits do not count.  false: it
 * is refused. */
bool ws__tlb_fill(void *context, uint64_t address, enum ws_access access, struct ws__engine_page *out);

/* Drop all that it holds. */
void ws__tlb_flush(struct ws__cpu *cpu);
/* The engine is about to be entered. */
void ws__tlb_enter(struct ws__cpu *cpu);

/* Segments are loaded, and these are in use: leave out what they do not reach.  They are cpu->checks.paged. */
void ws__tlb_arm(struct ws__cpu *cpu, uint8_t segments);
/* These were loaded anew. */
void ws__tlb_disarm(struct ws__cpu *cpu, uint8_t segments);

/* Where code at `linear` is: in RAM, or in the page of an open bus; NULL: the supervisor cannot fetch it. */
const uint8_t *ws__tlb_code_find(void *context, uint32_t linear);

/* So many pages were fetched ahead that the engine is to be entered anew, which forgets them. */
static inline bool ws__tlb_aheads_many(const struct ws__tlb *tlb)
{
    return tlb->aheads > WS__TLB_AHEAD / 2;
}

/* Does a page that these bytes touch have to be looked at, before an instruction in it begins? */
bool ws__tlb_fetched_ahead(const struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);
/* The instruction at `linear`, of so many bytes (0: unknown), begins: it is fetched now.  Set accessed bits.  false: a
 * page fault, *walk says why and where. */
bool ws__tlb_fetch(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes, struct ws_translation *walk);

#endif
