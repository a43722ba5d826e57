/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A storm: an interrupt at each boundary between two instructions of a world switch, one at a time.
 *
 * A switch that is right is right whenever an interrupt comes: before, when the left world serves it; in between, when
 * it has to wait, since half of one world and half of another cannot serve anything; behind, when the entered world
 * does.  So the storm lets the guest switch once undisturbed, to know the boundaries, and then goes back by snapshot
 * and asks for the interrupt at each of them in turn.
 *
 * The interrupt is served by a handler of the laboratory's own, which counts and returns: see ws_lab_storm_prepare().
 */
#ifndef WORLDSWITCH_STORM_H
#define WORLDSWITCH_STORM_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/ablation.h>
#include <worldswitch/audit.h>
#include <worldswitch/crossing.h>
#include <worldswitch/disasm.h>
#include <worldswitch/lab.h>
#include <worldswitch/status.h>

/* What is to be tried. */
struct ws_storm_options {
    struct ws_world *to;        /* another one than runs; its laboratory is prepared for storms */
    struct ws_watcher *watcher; /* of its machine; it was told the cross page if the switch may end with a jump */
    struct ws_audit *audit;     /* of this watcher */
    bool nmi;                   /* not an interrupt, but an NMI: IF does not hold it back */
};

/* What came of an interrupt at one boundary. */
struct ws_storm_verdict {
    uint64_t mark;         /* of the boundary: the interrupt is asked for before this instruction */
    uint32_t linear;       /* and where that is */
    unsigned boundary;     /* from 0, the one before the switch's first instruction */
    unsigned boundaries;   /* how many there are; the last one is behind the switch */
    enum ws_status status; /* of the switch: WS_OK, or WS_TIMEOUT, WS_HALTED */
    uint32_t served;       /* how often the handler has run: right is once */
    bool sound;            /* the switch came to its end, the interrupt was served once, the audit found nothing */
    bool found;            /* the audit found something, first: */
    struct ws_finding finding;
};

/* Called with each verdict.  false: it is enough. */
typedef bool ws_storm_judge(void *context, const struct ws_storm_verdict *verdict);

/*
 * Try each boundary.  The machine must be in a world that will obey the request to switch; it, the watcher and the
 * audit are back where they were when this returns.
 * WS_OK; WS_BAD_ARGUMENT (nothing runs, or `to` runs already); WS_TIMEOUT, WS_HALTED (the switch does not come to its
 * end even undisturbed: nothing was tried); WS_NOT_FOUND (the watcher has seen no world switch); WS_NO_MEMORY.
 */
enum ws_status ws_storm(const struct ws_storm_options *options, ws_storm_judge *judge, void *context);

/* -- ablation of any switch -------------------------------------------------------------------- */

/* What came of one changed instruction. */
struct ws_change_verdict {
    struct ws_instruction instruction; /* that was removed, or has changed places with the next one */
    unsigned number;                   /* in the order of execution, from 1 */
    unsigned count;                    /* how many the switch executes, each counted once */
    enum ws_status status;             /* of the switches: WS_OK, or of the first that did not end */
    bool noticed;                      /* one did not end, or the audit found something: */
    bool found;
    struct ws_finding finding; /* the first */
};

/* Called with each verdict.  false: it is enough. */
typedef bool ws_change_judge(void *context, const struct ws_change_verdict *verdict);

/*
 * What would happen without this instruction?  For a switch that the library has no table of: let it switch once, to
 * know which instructions of the cross page it executes; then change each in turn, WS_ABLATION_REMOVE or
 * WS_ABLATION_SWAP, and let the guest switch there, back and there again, under the audit.  The code must stand before
 * the mailbox.  All is back where it was when this returns; `options`, and the answers, are those of ws_storm(), and
 * WS_BAD_ARGUMENT for another kind.
 */
enum ws_status ws_cross_ablate(const struct ws_storm_options *options, enum ws_ablation_kind kind,
                               ws_change_judge *judge, void *context);

#endif
