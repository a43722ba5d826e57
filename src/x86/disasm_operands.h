/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The explicit operands of an instruction, as the disassembler sees them.
 *
 * It is right about addresses.  Which of them are read and written, what the stack does beside, and
 * the size of the larger ones are operands.c's knowledge.
 */
#ifndef WS_X86_DISASM_OPERANDS_H
#define WS_X86_DISASM_OPERANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/disasm.h>

/* Segment and general registers by the number that instructions use; a general register has its
 * enum ws_register's number. */
enum { WS__SEGMENT_ES, WS__SEGMENT_CS, WS__SEGMENT_SS, WS__SEGMENT_DS, WS__SEGMENT_FS, WS__SEGMENT_GS, WS__SEGMENTS };
enum { WS__NO_REGISTER = 8 };

/* base + index * scale + displacement, in a segment */
struct ws__address {
    uint8_t segment; /* the default one if no prefix says otherwise */
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
    uint32_t immediate[2]; /* a branch's: the target as an offset from the instruction's first byte */
    uint8_t general;       /* the last operand that is a general register, or WS__NO_REGISTER */
    bool small;            /* addresses have 16 bits */
};

/* false: no instruction. */
bool ws__disasm_operands(struct ws_disasm *disasm, const uint8_t *code, size_t bytes, bool wide,
                         struct ws__explicit *out);

#endif
