/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which class of instruction is about to begin.
 *
 * Nearly all instructions are *plain*: the engine executes them, and the library has nothing to do.  The others are of
 * three sorts.  Some the library executes itself, because the engine does them wrong or not at all (`int`, `rdtsc`,
 * `mov %dr`).  Some need a check first (ports, control registers, operands that must be aligned).  Some have an effect
 * that is reported as an event.  The class follows from prefixes and opcode alone; the disassembler only tells the
 * length, and whether the bytes are an instruction at all.
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
    WS__CLASS_INVALID, /* no instruction, or one that this CPU does not have: #UD */
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
    WS__CLASS_MOV_TO_CR3, /* likewise; CR3 takes any value, and block mode notices the load later */
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
    WS__CLASS_JMP, /* near, to an address in a register or in memory */
    WS__CLASS_JMP_FAR,
    WS__CLASS_RET,
    WS__CLASS_RET_FAR,
    WS__CLASS_IRET,
    WS__CLASS_STI,
    WS__CLASS_POPF,        /* it loads EFLAGS: interrupts or single steps may follow */
    WS__CLASS_BIT_TEST,    /* bt, bts, btr, btc */
    WS__CLASS_EARLY_FLAGS, /* rcl, rcr, setcc: the engine changes flags before it stores, see in_progress.c */
    /* loopne, loope, cmpxchg8b: the engine may keep flags of before, unless the instruction is announced. */
    WS__CLASS_STALE_FLAGS,
    WS__CLASS_LOAD_SEGMENT, /* DS, ES, FS or GS; or SS by lss; operand: which, WS__SEGMENT_... */
    WS__CLASS_ALIGNED,      /* its operand must be aligned: see x86/alignment.h */
    WS__CLASS_IN_CODE,      /* a plain one with a prefix that names CS */
    WS__CLASS_LOAD_SS,      /* mov and pop to SS: no interrupt at the boundary behind it */
    WS__CLASS_COUNT
};

struct ws__decoded {
    uint8_t class_;   /* enum ws__class */
    uint8_t length;   /* in bytes; 0: unknown, since not all bytes could be read */
    uint8_t operand;  /* its meaning is said at the classes */
    uint8_t general;  /* MOV_TO_CR, MOV_*_DR: the general register's number */
    uint8_t width;    /* PORT_*: bytes of the access */
    bool repeated;    /* rep: each iteration is an instruction of its own */
    bool in_code;     /* a prefix names CS */
    uint8_t segments; /* one bit for each WS__SEGMENT_ that operands use; all ones: not known yet */
};

/* The segment registers that the instruction loads, one bit for each WS__SEGMENT_.  Far transfers are not counted. */
uint8_t ws__decoded_loads(const struct ws__decoded *decoded);

static inline bool ws__class_loads_control(uint8_t class_)
{
    return class_ == WS__CLASS_MOV_TO_CR || class_ == WS__CLASS_MOV_TO_CR3;
}

/* Is it a far transfer, which loads CS and EIP? */
static inline bool ws__class_is_far(uint8_t class_)
{
    return class_ == WS__CLASS_CALL_FAR || class_ == WS__CLASS_JMP_FAR || class_ == WS__CLASS_RET_FAR ||
           class_ == WS__CLASS_IRET;
}

/* An instruction's prefixes and opcode. */
struct ws__opcode {
    uint16_t opcode;    /* one byte, or 0x0f00 | the second */
    int8_t reg;         /* bits 5 to 3 of the byte behind the opcode, ModRM's middle field; -1: none */
    uint8_t modrm;      /* that byte; 0: none follows */
    uint8_t segment;    /* the segment that a prefix names; WS__SEGMENTS: none */
    bool operand_small; /* 66 */
    bool repeated;      /* f2 or f3 */
};

/* false: the opcode lies beyond `bytes`. */
bool ws__decode_opcode(struct ws__opcode *out, const uint8_t *code, size_t bytes);
bool ws__decode_is_string(uint16_t opcode);
bool ws__decode_is_prefix(uint8_t byte);

/* Decode the instruction at `code`.  `bytes`: how many bytes could be read; 15, unless a page that cannot be fetched is
 * in the way. */
void ws__decode(struct ws__decoded *out, struct ws_disasm *disasm, const uint8_t *code, size_t bytes, bool wide);

#endif
