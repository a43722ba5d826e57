/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which operands must be aligned: a table.
 *
 * Of the instructions on XMM registers, those with an operand of 16 bytes in memory need it aligned.  Exceptions are
 * movups, movupd, movdqu, lddqu and maskmovdqu; smaller operands need not be aligned.  This CPU has SSE, SSE2 and
 * SSE3.
 *
 * SDM 1 §4.1.1 "Alignment of Words, Doublewords, Quadwords, and Double Quadwords"; SDM 2A §2.4.1 "Exceptions Type 1
 * (Aligned Memory Reference)", §2.4.2 "Exceptions Type 2 (>=16 Byte Memory Reference, Unaligned)", §2.4.4 "Exceptions
 * Type 4 (>=16 Byte Mem Arg, No Alignment, No Floating-point Exceptions)": what they say of legacy SSE; SDM 3B §22.25.3
 * "Exception Conditions of Legacy SIMD Instructions Operating on MMX Registers"; SDM 2A "FXSAVE—Save x87 FPU, MMX
 * Technology, and SSE State", "FXRSTOR—Restore x87 FPU, MMX, XMM, and MXCSR State"
 */
#include "x86/alignment.h"

#include <stddef.h>

enum { REGISTERS = 0xc0 /* the first ModRM byte that names no memory */ };

/* The prefixes with which the opcode is an instruction whose operand must be aligned; NO: without one. */
enum { NO = 1, P66 = 2, F2 = 4, F3 = 8, ANY = NO | P66 | F2 | F3 };

static const struct {
    uint16_t opcode, last;
    int8_t reg; /* the ModRM byte's middle field; -1: any */
    uint8_t prefixes;
} rows[] = {
    {0x0f12, 0x0f12, -1, F3},            /* movsldup */
    {0x0f14, 0x0f15, -1, NO | P66},      /* unpcklps, unpcklpd, unpckhps, unpckhpd */
    {0x0f16, 0x0f16, -1, F3},            /* movshdup */
    {0x0f28, 0x0f29, -1, NO | P66},      /* movaps, movapd */
    {0x0f2b, 0x0f2b, -1, NO | P66},      /* movntps, movntpd */
    {0x0f2c, 0x0f2d, -1, P66},           /* cvttpd2pi, cvtpd2pi */
    {0x0f51, 0x0f51, -1, NO | P66},      /* sqrtps, sqrtpd */
    {0x0f52, 0x0f53, -1, NO},            /* rsqrtps, rcpps */
    {0x0f54, 0x0f59, -1, NO | P66},      /* andps, andnps, orps, xorps, addps, mulps; and pd */
    {0x0f5a, 0x0f5a, -1, P66},           /* cvtpd2ps */
    {0x0f5b, 0x0f5b, -1, NO | P66 | F3}, /* cvtdq2ps, cvtps2dq, cvttps2dq */
    {0x0f5c, 0x0f5f, -1, NO | P66},      /* subps, minps, divps, maxps; and pd */
    {0x0f60, 0x0f6d, -1, P66},           /* punpck.., packss.., packuswb, pcmpgt.. */
    {0x0f6f, 0x0f6f, -1, P66},           /* movdqa */
    {0x0f70, 0x0f70, -1, P66 | F2 | F3}, /* pshufd, pshuflw, pshufhw */
    {0x0f74, 0x0f76, -1, P66},           /* pcmpeq.. */
    {0x0f7c, 0x0f7d, -1, P66 | F2},      /* haddpd, hsubpd; and ps */
    {0x0f7f, 0x0f7f, -1, P66},           /* movdqa */
    {0x0fae, 0x0fae, 0, ANY},            /* fxsave */
    {0x0fae, 0x0fae, 1, ANY},            /* fxrstor */
    {0x0fc2, 0x0fc2, -1, NO | P66},      /* cmpps, cmppd */
    {0x0fc6, 0x0fc6, -1, NO | P66},      /* shufps, shufpd */
    {0x0fd0, 0x0fd0, -1, P66 | F2},      /* addsubpd, addsubps */
    {0x0fd1, 0x0fd5, -1, P66},           /* psrl.., paddq, pmullw */
    {0x0fd8, 0x0fe5, -1, P66},           /* psubus.. to pmulhw */
    {0x0fe6, 0x0fe6, -1, P66 | F2},      /* cvttpd2dq, cvtpd2dq */
    {0x0fe7, 0x0fef, -1, P66},           /* movntdq, psubs.. to pxor */
    {0x0ff1, 0x0ff6, -1, P66},           /* psll.. to psadbw */
    {0x0ff8, 0x0ffe, -1, P66},           /* psub.., padd.. */
};

static uint8_t prefix_bit(uint8_t prefix)
{
    switch (prefix) {
    case 0x66:
        return P66;
    case 0xf2:
        return F2;
    case 0xf3:
        return F3;
    default:
        return NO;
    }
}

bool ws__alignment_wanted(uint16_t opcode, uint8_t prefix, uint8_t modrm)
{
    if (modrm >= REGISTERS)
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (opcode >= rows[i].opcode && opcode <= rows[i].last && (rows[i].reg < 0 || rows[i].reg == (modrm >> 3 & 7)))
            return rows[i].prefixes & prefix_bit(prefix);
    }
    return false;
}
