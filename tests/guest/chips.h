/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs about chips share: ports, the interrupt controllers, and handlers that write
 * down who came.
 *
 * CHIPS_INIT puts the controllers to vectors 0x20 and 0x28, masks everything, and empties the log.
 * HANDLERS defines handlers for IRQ 0, 1, 4 and 14, which log '0', '1', '4' and 'e', take their
 * chip's request back, and end the interrupt.
 */
#ifndef GUEST_CHIPS_H
#define GUEST_CHIPS_H

#define PIC_MASTER 0x20
#define PIC_SLAVE  0xa0
#define PIT        0x40
#define KBC_DATA   0x60
#define PORT_61    0x61
#define KBC        0x64
#define ATA        0x1f0
#define COM1       0x3f8
#define ATA_CONTROL 0x3f6

#define VECTOR(irq) (0x20 + (irq))

/* Clobber EAX and EDX. */
.macro OUT port, value
    movl $(\port), %edx
    movb $(\value), %al
    outb %al, %dx
.endm
/* EAX becomes what was read.  Clobbers EDX. */
.macro IN port
    movl $(\port), %edx
    xorl %eax, %eax
    inb %dx, %al
.endm

/* The register of PCI's configuration space at `place`, and a value for it.  These clobber EAX and EDX. */
#define PCI_ADDRESS 0xcf8
#define PCI_DATA    0xcfc
.macro CONFIG place
    movl $PCI_ADDRESS, %edx
    movl $(\place), %eax
    outl %eax, %dx
    movl $PCI_DATA, %edx
.endm
.macro SET_CONFIG place, value
    CONFIG \place
    movl $(\value), %eax
    outl %eax, %dx
.endm

/* Wait until the bits of a port are as told.  Clobbers EAX and EDX. */
.macro AWAIT port, mask, value
8891: IN \port
    andl $(\mask), %eax
    cmpl $(\value), %eax
    jne 8891b
.endm

/* Print a text and what a port has. */
.macro SAY_IN text, port
    IN \port
    SAY_HEX "\text", %eax
.endm

/* Unmask: a set bit keeps its line masked. */
.macro MASK master, slave
    OUT PIC_MASTER + 1, \master
    OUT PIC_SLAVE + 1, \slave
.endm

/* ICW4 of the master is an argument.  The serial port asks for nothing then. */
.macro PIC_INIT icw4=1
    OUT COM1 + 1, 0
    OUT PIC_MASTER, 0x11
    OUT PIC_MASTER + 1, VECTOR(0)
    OUT PIC_MASTER + 1, 4
    OUT PIC_MASTER + 1, \icw4
    OUT PIC_SLAVE, 0x11
    OUT PIC_SLAVE + 1, VECTOR(8)
    OUT PIC_SLAVE + 1, 2
    OUT PIC_SLAVE + 1, 1
    MASK 0xff, 0xff
    movl $log, log_at
.endm

.macro HANDLER irq, name
    GATE VECTOR(\irq), \name, KERNEL_CODE, GATE_INTERRUPT
.endm

.macro CHIPS_INIT
    PIC_INIT
    HANDLER 0, irq_timer
    HANDLER 1, irq_keyboard
    HANDLER 4, irq_serial
    HANDLER 7, irq_spurious
    HANDLER 14, irq_disk
    HANDLER 15, irq_spurious_slave
.endm

/* Clobbers EAX. */
.macro LOG letter
    movl log_at, %eax
    movb $(\letter), (%eax)
    incl log_at
.endm

/* Print the log and empty it. */
.macro SAY_LOG text
    SAY "\text"
    movl log_at, %eax
    movb $0, (%eax)
    movl $log, log_at
    pushl $log
    call say
    addl $4, %esp
    SAY "\n"
.endm

/* Let a request come in: the timer's, once, after `count` ticks. */
.macro REQUEST_TIMER count=100
    OUT PIT + 3, 0x30
    OUT PIT, (\count) & 0xff
    OUT PIT, (\count) >> 8
.endm
/* A byte of ours in the keyboard's buffer. */
.macro REQUEST_KEYBOARD
    OUT KBC, 0xd2
    OUT KBC_DATA, 0x1e
.endm
/* "Holding register empty" */
.macro REQUEST_SERIAL
    OUT COM1 + 1, 0
    OUT COM1 + 1, 2
.endm
/* An aborted command */
.macro REQUEST_DISK
    OUT ATA + 6, 0xa0
    OUT ATA + 7, 0xa1
.endm
/* Wait until the master's request register has these bits. */
.macro AWAIT_REQUEST bits
    OUT PIC_MASTER, 0x0a
    AWAIT PIC_MASTER, \bits, \bits
.endm

.macro HANDLERS
irq_timer:
    pushal
    LOG '0'
    OUT PIC_MASTER, 0x20
    popal
    iretl
irq_keyboard:
    pushal
    LOG '1'
    IN KBC_DATA
    OUT PIC_MASTER, 0x20
    popal
    iretl
irq_serial:
    pushal
    LOG '4'
    IN COM1 + 2
    OUT PIC_MASTER, 0x20
    popal
    iretl
irq_disk:
    pushal
    LOG 'e'
    IN ATA + 7
    OUT PIC_SLAVE, 0x20
    OUT PIC_MASTER, 0x20
    popal
    iretl
irq_spurious:
    pushal
    LOG '7'
    popal
    iretl
irq_spurious_slave:
    pushal
    LOG 'f'
    OUT PIC_MASTER, 0x20
    popal
    iretl
    .bss
    .balign 4
log: .skip 256
log_at: .skip 4
    .text
.endm

#endif
