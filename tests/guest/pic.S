/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interrupt controllers' registers and modes, with requests from real chips.
 * 8259A data sheet (Intel, order number 231468-003).
 */
#include "runtime.h"
#include "chips.h"

.macro SAY_STATE text
    OUT PIC_MASTER, 0x0a
    SAY_IN "\text: irr ", PIC_MASTER
    OUT PIC_MASTER, 0x0b
    SAY_IN " isr ", PIC_MASTER
    OUT PIC_SLAVE, 0x0a
    SAY_IN " slave irr ", PIC_SLAVE
    OUT PIC_SLAVE, 0x0b
    SAY_IN " isr ", PIC_SLAVE
    SAY "\n"
.endm

/* Requests of the timer, the keyboard and the serial port, masked, in a fresh controller. */
.macro REQUEST_THREE icw4=1
    PIC_INIT \icw4
    REQUEST_TIMER
    REQUEST_KEYBOARD
    REQUEST_SERIAL
    AWAIT_REQUEST 0x13
.endm

.macro TAKE
    sti
    nop
    nop
    nop
    nop
    cli
.endm

    .text
HANDLERS

/* Handlers that end nothing. */
irq_timer_stays:
    pushal
    LOG '0'
    popal
    iretl
irq_keyboard_stays:
    pushal
    LOG '1'
    IN KBC_DATA
    popal
    iretl
irq_serial_stays:
    pushal
    LOG '4'
    IN COM1 + 2
    popal
    iretl
irq_disk_stays:
    pushal
    LOG 'e'
    IN ATA + 7
    popal
    iretl

    .globl test_main
test_main:
    CHIPS_INIT
    SAY_IN "mask ", PIC_MASTER + 1
    OUT PIC_MASTER + 1, 0x5a
    SAY_IN ", written ", PIC_MASTER + 1
    SAY "\n"
    OUT PIC_MASTER + 1, 0xff

    REQUEST_THREE
    SAY_STATE "three requests"
    PIC_INIT
    SAY_STATE "after initialization"
    IN KBC_DATA

    HANDLER 0, irq_timer_stays
    HANDLER 1, irq_keyboard_stays
    HANDLER 4, irq_serial_stays
    HANDLER 14, irq_disk_stays

    REQUEST_THREE
    MASK 0xec, 0xff
    TAKE
    SAY_LOG "without an end: "
    SAY_STATE "the first is in service"
    OUT PIC_MASTER, 0x20
    TAKE
    SAY_LOG "after an end: "
    SAY_STATE "the second"
    OUT PIC_MASTER, 0x61
    SAY_STATE "its specific end"
    TAKE
    SAY_LOG "the third: "
    OUT PIC_MASTER, 0x60
    SAY_STATE "another's specific end"
    OUT PIC_MASTER, 0x20

    REQUEST_THREE 3
    MASK 0xec, 0xff
    TAKE
    SAY_LOG "automatic end: "
    SAY_STATE "nothing in service"

    REQUEST_THREE
    MASK 0xec, 0xff
    OUT PIC_MASTER, 0xc0       /* line 0 is the lowest */
    TAKE
    SAY_LOG "lowest is 0: "
    OUT PIC_MASTER, 0x20
    TAKE
    OUT PIC_MASTER, 0x20
    TAKE
    OUT PIC_MASTER, 0x20
    SAY_LOG "then: "

    REQUEST_THREE
    MASK 0xec, 0xff
    TAKE
    OUT PIC_MASTER, 0xa0       /* rotate: 0 becomes the lowest */
    REQUEST_TIMER
    AWAIT_REQUEST 0x13
    TAKE
    OUT PIC_MASTER, 0xa0
    TAKE
    OUT PIC_MASTER, 0xa0
    TAKE
    OUT PIC_MASTER, 0xa0
    SAY_LOG "rotating: "

    REQUEST_THREE
    MASK 0xfe, 0xff
    TAKE
    MASK 0xed, 0xff
    TAKE
    SAY_LOG "a masked one in service holds others: "
    OUT PIC_MASTER, 0x68       /* special mask mode; QEMU looks again when the mask is written */
    MASK 0xed, 0xff
    TAKE
    SAY_LOG "not in special mask mode: "
    SAY_STATE "two in service"
    OUT PIC_MASTER, 0x48
    OUT PIC_MASTER, 0x61
    OUT PIC_MASTER, 0x60

    REQUEST_THREE
    MASK 0xec, 0xff
    OUT PIC_MASTER, 0x0c
    SAY_IN "poll ", PIC_MASTER
    SAY_STATE ""
    OUT PIC_MASTER, 0x20
    OUT PIC_MASTER, 0x0c
    SAY_IN "poll again ", PIC_MASTER
    SAY "\n"
    OUT PIC_MASTER, 0x20
    IN KBC_DATA

    PIC_INIT
    REQUEST_DISK
    MASK 0xff, 0xbf
    SAY_STATE "disk"
    MASK 0xfb, 0xbf
    TAKE
    SAY_LOG "disk: "
    SAY_STATE "both in service"
    OUT PIC_SLAVE, 0x20
    SAY_STATE "the slave's end"
    OUT PIC_MASTER, 0x20
    SAY_STATE "the master's end"

    PIC_INIT
    MASK 0xff, 0xbf
    REQUEST_DISK
    MASK 0xff, 0xff
    SAY_STATE "masked at the slave too late"
    MASK 0xfb, 0xff
    TAKE
    SAY_LOG "spurious: "
    SAY_STATE "nothing in service"
    IN ATA + 7
    ret
