/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x87 as kernels and their tasks use it: control, states that are saved, rounding, comparisons,
 * errors.  SDM 1 §8.1 "x87 FPU Execution Environment"
 */
#include "runtime.h"

.macro SHOW_AX text
    movzwl %ax, %eax
    SAY_HEX "\text: ", %eax
    SAY "\n"
.endm
/* The top of the stack as an integer. */
.macro SHOW_TOP text
    fistpl number
    SAY_HEX "\text: ", number
    SAY "\n"
.endm
.macro CONTROL word
    movw $(\word), control
    fldcw control
.endm
/* 5/2 rounded as the control word says, and -5/2. */
.macro ROUND text, word
    CONTROL \word
    fildl five
    fidivl two
    SHOW_TOP "\text, 2.5"
    fildl five
    fidivl two
    fchs
    SHOW_TOP "\text, -2.5"
    fninit
.endm

    .text
    .globl test_main
test_main:
    CONTROL_CLEAR cr0, (CR0_TS | CR0_EM)
    CONTROL_SET cr0, (CR0_NE | CR0_MP)
    fninit
    fnstsw %ax
    SHOW_AX "status after fninit"
    fnstcw control
    movw control, %ax
    SHOW_AX "control after fninit"

    ROUND "to the nearest", 0x37f
    ROUND "down", 0x77f
    ROUND "up", 0xb7f
    ROUND "to zero", 0xf7f

    fildl five
    fildl two
    fcompp
    fnstsw %ax
    andl $0x4700, %eax
    SHOW_AX "two and five compared"
    fildl two
    fildl five
    fcomip %st(1), %st
    fstp %st(0)
    pushfl
    popl %eax
    andl $0x45, %eax
    SHOW_AX "five and two compared into EFLAGS"
    fildl five
    fsqrt
    fildl five
    fmulp
    fistl number
    SAY_HEX "five times its root: ", number
    fstpl pair
    SAY_HEX ", exactly ", pair + 4
    SAY_HEX " ", pair
    SAY "\n"
    fld1
    fldpi
    fscale
    fstpt pair
    SAY_HEX "twice pi: ", pair + 4
    SAY_HEX " ", pair
    SAY "\n"
    fstp %st(0)
    fildl five
    fbstp pair
    SAY_HEX "packed decimal: ", pair
    SAY "\n"
    fldz
    fxam
    fnstsw %ax
    andl $0x4700, %eax
    SHOW_AX "zero examined"
    fstp %st(0)
    fildl five
    fildl two
    fprem
    SHOW_TOP "remainder of two by five"
    fstp %st(0)

    /* what is saved, and comes back */
    fildl five
    fildl two
    fnclex
    fnsave area
    fnstsw %ax
    SHOW_AX "status after fnsave"
    movl area + 4, %eax
    SHOW_AX "status in it"
    movl area + 8, %eax
    SHOW_AX "tags in it"
    frstor area
    SHOW_TOP "restored, first"
    SHOW_TOP "restored, second"
    fnstenv area
    movl area, %eax
    SHOW_AX "environment: control"
    movl area + 8, %eax
    SHOW_AX "environment: tags"
    fninit

    /* errors: masked they are bits, unmasked they are #MF at the next one */
    fld1
    fldz
    fdivrp
    fnstsw %ax
    andl $0x3f, %eax
    SHOW_AX "divided by zero"
    fnclex
    fnstsw %ax
    andl $0x3f, %eax
    SHOW_AX "cleared"
    fninit
    CONTROL 0x37b
    TRY "division by zero, unmasked"
    fld1
    fldz
    fdivrp
    fwait
    END_TRY
    TRY "and does not hold fnstsw"
    fnstsw %ax
    END_TRY
    fnclex
    TRY "cleared, it is gone"
    fwait
    END_TRY
    fninit
    CONTROL_SET cr0, CR0_TS
    TRY "fnsave with TS"
    fnsave area
    END_TRY
    TRY "in ring 3, with TS"
    RING 3
    fninit
    END_TRY
    clts
    TRY "in ring 3"
    RING 3
    fninit
    fld1
    fstpl pair
    END_TRY
    ret

    .data
    .balign 4
five: .long 5
two:  .long 2
    .bss
    .balign 16
area:    .skip 108
number:  .skip 4
pair:    .skip 12
control: .skip 2
