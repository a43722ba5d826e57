/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why an exception was raised, found afterwards.
 *
 * Most exceptions the library raises itself, and gives the reason with them.  Others the engine raises, and tells only
 * vector and error code.  Then these files go through the checks that the manual lists for the instruction.  A check
 * that fails is believed only if the manual's vector and error code for it are those that were raised.
 *
 *   why.c           instructions: privileges, units, divisions, operands
 *   why_selector.c  selectors and descriptors: loads of segments, far transfers, returns
 */
#ifndef WS_CPU_WHY_H
#define WS_CPU_WHY_H

#include "cpu/cpu.h"
#include "x86/operands.h"

/* A search for the reason. */
struct ws__why {
    struct ws__cpu *cpu;
    const struct ws__raise *raise;
    const struct ws__operands *operands;
    struct ws__opcode what;
    uint32_t linear; /* where the instruction stands */
    unsigned cpl;
    struct ws_reason reason; /* NONE: not found yet */
};

/* Why the last instruction that has begun raises this exception.  Registers and memory must be as they were when it
 * began; nothing is changed. */
struct ws_reason ws__why(struct ws__cpu *cpu, const struct ws__raise *raise);

/* A check fails for this reason, which is an exception with this vector and error code: is it the one that was raised?
 * Then it is the reason. */
bool ws__why_is(struct ws__why *why, uint8_t vector, uint32_t error_code, struct ws_reason reason);

/* Go through the checks on the selectors that the instruction names. */
void ws__why_selectors(struct ws__why *why);

#endif
