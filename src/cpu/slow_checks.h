/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slow-path checks: what ws__cpu_begin() does only when there is a reason for it.  Reasons are segments that are
 * not flat, breakpoints in the debug registers, traps that wait, and EFLAGS.RF.
 *
 * The reasons are bits of cpu->checks.reasons.  Three checks need no reason, since a class of instructions wants them:
 * ws__check_alignment(), ws__check_far(), and ws__check_operands() if a prefix names CS.
 */
#ifndef WS_CPU_SLOW_CHECKS_H
#define WS_CPU_SLOW_CHECKS_H

#include "cpu/cpu.h"
#include "x86/operands.h"

enum {
    /* 1 << WS__SEGMENT_..: that segment is not flat; CS has WS__CHECK_FETCH instead */
    WS__CHECK_SEGMENTS = (1 << WS__SEGMENTS) - 1,
    WS__CHECK_FETCH = 1 << 8,  /* CS has a limit below 4 GiB */
    WS__CHECK_UNREAD = 1 << 9, /* segment registers may have been loaded: see cpu->checks.unread */
    WS__CHECK_RF = 1 << 10,    /* EFLAGS.RF is set in the engine */
    WS__CHECK_CODE = 1 << 11,  /* DR7 enables a breakpoint on instructions */
    WS__CHECK_DATA = 1 << 12,  /* DR7 enables a breakpoint on data */
    WS__CHECK_TRAP = 1 << 13,  /* breakpoints were met, and #DB was not raised yet */

    WS__CHECK_AT_BOUNDARY = WS__CHECK_UNREAD | WS__CHECK_RF | WS__CHECK_TRAP,
    WS__CHECK_AT_FETCH = WS__CHECK_FETCH | WS__CHECK_CODE,
    /* reasons to look at operands, whatever segment they are in */
    WS__CHECK_AT_OPERANDS = WS__CHECK_FETCH | WS__CHECK_DATA | WS__CHECK_TRAP
};

/* At the boundary where this instruction may begin: does a trap, or RF, come before it?  false: yes, and
 * cpu->run.action says which. */
bool ws__check_boundary(struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* These segment registers (one bit for each WS__SEGMENT_) are being loaded.  Reading their hidden parts takes time, so
 * that is left to the first instruction that uses one of them. */
void ws__check_loaded(struct ws__checks *checks, uint8_t segments);

/* Read the hidden parts of these segment registers now. */
void ws__check_look(struct ws__cpu *cpu, uint8_t segments);
/* Read the hidden parts of all segment registers now. */
void ws__check_refresh(struct ws__cpu *cpu);

/* The instruction at `linear` begins: does CS's limit allow the fetch, and does no breakpoint stand on it?  `again`: it
 * is the next iteration of a repeated instruction.  false: cpu->run.action says what to raise. */
bool ws__check_fetch(struct ws__cpu *cpu, uint32_t bytes, uint32_t linear, bool again);

/* May the instruction access its operands?  false: as above. */
bool ws__check_operands(struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* Is the operand of an instruction aligned (see x86/alignment.h), with the registers as they are now? */
bool ws__alignment_holds(struct ws__cpu *cpu, const struct ws__operands *operands);

/* The same before the instruction begins: is its operand aligned, or is the unit switched off that would access it?
 * false: as above.  This check needs no reason. */
bool ws__check_alignment(struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* May the engine do this far transfer: access its frame, and return where the frame says?  false: as above, or the
 * library does the transfer.  This check needs no reason: the segment that a far return loads may have a limit. */
bool ws__check_far(struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* Recompute the reasons that follow from the state alone.  Call this after the state was replaced, or DR7 was
 * written. */
void ws__check_reconsider(struct ws__cpu *cpu);

/* A handler or a task was entered: RF is clear, and all segments may be others. */
void ws__check_entered(struct ws__cpu *cpu);

#endif
