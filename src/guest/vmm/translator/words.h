/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words: what translated code reaches of the virtual CPU, through GS.  Offsets for the assembler, and the same as
 * a structure.
 */
#ifndef WS_GUEST_VMM_TRANSLATOR_WORDS_H
#define WS_GUEST_VMM_TRANSLATOR_WORDS_H

#define WORDS_EAX        0 /* registers that a sequence puts away */
#define WORDS_ECX        4
#define WORDS_EDX        8
#define WORDS_TARGET     12 /* where an indirect jump or a return goes: the VM's EIP */
#define WORDS_PLACE      16 /* and where that is in the cache */
#define WORDS_INTERRUPTS 20 /* IF, as the VM believes it: 0 or WS_EFLAGS_IF */
#define WORDS_IOPL       24 /* IOPL, as the VM believes it */
#define WORDS_UNUSUAL    28 /* bits that popf must not load without the VMM */
#define WORDS_WAITING    32 /* not 0: an interrupt waits for IF */
#define WORDS_SS         36 /* the VM's selectors, where the CPU has others */
#define WORDS_GS         40
#define WORDS_CODE       44 /* the VM's CS, RPL mended */
#define WORDS_LOOKUPS    48 /* how many there were */
#define WORDS_ROWS       64 /* minus the EIP, place; which EIP is in which row: its lowest byte says */
#define WORDS_ROW_COUNT  256

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

struct words {
    uint32_t eax, ecx, edx, target, place;
    uint32_t interrupts, iopl, unusual, waiting;
    uint32_t ss, gs, code, lookups;
    uint32_t unused[3];
    struct {
        uint32_t minus_eip, place;
    } rows[WORDS_ROW_COUNT];
    uint8_t unused_2[0x2000 - 8 * WORDS_ROW_COUNT]; /* the segment ends behind two whole pages: emulators like that */
};

_Static_assert(offsetof(struct words, place) == WORDS_PLACE && offsetof(struct words, waiting) == WORDS_WAITING &&
                   offsetof(struct words, lookups) == WORDS_LOOKUPS && offsetof(struct words, rows) == WORDS_ROWS,
               "the assembler and C must agree");

#endif
#endif
