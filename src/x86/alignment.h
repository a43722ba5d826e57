/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operands that must begin at an address which 16 divides.
 *
 * The engine does not look, so such an instruction is looked at before it begins.
 */
#ifndef WS_X86_ALIGNMENT_H
#define WS_X86_ALIGNMENT_H

#include <stdbool.h>
#include <stdint.h>

enum { WS__ALIGNMENT_BYTES = 16 };

/* Is this an instruction with such an operand?  `prefix`: the one that tells instructions of the same opcode apart,
 * 66, f2 or f3, or 0.  `modrm`: the byte behind the opcode. */
bool ws__alignment_wanted(uint16_t opcode, uint8_t prefix, uint8_t modrm);

#endif
