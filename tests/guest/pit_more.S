/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timer's finer points: read-back of several counters, latches that wait, the gate.
 * 8254 data sheet (Intel, order number 231164-005), "Read-Back Command", "Gate Pin Operations".
 */
#include "runtime.h"
#include "chips.h"

#define GATE_2   1
#define OUTPUT_2 0x20
#define STATUS   0x3f /* without "null count" and the output: they depend on time */

.macro COUNT counter, value
    OUT PIT + \counter, (\value) & 0xff
    OUT PIT + \counter, (\value) >> 8
.endm
.macro SAY_STATUS text, counter
    IN PIT + \counter
    andl $STATUS, %eax
    SAY_HEX "\text", %eax
.endm
/* Both bytes of counter 2, as they are latched or run. */
.macro READ_2 register
    IN PIT + 2
    movl %eax, \register
    IN PIT + 2
    shll $8, %eax
    orl %eax, \register
.endm
.macro SAY_BOOL text, condition
    movl $0, %eax
    set\condition %al
    SAY_HEX "\text", %eax
    SAY "\n"
.endm
.macro WAIT
    movl $20000, %ecx
8892: loop 8892b
.endm

    .text
HANDLERS

    .globl test_main
test_main:
    CHIPS_INIT
    OUT PORT_61, GATE_2

    /* one command, three counters */
    OUT PIT + 3, 0x34
    COUNT 0, 0xffff
    OUT PIT + 3, 0x54
    OUT PIT + 1, 0x40
    OUT PIT + 3, 0xb6
    COUNT 2, 0xffff
    OUT PIT + 3, 0xee
    SAY_STATUS "status of all: ", 0
    SAY_STATUS " ", 1
    SAY_STATUS " ", 2
    SAY "\n"

    /* a latch waits until it is read; the second command does nothing */
    OUT PIT + 3, 0xb4
    COUNT 2, 0xf000
    OUT PIT + 3, 0x80
    WAIT
    OUT PIT + 3, 0x80
    READ_2 %ebx
    OUT PIT + 3, 0x80
    READ_2 %esi
    cmpl %ebx, %esi
    SAY_BOOL "latched twice, the first counts: ", b
    OUT PIT + 3, 0xd8
    WAIT
    OUT PIT + 3, 0xd8
    READ_2 %edi
    cmpl %esi, %edi
    SAY_BOOL "latched by read-back: ", b

    /* a latched status goes first, whatever came first */
    OUT PIT + 3, 0xd8
    OUT PIT + 3, 0xe8
    SAY_STATUS "count latched, then status: ", 2
    READ_2 %ebx
    OUT PIT + 3, 0x80
    READ_2 %esi
    cmpl %ebx, %esi
    SAY_BOOL ", then the count: ", be

    /* one byte at a time */
    OUT PIT + 3, 0x94
    OUT PIT + 2, 0x80
    OUT PIT + 3, 0xe8
    SAY_STATUS "low byte only: ", 2
    IN PIT + 2
    cmpl $0x80, %eax
    SAY_BOOL ", at most what was written: ", be

    /* the gate */
    OUT PIT + 3, 0xb0
    COUNT 2, 0xffff
    OUT PORT_61, 0
    OUT PIT + 3, 0x80
    READ_2 %ebx
    WAIT
    OUT PIT + 3, 0x80
    READ_2 %esi
    cmpl %ebx, %esi
    SAY_BOOL "mode 0, gate low, it stands: ", e
    OUT PORT_61, GATE_2
    WAIT
    OUT PIT + 3, 0x80
    READ_2 %esi
    cmpl %ebx, %esi
    SAY_BOOL "and goes on: ", b
    OUT PIT + 3, 0xb6
    COUNT 2, 2000
    OUT PORT_61, 0
    IN PORT_61
    andl $OUTPUT_2, %eax
    SAY_HEX "mode 3, gate low, output: ", %eax
    SAY "\n"

    /* modes 1 and 5 begin when the gate rises */
    OUT PIT + 3, 0xb2
    COUNT 2, 1000
    WAIT
    IN PORT_61
    andl $OUTPUT_2, %eax
    SAY_HEX "mode 1, not triggered: ", %eax
    OUT PORT_61, GATE_2
    AWAIT PORT_61, OUTPUT_2, OUTPUT_2
    SAY ", it rises when over\n"
    OUT PORT_61, 0
    OUT PIT + 3, 0xba
    COUNT 2, 1000
    OUT PORT_61, GATE_2
    WAIT
    IN PORT_61
    andl $OUTPUT_2, %eax
    SAY_HEX "mode 5, long over: ", %eax
    SAY "\n"
    OUT PORT_61, 0

    /* mode 4 interrupts once */
    MASK 0xfe, 0xff
    OUT PIT + 3, 0x38
    COUNT 0, 500
    sti
    hlt
    cli
    SAY_LOG "mode 4: "
    MASK 0xff, 0xff
    ret
