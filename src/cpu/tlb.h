/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TLB: which translations the engine may use without asking.
 *
 * The engine does not walk page tables.  If its TLB has no entry for an access, it calls ws__tlb_fill(), which walks
 * the page tables (ws_page_walk() in x86/page_walk.c).  One rule decides what goes into the TLB:
 *
 *     In block mode, the TLB holds only pages whose accesses need no check.  Every other access is refused: the engine
 *     comes back in front of the instruction, which is then executed in step mode.  There, every access that paging
 *     allows is allowed, and what the instruction did is checked before the next one begins.
 *
 * A check is needed
 *   - where the walk fails: then the access is a page fault;
 *   - for a write to a protected frame: see frames.h;
 *   - where the access would set an accessed or dirty bit in a frame that holds code;
 *   - in a page with a data breakpoint;
 *   - in a page that is no RAM: a chip that answers there wants to know the mark;
 *   - in a page that a segment in use does not reach, or reaches in part only;
 *   - in a page whose entry was changed while it was in use, if a client listens to that: see stale.h.
 * The engine keeps one entry for a page.  An entry for a fetch allows loads, too, and one for a load allows stores, if
 * those need no check.
 * So neither a translation nor code can be out of date, and the TLB is no part of the machine's state: neither the
 * guest nor a client can see when its entries come and go.  SDM 3A §4.10.4.3 "Optional Invalidation" allows a processor
 * to drop them at any time.
 *
 * An access sets accessed and dirty bits when it is made.  Fetches are different, since the engine fetches code ahead
 * of its execution: see ws__tlb_fetch().
 *
 *                    block mode                                      step mode
 *      load, store ─► in the TLB? ─ yes ─► done                       (the same)
 *                         │ no
 *                     ws__tlb_fill(): walk ── needs no check ► in     ── allowed ─► in, until the next instruction
 *                         │ needs a check                                │ not allowed
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
    WS__TLB_AHEAD = 16 /* how many pages that were fetched ahead are remembered */
};

/* A page that the engine has fetched, and in which no instruction has begun since. */
struct ws__ahead {
    uint32_t page;
    bool user;
};

struct ws__tlb {
    struct ws__ahead ahead[WS__TLB_AHEAD];
    unsigned ahead_count;
    /* Armed segments: one bit for each WS__SEGMENT_ whose limit the TLB enforces in block mode.  It leaves out all
     * pages before `first` and behind `last`, which these segments do not reach as a whole.  If `first` is larger, it
     * leaves out all pages. */
    uint8_t armed;
    uint32_t first, last;
    bool step_mode;   /* the engine was entered in step mode */
    bool loose;       /* at least one entry is right for the present mode only */
    uint32_t refused; /* the linear page that was refused last */
    enum ws_access refused_access;
};

/* The engine calls this: an access of this kind is made to the page at `address`.  Its upper bits are flags, see
 * unicorn/engine.h.  false: the access is refused. */
bool ws__tlb_fill(void *context, uint64_t address, enum ws_access access, struct ws__engine_page *out);

/* Drop all entries. */
void ws__tlb_flush(struct ws__cpu *cpu);
/* The engine is about to be entered: forget the pages that were fetched ahead, and drop all entries if one of them must
 * not be used in this mode. */
void ws__tlb_enter(struct ws__cpu *cpu);

/* These segments, all of them in cpu->checks.paged, are in use: have the TLB enforce their limits. */
void ws__tlb_arm(struct ws__cpu *cpu, uint8_t segments);
/* These segments were loaded anew: the TLB does not enforce their limits any more. */
void ws__tlb_disarm(struct ws__cpu *cpu, uint8_t segments);

/* Where the code at `linear` is: in RAM, or in the page of the open bus; NULL: the supervisor cannot fetch it. */
const uint8_t *ws__tlb_code_find(void *context, uint32_t linear);

/* Were so many pages fetched ahead that the engine must be entered anew?  At its entry they are forgotten. */
static inline bool ws__tlb_aheads_many(const struct ws__tlb *tlb)
{
    return tlb->ahead_count > WS__TLB_AHEAD / 2;
}

/* Do these bytes lie in a page that was fetched ahead?  Then ws__tlb_fetch() must be called before they begin. */
bool ws__tlb_fetched_ahead(const struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);
/* The instruction at `linear`, of so many bytes (0: unknown), begins, so it counts as fetched now: set accessed bits.
 * false: a page fault, and *walk says why and where. */
bool ws__tlb_fetch(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes, struct ws_translation *walk);

#endif
