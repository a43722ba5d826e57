/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operands whose address must be a multiple of 16.
 *
 * The engine does not check this, so the library checks it before such an instruction begins.
 */
#ifndef WS_X86_ALIGNMENT_H
#define WS_X86_ALIGNMENT_H

#include <stdbool.h>
#include <stdint.h>

enum { WS__ALIGNMENT_BYTES = 16 };

/* Is this an instruction with such an operand?  `prefix`: 66, f2, f3 or 0, the one that selects among instructions with
 * the same opcode.  `modrm`: the byte behind the opcode. */
bool ws__alignment_wanted(uint16_t opcode, uint8_t prefix, uint8_t modrm);

#endif
