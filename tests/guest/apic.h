/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs about APICs share, beside what chips.h has: registers, and handlers that write down who came.
 *
 * The vectors 0x60, 0x61, 0x70, 0x81 and 0xf0 log 'a', 'b', 'c', 'd' and 'f', and end the interrupt.
 */
#ifndef GUEST_APIC_H
#define GUEST_APIC_H

#include "runtime.h"
#include "chips.h"

#define LAPIC          0xfee00000
#define LAPIC_ID       (LAPIC + 0x20)
#define LAPIC_VERSION  (LAPIC + 0x30)
#define LAPIC_TPR      (LAPIC + 0x80)
#define LAPIC_PPR      (LAPIC + 0xa0)
#define LAPIC_EOI      (LAPIC + 0xb0)
#define LAPIC_LDR      (LAPIC + 0xd0)
#define LAPIC_DFR      (LAPIC + 0xe0)
#define LAPIC_SPURIOUS (LAPIC + 0xf0)
#define LAPIC_ISR      (LAPIC + 0x100)
#define LAPIC_TMR      (LAPIC + 0x180)
#define LAPIC_IRR      (LAPIC + 0x200)
#define LAPIC_ESR      (LAPIC + 0x280)
#define LAPIC_ICR      (LAPIC + 0x300)
#define LAPIC_ICR_HIGH (LAPIC + 0x310)
#define LAPIC_TIMER    (LAPIC + 0x320)
#define LAPIC_THERMAL  (LAPIC + 0x330)
#define LAPIC_COUNTERS (LAPIC + 0x340)
#define LAPIC_LINT0    (LAPIC + 0x350)
#define LAPIC_LINT1    (LAPIC + 0x360)
#define LAPIC_ERROR    (LAPIC + 0x370)
#define LAPIC_INITIAL  (LAPIC + 0x380)
#define LAPIC_CURRENT  (LAPIC + 0x390)
#define LAPIC_DIVIDE   (LAPIC + 0x3e0)

#define IOAPIC_INDEX  0xfec00000
#define IOAPIC_WINDOW 0xfec00010

/* Print a text and a number, and end the line. */
.macro SHOW text, value
    SAY_HEX "\text", \value
    SAY "\n"
.endm

/* Send a command: the low word. */
.macro SEND command
    movl $(\command), LAPIC_ICR
.endm

/* Let interrupts in, for three instructions. */
.macro OPEN
    sti
    nop
    nop
    nop
    cli
.endm
/* The same, while a command is sent that comes second: the first one is in its handler by then. */
.macro OPEN_SENDING command
    SEND \command
    OPEN
.endm

/* Wait until the timer has come to its end. */
.macro TIMER_END
8892: cmpl $0, LAPIC_CURRENT
    jne 8892b
.endm

/* Clobber EAX. */
.macro IOAPIC_PUT register, value
    movl $(\register), IOAPIC_INDEX
    movl $(\value), IOAPIC_WINDOW
.endm
.macro SAY_IOAPIC text, register
    movl $(\register), IOAPIC_INDEX
    SHOW "\text", IOAPIC_WINDOW
.endm

/* A handler that logs, and ends its interrupt. */
.macro APIC_HANDLER name, letter
\name:
    pushal
    LOG \letter
    movl $0, LAPIC_EOI
    popal
    iretl
.endm

.macro APIC_HANDLERS
HANDLERS
APIC_HANDLER on_60, 'a'
APIC_HANDLER on_61, 'b'
APIC_HANDLER on_70, 'c'
APIC_HANDLER on_81, 'd'
APIC_HANDLER on_f0, 'f'
.endm

.macro APIC_GATES
    GATE 0x60, on_60, KERNEL_CODE, GATE_INTERRUPT
    GATE 0x61, on_61, KERNEL_CODE, GATE_INTERRUPT
    GATE 0x70, on_70, KERNEL_CODE, GATE_INTERRUPT
    GATE 0x81, on_81, KERNEL_CODE, GATE_INTERRUPT
    GATE 0xf0, on_f0, KERNEL_CODE, GATE_INTERRUPT
.endm

#endif
