/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The serial port by itself: registers, and what it hears in loopback.  It is the port that prints,
 * so each case puts what it saw on the stack and prints when loopback is off.
 * PC16550D data sheet (National Semiconductor, June 1995).
 */
#include "runtime.h"
#include "chips.h"

#define LOOP 0x10

/* Keep what a register has, then print it. */
.macro KEEP register
    IN COM1 + \register
    pushl %eax
.endm
.macro SAY_KEPT text
    SAY "\text"
    call say_top
    addl $4, %esp
.endm
.macro SEND byte
    OUT COM1, \byte
.endm
.macro LOOP_ON
    AWAIT COM1 + 5, 0x40, 0x40 /* what was printed has left */
    OUT COM1 + 4, LOOP
    IN COM1 + 6
.endm
.macro LOOP_OFF
    OUT COM1 + 4, 0
    OUT COM1 + 1, 0
    IN COM1 + 6
.endm

    .text
HANDLERS

/* Print the number under the return address. */
say_top:
    pushl 4(%esp)
    pushl $blank
    call say_hex
    addl $8, %esp
    ret

    .section .rodata
blank: .asciz " "
    .text

    .globl test_main
test_main:
    CHIPS_INIT
    AWAIT COM1 + 5, 0x40, 0x40
    OUT COM1 + 7, 0xa5
    KEEP 7
    SAY_KEPT "scratch"
    SAY "\n"
    OUT COM1 + 1, 0xff
    KEEP 1
    OUT COM1 + 1, 0
    SAY_KEPT "interrupt enable, written ff"
    SAY "\n"
    OUT COM1 + 3, 0x83
    KEEP 0
    KEEP 1
    OUT COM1 + 3, 3
    SAY_KEPT "divisor, high"
    SAY_KEPT ", low"
    SAY "\n"

    OUT COM1 + 2, 0            /* FIFOs off */
    LOOP_ON
    KEEP 5
    SEND 'x'
    AWAIT COM1 + 5, 1, 1
    KEEP 5
    KEEP 0
    KEEP 5
    LOOP_OFF
    SAY_KEPT "loopback, backwards: line status"
    SAY_KEPT ", byte"
    SAY_KEPT ", line status"
    SAY_KEPT ", line status"
    SAY "\n"

    LOOP_ON
    SEND 'a'
    AWAIT COM1 + 5, 0x41, 0x41
    SEND 'b'
    AWAIT COM1 + 5, 0x40, 0x40
    KEEP 0
    LOOP_OFF
    SAY_KEPT "overrun: the new byte stays"
    SAY "\n"

    OUT COM1 + 2, 0x07         /* FIFOs on, empty, trigger 1 */
    LOOP_ON
    .irp byte, 1, 2, 3
    SEND \byte
    AWAIT COM1 + 5, 0x40, 0x40
    .endr
    KEEP 2
    KEEP 0
    KEEP 0
    KEEP 5
    KEEP 0
    KEEP 5
    LOOP_OFF
    SAY_KEPT "FIFO, backwards: line status"
    SAY_KEPT ", byte"
    SAY_KEPT ", line status"
    SAY_KEPT ", byte"
    SAY_KEPT ", byte"
    SAY_KEPT ", interrupt"
    SAY "\n"

    OUT COM1 + 2, 0x47         /* trigger 4 */
    OUT COM1 + 1, 1
    LOOP_ON
    .irp byte, 1, 2, 3
    SEND \byte
    AWAIT COM1 + 5, 0x40, 0x40
    .endr
    SEND 4
    AWAIT COM1 + 5, 0x40, 0x40
    IN COM1 + 2
    andl $0xf7, %eax           /* a slow emulator has a timeout as well */
    pushl %eax
    IN COM1
    IN COM1
    IN COM1
    IN COM1
    KEEP 2
    LOOP_OFF
    SAY_KEPT "trigger 4, backwards: read"
    SAY_KEPT ", four bytes"
    SAY "\n"

    OUT COM1 + 2, 0x87         /* trigger 8: one byte waits for the timeout */
    OUT COM1 + 1, 1
    LOOP_ON
    SEND 9
    AWAIT COM1 + 2, 0xff, 0xcc
    KEEP 2
    IN COM1
    KEEP 2
    LOOP_OFF
    SAY_KEPT "timeout, backwards: read"
    SAY_KEPT ", one byte"
    SAY "\n"

    OUT COM1 + 2, 0x07
    LOOP_ON
    SEND 1
    AWAIT COM1 + 5, 1, 1
    OUT COM1 + 2, 0x03         /* empty the receiver */
    KEEP 5
    LOOP_OFF
    SAY_KEPT "receiver emptied"
    SAY "\n"

    AWAIT COM1 + 5, 0x40, 0x40
    OUT COM1 + 2, 0
    OUT COM1 + 1, 2
    KEEP 2
    KEEP 2
    OUT COM1 + 1, 0
    OUT COM1 + 1, 2
    KEEP 2
    OUT COM1 + 1, 0
    SAY_KEPT "empty, backwards: asked again"
    SAY_KEPT ", read twice"
    SAY_KEPT ", read once"
    SAY "\n"

    .irp lines, 0, 1, 2, 4, 8, 15
    AWAIT COM1 + 5, 0x40, 0x40
    OUT COM1 + 4, LOOP | \lines
    IN COM1 + 6
    KEEP 6
    LOOP_OFF
    SAY_KEPT "modem lines of \lines"
    SAY "\n"
    .endr

    AWAIT COM1 + 5, 0x40, 0x40
    MASK 0xef, 0xff
    OUT COM1 + 4, 8            /* OUT2 lets it reach its line */
    OUT COM1 + 1, 2
    sti
    nop
    nop
    cli
    OUT COM1 + 1, 0
    SAY_LOG "interrupt when empty: "
    AWAIT COM1 + 5, 0x40, 0x40
    OUT COM1 + 4, LOOP | 8
    OUT COM1 + 1, 1
    SEND 'r'
    AWAIT COM1 + 5, 1, 1
    sti
    nop
    nop
    cli
    IN COM1
    OUT COM1 + 1, 0
    OUT COM1 + 4, 0
    SAY_LOG "interrupt when received: "
    ret
