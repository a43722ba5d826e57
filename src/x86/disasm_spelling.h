/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One spelling, whichever version of Capstone is installed.
 *
 * Capstone 4 and 5 write some instructions differently, and give different sizes for some operands in memory.  The
 * texts that students compare, and the sizes that segment limits are checked with, must not depend on the version.
 * Where the versions differ, the bytes of the instruction decide here.  Both versions were compared over all opcodes of
 * one and two bytes.  Two differences remain: instructions that the emulated processor does not have, and prefixes that
 * mean nothing where they stand.
 */
#ifndef WS_X86_DISASM_SPELLING_H
#define WS_X86_DISASM_SPELLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An instruction's opcode, found behind its prefixes. */
struct ws__written_opcode {
    bool escaped; /* 0f stands in front of `byte` */
    uint8_t byte;
    uint8_t modrm; /* the byte behind it; 0 if there is none */
    bool prefixed; /* a prefix 66 stands in front */
    bool small;    /* operands have 16 bits */
};

/* Find the opcode.  `wide`: the code segment is a 32-bit one. */
struct ws__written_opcode ws__opcode_find(const uint8_t *code, size_t bytes, bool wide);

/* The size in bytes of its operand in memory; 0: Capstone's size is right. */
uint8_t ws__opcode_memory_bytes(const struct ws__written_opcode *opcode);

/* Is it a relative branch with 16-bit operands?  Its target lies in the first 64 KiB of the segment.  SDM 2A
 * "JMP—Jump" */
bool ws__opcode_is_small_branch(const struct ws__written_opcode *opcode);

/* Is it the short form of xchg: of EAX and the register that the opcode names? */
bool ws__opcode_is_exchange(const struct ws__written_opcode *opcode);

/* Change Capstone's texts in place: `mnemonic` has room for `mnemonic_room` characters, `operands` for `room`. */
void ws__spell(const struct ws__written_opcode *opcode, bool att, char *mnemonic, size_t mnemonic_room, char *operands,
               size_t room);

#endif
