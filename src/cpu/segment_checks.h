/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a CPU checks with every access to a segment, and the engine does not.
 *
 * The engine checks segment registers when they are loaded and then takes every segment for a flat
 * one.  So the operands of instructions that use others are checked here, before they run.  Which
 * segments are flat is known in advance: a flat one costs nothing.
 *
 * SDM 3A §5.3 "Limit Checking", §5.4 "Type Checking".
 */
#ifndef WS_CPU_SEGMENT_CHECKS_H
#define WS_CPU_SEGMENT_CHECKS_H

#include "cpu/cpu.h"
#include "x86/operands.h"

/* Look at the hidden parts of these segment registers again, and put into cpu->checks.reasons which of them are not
 * flat. */
void ws__segments_refresh(struct ws__cpu *cpu, uint8_t segments);

/* May `bytes` bytes of code be fetched at `eip`? */
bool ws__segments_allow_fetch(const struct ws__cpu *cpu, uint32_t eip, uint32_t bytes);

/* May the instruction access its operands, and go where it branches to?  If not, the exception's
 * vector is in *vector; its error code is 0. */
bool ws__segments_allow(struct ws__cpu *cpu, const struct ws__operands *operands, uint8_t *vector);

/* Does a far return stay below the limit of the code segment that it returns to?  The engine does not
 * look.  If everything else is not in order, the engine says so: true. */
bool ws__far_return_allowed(struct ws__cpu *cpu, const struct ws__operands *operands);

/* May this far transfer, in ring 3, access its frame on the stack (segment_checks.c)?  If not, it is #PF with this
 * error code, and CR2 is set.  If something else comes first, the engine says so: true. */
bool ws__far_frame_allowed(struct ws__cpu *cpu, const struct ws__operands *operands, uint32_t *error_code);

/* Does the instruction access nothing, because a count is 0 or because its unit is switched off? */
bool ws__operands_idle(struct ws__cpu *cpu, const struct ws__operands *operands);
/* Where an operand is, with the registers as they are now. */
uint32_t ws__operand_linear(struct ws__cpu *cpu, const struct ws__operands *operands,
                            const struct ws__operand *operand);
/* Read from linear memory without a trace.  false: a page fault would come of it. */
bool ws__memory_peek(struct ws__cpu *cpu, uint32_t linear, void *out, uint32_t bytes);

/* Where the descriptor is that a selector names. */
uint32_t ws__descriptor_linear(struct ws__cpu *cpu, uint16_t selector);
/* Read the descriptor that a selector names, without a trace.  false: there is none. */
bool ws__descriptor_peek(struct ws__cpu *cpu, uint16_t selector, struct ws_descriptor *found);

/* Does an `ltr` with these operands, which is about to begin, load a null selector? */
bool ws__ltr_is_null(struct ws__cpu *cpu, const struct ws__operands *operands);

#endif
