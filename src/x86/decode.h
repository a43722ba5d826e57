/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kind of instruction is about to begin.
 *
 * Nearly all are nobody's business but the engine's.  The others are of three sorts: those that the
 * library executes itself because the engine does them wrong or not at all (`int`, `rdtsc`, `mov
 * %dr`), those that need a check first (ports, control registers, operands that must be aligned), and
 * those whose effect is worth an event.  So this looks at prefixes and opcode only, and asks the
 * disassembler for the length and whether it is an instruction at all.
 *
 * SDM 2A §2.1 "Instruction Format for Protected Mode, Real-Address Mode, and Virtual-8086 Mode".
 */
#ifndef WS_X86_DECODE_H
#define WS_X86_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/disasm.h>

#include "x86/disasm_operands.h"

enum ws__class {
    WS__CLASS_PLAIN,
    WS__CLASS_INVALID, /* no instruction, or none of this CPU: #UD */
    WS__CLASS_INT,     /* int n; operand: n */
    WS__CLASS_INT3,
    WS__CLASS_INTO,
    WS__CLASS_ICEBP, /* int1 */
    WS__CLASS_HLT,
    WS__CLASS_PORT_IMM, /* in, out; operand: the port */
    WS__CLASS_PORT_DX,  /* in, out, ins, outs */
    WS__CLASS_RDTSC,
    WS__CLASS_RDMSR,
    WS__CLASS_WRMSR,
    WS__CLASS_RDPMC,
    WS__CLASS_CPUID,
    WS__CLASS_MOV_TO_CR,  /* operand: the control register's number */
    WS__CLASS_MOV_TO_CR3, /* likewise; any value will do, and what comes of it is looked at when it is needed */
    WS__CLASS_LMSW,       /* lmsw, clts: they write CR0 */
    WS__CLASS_MOV_FROM_DR,
    WS__CLASS_MOV_TO_DR, /* operand: the debug register's number */
    WS__CLASS_LGDT,
    WS__CLASS_LIDT,
    WS__CLASS_LLDT,
    WS__CLASS_LTR,
    WS__CLASS_INVLPG,
    WS__CLASS_CALL,
    WS__CLASS_CALL_FAR,
    WS__CLASS_JMP_FAR,
    WS__CLASS_RET,
    WS__CLASS_RET_FAR,
    WS__CLASS_IRET,
    WS__CLASS_STI,
    WS__CLASS_POPF,         /* what it does to EFLAGS matters at the next boundary */
    WS__CLASS_BIT_TEST,     /* bt, bts, btr, btc */
    WS__CLASS_EARLY_FLAGS,  /* rcl, rcr, setcc: the engine changes its record of the flags before it stores */
    WS__CLASS_STALE_FLAGS,  /* loopne, loope, cmpxchg8b: unless it is announced, the engine may keep flags of before */
    WS__CLASS_LOAD_SEGMENT, /* DS, ES, FS or GS; or SS by lss; operand: which, WS__SEGMENT_... */
    WS__CLASS_ALIGNED,      /* its operand must be aligned: see alignment.h */
    WS__CLASS_IN_CODE,      /* none of the others, with a prefix that names CS */
    WS__CLASS_LOAD_SS,      /* mov %ss, pop %ss: no interrupt behind it */
    WS__CLASS_COUNT
};

struct ws__decoded {
    uint8_t class_;   /* enum ws__class */
    uint8_t length;   /* bytes; 0 if unknown because the rest could not be read */
    uint8_t operand;  /* see the classes */
    uint8_t general;  /* MOV_TO_CR, MOV_*_DR: the general register's number */
    uint8_t width;    /* PORT_*: bytes of the access */
    bool repeated;    /* rep: each iteration is an instruction of its own */
    bool in_code;     /* a prefix names CS */
    uint8_t segments; /* one bit a WS__SEGMENT_ that operands use; all ones until somebody asked for them */
};

/* The segment registers that it loads, one bit a WS__SEGMENT_; but for far transfers. */
uint8_t ws__decoded_loads(const struct ws__decoded *decoded);

static inline bool ws__class_loads_control(uint8_t class_)
{
    return class_ == WS__CLASS_MOV_TO_CR || class_ == WS__CLASS_MOV_TO_CR3;
}

/* A far transfer: it loads CS and EIP. */
static inline bool ws__class_is_far(uint8_t class_)
{
    return class_ == WS__CLASS_CALL_FAR || class_ == WS__CLASS_JMP_FAR || class_ == WS__CLASS_RET_FAR ||
           class_ == WS__CLASS_IRET;
}

/* Prefixes and opcode alone. */
struct ws__opcode {
    uint16_t opcode;    /* one byte, or 0x0f00 | the second */
    int8_t reg;         /* the ModRM byte's middle field, if there is one; -1: no byte follows */
    uint8_t modrm;      /* that byte; 0: none follows */
    uint8_t segment;    /* what a prefix names; WS__SEGMENTS: no prefix */
    bool operand_small; /* 66 */
    bool repeated;      /* f2 or f3 */
};

/* false: the opcode lies beyond `bytes`. */
bool ws__decode_opcode(struct ws__opcode *out, const uint8_t *code, size_t bytes);
bool ws__decode_is_string(uint16_t opcode);

/* Decode what stands at `code`; `bytes` of it could be read, 15 if nothing was in the way. */
void ws__decode(struct ws__decoded *out, struct ws_disasm *disasm, const uint8_t *code, size_t bytes, bool wide);

#endif
