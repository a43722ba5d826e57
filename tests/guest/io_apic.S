/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The I/O APIC: its table, edges and levels, and what the firmware says of it.
 * 82093AA data sheet (Intel, order number 290566-001)
 */
#include "apic.h"

#define PIN(number) (0x10 + 2 * (number))

    .text
APIC_HANDLERS

/* The serial port asks for nothing any more, then the interrupt is ended. */
on_serial:
    pushal
    LOG '4'
    OUT COM1 + 1, 0
    movl $0, LAPIC_EOI
    popal
    iretl
/* The same, but looks at pin 4 and at the trigger mode before. */
on_serial_reads:
    pushal
    LOG '4'
    movl $PIN(4), IOAPIC_INDEX
    movl IOAPIC_WINDOW, %eax
    movl %eax, seen
    movl LAPIC_TMR + 0x30, %eax
    movl %eax, seen + 4
    OUT COM1 + 1, 0
    movl $0, LAPIC_EOI
    popal
    iretl
/* Ends the interrupt though the line is high, once. */
on_serial_early:
    pushal
    LOG 'e'
    movl $0, LAPIC_EOI
    GATE 0x60, on_serial, KERNEL_CODE, GATE_INTERRUPT
    popal
    iretl
on_keyboard:
    pushal
    LOG '1'
    IN KBC_DATA
    movl $0, LAPIC_EOI
    popal
    iretl

    .globl test_main
test_main:
    CHIPS_INIT
    APIC_GATES
    call table
    call edges
    call levels
    jmp firmware

table:
    SAY_IOAPIC "number: ", 0
    SAY_IOAPIC "version: ", 1
    SAY_IOAPIC "arbitration: ", 2
    SAY_IOAPIC "pin 0: ", PIN(0)
    SAY_IOAPIC "pin 23, upper: ", PIN(23) + 1
    SAY_IOAPIC "behind the last pin: ", PIN(24)
    SHOW "index: ", IOAPIC_INDEX
    IOAPIC_PUT 0, 0xffffffff
    SAY_IOAPIC "number, all ones: ", 0
    IOAPIC_PUT 0, 0
    IOAPIC_PUT PIN(9), 0xffffffff
    SAY_IOAPIC "pin 9, all ones: ", PIN(9)
    IOAPIC_PUT PIN(9) + 1, 0xffffffff
    SAY_IOAPIC "pin 9, upper, all ones: ", PIN(9) + 1
    IOAPIC_PUT PIN(9), 0x10000
    IOAPIC_PUT PIN(9) + 1, 0
    SAY_IOAPIC "pin 9, masked: ", PIN(9)
    SAY_IOAPIC "pin 9, upper, zero: ", PIN(9) + 1
    ret

edges:
    IOAPIC_PUT PIN(2), 0x61
    REQUEST_TIMER
    sti
    hlt
    cli
    SAY_LOG "the timer is at pin 2: "
    IOAPIC_PUT PIN(2), 0x10061
    GATE 0x61, on_keyboard, KERNEL_CODE, GATE_INTERRUPT
    IOAPIC_PUT PIN(1), 0x61
    REQUEST_KEYBOARD
    OPEN
    SAY_LOG "the keyboard is at pin 1: "
    IOAPIC_PUT PIN(1), 0x10061
    REQUEST_KEYBOARD
    IOAPIC_PUT PIN(1), 0x61
    OPEN
    SAY_LOG "an edge at a masked pin: "
    IN KBC_DATA
    REQUEST_KEYBOARD
    OPEN
    SAY_LOG "the next edge: "
    IOAPIC_PUT PIN(1) + 1, 0x01000000
    REQUEST_KEYBOARD
    OPEN
    SAY_LOG "to processor 1: "
    IN KBC_DATA
    movl $0x02000000, LAPIC_LDR
    IOAPIC_PUT PIN(1) + 1, 0x06000000
    IOAPIC_PUT PIN(1), 0x961
    REQUEST_KEYBOARD
    OPEN
    SAY_LOG "to a set, the one of lowest priority: "
    IOAPIC_PUT PIN(1), 0x10061
    IOAPIC_PUT PIN(1) + 1, 0
    GATE 0x60, on_serial, KERNEL_CODE, GATE_INTERRUPT
    IOAPIC_PUT PIN(4), 0x60
    IOAPIC_PUT PIN(1), 0x61
    MASK 0xed, 0xff
    REQUEST_SERIAL
    REQUEST_KEYBOARD
    OPEN
    MASK 0xff, 0xff
    OUT COM1 + 1, 0
    SAY_LOG "both controllers at once: "
    IOAPIC_PUT PIN(1), 0x10061
    IOAPIC_PUT PIN(4), 0x10060
    IN KBC_DATA
    PIC_INIT
    ret

levels:
    GATE 0x60, on_serial_reads, KERNEL_CODE, GATE_INTERRUPT
    REQUEST_SERIAL
    IOAPIC_PUT PIN(4), 0x8060
    OPEN
    SAY_LOG "a level that is high already: "
    SHOW "pin 4 then: ", seen
    SHOW "trigger mode then: ", seen + 4
    SAY_IOAPIC "pin 4 at the end: ", PIN(4)
    IOAPIC_PUT PIN(4), 0x10000
    OUT COM1 + 1, 0
    IOAPIC_PUT PIN(4), 0x8060
    GATE 0x60, on_serial_early, KERNEL_CODE, GATE_INTERRUPT
    REQUEST_SERIAL
    sti
    nop
    nop
    nop
    nop
    cli
    SAY_LOG "ended while the line is high: "
    IOAPIC_PUT PIN(4), 0x18060
    REQUEST_SERIAL
    OUT COM1 + 1, 0
    IOAPIC_PUT PIN(4), 0x8060
    OPEN
    SAY_LOG "a level that was high, while masked: "
    IOAPIC_PUT PIN(4), 0x10000
    OUT COM1 + 1, 0
    ret

/* What guests look for.  The addresses of the tables are each firmware's own. */
firmware:
    movzwl 0x40e, %eax
    SHOW "BIOS data area: extended area's segment: ", %eax
    movzwl 0x413, %eax
    SHOW "memory in KiB: ", %eax
    movzwl 0x400, %eax
    SHOW "first serial port: ", %eax
    movzwl 0x44a, %eax
    SHOW "columns: ", %eax
    movzwl 0x463, %eax
    SHOW "CRT controller: ", %eax
    movzbl 0x9fc00, %eax
    SHOW "extended area's size in KiB: ", %eax
    movl $0xf0000, %esi
1:  cmpl $0x5f504d5f, (%esi)
    je 2f
    addl $16, %esi
    cmpl $0x100000, %esi
    jb 1b
    SAY "no MultiProcessor table\n"
    ret
2:  movl $16, %ecx
    call sum
    SHOW "MultiProcessor pointer: sum: ", %eax
    movl 4(%esi), %esi
    movzwl 4(%esi), %ecx
    call sum
    SHOW "table: sum: ", %eax
    SHOW "table: signature: ", (%esi)
    SHOW "table: local APIC: ", 36(%esi)
    movzwl 34(%esi), %ecx
    addl $44, %esi
3:  pushl %ecx
    cmpb $0, (%esi)
    jne 4f
    SHOW "processor: ", (%esi)
    movl $1, %eax
    cpuid
    subl 8(%esi), %edx
    SHOW "processor: features beside cpuid's: ", %edx
    addl $20, %esi
    jmp 6f
4:  cmpb $2, (%esi)
    je 5f
    cmpb $3, (%esi)
    jb 5f
    cmpb $0, 4(%esi) /* interrupts of PCI: each board's own */
    je 5f
    SHOW "interrupt: ", (%esi)
    SHOW "  from and to: ", 4(%esi)
5:  addl $8, %esi
6:  popl %ecx
    decl %ecx
    jnz 3b
    ret

/* EAX: the sum of ECX bytes at ESI. */
sum:
    pushl %esi
    xorl %eax, %eax
1:  addb (%esi), %al
    incl %esi
    decl %ecx
    jnz 1b
    popl %esi
    ret

    .bss
    .balign 4
seen: .skip 8
