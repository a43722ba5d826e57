/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Far transfers: call gates, returns to outer rings, iret.
 * SDM 3A §5.8.3 "Call Gates"; SDM 2A "CALL—Call Procedure", "IRET/IRETD/IRETQ—Interrupt Return"
 */
#include "runtime.h"

#define GATE_SELECTOR SPARE_0

/* A call gate with `parameters` in SPARE_0. */
.macro CALL_GATE handler, selector, access, parameters=0
    movl $\handler, %eax
    movw %ax, gdt + GATE_SELECTOR
    shrl $16, %eax
    movw %ax, gdt + GATE_SELECTOR + 6
    movw $(\selector), gdt + GATE_SELECTOR + 2
    movb $(\parameters), gdt + GATE_SELECTOR + 4
    movb $(\access), gdt + GATE_SELECTOR + 5
.endm

/* Use it by call and by jmp. */
.macro USES name, ring
    TRY "call, \name"
    .if \ring
    RING \ring
    .endif
    lcall $GATE_SELECTOR, $0x12345678
    END_TRY
    TRY "jmp, \name"
    .if \ring
    RING \ring
    .endif
    ljmp $GATE_SELECTOR, $0x12345678
    END_TRY
.endm

    .text
    .globl test_main
test_main:
    CALL_GATE in_gate, KERNEL_CODE, GATE_CALL
    USES "gate of DPL 0, ring 0", 0
    USES "gate of DPL 0, ring 3", 3
    CALL_GATE in_gate, KERNEL_CODE, (GATE_CALL | DPL(3))
    USES "gate of DPL 3, ring 3", 3
    USES "gate of DPL 3, ring 1", 1
    TRY "call with RPL 3, gate of DPL 1, ring 1"
    movb $GATE_CALL | DPL(1), gdt + GATE_SELECTOR + 5
    RING 1
    lcall $GATE_SELECTOR | 3, $0
    END_TRY
    CALL_GATE in_gate, KERNEL_CODE, ((GATE_CALL | DPL(3)) & ~PRESENT)
    USES "gate not present", 3
    CALL_GATE in_gate, 0, (GATE_CALL | DPL(3))
    USES "gate to null", 3
    CALL_GATE in_gate, KERNEL_DATA, (GATE_CALL | DPL(3))
    USES "gate to data", 3
    CALL_GATE in_gate, GDT_BYTES, (GATE_CALL | DPL(3))
    USES "gate beyond the GDT", 3
    CALL_GATE in_gate, CONFORMING, (GATE_CALL | DPL(3))
    USES "gate to conforming code", 3
    CALL_GATE in_gate, USER_CODE, (GATE_CALL | DPL(3))
    USES "gate to an outer ring", 0
    USES "gate to the same ring", 3
    CALL_GATE in_gate, RING1_CODE, (GATE_CALL | DPL(3))
    USES "gate to ring 1", 3
    DESCRIPTOR SPARE_1, 0, 0xfffff, ((CODE_READABLE | BIG | PAGES) & ~PRESENT)
    CALL_GATE in_gate, SPARE_1, (GATE_CALL | DPL(3))
    USES "gate to code not present", 3
    CALL_GATE in_gate, RING1_CODE, (GATE_CALL | DPL(3))
    movw $0, tss_main + TSS_SS1
    USES "gate to ring 1 without a stack", 3
    movw $RING1_DATA, tss_main + TSS_SS1

/* Pages that are not there: of the handler's descriptor, and of the inner stack. */
    call paging_on
    TEST_PTE 0, 0
    TEST_PTE 1, (TEST_PHYS + PAGE_ALL)
    DESCRIPTOR SPARE_1, TEST_LINEAR, 0xf, LDT_ACCESS
    movl $SPARE_1, %eax
    lldt %ax
    CALL_GATE in_gate, 0x0c, (GATE_CALL | DPL(3))
    USES "gate to code whose descriptor is not mapped", 3
    movl $LDT_MAIN, %eax
    lldt %ax
    CALL_GATE in_gate, RING1_CODE, (GATE_CALL | DPL(3)), 3
    pushl tss_main + TSS_ESP1
    movl $TEST_LINEAR + PAGE_BYTES, tss_main + TSS_ESP1
    USES "gate to ring 1 with a stack that is not mapped", 3
    movl $TEST_LINEAR + PAGE_BYTES + 10, tss_main + TSS_ESP1
    USES "gate to ring 1, a half of its stack's third word not mapped", 3
    popl tss_main + TSS_ESP1
    call paging_off

/* Parameters are copied; the return takes them off both stacks. */
    CALL_GATE with_parameters, KERNEL_CODE, (GATE_CALL | DPL(3)), 3
    TRY "three parameters"
    RING 3
    pushl $0x11111111
    pushl $0x22222222
    pushl $0x33333333
    lcall $GATE_SELECTOR | 3, $0
    ud2
    END_TRY
    SAY_HEX "copied ", (copied)
    SAY_HEX " ", (copied+4)
    SAY_HEX " ", (copied+8)
    SAY_HEX ", below them cs ", (copied+12)
    SAY_HEX ", above them ss ", (copied+16)
    movl ring0_depth, %eax
    SAY_HEX ", depth ", %eax
    SAY "\n"

/* Returns to an outer ring. */
.macro RETURN name, cs, ss, instruction=lretl
    TRY "\instruction: \name"
    pushl $(\ss)
    pushl $user_stack_top
    .ifc \instruction,iretl
    pushl $FLAG_FIXED
    .endif
    pushl $(\cs)
    pushl $8889f
    \instruction
8889:
    END_TRY
.endm
    .irp instruction, lretl, iretl
    RETURN "to ring 3", USER_CODE, USER_DATA, \instruction
    RETURN "to ring 1", RING1_CODE, RING1_DATA, \instruction
    RETURN "to ring 3, null stack", USER_CODE, 0, \instruction
    RETURN "to ring 3, null stack with RPL", USER_CODE, 3, \instruction
    RETURN "to ring 3, stack of ring 0", USER_CODE, KERNEL_DATA, \instruction
    RETURN "to ring 3, stack with RPL 0", USER_CODE, (USER_DATA & ~3), \instruction
    RETURN "to ring 3, code as stack", USER_CODE, USER_CODE, \instruction
    RETURN "to ring 3, stack beyond the GDT", USER_CODE, (GDT_BYTES + 3), \instruction
    RETURN "kernel code with RPL 3", (KERNEL_CODE | 3), USER_DATA, \instruction
    RETURN "conforming with RPL 3", (CONFORMING | 3), USER_DATA, \instruction
    DESCRIPTOR SPARE_1, 0, 0xfffff, (DATA_READ_ONLY | DPL(3) | BIG | PAGES)
    RETURN "to ring 3, read-only stack", USER_CODE, (SPARE_1 | 3), \instruction
    .endr

/* Data segments that ring 3 may not have become null on the way there. */
    TRY "iret to ring 3 clears segments"
    movl $KERNEL_DATA, %eax
    movl %eax, %es
    movl $USER_DATA, %eax
    movl %eax, %fs
    movl $CONFORMING, %eax
    movl %eax, %gs
    pushl $USER_DATA
    pushl $user_stack_top
    pushl $FLAG_FIXED
    pushl $USER_CODE
    pushl $1f
    iretl
1:  movl %ds, %ebx
    movl %es, %ecx
    movl %fs, %edx
    movl %gs, %esi
    int $QUIET_VECTOR
    END_TRY
    SAY_HEX "ds ", (fault+60)
    SAY_HEX " es ", (fault+68)
    SAY_HEX " fs ", (fault+64)
    SAY_HEX " gs ", (fault+48)
    SAY "\n"

    TRY "iret from ring 3 to ring 0"
    RING 3
    pushl $FLAG_FIXED
    pushl $KERNEL_CODE
    pushl $1f
    iretl
1:  END_TRY
    TRY "iret with NT and no link"
    pushl $FLAG_FIXED | FLAG_NT
    popfl
    iretl
    END_TRY

/* Returns of words. */
    DESCRIPTOR SPARE_1, narrow_returns, 0xffff, (CODE_READABLE | BIG)
    movl $0, %ebx
    ljmp $SPARE_1, $0
narrow_returns:
    pushfw
    pushw $SPARE_1
    pushw $1f - narrow_returns
    iretw
1:  incl %ebx
    pushw $SPARE_1
    pushw $1f - narrow_returns
    lretw
1:  incl %ebx
    pushw $1f - narrow_returns
    retw
1:  incl %ebx
    ljmp $KERNEL_CODE, $1f
1:  SAY_HEX "narrow returns ", %ebx
    SAY "\n"

/* A 16-bit code segment: the same bytes are other instructions. */
    DESCRIPTOR SPARE_1, narrow_segment, 0xffff, CODE_READABLE
    TRY "16-bit code"
    movl $0, %eax
    movl $0, %ebx
    movl $0, %ecx
    ljmp $SPARE_1, $0
    END_TRY
    SAY_HEX "ebx ", (fault+60)
    SAY_HEX " ecx ", (fault+68)
    SAY "\n"
    TRY "32-bit code with the same bytes"
    movl $0, %ebx
    movl $0, %ecx
    jmp narrow_segment
    END_TRY
    SAY_HEX "ebx ", (fault+60)
    SAY_HEX " ecx ", (fault+68)
    SAY "\n"
    TRY "16-bit code, in ring 3"
    DESCRIPTOR SPARE_1, narrow_segment, 0xffff, (CODE_READABLE | DPL(3))
    RING 3
    movl $0, %ebx
    movl $0, %ecx
    ljmp $SPARE_1 | 3, $0
    END_TRY
    SAY_HEX "ebx ", (fault+60)
    SAY_HEX " ecx ", (fault+68)
    SAY "\n"
    ret

narrow_segment:
    .byte 0xbb, 0x34, 0x12         /* mov $0x1234,%bx */
    .byte 0x40, 0x40               /* inc %ax; inc %ax: part of the 32-bit constant */
    .byte 0x66, 0xb9, 0x78, 0x56   /* mov $0x....5678,%ecx, or %cx */
    .byte 0x90, 0x90
    .byte 0xcd, 0x41               /* int $0x41 */

/* A procedure behind a gate: the stack it got is in the report. */
in_gate:
    int $0x50
    ud2

with_parameters:
    movl (%esp), %eax
    pushl %ebx
    movl 4 + 8(%esp), %eax
    movl %eax, copied
    movl 4 + 12(%esp), %eax
    movl %eax, copied + 4
    movl 4 + 16(%esp), %eax
    movl %eax, copied + 8
    movl 4 + 4(%esp), %eax
    movl %eax, copied + 12
    movl 4 + 24(%esp), %eax
    movl %eax, copied + 16
    leal 4(%esp), %eax
    subl $ring0_stack_top, %eax
    negl %eax
    movl %eax, ring0_depth
    popl %ebx
    lretl $12

    .bss
copied: .skip 20
ring0_depth: .skip 4
