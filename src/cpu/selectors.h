/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which selectors an instruction names, and where they stand.  The CPU reads their descriptors by itself.
 */
#ifndef WS_CPU_SELECTORS_H
#define WS_CPU_SELECTORS_H

#include "cpu/cpu.h"
#include "x86/operands.h"

enum ws__selectors {
    WS__SELECTORS_NONE,    /* the instruction names none */
    WS__SELECTORS_OPERAND, /* in the operand: memory or a register */
    WS__SELECTORS_POINTER, /* behind the offset of a far pointer */
    WS__SELECTORS_CODE,    /* in the instruction itself */
    WS__SELECTORS_FRAME    /* on the stack, behind EIP; SS's stands behind ESP, further on */
};

/* Where the instruction at `linear` has its selector. */
enum ws__selectors ws__selectors_place(struct ws__code_cache *cache, uint32_t linear);

/* Find the selectors that the instruction names, as far as they can be read; the segments must have been read, see
 * ws__check_refresh().  Returns how many. */
unsigned ws__selectors_find(struct ws__cpu *cpu, const struct ws__operands *operands, enum ws__selectors place,
                            uint16_t selector[2]);

#endif
