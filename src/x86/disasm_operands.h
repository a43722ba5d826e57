/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The explicit operands of an instruction, as the disassembler sees them.
 *
 * The disassembler is right about addresses.  It does not say reliably which operands are read or written, what else
 * happens on the stack, and how large the larger operands are: operands.c knows these.
 */
#ifndef WS_X86_DISASM_OPERANDS_H
#define WS_X86_DISASM_OPERANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/disasm.h>

/* The numbers that instructions use for segment registers.  A general register has the number that it has in enum
 * ws_register; WS__NO_REGISTER: none. */
enum { WS__SEGMENT_ES, WS__SEGMENT_CS, WS__SEGMENT_SS, WS__SEGMENT_DS, WS__SEGMENT_FS, WS__SEGMENT_GS, WS__SEGMENTS };
enum { WS__NO_REGISTER = 8 };

/* An address: base + index * scale + displacement, in a segment. */
struct ws__address {
    uint8_t segment; /* the one that a prefix names, else the default one */
    uint8_t base;
    uint8_t index;
    uint8_t scale;
    uint16_t bytes;
    int32_t displacement;
};

struct ws__explicit {
    unsigned addresses;
    struct ws__address address[2];
    unsigned immediates;
    uint32_t immediate[2]; /* of a branch: the target, as an offset from the instruction's first byte */
    uint8_t general;       /* the last operand that is a general register, or WS__NO_REGISTER */
    bool small;            /* addresses have 16 bits */
};

/* Find the explicit operands of the instruction at `code`.  false: it is no instruction. */
bool ws__disasm_operands(struct ws_disasm *disasm, const uint8_t *code, size_t bytes, bool wide,
                         struct ws__explicit *out);

#endif
