/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What begin() does only when there is a reason to be careful: segments that are not flat,
 * breakpoints in the debug registers, traps that wait, RF.
 *
 * The reasons are bits of cpu->checks.reasons.  While it is 0, none of this is called.
 */
#ifndef WS_CPU_SLOW_CHECKS_H
#define WS_CPU_SLOW_CHECKS_H

#include "cpu/cpu.h"
#include "x86/operands.h"

enum {
    /* 1 << WS__SEGMENT_..: that segment is not flat; CS's reason has its own bit */
    WS__CHECK_SEGMENTS = (1 << WS__SEGMENTS) - 1,
    WS__CHECK_FETCH = 1 << 8,  /* the code segment has a limit */
    WS__CHECK_UNREAD = 1 << 9, /* segment registers may have changed */
    WS__CHECK_RF = 1 << 10,    /* EFLAGS.RF is set in the engine */
    WS__CHECK_CODE = 1 << 11,  /* DR7 enables a breakpoint on instructions */
    WS__CHECK_DATA = 1 << 12,  /* DR7 enables a breakpoint on data */
    WS__CHECK_TRAP = 1 << 13,  /* breakpoints were hit that have not been reported */

    WS__CHECK_AT_BOUNDARY = WS__CHECK_UNREAD | WS__CHECK_RF | WS__CHECK_TRAP,
    WS__CHECK_AT_FETCH = WS__CHECK_FETCH | WS__CHECK_CODE,
    /* with operands in whatever segment */
    WS__CHECK_AT_OPERANDS = WS__CHECK_FETCH | WS__CHECK_DATA | WS__CHECK_TRAP
};

/* Before the boundary at which this instruction may begin; NULL: one that cannot be fetched.  false: it
 * may not yet, cpu->run.action says why. */
bool ws__check_boundary(struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* These segment registers (one bit a WS__SEGMENT_) are being loaded.  Reading their hidden parts costs,
 * so that is left to the first instruction that uses one of them. */
void ws__check_loaded(struct ws__cpu *cpu, uint8_t segments);

/* Read the hidden parts of these segment registers now, */
void ws__check_look(struct ws__cpu *cpu, uint8_t segments);
/* or those of all. */
void ws__check_refresh(struct ws__cpu *cpu);

/* The instruction at `linear` begins: may it be fetched, and is there no breakpoint on it?  false:
 * cpu->run.action says what to raise. */
bool ws__check_fetch(struct ws__cpu *cpu, uint32_t bytes, uint32_t linear, bool again);

/* May it access its operands?  false: as above. */
bool ws__check_operands(struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* Is the operand of an instruction where it must be (see x86/alignment.h), with the registers as they are now? */
bool ws__alignment_holds(struct ws__cpu *cpu, const struct ws__operands *operands);

/* Is its operand aligned, if the unit is there that would access it?  false: as above.  This one is asked without a
 * reason, too. */
bool ws__check_alignment(struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* May the engine do this far transfer: access its frame, return where the frame says?  false: as above, or the library
 * does it.  This one is asked without a reason: what a far return loads may have a limit. */
bool ws__check_far(struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* Reasons that follow from the state alone; after it was replaced, or DR7 was written. */
void ws__check_reconsider(struct ws__cpu *cpu);

/* A handler was entered. */
void ws__check_entered(struct ws__cpu *cpu);

#endif
