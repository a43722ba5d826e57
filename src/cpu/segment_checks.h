/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a CPU checks at each access to a segment, and the engine does not.
 *
 * The engine checks segment registers when they are loaded.  After that it treats every segment as *flat*: readable and
 * writable, with a limit of 4 GiB.  So when an instruction uses another kind of segment, its operands are checked here
 * before it runs.  Which segments are flat is known in advance, so that a flat one costs no time.
 *
 * SDM 3A §5.3 "Limit Checking", §5.4 "Type Checking".
 */
#ifndef WS_CPU_SEGMENT_CHECKS_H
#define WS_CPU_SEGMENT_CHECKS_H

#include "cpu/cpu.h"
#include "x86/operands.h"

/* Read the hidden parts of these segment registers from the engine, and note in cpu->checks.reasons which of them are
 * not flat. */
void ws__segments_refresh(struct ws__cpu *cpu, uint8_t segments);

/* Does the limit of CS allow to fetch `bytes` bytes of code at `eip`? */
bool ws__segments_allow_fetch(const struct ws__checks *checks, uint32_t eip, uint32_t bytes);

/* Do the segments allow the instruction to access its operands, and to branch where it branches?  If not, *vector is
 * the exception, and its error code is 0. */
bool ws__segments_allow(struct ws__cpu *cpu, const struct ws__operands *operands, uint8_t *vector);

/* Why ws__segments_allow() says no.  NONE: it does not, as far as these checks see. */
struct ws_reason ws__segments_reason(struct ws__cpu *cpu, const struct ws__operands *operands);

/* Does a far return stay below the limit of the code segment that it returns to?  The engine does not check this.  true
 * also if the return faults for another reason: the engine raises that fault. */
bool ws__far_return_allowed(struct ws__cpu *cpu, const struct ws__operands *operands);

/* May this far transfer, in ring 3, access its frame on the stack?  If not, it is #PF with this error code, and CR2 is
 * set.  true also if the transfer faults for another reason before: the engine raises that fault. */
bool ws__far_frame_allowed(struct ws__cpu *cpu, const struct ws__operands *operands, uint32_t *error_code);

/* Does the instruction access no memory, because its count is 0 or its unit is switched off? */
bool ws__operands_idle(struct ws__engine *engine, const struct ws__operands *operands);
/* The linear address of an operand, with the registers as they are now. */
uint32_t ws__operand_linear(struct ws__cpu *cpu, const struct ws__operands *operands,
                            const struct ws__operand *operand);
/* Read memory by linear address, without setting accessed bits.  false: the access would be a page fault. */
bool ws__memory_peek(struct ws__cpu *cpu, uint32_t linear, void *out, uint32_t bytes);

/* The linear address of the descriptor that a selector names. */
uint32_t ws__descriptor_linear(struct ws__engine *engine, uint16_t selector);
/* The limit of the table, GDT or LDT, that a selector names. */
uint32_t ws__descriptor_limit(struct ws__engine *engine, uint16_t selector);
/* Read the descriptor that a selector names, without setting accessed bits.  false: it cannot be read. */
bool ws__descriptor_peek(struct ws__cpu *cpu, uint16_t selector, struct ws_descriptor *found);

/* Does an `ltr` with these operands, which is about to begin, load a null selector? */
bool ws__ltr_is_null(struct ws__cpu *cpu, const struct ws__operands *operands);

#endif
