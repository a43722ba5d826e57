/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local APIC: its registers, messages to oneself, priorities, the timer, and the 8259s behind it.
 * SDM 3A §10.4 "Local APIC"
 */
#include "apic.h"

    .text
APIC_HANDLERS

/* Lets others in while it runs. */
on_60_open:
    pushal
    LOG '<'
    sti
    nop
    cli
    LOG '>'
    movl $0, LAPIC_EOI
    popal
    iretl
on_60_reads:
    pushal
    movl LAPIC_ISR + 0x30, %eax
    movl %eax, seen
    movl LAPIC_PPR, %eax
    movl %eax, seen + 4
    movl LAPIC_IRR + 0x30, %eax
    movl %eax, seen + 8
    movl $0, LAPIC_EOI
    popal
    iretl
APIC_HANDLER on_08, '8'
on_nmi:
    pushal
    LOG 'N'
    popal
    iretl
/* The 8259s', through LINT0 with a vector of its own: it is ended at both. */
on_lint0:
    pushal
    LOG 'L'
    OUT PIC_MASTER, 0x0c /* poll: acknowledges */
    IN PIC_MASTER
    OUT PIC_MASTER, 0x20
    movl $0, LAPIC_EOI
    popal
    iretl

    .globl test_main
test_main:
    CHIPS_INIT
    APIC_GATES
    call registers
    call commands
    call priorities
    call others
    call legacy
    call timer
    jmp disabled

registers:
    movl $1, %eax
    cpuid
    andl $0x200, %edx
    SHOW "cpuid tells of it: ", %edx
    movl $0x1b, %ecx
    rdmsr
    SHOW "IA32_APIC_BASE: ", %eax
    movl $0x1b, %ecx
    movl $0xfee00900, %eax
    xorl %edx, %edx
    wrmsr
    SHOW "id: ", LAPIC_ID
    SHOW "version: ", LAPIC_VERSION
    SHOW "spurious, enabled: ", LAPIC_SPURIOUS
    SHOW "task priority: ", LAPIC_TPR
    SHOW "LINT0: ", LAPIC_LINT0
    SHOW "LINT1: ", LAPIC_LINT1
    SHOW "timer's row: ", LAPIC_TIMER
    SHOW "error's row: ", LAPIC_ERROR
    SHOW "thermal sensor's row: ", LAPIC_THERMAL
    SHOW "counters' row: ", LAPIC_COUNTERS
    SHOW "destination format: ", LAPIC_DFR
    SHOW "logical destination: ", LAPIC_LDR
    movl $-1, LAPIC_TPR
    SHOW "task priority, all ones: ", LAPIC_TPR
    SHOW "processor priority: ", LAPIC_PPR
    movl $0x35, LAPIC_TPR
    SHOW "task priority 0x35: processor priority: ", LAPIC_PPR
    movl $0, LAPIC_TPR
    movl $-1, LAPIC_LDR
    SHOW "logical destination, all ones: ", LAPIC_LDR
    movl $0, LAPIC_DFR
    SHOW "destination format, zero: ", LAPIC_DFR
    movl $-1, LAPIC_DFR
    movl $-1, LAPIC_ICR_HIGH
    SHOW "command, high, all ones: ", LAPIC_ICR_HIGH
    movl $0, LAPIC_ICR_HIGH
    movl $-1, LAPIC_TIMER
    SHOW "timer's row, all ones: ", LAPIC_TIMER
    movl $0x10000, LAPIC_TIMER
    movl $-1, LAPIC_DIVIDE
    SHOW "divider, all ones: ", LAPIC_DIVIDE
    movl $0x1ff, LAPIC_SPURIOUS
    movl $0, LAPIC_VERSION
    SHOW "version, written: ", LAPIC_VERSION
    movzbl LAPIC_VERSION, %eax
    SHOW "version, a byte: ", %eax
    movzwl LAPIC_VERSION, %eax
    SHOW "version, a word: ", %eax
    movb $0x40, LAPIC_TPR
    SHOW "task priority, a byte is written: ", LAPIC_TPR
    movl $0, LAPIC_ESR
    movl LAPIC_ID - 0x20, %eax
    SHOW "a reserved register: ", %eax
    movl $0, LAPIC_ESR
    SHOW "errors: ", LAPIC_ESR
    movl $0, LAPIC_ESR
    SHOW "errors, once more: ", LAPIC_ESR
    ret

commands:
    SEND 0x00040060
    SHOW "requested: ", LAPIC_IRR + 0x30
    SHOW "command, low: ", LAPIC_ICR
    OPEN
    SAY_LOG "to itself: "
    SEND 0x00040060
    SEND 0x00040060
    OPEN
    SAY_LOG "to itself, twice at once: "
    SEND 0x00080060
    OPEN
    SAY_LOG "to all: "
    SEND 0x000c0060
    OPEN
    SAY_LOG "to all others: "
    SEND 0x60
    OPEN
    SAY_LOG "to number 0: "
    movl $0x01000000, LAPIC_ICR_HIGH
    SEND 0x60
    OPEN
    SAY_LOG "to number 1: "
    movl $0xff000000, LAPIC_ICR_HIGH
    SEND 0x60
    OPEN
    SAY_LOG "to everybody's number: "
    movl $0x04000000, LAPIC_LDR
    movl $0x0c000000, LAPIC_ICR_HIGH
    SEND 0x860
    OPEN
    SAY_LOG "to a set with it: "
    movl $0x0b000000, LAPIC_ICR_HIGH
    SEND 0x860
    OPEN
    SAY_LOG "to a set without it: "
    movl $0x0fffffff, LAPIC_DFR
    movl $0x24000000, LAPIC_LDR
    movl $0x2c000000, LAPIC_ICR_HIGH
    SEND 0x860
    OPEN
    SAY_LOG "to a set of its cluster: "
    movl $0x1c000000, LAPIC_ICR_HIGH
    SEND 0x860
    OPEN
    SAY_LOG "to a set of another cluster: "
    movl $-1, LAPIC_DFR
    movl $0, LAPIC_ICR_HIGH
    SEND 0x160
    OPEN
    SAY_LOG "to the one of lowest priority: "
    GATE 2, on_nmi, KERNEL_CODE, GATE_INTERRUPT
    SEND 0x00000400
    nop
    SAY_LOG "NMI to number 0: "
    GATE_DEFAULT 2
    SEND 0x00088500
    SAY "INIT is ended for all: goes on\n"
    ret

priorities:
    SEND 0x00040060
    SEND 0x00040081
    SEND 0x00040070
    OPEN
    SAY_LOG "three at once: "
    movl $0x70, LAPIC_TPR
    SEND 0x00040060
    SEND 0x00040081
    SEND 0x00040070
    OPEN
    SAY_LOG "task priority 0x70: "
    movl $0x60, LAPIC_TPR
    OPEN
    SAY_LOG "then 0x60: "
    movl $0, LAPIC_TPR
    OPEN
    SAY_LOG "then 0: "
    GATE 0x60, on_60_open, KERNEL_CODE, GATE_INTERRUPT
    SEND 0x00040060
    OPEN_SENDING 0x00040061
    SAY_LOG "one of the same class waits: "
    SEND 0x00040060
    OPEN_SENDING 0x00040070
    SAY_LOG "one of a higher class does not: "
    GATE 0x60, on_60_reads, KERNEL_CODE, GATE_INTERRUPT
    SEND 0x00040060
    SEND 0x00040061
    OPEN
    SHOW "while it is served: in service: ", seen
    SHOW "processor priority then: ", seen + 4
    SHOW "requested then: ", seen + 8
    SAY_LOG "and behind it: "
    SHOW "in service at the end: ", LAPIC_ISR + 0x30
    GATE 0x60, on_60, KERNEL_CODE, GATE_INTERRUPT
    movl $0, LAPIC_EOI
    SHOW "an end of nothing: processor priority: ", LAPIC_PPR
    ret

/* SDM 3A §10.5.2 "Valid Interrupt Vectors" */
others:
    GATE 8, on_08, KERNEL_CODE, GATE_INTERRUPT
    movl $0, LAPIC_ESR
    SEND 0x00040008
    OPEN
    SAY_LOG "an illegal vector: "
    movl $0, LAPIC_ESR
    SHOW "errors of it: ", LAPIC_ESR
    movl $0, LAPIC_ESR
    SEND 0x00040010
    SHOW "vector 16 is legal: ", LAPIC_IRR
    GATE 0x10, on_60, KERNEL_CODE, GATE_INTERRUPT
    OPEN
    SAY_LOG "and comes: "
    GATE_DEFAULT 0x10
    GATE_DEFAULT 8
    ret

legacy:
    movl $0x10700, LAPIC_LINT0
    MASK 0xfe, 0xff
    REQUEST_TIMER
    AWAIT_REQUEST 1
    OPEN
    SAY_LOG "LINT0 masked: "
    movl $0x00700, LAPIC_LINT0
    OPEN
    SAY_LOG "LINT0 not masked: "
    MASK 0xff, 0xff
    REQUEST_TIMER
    AWAIT_REQUEST 1
    movl $0x81, LAPIC_TPR
    SEND 0x00040060
    MASK 0xfe, 0xff
    OPEN
    SAY_LOG "the 8259s have no priority: "
    movl $0, LAPIC_TPR
    OPEN
    SAY_LOG "and then: "
    MASK 0xff, 0xff
    REQUEST_TIMER
    AWAIT_REQUEST 1
    SEND 0x000400f0
    MASK 0xfe, 0xff
    OPEN
    SAY_LOG "they come first: "
    MASK 0xff, 0xff
    REQUEST_TIMER
    AWAIT_REQUEST 1
    GATE 0x62, on_lint0, KERNEL_CODE, GATE_INTERRUPT
    movl $0x62, LAPIC_LINT0
    MASK 0xfe, 0xff
    OPEN
    SAY_LOG "LINT0 with a vector: "
    MASK 0xff, 0xff
    movl $0x00700, LAPIC_LINT0
    ret

timer:
    movl $0x0b, LAPIC_DIVIDE
    movl $0x60, LAPIC_TIMER
    movl $100000, LAPIC_INITIAL
    sti
    hlt
    cli
    SAY_LOG "once, hlt is woken by: "
    SHOW "initial count: ", LAPIC_INITIAL
    SHOW "current count: ", LAPIC_CURRENT
    movl $0x10060, LAPIC_TIMER
    movl $1000, LAPIC_INITIAL
    TIMER_END
    SHOW "masked: requested: ", LAPIC_IRR + 0x30
    movl $0x60, LAPIC_TIMER
    OPEN
    SAY_LOG "not masked any more, too late: "
    movl $0x20060, LAPIC_TIMER
    movl $100000, LAPIC_INITIAL
    movl $5, %ecx
1:  sti
    hlt
    cli
    loop 1b
    SAY_LOG "five periods: "
    movl $0, LAPIC_INITIAL
    OPEN
    SAY_LOG "stopped: "
    SHOW "stopped: current count: ", LAPIC_CURRENT
    movl $0x60, LAPIC_TIMER
    movl $1000, LAPIC_INITIAL
    TIMER_END
    SHOW "interrupts off: requested: ", LAPIC_IRR + 0x30
    OPEN
    SAY_LOG "and comes then: "
    movl $0x0a, LAPIC_DIVIDE
    movl $0x7fffffff, LAPIC_INITIAL
    movl LAPIC_CURRENT, %ebx
    movl LAPIC_CURRENT, %eax
    cmpl %eax, %ebx
    sbbl %eax, %eax
    SHOW "it counts down, by 128: ", %eax
    movl $0x0b, LAPIC_DIVIDE
    movl $0x10000, LAPIC_TIMER
    movl $0, LAPIC_INITIAL
    ret

disabled:
    SEND 0x00040060
    movl $0xff, LAPIC_SPURIOUS
    OPEN
    SAY_LOG "disabled, with a request: "
    SHOW "LINT1's row is masked: ", LAPIC_LINT1
    movl $0x700, LAPIC_LINT0
    SHOW "LINT0's row stays masked: ", LAPIC_LINT0
    movl $0x1ff, LAPIC_SPURIOUS
    movl $0x700, LAPIC_LINT0
    OPEN
    SAY_LOG "enabled again: "
    movl $0xff, LAPIC_SPURIOUS
    SEND 0x00040070
    movl $0x1ff, LAPIC_SPURIOUS
    movl $0x700, LAPIC_LINT0
    OPEN
    SAY_LOG "what came while it was disabled: "
    movl $0x1b, %ecx
    movl $0xfee00100, %eax
    xorl %edx, %edx
    wrmsr
    movl $1, %eax
    cpuid
    andl $0x200, %edx
    SHOW "off: cpuid tells of it: ", %edx
    MASK 0xfe, 0xff
    REQUEST_TIMER
    sti
    hlt
    cli
    SAY_LOG "off: the 8259s' interrupts come: "
    ret

    .bss
    .balign 4
seen: .skip 12
