/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions by their true causes, in ring 0 and in ring 3.  Two are missing, since neither QEMU
 * nor this machine raises them: #AC in ring 3, and #XM.
 */
#include "runtime.h"

    .text
    .globl test_main
test_main:
    TRY "divide by zero"
    xorl %ecx, %ecx
    divl %ecx
    END_TRY

    TRY "quotient too large"
    movl $1, %edx
    movl $1, %ecx
    divl %ecx
    END_TRY

    TRY "idiv overflow"
    movl $0x80000000, %eax
    cltd
    movl $-1, %ecx
    idivl %ecx
    END_TRY

    TRY "aam 0"
    movl $5, %eax
    aam $0
    END_TRY

    TRY "single step"
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    nop
    nop
    END_TRY

    TRY "int1"
    .byte 0xf1
    END_TRY

    TRY "int3"
    int3
    END_TRY

    TRY "int 3, two bytes"
    .byte 0xcd, 0x03
    END_TRY

    TRY "into, no overflow"
    into
    END_TRY

    TRY "into, overflow"
    movb $0x7f, %al
    addb $1, %al
    into
    END_TRY

    TRY "bound, inside"
    movl $5, %eax
    bound %eax, bounds
    END_TRY

    TRY "bound, below"
    movl $0, %eax
    bound %eax, bounds
    END_TRY

    TRY "bound, above"
    movl $11, %eax
    bound %eax, bounds
    END_TRY

    TRY "ud2"
    ud2
    END_TRY

    TRY "lock nop"
    .byte 0xf0, 0x90
    END_TRY

    TRY "lock mov"
    .byte 0xf0
    movl %eax, bounds
    END_TRY

    TRY "lds of a register"
    .byte 0xc5, 0xc0
    END_TRY

    TRY "mov to cs"
    .byte 0x8e, 0xc8
    END_TRY

    TRY "fifteen prefixes"
    .rept 15
    .byte 0x66
    .endr
    nop
    END_TRY

    TRY "nop of a register"
    .byte 0x0f, 0x1f, 0xc2
    END_TRY
    TRY "hint of a register"
    .byte 0xf3, 0x0f, 0x1e, 0xca /* rdsspd %edx, elsewhere */
    END_TRY
    TRY "endbr32"
    .byte 0xf3, 0x0f, 0x1e, 0xfb
    END_TRY
    TRY "lfence, with low bits set"
    .byte 0x0f, 0xae, 0xea
    END_TRY
    CONTROL_SET cr4, CR4_OSFXSR
    TRY "extrq"
    .byte 0x66, 0x0f, 0x79, 0xca
    END_TRY
    TRY "movntss"
    .byte 0xf3, 0x0f, 0x2b, 0x0d
    .long fault
    END_TRY
    TRY "movlpd of two registers"
    .byte 0x66, 0x0f, 0x12, 0xca
    END_TRY
    CONTROL_CLEAR cr4, CR4_OSFXSR
    CONTROL_SET cr0, CR0_TS
    TRY "x87 with TS"
    fninit
    END_TRY
    CONTROL_CLEAR cr0, CR0_TS
    CONTROL_SET cr0, CR0_EM
    TRY "x87 with EM"
    fninit
    END_TRY
    CONTROL_CLEAR cr0, CR0_EM
    CONTROL_SET cr0, (CR0_TS | CR0_MP)
    TRY "wait with TS and MP"
    fwait
    END_TRY
    CONTROL_CLEAR cr0, CR0_MP
    TRY "wait with TS, without MP"
    fwait
    END_TRY
    clts
    TRY "x87 after clts"
    fninit
    END_TRY

    CONTROL_SET cr0, CR0_NE
    TRY "x87 error"
    fninit
    fldcw x87_unmasked
    fldz
    fld1
    fdivp
    fwait
    END_TRY
    fninit
    TRY "SIMD without OSFXSR"
    addps %xmm0, %xmm0
    END_TRY

    CONTROL_SET cr0, CR0_AM
    TRY "misaligned in ring 0"
    pushl $FLAG_FIXED | FLAG_AC
    popfl
    movl bounds + 1, %eax
    END_TRY
    TRY "misaligned in ring 3, without AC"
    RING 3
    movl bounds + 1, %eax
    END_TRY
    CONTROL_CLEAR cr0, CR0_AM

    TRY "hlt in ring 3"
    RING 3
    hlt
    END_TRY

    TRY "ring 3: divide by zero"
    RING 3
    xorl %ecx, %ecx
    divl %ecx
    END_TRY

    TRY "ring 3: ud2"
    RING 3
    pushl $1
    ud2
    END_TRY

    TRY "ring 3: single step"
    RING 3
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    nop
    nop
    END_TRY

    TRY "ring 3: int3"
    RING 3
    int3
    END_TRY

    TRY "ring 3: int1"
    RING 3
    .byte 0xf1
    END_TRY
    ret

    .section .rodata
    .balign 16
bounds:         .long 1, 10, 0, 0
x87_unmasked:   .word 0x037f & ~4 & ~1
