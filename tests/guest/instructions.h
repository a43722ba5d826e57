/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cases of one or a few instructions: registers in, registers and flags out.
 */
#ifndef GUEST_INSTRUCTIONS_H
#define GUEST_INSTRUCTIONS_H

#define CF 0x001
#define PF 0x004
#define AF 0x010
#define ZF 0x040
#define SF 0x080
#define OF 0x800
#define ARITHMETIC (CF|PF|AF|ZF|SF|OF)

/* Registers of a case, and no arithmetic flag. */
.macro WITH a=0, b=0, c=0, d=0
    pushl $FLAG_FIXED
    popfl
    movl $(\a), %eax
    movl $(\b), %ebx
    movl $(\c), %ecx
    movl $(\d), %edx
.endm

/* What came of it; of the flags those in `mask`. */
.macro SHOW name, mask=0
    pushfl
    pushal
    SAY "\name: "
    SAY_HEX "eax ", 28(%esp)
    SAY_HEX " ebx ", 16(%esp)
    SAY_HEX " ecx ", 24(%esp)
    SAY_HEX " edx ", 20(%esp)
    movl 32(%esp), %eax
    andl $(\mask), %eax
    SAY_HEX " flags ", %eax
    SAY "\n"
    popal
    popfl
.endm

#endif
