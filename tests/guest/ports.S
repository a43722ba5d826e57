/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may use ports: IOPL, and the TSS's bitmap.
 * SDM 1 §19.5 "Protected-Mode I/O"; §19.5.2 "I/O Permission Bit Map"
 */
#include "runtime.h"

#define SCRATCH 0x3ff /* the serial port's scratch register */
#define NONE    0x2f0 /* nothing is there */
#define BITMAP  tss_main + TSS_BYTES

.macro PORTS text, ring
    TRY "\text: inb"
    RING \ring
    movl $NONE, %edx
    inb %dx, %al
    END_TRY
    TRY "\text: inw"
    RING \ring
    movl $NONE, %edx
    inw %dx, %ax
    END_TRY
    TRY "\text: inl"
    RING \ring
    movl $NONE, %edx
    inl %dx, %eax
    END_TRY
    TRY "\text: outb"
    RING \ring
    movl $NONE, %edx
    outb %al, %dx
    END_TRY
    TRY "\text: outb, immediate"
    RING \ring
    outb %al, $0x80
    END_TRY
    TRY "\text: inl, immediate"
    RING \ring
    inl $0x80, %eax
    END_TRY
    TRY "\text: insb"
    RING \ring
    movl $NONE, %edx
    movl $scratch, %edi
    insb
    END_TRY
    TRY "\text: rep outsb"
    RING \ring
    movl $NONE, %edx
    movl $scratch, %esi
    movl $3, %ecx
    rep outsb
    END_TRY
    TRY "\text: rep outsb, none"
    RING \ring
    movl $NONE, %edx
    xorl %ecx, %ecx
    rep outsb
    END_TRY
    TRY "\text: cli"
    RING \ring
    cli
    END_TRY
    TRY "\text: sti"
    RING \ring
    sti
    END_TRY
.endm

/* TRY makes the flags 2: set IOPL behind it, in ring 0. */
.macro IOPL_TRY name, ring, iopl
    TRY "\name"
    pushl $FLAG_FIXED | (\iopl << 12)
    popfl
    RING \ring
.endm

    .text
    .globl test_main
test_main:
    PORTS "ring 3, no bitmap", 3
    PORTS "ring 1, no bitmap", 1
    .irp iopl, 0, 1, 2, 3
    IOPL_TRY "ring 3, IOPL \iopl: in", 3, \iopl
    inb $0x80, %al
    END_TRY
    IOPL_TRY "ring 3, IOPL \iopl: cli", 3, \iopl
    cli
    END_TRY
    IOPL_TRY "ring 3, IOPL \iopl: sti", 3, \iopl
    sti
    cli
    END_TRY
    IOPL_TRY "ring 1, IOPL \iopl: in", 1, \iopl
    inb $0x80, %al
    END_TRY
    IOPL_TRY "ring 1, IOPL \iopl: sti", 1, \iopl
    sti
    END_TRY
/* popf: IOPL only in ring 0, IF only with CPL <= IOPL, and no fault */
    IOPL_TRY "ring 3, IOPL \iopl: popf", 3, \iopl
    pushl $FLAG_FIXED | FLAG_IF | FLAG_IOPL | FLAG_NT | FLAG_AC | FLAG_ID | FLAG_VM | FLAG_RF
    popfl
    ud2
    END_TRY
    IOPL_TRY "ring 1, IOPL \iopl: popf", 1, \iopl
    pushl $FLAG_FIXED | FLAG_IF | FLAG_IOPL
    popfl
    ud2
    END_TRY
    IOPL_TRY "ring 3, IOPL \iopl: iret", 3, \iopl
    pushl $FLAG_FIXED | FLAG_IF | FLAG_IOPL | FLAG_AC | FLAG_ID
    pushl $USER_CODE
    pushl $1f
    iretl
1:  ud2
    END_TRY
    .endr

/* The whole bitmap is within the limit; all bits clear. */
    DESCRIPTOR SPARE_0, tss_main, (TSS_BYTES + BITMAP_BYTES - 1), TSS_ACCESS
    movl $SPARE_0, %eax
    ltr %ax
    PORTS "bitmap clear", 3
    TRY "bitmap clear: the last port"
    RING 3
    movl $0xffff, %edx
    inb %dx, %al
    END_TRY
    movb $1, BITMAP + NONE / 8
    PORTS "first port denied", 3
    movb $2, BITMAP + NONE / 8
    PORTS "second port denied", 3
    movb $8, BITMAP + NONE / 8
    PORTS "fourth port denied", 3
    movb $0, BITMAP + NONE / 8
/* Accesses across a byte of the bitmap. */
    movb $1, BITMAP + 0x300 / 8
    .irp port, 0x2fc, 0x2fd, 0x2fe, 0x2ff, 0x300
    TRY "0x300 denied: inl of \port"
    RING 3
    movl $\port, %edx
    inl %dx, %eax
    END_TRY
    TRY "0x300 denied: inw of \port"
    RING 3
    movl $\port, %edx
    inw %dx, %ax
    END_TRY
    TRY "0x300 denied: inb of \port"
    RING 3
    movl $\port, %edx
    inb %dx, %al
    END_TRY
    .endr
    movb $0, BITMAP + 0x300 / 8
    TRY "allowed: what is written comes back"
    RING 3
    movl $SCRATCH, %edx
    movb $0x5a, %al
    outb %al, %dx
    movb $0, %al
    inb %dx, %al
    movl %eax, scratch
    END_TRY
    andl $0xff, scratch
    SAY_HEX "it is ", (scratch)
    SAY "\n"

/* The limit cuts the bitmap: both bytes that are read must be within it. */
    .irp limit, 0x67, 0x68, 0xc5, 0xc6, 0xc7
    DESCRIPTOR SPARE_1, tss_main, \limit, TSS_ACCESS
    movl $SPARE_1, %eax
    ltr %ax
    TRY "limit \limit: inb of 0x2f0"
    RING 3
    movl $0x2f0, %edx
    inb %dx, %al
    END_TRY
    TRY "limit \limit: inb of 0"
    RING 3
    inb $0, %al
    END_TRY
    .endr
    movw $0xffff, tss_main + TSS_BITMAP
    TRY "bitmap beyond the limit"
    RING 3
    inb $0x80, %al
    END_TRY
    ret

    .data
scratch: .skip 16
