/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timer: modes, latches, read-back.  No line depends on how fast time goes.
 * 8254 data sheet (Intel, order number 231164-005).
 */
#include "runtime.h"
#include "chips.h"

#define GATE_2   1
#define OUTPUT_2 0x20

/* Counter 2's output, as a bit. */
.macro SAY_OUTPUT text
    IN PORT_61
    andl $OUTPUT_2, %eax
    SAY_HEX "\text", %eax
    SAY "\n"
.endm

/* Status of a counter, without "null count" and the output: they depend on time. */
.macro SAY_STATUS text, counter
    OUT PIT + 3, 0xe0 | 2 << \counter
    IN PIT + \counter
    andl $0x3f, %eax
    SAY_HEX "\text", %eax
    SAY "\n"
.endm

.macro COUNT counter, value
    OUT PIT + \counter, (\value) & 0xff
    OUT PIT + \counter, (\value) >> 8
.endm

    .text
HANDLERS

    .globl test_main
test_main:
    CHIPS_INIT
    OUT PORT_61, GATE_2

    /* status: what was programmed */
    OUT PIT + 3, 0xb0
    SAY_STATUS "mode 0, no count: ", 2
    COUNT 2, 0xffff
    SAY_STATUS "mode 0, counting: ", 2
    OUT PIT + 3, 0xb4
    COUNT 2, 0xffff
    SAY_STATUS "mode 2: ", 2
    OUT PIT + 3, 0xb6
    COUNT 2, 0xffff
    SAY_STATUS "mode 3: ", 2
    OUT PIT + 3, 0xb8
    COUNT 2, 0xffff
    SAY_STATUS "mode 4: ", 2
    OUT PIT + 3, 0xbc
    COUNT 2, 0xffff
    SAY_STATUS "mode 6 is 2: ", 2
    OUT PIT + 3, 0x97
    OUT PIT + 2, 0xff
    SAY_STATUS "mode 3, BCD, low byte: ", 2
    OUT PIT + 3, 0xa4
    OUT PIT + 2, 0xff
    SAY_STATUS "mode 2, high byte: ", 2

    /* mode 0: the output rises once */
    OUT PIT + 3, 0xb0
    SAY_OUTPUT "mode 0, programmed: "
    COUNT 2, 1000
    AWAIT PORT_61, OUTPUT_2, OUTPUT_2
    SAY_OUTPUT "mode 0, over: "
    OUT PIT + 3, 0x80
    IN PIT + 2
    movl %eax, %ebx
    IN PIT + 2
    movb %al, %bh
    cmpl $0x8000, %ebx
    setae %al
    movzbl %al, %eax
    SAY_HEX "counted on below zero: ", %eax
    SAY "\n"

    /* mode 3: it swings */
    OUT PIT + 3, 0xb6
    COUNT 2, 2000
    movl $4, %ecx
1:  pushl %ecx
    AWAIT PORT_61, OUTPUT_2, 0
    AWAIT PORT_61, OUTPUT_2, OUTPUT_2
    popl %ecx
    loop 1b
    SAY "mode 3 swings\n"

    /* a latched count stays */
    OUT PIT + 3, 0xb4
    COUNT 2, 0xf000
    OUT PIT + 3, 0x80
    movl $100000, %ecx
2:  loop 2b
    IN PIT + 2
    IN PIT + 2
    movl %eax, %ebx            /* the high byte */
    cmpl $0xe0, %ebx
    setae %al
    movzbl %al, %eax
    SAY_HEX "latched near the start: ", %eax
    SAY "\n"

    /* read-back of the count: low, then high; status first when both are latched */
    OUT PIT + 3, 0xb4
    COUNT 2, 0x1000
    OUT PIT + 3, 0xc8
    IN PIT + 2
    andl $0x3f, %eax
    SAY_HEX "both latched, status: ", %eax
    IN PIT + 2
    IN PIT + 2
    cmpl $0x10, %eax
    setbe %al
    movzbl %al, %eax
    SAY_HEX ", high byte at most 10: ", %eax
    SAY "\n"

    /* BCD: all digits are decimal, while it runs */
    OUT PIT + 3, 0xb5
    COUNT 2, 0x9999
    xorl %ebx, %ebx
    movl $200, %ecx
3:  OUT PIT + 3, 0x80
    IN PIT + 2
    call digits_check
    IN PIT + 2
    call digits_check
    loop 3b
    SAY_HEX "digits that are not decimal: ", %ebx
    SAY "\n"

    /* counter 0 interrupts; a control word alone does not, nor does a masked tick get lost */
    MASK 0xfe, 0xff
    OUT PIT + 3, 0x30
    sti
    nop
    nop
    cli
    SAY_LOG "mode 0 without a count: "
    COUNT 0, 500
    sti
    hlt
    cli
    SAY_LOG "with one: "
    OUT PIT + 3, 0x36
    COUNT 0, 2000
    movl $3, %ecx
4:  sti
    hlt
    cli
    loop 4b
    SAY_LOG "mode 3, three periods: "
    OUT PIT + 3, 0x34
    COUNT 0, 2000
    movl $3, %ecx
5:  sti
    hlt
    cli
    loop 5b
    SAY_LOG "mode 2, three periods: "
    MASK 0xff, 0xff
    REQUEST_TIMER 200
    AWAIT_REQUEST 1
    MASK 0xfe, 0xff
    sti
    nop
    nop
    cli
    SAY_LOG "a tick while masked: "
    MASK 0xff, 0xff
    OUT PORT_61, 0
    ret

/* In: AL.  Counts digits above 9 in EBX.  Clobbers EAX. */
digits_check:
    movl %eax, %esi
    andl $15, %esi
    cmpl $10, %esi
    cmc
    adcl $0, %ebx
    shrl $4, %eax
    andl $15, %eax
    cmpl $10, %eax
    cmc
    adcl $0, %ebx
    ret
