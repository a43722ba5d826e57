/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which memory an instruction accesses: through which segment, where, how much, and how.
 *
 * The disassembler knows the addresses of explicit operands.  Tables in operands.c say what it does not know or says
 * wrongly: which operands are written, what happens on the stack, how large the state of the floating-point unit is,
 * and where a branch goes.
 */
#ifndef WS_X86_OPERANDS_H
#define WS_X86_OPERANDS_H

#include "x86/disasm_operands.h"

enum { WS__READ = 1, WS__WRITE = 2 };

/* How an operand's offset is computed from base + index * scale + displacement. */
enum ws__offset_rule {
    WS__OFFSET_PLAIN,
    WS__OFFSET_STACK, /* the stack: 16 or 32 bits wide, as the B flag of SS says */
    WS__OFFSET_BITS,  /* a bit string: the bit number in `general` adds words */
    WS__OFFSET_AL     /* xlat: AL is added to it */
};

struct ws__operand {
    struct ws__address address;
    uint8_t access; /* WS__READ, WS__WRITE or both */
    uint8_t rule;   /* enum ws__offset_rule */
};

enum ws__branch {
    WS__BRANCH_NONE,
    WS__BRANCH_ALWAYS,
    WS__BRANCH_CONDITION, /* if `condition` holds: the lowest four bits of the opcode */
    WS__BRANCH_COUNT,     /* loopne, loope, loop, jecxz: `condition` is 0, 1, 2, 3 */
    WS__BRANCH_REGISTER,  /* to the address in the register `general` */
    WS__BRANCH_MEMORY,    /* to the address that the first operand holds */
    WS__BRANCH_RETURN,    /* likewise; the first operand is the top of the stack */
    WS__BRANCH_FAR_CALL,  /* a selector: in the first operand, or in `target` if it is a direct one */
    WS__BRANCH_FAR_RETURN
};

/* The units of the CPU.  While a unit is switched off, its instructions access no memory. */
enum ws__unit {
    WS__UNIT_INTEGER,
    WS__UNIT_X87,
    WS__UNIT_SSE,
    WS__UNIT_MMX /* in tables only: it means the x87, or SSE with a prefix */
};

/* The operands of one instruction, in the order in which the CPU accesses them. */
struct ws__operands {
    uint8_t count;
    uint8_t segments; /* one bit for each WS__SEGMENT_ that an operand uses */
    struct ws__operand operand[3];
    struct ws__operand named; /* of invlpg: the address that it names, without an access */
    uint8_t general;          /* a general register that `rule` or `branch` needs */
    bool small;               /* addresses have 16 bits */
    bool narrow;              /* operands have 16 bits */
    bool repeated;            /* rep: nothing is accessed when the count is 0 */
    uint8_t unit;             /* enum ws__unit */
    uint8_t branch;           /* enum ws__branch */
    uint8_t condition;
    /* Of a direct branch: the offset from the instruction's first byte; of a direct far one: the selector. */
    uint32_t target;
    uint16_t released; /* how many bytes a far return releases behind its frame */
};

/* Find the operands of the instruction at `code`.  All its `bytes` must be there. */
void ws__operands_find(struct ws__operands *out, struct ws_disasm *disasm, const uint8_t *code, size_t bytes,
                       bool wide);

#endif
