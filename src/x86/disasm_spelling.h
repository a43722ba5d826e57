/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One spelling, whichever Capstone is installed.
 *
 * Capstone 4 and 5 write some instructions differently, and tell other sizes for some operands in memory.  Texts that
 * students compare, and limits that operands are held against, must not depend on that.  Where the versions differ, the
 * bytes of the instruction decide here.  Both were compared over all opcodes of one and two bytes.  Not made equal:
 * instructions that the emulated processor does not have, and prefixes that mean nothing where they stand.
 */
#ifndef WS_X86_DISASM_SPELLING_H
#define WS_X86_DISASM_SPELLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An instruction's opcode, found behind its prefixes. */
struct ws__opcode {
    bool escaped; /* behind 0f */
    uint8_t byte;
    uint8_t modrm; /* the byte behind it; 0 if there is none */
    bool prefixed; /* behind 66 */
    bool small;    /* operands have 16 bits */
};

/* `wide`: in 32-bit code. */
struct ws__opcode ws__opcode_find(const uint8_t *code, size_t bytes, bool wide);

/* Bytes of its operand in memory, or 0: Capstone is right. */
uint8_t ws__opcode_memory_bytes(const struct ws__opcode *opcode);

/* Does it lead to a place that is told as a distance, and with 16-bit operands lies in the first 64 KiB?
 * SDM 2A "JMP—Jump" */
bool ws__opcode_is_small_branch(const struct ws__opcode *opcode);

/* xchg of EAX and the register that the opcode names. */
bool ws__opcode_is_exchange(const struct ws__opcode *opcode);

/* Change Capstone's texts of `mnemonic_room` and `room` characters in place. */
void ws__spell(const struct ws__opcode *opcode, bool att, char *mnemonic, size_t mnemonic_room, char *operands,
               size_t room);

#endif
