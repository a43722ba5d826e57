/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which memory an instruction touches: through which segment, where, how much, and how.
 *
 * The disassembler knows the explicit operands' addresses.  What it does not know, or says wrongly,
 * stands in tables here: which operands are written, what happens on the stack, how large the state
 * of the floating-point unit is, and where a branch goes.
 */
#ifndef WS_X86_OPERANDS_H
#define WS_X86_OPERANDS_H

#include "x86/disasm_operands.h"

enum { WS__READ = 1, WS__WRITE = 2 };

/* How an operand's offset is more than base + index * scale + displacement. */
enum ws__offset_rule {
    WS__OFFSET_PLAIN,
    WS__OFFSET_STACK, /* as wide as the stack segment's B flag says */
    WS__OFFSET_BITS,  /* a bit string's: the bit number in `general` adds words to it */
    WS__OFFSET_AL     /* xlat: AL is added */
};

struct ws__operand {
    struct ws__address address;
    uint8_t access; /* WS__READ, WS__WRITE or both */
    uint8_t rule;   /* enum ws__offset_rule */
};

enum ws__branch {
    WS__BRANCH_NONE,
    WS__BRANCH_ALWAYS,
    WS__BRANCH_CONDITION, /* `condition` as in the opcode */
    WS__BRANCH_COUNT,     /* loopne, loope, loop, jecxz: `condition` 0 to 3 */
    WS__BRANCH_REGISTER,  /* to what `general` holds */
    WS__BRANCH_MEMORY,    /* to what the first operand holds */
    WS__BRANCH_RETURN,    /* the same, and the first operand is the stack's top */
    WS__BRANCH_FAR_CALL,  /* to the selector that the first operand holds, or else to `target`'s */
    WS__BRANCH_FAR_RETURN
};

/* Units that may be switched off, in which case nothing is accessed. */
enum ws__unit {
    WS__UNIT_INTEGER,
    WS__UNIT_X87,
    WS__UNIT_SSE,
    WS__UNIT_MMX /* in tables only: the x87's, or SSE's with a prefix */
};

/* In the order in which the CPU accesses them. */
struct ws__operands {
    uint8_t count;
    uint8_t segments; /* one bit a WS__SEGMENT_ that an operand uses */
    struct ws__operand operand[3];
    uint8_t general; /* see `rule` and `branch` */
    bool small;      /* addresses have 16 bits */
    bool narrow;     /* the operation has 16 bits */
    bool repeated;   /* rep: nothing is accessed when the count is 0 */
    uint8_t unit;    /* enum ws__unit */
    uint8_t branch;  /* enum ws__branch */
    uint8_t condition;
    uint32_t target;   /* a direct branch's, as an offset from the instruction's first byte; a far one's selector */
    uint16_t released; /* what a far return takes off the stack beside */
};

/* Find the operands of the instruction at `code`, all of whose `bytes` are there. */
void ws__operands_find(struct ws__operands *out, struct ws_disasm *disasm, const uint8_t *code, size_t bytes,
                       bool wide);

#endif
