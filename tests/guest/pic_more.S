/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interrupt controllers' finer points: level-triggered lines, rotation by command, special fully
 * nested mode, requests that go away.  8259A data sheet (Intel, order number 231468-003); 82371AB
 * data sheet (Intel, order number 290562-001), "Edge/Level Control Register".
 */
#include "runtime.h"
#include "chips.h"

#define ELCR 0x4d0

.macro SAY_STATE text
    OUT PIC_MASTER, 0x0a
    IN PIC_MASTER
    andl $0xfe, %eax           /* firmware's timer may have ticked */
    SAY_HEX "\text: irr ", %eax
    OUT PIC_MASTER, 0x0b
    SAY_IN " isr ", PIC_MASTER
    OUT PIC_SLAVE, 0x0a
    SAY_IN " slave irr ", PIC_SLAVE
    OUT PIC_SLAVE, 0x0b
    SAY_IN " isr ", PIC_SLAVE
    SAY "\n"
.endm
.macro TAKE
    sti
    nop
    nop
    cli
.endm

    .text
HANDLERS

    .globl test_main
test_main:
    CHIPS_INIT
    SAY_STATE "quiet"
    SAY_IN "edge or level: ", ELCR
    SAY_IN " ", ELCR + 1
    SAY "\n"
    OUT ELCR, 0xff
    OUT ELCR + 1, 0xff
    SAY_IN "those that can be level: ", ELCR
    SAY_IN " ", ELCR + 1
    SAY "\n"
    OUT ELCR, 0
    OUT ELCR + 1, 0

    /* edge: a request stays in the register when its line goes low; a new one needs a new edge */
    REQUEST_KEYBOARD
    SAY_STATE "keyboard asks"
    IN KBC_DATA
    SAY_STATE "it was read: the line is low"
    MASK 0xfd, 0xff
    TAKE
    SAY_LOG "taken: "
    MASK 0xff, 0xff
    CHIPS_INIT

    /* the slave's lowest: 14 below 8 */
    MASK 0xfb, 0xbf
    REQUEST_DISK
    AWAIT_REQUEST 4
    TAKE
    SAY_LOG "through both: "
    MASK 0xff, 0xff
    SAY_STATE "behind it"

    /* set priority: IRQ 0 lowest, so that 1 goes before 0 */
    REQUEST_TIMER 50
    REQUEST_KEYBOARD
    AWAIT_REQUEST 3
    OUT PIC_MASTER, 0xc0
    MASK 0xfc, 0xff
    TAKE
    SAY_LOG "0 is the lowest: "
    TAKE
    SAY_LOG "and then: "
    MASK 0xff, 0xff
    OUT PIC_MASTER, 0xc7

    /* OCW3 without a choice leaves the choice */
    OUT PIC_MASTER, 0x0b
    OUT PIC_MASTER, 0x08
    REQUEST_TIMER 50
    OUT PIC_MASTER, 0x0a
    AWAIT PIC_MASTER, 1, 1
    OUT PIC_MASTER, 0x08
    SAY_IN "still the requests: ", PIC_MASTER
    OUT PIC_MASTER, 0x0b
    OUT PIC_MASTER, 0x08
    SAY_IN ", still those in service: ", PIC_MASTER
    SAY "\n"

    /* initialization clears mask and service, and wants all its words */
    OUT PIC_MASTER, 0x11
    SAY_IN "mask while it is initialized: ", PIC_MASTER + 1
    OUT PIC_MASTER + 1, VECTOR(0)
    OUT PIC_MASTER + 1, 4
    OUT PIC_MASTER + 1, 1
    SAY_IN ", and after: ", PIC_MASTER + 1
    SAY "\n"
    CHIPS_INIT

    /* single, without ICW3: the word behind ICW2 is ICW4 */
    OUT PIC_MASTER, 0x13
    OUT PIC_MASTER + 1, VECTOR(0)
    OUT PIC_MASTER + 1, 1
    OUT PIC_MASTER + 1, 0xfe
    SAY_IN "single: mask ", PIC_MASTER + 1
    SAY "\n"
    REQUEST_TIMER 50
    AWAIT_REQUEST 1
    TAKE
    SAY_LOG "single: "
    CHIPS_INIT
    ret
