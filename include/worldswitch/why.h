/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A post-mortem: why a run ended, in words that fit on one screen.
 *
 * A triple fault is told from its first fault on: what the instruction did, which rule it broke, which descriptor, gate
 * or page table entry decided, who wrote that, and why no handler could be entered.  An exception whose handler has
 * stopped the guest is told like that, too.  So are other ends: a sleep for ever, an instruction limit without
 * progress, a reset, real mode; and what a guest did over and over that has not ended up to a mark.
 */
#ifndef WORLDSWITCH_WHY_H
#define WORLDSWITCH_WHY_H

#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/disasm.h>
#include <worldswitch/image.h>
#include <worldswitch/timeline.h>

struct ws_why {
    struct ws_timeline *timeline;     /* borrowed; it stands where the run ended, or was given up */
    struct ws_machine *machine;       /* borrowed; the timeline's */
    const struct ws_symbols *symbols; /* borrowed; NULL: none */
    struct ws_disasm *disasm;         /* borrowed */
    const char *world;                /* borrowed; the world in which the run ended; NULL: not known */
    enum ws_syntax syntax;
    uint64_t effort; /* how many instructions to go back at most, to find who wrote something; 0: all */
    /* Of a terminal that shall hold the text.  Lines that are longer than its rows end there between words and go on
     * four columns deeper; what matters least is left out.  `rows` 0: nothing is. */
    uint32_t rows;
    uint32_t columns;
};

/* A screen as all terminals have it, without a row for the next prompt, and two for how to look at it. */
enum { WS_WHY_COLUMNS = 80, WS_WHY_ROWS = 21 };

/* Append why the run ended, in lines, which the caller breaks; if the guest still runs, what it does.  On the way the
 * timeline visits other marks; afterwards it stands at the end again, or at the mark where it stood.  What interrupts
 * the timeline cuts the answer short.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_why_explain(const struct ws_why *why, struct ws_buffer *out);

/* The mark at which the instruction stands that caused the end, about to begin. */
uint64_t ws_why_mark(const struct ws_machine *machine);

#endif
