/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers of x87, MMX and SSE: state like any other, which a switch may forget.
 *
 * SDM 1 §8.1 "x87 FPU Execution Environment".  The MMX registers are the low 64 bits of x87's.
 */
#ifndef WORLDSWITCH_FPU_H
#define WORLDSWITCH_FPU_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/buffer.h>

enum { WS_FPU_REGISTERS = 8, WS_FPU_BYTES = 10, WS_XMM_REGISTERS = 8, WS_XMM_BYTES = 16 };

/* Without pointers and gaps: equal states are equal bytes. */
struct ws_fpu {
    uint16_t control;
    uint16_t status; /* bits 11 to 13: which register is ST(0) */
    uint16_t full;   /* bit i: physical register i is in use, by the tag word */
    uint16_t zero;
    uint8_t physical[WS_FPU_REGISTERS][WS_FPU_BYTES]; /* R0 to R7 */
    uint32_t mxcsr;
    uint8_t xmm[WS_XMM_REGISTERS][WS_XMM_BYTES];
};

struct ws_machine;

void ws_machine_fpu(const struct ws_machine *machine, struct ws_fpu *out);

/* Which physical register is ST(i). */
unsigned ws_fpu_physical(const struct ws_fpu *fpu, unsigned i);

/* Does it hold no program's values: all that is in use is zero, as after reset? */
bool ws_fpu_is_clean(const struct ws_fpu *fpu);

/* Append how `b` differs from `a` in words: "st0 (empty) -> 0x3fff8000000000000000; xmm0 …"; nothing if it
 * does not.  With `registers_only`, control and status words are no difference. */
void ws_fpu_compare(const struct ws_fpu *a, const struct ws_fpu *b, bool registers_only, struct ws_buffer *out);

#endif
