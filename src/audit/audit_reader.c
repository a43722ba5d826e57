/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which instructions read registers of x87, MMX and SSE, to work with them?  What only loads or clears one does not,
 * and neither does what saves or loads all of them.
 *
 * SDM 2D §A.3 "One, Two, and Three-Byte Opcode Maps"; SDM 2D §A.5 "Escape Opcode Instructions"
 */
#include "audit/audit.h"

/* -- x87 --------------------------------------------------------------------------------------- */

/* Forms with an operand in memory that read no register: by the lowest three bits of the opcode, a bit for each digit
 * of ModR/M. */
static const uint8_t x87_memory_loads[8] = {
    0x00, 0x71, /* D9: fld, fldenv, fldcw, fnstenv, fnstcw */
    0x00, 0x21, /* DB: fild, fld */
    0x00, 0xd1, /* DD: fld, frstor, fnsave, fnstsw */
    0x00, 0x31, /* DF: fild, fbld, fild */
};

static bool x87_reads(uint8_t opcode, uint8_t modrm)
{
    if (modrm < 0xc0)
        return !(x87_memory_loads[opcode & 7] >> (modrm >> 3 & 7) & 1);
    if (opcode == 0xd9)
        return modrm != 0xd0 && (modrm < 0xe8 || modrm > 0xee) && modrm != 0xf6 && modrm != 0xf7; /* fnop, fld1... */
    if (opcode == 0xdb)
        return modrm < 0xe0 || modrm > 0xe4;                                        /* fnclex, fninit */
    return !(opcode == 0xdd && modrm < 0xc8) && !(opcode == 0xdf && modrm == 0xe0); /* ffree, fnstsw */
}

/* -- MMX and SSE ------------------------------------------------------------------------------- */

static bool is_vector(uint8_t opcode)
{
    return (opcode >= 0x10 && opcode <= 0x17) || (opcode >= 0x28 && opcode <= 0x2f) ||
           (opcode >= 0x50 && opcode <= 0x76) || (opcode >= 0x7c && opcode <= 0x7f) ||
           (opcode >= 0xc2 && opcode <= 0xc6 && opcode != 0xc3) || opcode >= 0xd0;
}

/* From memory into a register; `scalar`: with the prefix F3. */
static bool is_load(uint8_t opcode, uint8_t modrm, uint8_t prefix)
{
    if (opcode == 0x6e)
        return true; /* movd from a general register */
    if (modrm >= 0xc0)
        return false;
    return opcode == 0x10 || opcode == 0x28 || opcode == 0x6f || (opcode == 0x7e && prefix == 0xf3) || opcode == 0xf0;
}

/* Of a register with itself: all become zero, or ones, whatever was there. */
static bool is_clearing(uint8_t opcode, uint8_t modrm)
{
    static const uint8_t clears[] = {0x57, 0xef, 0xf8, 0xf9, 0xfa, 0xfb, 0x74, 0x75, 0x76};
    for (unsigned i = 0; i < sizeof clears && modrm >= 0xc0 && (modrm >> 3 & 7) == (modrm & 7); i++)
        if (clears[i] == opcode)
            return true;
    return false;
}

bool ws__reads_fpu(const uint8_t *code, size_t bytes)
{
    uint8_t prefix = 0;
    size_t at = 0;
    while (at < bytes && (code[at] == 0x66 || code[at] == 0xf2 || code[at] == 0xf3 || code[at] == 0x67 ||
                          (code[at] & 0xe7) == 0x26 || code[at] == 0x64 || code[at] == 0x65))
        prefix = code[at++];
    if (at + 3 > bytes)
        return false;
    if ((code[at] & 0xf8) == 0xd8)
        return x87_reads(code[at], code[at + 1]);
    return code[at] == 0x0f && is_vector(code[at + 1]) && !is_load(code[at + 1], code[at + 2], prefix) &&
           !is_clearing(code[at + 1], code[at + 2]);
}
