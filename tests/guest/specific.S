/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Model-specific registers and counters: those that this CPU has, and #GP(0) for all others.
 *
 * SDM 4 §2.1 "Architectural MSRs"; SDM 2B "RDMSR—Read from Model Specific Register", "RDPMC—Read
 * Performance-Monitoring Counters"; SDM 2D "WRMSR—Write to Model Specific Register"
 */
#include "runtime.h"

#define CR4_PCE 0x100
#define TSC 0x10
#define PLATFORM_ID 0x17
#define PAGE_ATTRIBUTES 0x277

.macro READS number
    TRY "rdmsr \number"
    movl $\number, %ecx
    rdmsr
    END_TRY
.endm
.macro WRITES number, low=0, high=0
    TRY "wrmsr \number, \high, \low"
    movl $\number, %ecx
    movl $\low, %eax
    movl $\high, %edx
    wrmsr
    END_TRY
.endm
.macro ATTRIBUTES text
    movl $PAGE_ATTRIBUTES, %ecx
    rdmsr
    pushl %eax
    SAY_HEX "\text: ", %edx
    popl %eax
    SAY_HEX " ", %eax
    SAY "\n"
.endm

    .text
    .globl test_main
test_main:
    .irp number, 0, 1, TSC, PLATFORM_ID, 0x8b, PAGE_ATTRIBUTES
    READS \number
    .endr
    .irp number, 0, 1, TSC, 0x79, 0x8b
    WRITES \number
    .endr
    TRY "it is written only"
    movl $0x79, %ecx
    rdmsr
    END_TRY
    TRY "it is read only"
    movl $PLATFORM_ID, %ecx
    wrmsr
    END_TRY

/* A local APIC, counters, MTRRs, sysenter, machine checks with banks, features of others; syscall, 64-bit CPUs. */
    .irp number, 2, 0x1b, 0xc1, 0xc2, 0xfe, 0x174, 0x175, 0x176, 0x179, 0x17a, 0x186, 0x1a0, 0x1d9, 0x200, 0x250, \
        0x2ff, 0x38f, 0x400, 0x570, 0xd90, 0x40000000, 0xc0000080, 0xc0000081, 0xc0000101, 0xc0000102, 0xc0000103, \
        0xc0010117, 0x12345678, 0xffffffff
    READS \number
    WRITES \number
    .endr

    ATTRIBUTES "after reset"
    WRITES PAGE_ATTRIBUTES, 0x07060504, 0x00010004
    ATTRIBUTES "written"
    .irp low, 2, 0x03000000, 8, 0x00000680, 0xff
    WRITES PAGE_ATTRIBUTES, \low
    .endr
    WRITES PAGE_ATTRIBUTES, 0, 0x02000000
    ATTRIBUTES "not written"
    WRITES PAGE_ATTRIBUTES, 0x00070406, 0x00070406

    TRY "what is refused leaves the registers as they are"
    movl $0x12345678, %ecx
    movl $0x11111111, %eax
    movl $0x22222222, %edx
    rdmsr
    END_TRY
    SAY_HEX "eax ", (fault + 72)
    SAY_HEX " edx ", (fault + 64)
    SAY "\n"

    .irp number, TSC, PAGE_ATTRIBUTES, 0x12345678
    TRY "ring 3: rdmsr \number"
    RING 3
    movl $\number, %ecx
    rdmsr
    END_TRY
    TRY "ring 3: wrmsr \number"
    RING 3
    movl $\number, %ecx
    xorl %eax, %eax
    xorl %edx, %edx
    wrmsr
    END_TRY
    .endr

/* The clock goes on from what is written. */
    movl $TSC, %ecx
    movl $0x12345678, %eax
    movl $0x11111111, %edx
    wrmsr
    rdtsc
    pushl %edx
    subl $0x12345678, %eax
    cmpl $0x00100000, %eax
    sbbl %eax, %eax /* ones: it was not long ago */
    SAY_HEX "the clock, written: close ", %eax
    popl %eax
    SAY_HEX ", high ", %eax
    SAY "\n"
    xorl %eax, %eax
    movl $TSC, %ecx
    wrmsr
    rdmsr
    orl %edx, %eax
    cmpl $0x00100000, %eax
    sbbl %eax, %eax
    SAY_HEX "and by rdmsr: close ", %eax
    SAY "\n"

    CONTROL_SET cr4, CR4_TSD
    TRY "ring 3, with TSD: rdtsc"
    RING 3
    rdtsc
    END_TRY
    TRY "ring 1, with TSD: rdtsc"
    RING 1
    rdtsc
    END_TRY
    TRY "with TSD: rdtsc"
    rdtsc
    END_TRY
    CONTROL_CLEAR cr4, CR4_TSD
    TRY "ring 3: rdtsc"
    RING 3
    rdtsc
    END_TRY

/* There are no counters. */
    call counters
    CONTROL_SET cr4, CR4_PCE
    TRY "ring 3, with PCE: rdpmc 0"
    RING 3
    xorl %ecx, %ecx
    rdpmc
    END_TRY
    CONTROL_CLEAR cr4, CR4_PCE
    ret

counters:
    .irp number, 0, 1, 2, 0x40000000, 0xffffffff
    TRY "rdpmc \number"
    movl $\number, %ecx
    rdpmc
    END_TRY
    .endr
    TRY "ring 3: rdpmc 0"
    RING 3
    xorl %ecx, %ecx
    rdpmc
    END_TRY
    ret
