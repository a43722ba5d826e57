/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turnstiles: stretches are counted where they are translated, without a call.
 *
 * The engine calls for each stretch, and as a rule all that comes of it is ws__pace_pass(): a few comparisons and a
 * subtraction, for which a call is dear.  So where a stretch may pass unasked, the call's first instruction is
 * replaced by a jump to a turnstile: machine code that does what ws__pace_pass() does for this one stretch, and goes
 * on behind the call.  Where ws__pace_pass() would say false, it goes back to the call.  (Kernels whose functions can
 * be traced patch calls in the same manner.)
 *
 *      translated code                                turnstile
 *        jmp  ────────────────────────────────────►     as ws__pace_pass() for this stretch
 *        (the rest of the call's operands)                │
 *        call block_hook       ◄──── false, with all its operands
 *        the stretch itself    ◄───────────── true ───────┘
 *
 * A turnstile knows one thing that ws__pace_pass() does not: a segment register that was loaded with what it held
 * before, and that is flat, needs no look.
 *
 * Where instructions are announced (engine_announce.c), there is a call for each of them as well, though most are no
 * sites.  Those get a wicket, in the place of the call's first operands: it goes on behind the call unless each
 * instruction counts.  So do loads of control registers with plain
 * values.  And where a stretch is to be executed in another translation of it, its call is replaced by a
 * jump to the other's.
 *
 * Nothing depends on it.  On other processors than x86-64, and where the call does not look as expected, the call
 * stays, and the marks are the same.
 */
#ifndef WS_CPU_TURNSTILE_H
#define WS_CPU_TURNSTILE_H

/* For turnstile_code.S: what its pieces are, */
#define WS__PIECE_ASK 0     /* go to the call, */
#define WS__PIECE_UNDO 1    /* and before that forget that it was counted */
#define WS__PIECE_SAME 2    /* it follows itself, and writes nothing */
#define WS__PIECE_TOUCHES 3 /* nothing that it uses is watched, or it is known */
#define WS__PIECE_COMPARE 4 /* sixteen bytes of it, or less, are as they were translated */
#define WS__PIECE_COUNT 5   /* count it, */
#define WS__PIECE_LOADS 6   /* say what it loads, */
#define WS__PIECE_PASS 7    /* and let it pass */
#define WS__PIECE_ELSE 8    /* it is too long to be compared */
#define WS__PIECE_LOOK 9    /* what it uses is watched: is it known? */
#define WS__PIECE_KNOWN 10  /* for all: are those segments flat, and as they were? */
#define WS__PIECE_WICKET 11 /* ask only if each instruction must, */
#define WS__PIECE_LOAD 12   /* or if what it loads is not plain, or not allowed; */
#define WS__PIECE_KEEP 13   /* keep that */
#define WS__PIECES 14

/* and what is filled in: distances to addresses, */
#define WS__HOLE_ASK 0
#define WS__HOLE_UNDO 1
#define WS__HOLE_CALL 2
#define WS__HOLE_PASS 3
#define WS__HOLE_LEFT 4
#define WS__HOLE_PRESENT 5
#define WS__HOLE_WATCHED 6
#define WS__HOLE_CLOSELY 7
#define WS__HOLE_RAM 8
#define WS__HOLE_COPY 9
#define WS__HOLE_KNOWN 10
#define WS__HOLE_FLAT 11
#define WS__HOLE_KEPT 12
#define WS__HOLE_LOOK 13
#define WS__HOLE_BACK 14
#define WS__HOLE_SHORT 15 /* as WS__HOLE_PASS */
#define WS__HOLES_RELATIVE 16
/* and values. */
#define WS__HOLE_UC 16
#define WS__HOLE_LINEAR 17
#define WS__HOLE_BYTES 18
#define WS__HOLE_CONTEXT 19
#define WS__HOLE_NAME 20
#define WS__HOLE_TOUCHES 21
#define WS__HOLE_LOADS 22
#define WS__HOLE_INSTRUCTIONS 23
#define WS__HOLE_COUNTS 24
#define WS__HOLE_HIDDEN 25
#define WS__HOLE_FROM 26
#define WS__HOLE_SELECTOR 27
#define WS__HOLE_MASK 28
#define WS__HOLE_PLAIN 29
#define WS__HOLES 30

#define WS__TOUCHES_SEGMENTS 0x3f /* of what a stretch touches, see stretch.h: WS__SEGMENT_ES and so on */

#ifndef __ASSEMBLER__

#include "cpu/stretch.h"

enum ws__turnstile_area {
    WS__TURNSTILE_OFTEN,
    WS__TURNSTILE_SELDOM,
    WS__TURNSTILE_COPIES, /* of stretches' bytes */
    WS__TURNSTILE_AREAS
};

/* They belong to one engine. */
struct ws__turnstiles {
    struct ws__pace *pace;
    uint8_t *room; /* where they are, behind the pace; NULL: there is none */
    int32_t hidden; /* where segments' hidden parts are, from the CPU's state on; -1: unknown, and there are none */
    uint32_t used[WS__TURNSTILE_AREAS]; /* where each of its areas ends, in bytes */
    uint32_t count; /* of turnstiles, wickets not among them */
};

/* What the call hands on, in the order of the operands. */
struct ws__turnstile_call {
    uint64_t uc, linear, bytes, context;
};

/* Make the pace, and room for turnstiles near to it if that is possible.  false: no memory. */
bool ws__turnstiles_init(struct ws__turnstiles *turnstiles);
void ws__turnstiles_release(struct ws__turnstiles *turnstiles);

/* The hidden part of ES is so many bytes behind the beginning of the CPU's state, and those of the others follow:
 * there can be turnstiles now. */
void ws__turnstiles_open(struct ws__turnstiles *turnstiles, size_t hidden);

/* Set one up for `stretch`, which may pass unasked, and whose call is as `call` says.  false: the call stays. */
bool ws__turnstile_set(struct ws__turnstiles *turnstiles, const struct ws__turnstile_call *call,
                       const struct ws__stretch *stretch);
/* Set up a wicket for an instruction that is no site, and whose call, as `call` says, ends at `end`.  false: as
 * above. */
bool ws__wicket_set(struct ws__turnstiles *turnstiles, const struct ws__turnstile_call *call, const uint8_t *end);
/* The same for a load of a control register.  `from`, `code_selector`: where the value and CS are, from the CPU's state
 * on. */
bool ws__wicket_set_for_load(struct ws__turnstiles *turnstiles, const struct ws__turnstile_call *call,
                             const uint8_t *end, const struct ws__load *load, uint32_t from, uint32_t code_selector);
/* Have the stretch whose call ends at `from` executed in the translation whose call ends at `to`.  false: as above. */
bool ws__turnstile_redirect(const struct ws__turnstile_call *from_call, const uint8_t *from,
                            const struct ws__turnstile_call *to_call, const uint8_t *to);
/* The engine has forgotten its translations, and with them the jumps to turnstiles. */
void ws__turnstiles_clear(struct ws__turnstiles *turnstiles);

#endif
#endif
