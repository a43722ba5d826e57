/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The serial port's finer points, all in loop-back: what each bit of the modem registers does, which
 * interrupt goes first, what a narrow word loses.  PC16550D data sheet (National Semiconductor,
 * TL/C/8652), "Interrupt Identification Register", "Modem Control Register".
 */
#include "runtime.h"
#include "chips.h"

#define LOOP 0x10

/* A byte from the transmitter to the receiver; printing goes out of loop-back in between. */
.macro LOOPED value
    AWAIT COM1 + 5, 0x60, 0x60
    OUT COM1 + 4, LOOP
    OUT COM1, \value
    AWAIT COM1 + 5, 1, 1
.endm
/* Keep what a register has in a slot; say them when the port is our printer again. */
.macro KEEP slot, port
    IN \port
    movl %eax, kept + 4 * \slot
.endm
.macro BACK
    OUT COM1 + 4, 0
.endm
.macro SAY_KEPT text, slot
    SAY_HEX "\text", (kept+4*\slot)
.endm

    .text
HANDLERS

    .globl test_main
test_main:
    CHIPS_INIT
    SAY "begin\n"
    AWAIT COM1 + 5, 0x60, 0x60
    OUT COM1 + 2, 0
    /* each output line comes back as an input line; reading forgets the changes */
    OUT COM1 + 4, LOOP
    KEEP 0, COM1 + 6
    OUT COM1 + 4, LOOP | 1
    KEEP 0, COM1 + 6
    KEEP 1, COM1 + 6
    OUT COM1 + 4, LOOP | 2
    KEEP 2, COM1 + 6
    OUT COM1 + 4, LOOP | 4
    KEEP 3, COM1 + 6
    OUT COM1 + 4, LOOP | 8
    KEEP 4, COM1 + 6
    OUT COM1 + 4, LOOP
    KEEP 5, COM1 + 6
    BACK
    SAY_KEPT "dtr is dsr: ", 0
    SAY_KEPT " again ", 1
    SAY "\n"
    SAY_KEPT "rts is cts: ", 2
    SAY "\n"
    SAY_KEPT "out1 is ri: ", 3
    SAY "\n"
    SAY_KEPT "out2 is dcd: ", 4
    SAY_KEPT " and it ends: ", 5
    SAY "\n"

    /* interrupts, by priority: line status, data, transmitter, modem */
    AWAIT COM1 + 5, 0x60, 0x60
    OUT COM1 + 4, LOOP
    IN COM1 + 6
    OUT COM1 + 1, 0x0f
    OUT COM1, 0x61
    AWAIT COM1 + 5, 1, 1
    OUT COM1, 0x62
    AWAIT COM1 + 5, 0x60, 0x60
    OUT COM1 + 4, LOOP | 1
    KEEP 0, COM1 + 2
    KEEP 1, COM1 + 5
    KEEP 2, COM1 + 2
    KEEP 3, COM1
    KEEP 4, COM1 + 2
    KEEP 5, COM1 + 2
    KEEP 6, COM1 + 6
    KEEP 7, COM1 + 2
    OUT COM1 + 1, 0
    KEEP 8, COM1 + 2
    BACK
    SAY_KEPT "line status first: ", 0
    SAY_KEPT " it is ", 1
    SAY "\n"
    SAY_KEPT "then data: ", 2
    SAY_KEPT " the byte ", 3
    SAY "\n"
    SAY_KEPT "then the transmitter: ", 4
    SAY "\n"
    SAY_KEPT "then the modem: ", 5
    SAY_KEPT " it is ", 6
    SAY "\n"
    SAY_KEPT "then nothing: ", 7
    SAY_KEPT " all off ", 8
    SAY "\n"

    /* the FIFO can be cleared, and turned off */
    AWAIT COM1 + 5, 0x60, 0x60
    OUT COM1 + 2, 7
    OUT COM1 + 4, LOOP
    OUT COM1, 0x63
    AWAIT COM1 + 5, 1, 1
    OUT COM1 + 2, 3
    KEEP 0, COM1 + 5
    KEEP 1, COM1 + 2
    OUT COM1 + 2, 0
    KEEP 2, COM1 + 2
    BACK
    SAY_KEPT "cleared: ", 0
    SAY_KEPT " FIFO on ", 1
    SAY_KEPT " off ", 2
    SAY "\n"

    /* the divisor hides two registers and leaves what they have */
    OUT COM1 + 1, 5
    OUT COM1 + 3, 0x83
    KEEP 0, COM1
    KEEP 1, COM1 + 1
    OUT COM1 + 3, 3
    KEEP 2, COM1 + 1
    OUT COM1 + 1, 0
    KEEP 3, COM1 + 3
    SAY_KEPT "divisor: ", 0
    SAY_KEPT " ", 1
    SAY_KEPT ", behind it ", 2
    SAY_KEPT ", line control ", 3
    SAY "\n"

    /* a byte of a narrow word */
    AWAIT COM1 + 5, 0x60, 0x60
    OUT COM1 + 3, 0
    LOOPED 0xff
    KEEP 0, COM1
    BACK
    OUT COM1 + 3, 3
    SAY_KEPT "five bits of ff: ", 0
    SAY "\n"
    ret

    .bss
    .balign 4
kept: .skip 64
