/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts from chips: when they come, in which order, and what holds them back.
 * SDM 3A §6.8 "Enabling and Disabling Interrupts"
 */
#include "runtime.h"
#include "chips.h"

    .text
HANDLERS

/* Like irq_serial, but lets others in between. */
irq_serial_open:
    pushal
    LOG '('
    IN COM1 + 2
    sti
    nop
    cli
    LOG ')'
    OUT PIC_MASTER, 0x20
    popal
    iretl

/* Ends its interrupt first, so that lower ones come in too. */
irq_keyboard_open:
    pushal
    LOG '['
    IN KBC_DATA
    OUT PIC_MASTER, 0x20
    sti
    nop
    cli
    LOG ']'
    popal
    iretl

    .globl test_main
test_main:
    CHIPS_INIT

    MASK 0xfe, 0xff
    REQUEST_TIMER
    sti
    hlt
    cli
    SAY_LOG "hlt is woken by "

    OUT PIT + 3, 0x34          /* 1 kHz */
    OUT PIT, 1193 & 0xff
    OUT PIT, 1193 >> 8
    movl $5, %ecx
1:  sti
    hlt
    cli
    loop 1b
    MASK 0xff, 0xff
    SAY_LOG "five ticks: "

    REQUEST_TIMER
    AWAIT_REQUEST 1
    MASK 0xfe, 0xff
    sti
    cli
    SAY_LOG "sti, cli: "
    sti
    nop
    cli
    SAY_LOG "sti, nop, cli: "

    MASK 0xff, 0xff
    REQUEST_TIMER
    AWAIT_REQUEST 1
    MASK 0xfe, 0xff
    sti
    movl %ss, %eax
    movl %eax, %ss
    LOG 's'
    cli
    SAY_LOG "in the shadow of mov ss: "

    MASK 0xff, 0xff
    REQUEST_TIMER
    REQUEST_KEYBOARD
    REQUEST_SERIAL
    REQUEST_DISK
    AWAIT_REQUEST 0x13
    MASK 0xec, 0xff
    MASK 0xe8, 0xbf
    sti
    nop
    nop
    nop
    nop
    nop
    cli
    SAY_LOG "all at once: "

    MASK 0xff, 0xff
    REQUEST_KEYBOARD
    REQUEST_SERIAL
    AWAIT_REQUEST 0x12
    MASK 0xfd, 0xff
    sti
    nop
    nop
    cli
    SAY_LOG "one of them masked: "
    MASK 0xef, 0xff
    sti
    nop
    nop
    cli
    SAY_LOG "and then not: "

    MASK 0xff, 0xff
    HANDLER 4, irq_serial_open
    REQUEST_SERIAL
    AWAIT_REQUEST 0x10
    MASK 0xef, 0xff
    MASK 0xec, 0xff
    REQUEST_KEYBOARD
    sti
    nop
    nop
    cli
    SAY_LOG "the higher one comes first: "

    MASK 0xff, 0xff
    REQUEST_SERIAL
    AWAIT_REQUEST 0x10
    MASK 0xee, 0xff
    REQUEST_TIMER 1
    AWAIT_REQUEST 0x11
    MASK 0xef, 0xff
    HANDLER 4, irq_serial_unmasks
    sti
    nop
    nop
    cli
    SAY_LOG "a higher one interrupts: "

    MASK 0xff, 0xff
    HANDLER 1, irq_keyboard_open
    HANDLER 4, irq_serial
    REQUEST_KEYBOARD
    REQUEST_SERIAL
    AWAIT_REQUEST 0x12
    MASK 0xed, 0xff
    sti
    nop
    nop
    cli
    SAY_LOG "after its end, a lower one too: "

    MASK 0xff, 0xff
    REQUEST_TIMER
    AWAIT_REQUEST 1
    MASK 0xfe, 0xff
    movl $0x200, %eax
    pushfl
    orl %eax, (%esp)
    popfl
    LOG 'p'
    cli
    SAY_LOG "popf has no shadow: "
    ret

/* Like irq_serial_open, with the timer let in. */
irq_serial_unmasks:
    pushal
    LOG '('
    IN COM1 + 2
    MASK 0xee, 0xff
    sti
    nop
    cli
    LOG ')'
    OUT PIC_MASTER, 0x20
    popal
    iretl
