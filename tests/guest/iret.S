/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iret outside ring 0 whose image of EFLAGS has VM.  Only ring 0 goes to virtual-8086 mode; elsewhere the flag is
 * ignored, and all the other rules hold.
 * SDM 2A "IRET/IRETD/IRETQ—Interrupt Return"
 */
#include "runtime.h"

#define IMAGE (FLAG_FIXED | FLAG_VM)
/* All flags that an image can have, without those that trap or hold a trap back. */
#define IMAGE_FULL (0xffffffff & ~(FLAG_TF | FLAG_RF))
#define ARRIVED 0x50 /* the vector that says where and how an iret arrived */

/* Return with this image to `cs`, and say how it arrived. */
.macro BACK flags, cs
    pushl $(\flags)
    pushl $(\cs)
    pushl $8889f
    iretl
8889:
    int $ARRIVED
.endm
.macro BACK_CASE name, ring, flags, cs
    TRY "\name"
    RING \ring
    BACK \flags, \cs
    END_TRY
.endm

/* From ring 1 to ring 3. */
.macro OUT_CASE name, cs, ss
    TRY "\name"
    RING 1
    pushl $(\ss)
    pushl $user_stack_top - 16
    BACK IMAGE, \cs
    END_TRY
.endm

/* A call gate in SPARE_0. */
.macro CALL_GATE handler, selector, access
    movl $\handler, %eax
    movw %ax, gdt + SPARE_0
    shrl $16, %eax
    movw %ax, gdt + SPARE_0 + 6
    movw $(\selector), gdt + SPARE_0 + 2
    movb $0, gdt + SPARE_0 + 4
    movb $(\access), gdt + SPARE_0 + 5
.endm

    .text
    .globl test_main
test_main:
    call vm86_fill

/* -- the same ring -- */
    BACK_CASE "ring 3", 3, IMAGE, USER_CODE
    BACK_CASE "ring 1", 1, IMAGE, RING1_CODE
    BACK_CASE "conforming code", 3, IMAGE, (CONFORMING | 3)
    BACK_CASE "every flag", 3, IMAGE_FULL, USER_CODE
    TRY "every flag, with IOPL 3"
    pushl $FLAG_FIXED | FLAG_IOPL
    popfl
    RING 3
    BACK IMAGE_FULL, USER_CODE
    END_TRY
    TRY "every flag, ring 1 with IOPL 1"
    pushl $FLAG_FIXED | 0x1000
    popfl
    RING 1
    BACK IMAGE_FULL, RING1_CODE
    END_TRY
    TRY "no flag, with IOPL 3, all that can be set"
    pushl $FLAG_FIXED | FLAG_IOPL | FLAG_IF | FLAG_AC | FLAG_ID | 0xcd5
    popfl
    RING 3
    BACK IMAGE, USER_CODE
    END_TRY

/* -- traps -- */
    TRY "TF in the image"
    RING 3
    pushl $IMAGE | FLAG_TF
    pushl $USER_CODE
    pushl $1f
    iretl
    nop
1:  nop
    nop
    END_TRY
    TRY "TF at the iret"
    RING 3
    pushl $IMAGE
    pushl $USER_CODE
    pushl $1f
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    iretl
    nop
1:  nop
    END_TRY
    movl $1f, %eax
    movl %eax, %dr0
    movl $1, %eax
    movl %eax, %dr7
    TRY "a breakpoint there"
    RING 3
    pushl $IMAGE
    pushl $USER_CODE
    pushl $1f
    iretl
1:  int $ARRIVED
    END_TRY
    movl $1f, %eax
    movl %eax, %dr0
    movl $1, %eax
    movl %eax, %dr7
    TRY "a breakpoint there, with RF"
    RING 3
    pushl $IMAGE | FLAG_RF
    pushl $USER_CODE
    pushl $1f
    iretl
1:  int $ARRIVED
    END_TRY
    /* On the stack of ring 3, whose addresses a line counts from its top: it must not depend on the linker. */
    movl $1f, user_stack_top - 12
    movl $USER_CODE, user_stack_top - 8
    movl $IMAGE, user_stack_top - 4
    movl $user_stack_top - 4, %eax
    movl %eax, %dr0
    movl $0x000f0001, %eax /* DR0: four bytes of data */
    movl %eax, %dr7
    TRY "a breakpoint on the image"
    RING 3
    movl $user_stack_top - 12, %esp
    iretl
    nop
1:  nop
    END_TRY
    movl $0, %eax
    movl %eax, %dr7

/* -- the code segment -- */
    BACK_CASE "to ring 0", 3, IMAGE, KERNEL_CODE
    BACK_CASE "to ring 1", 3, IMAGE, RING1_CODE
    BACK_CASE "null", 3, IMAGE, 0
    BACK_CASE "null with RPL", 3, IMAGE, 3
    BACK_CASE "ring 0's with RPL 3", 3, IMAGE, (KERNEL_CODE | 3)
    BACK_CASE "data", 3, IMAGE, USER_DATA
    BACK_CASE "a TSS", 3, IMAGE, (TSS_MAIN | 3)
    BACK_CASE "beyond the GDT", 3, IMAGE, (GDT_BYTES + 3)
    BACK_CASE "ring 3's in ring 1", 1, IMAGE, (USER_CODE & ~3 | 1)
    DESCRIPTOR SPARE_1, 0, 0xfffff, ((CODE_READABLE | DPL(3) | BIG | PAGES) & ~PRESENT)
    BACK_CASE "not present", 3, IMAGE, (SPARE_1 | 3)
    DESCRIPTOR SPARE_1, 0, 0xff, (CODE_READABLE | DPL(3) | BIG)
    BACK_CASE "beyond its limit", 3, IMAGE, (SPARE_1 | 3)
    DESCRIPTOR SPARE_1, 0, 0xfffff, ((CODE_READABLE | DPL(3) | BIG | PAGES))
    BACK_CASE "never used", 3, IMAGE, (SPARE_1 | 3)
    movzbl gdt + SPARE_1 + 5, %eax
    SAY_HEX "its access byte ", %eax
    SAY "\n"

/* -- the stack -- */
    DESCRIPTOR SPARE_2, (frame - 0x100), 0x107, (DATA_WRITABLE | DPL(3) | BIG)
    TRY "image beyond the stack's limit"
    RING 3
    movl $SPARE_2 | 3, %eax
    movl %eax, %ss
    movl $0x100, %esp
    iretl
    END_TRY
    DESCRIPTOR SPARE_2, (frame - 0x100), 0x10b, (DATA_WRITABLE | DPL(3) | BIG)
    movl $1f, frame
    TRY "just below it"
    RING 3
    movl $SPARE_2 | 3, %eax
    movl %eax, %ss
    movl $0x100, %esp
    iretl
1:  int $ARRIVED
    END_TRY
    DESCRIPTOR SPARE_2, (frame - 0x100), 0xffff, (DATA_WRITABLE | DPL(3))
    movl $1f, frame
    TRY "a 16-bit stack"
    RING 3
    movl $SPARE_2 | 3, %eax
    movl %eax, %ss
    movl $0x12340100, %esp
    iretl
1:  int $ARRIVED
    END_TRY
    DESCRIPTOR SPARE_1, narrow_target, 0xffff, (CODE_READABLE | DPL(3) | BIG)
    TRY "an image of 16 bits has no VM"
    RING 3
    pushl $IMAGE
    pushw $0
    pushw $FLAG_FIXED | FLAG_DF
    pushw $SPARE_1 | 3
    pushw $0
    iretw
    END_TRY

/* -- to an outer ring -- */
    TRY "to ring 3"
    RING 1
    movl $USER_DATA, %eax
    movl %eax, %fs
    movl $CONFORMING, %eax
    movl %eax, %gs
    movl $1, %eax
    movl %eax, %es
    pushl $USER_DATA
    pushl $user_stack_top - 16
    pushl $IMAGE_FULL
    pushl $USER_CODE
    pushl $1f
    iretl
1:  movl %ds, %ebx
    movl %es, %ecx
    movl %fs, %edx
    movl %gs, %esi
    int $ARRIVED
    END_TRY
    SAY_HEX "ds ", (fault+60)
    SAY_HEX " es ", (fault+68)
    SAY_HEX " fs ", (fault+64)
    SAY_HEX " gs ", (fault+48)
    SAY "\n"
    OUT_CASE "to ring 3, null stack", USER_CODE, 0
    OUT_CASE "to ring 3, null stack with RPL", USER_CODE, 3
    OUT_CASE "to ring 3, stack of ring 1", USER_CODE, RING1_DATA
    OUT_CASE "to ring 3, stack with RPL 0", USER_CODE, (USER_DATA & ~3)
    OUT_CASE "to ring 3, code as stack", USER_CODE, USER_CODE
    OUT_CASE "to ring 3, stack beyond the GDT", USER_CODE, (GDT_BYTES + 3)
    OUT_CASE "to ring 3, kernel code", (KERNEL_CODE | 3), USER_DATA
    DESCRIPTOR SPARE_1, 0, 0xfffff, (DATA_READ_ONLY | DPL(3) | BIG | PAGES)
    OUT_CASE "to ring 3, read-only stack", USER_CODE, (SPARE_1 | 3)
    DESCRIPTOR SPARE_1, 0, 0xfffff, ((DATA_WRITABLE | DPL(3) | BIG | PAGES) & ~PRESENT)
    OUT_CASE "to ring 3, stack not present", USER_CODE, (SPARE_1 | 3)
    DESCRIPTOR SPARE_1, 0, 0xff, (CODE_READABLE | DPL(3) | BIG)
    OUT_CASE "to ring 3, beyond the code's limit", (SPARE_1 | 3), USER_DATA
    DESCRIPTOR SPARE_2, (frame - 0x100), 0x10f, (DATA_WRITABLE | DPL(1) | BIG)
    movl $USER_CODE, frame + 4
    movl $1f, frame
    TRY "to ring 3, new stack beyond the old one's limit"
    RING 1
    movl $SPARE_2 | 1, %eax
    movl %eax, %ss
    movl $0x100, %esp
    iretl
1:  int $ARRIVED
    END_TRY

/* -- pages -- */
    call paging_on
    TEST_PTE 1, 0
    movl $USER_CODE, TEST_LINEAR + 0xffc
    TRY "image in a missing page"
    RING 3
    movl $TEST_LINEAR + 0xff8, %esp
    iretl
    END_TRY
    TEST_PTE 1, (TEST_PHYS + PAGE_BYTES + PAGE_P + PAGE_RW)
    movl $IMAGE, TEST_LINEAR + 0x1000
    TRY "image in a supervisor's page"
    RING 3
    movl $TEST_LINEAR + 0xff8, %esp
    iretl
    END_TRY
    TEST_PTE 1, 0
    movl $1f, TEST_LINEAR + 0xff0
    movl $USER_CODE, TEST_LINEAR + 0xff4
    movl $IMAGE, TEST_LINEAR + 0xff8
    TRY "new stack's segment in a missing page"
    RING 1
    movl $TEST_LINEAR + 0xff0, %esp
    iretl
1:  int $ARRIVED
    END_TRY
    movl $1f, TEST_LINEAR + 0xff4
    movl $USER_CODE, TEST_LINEAR + 0xff8
    movl $IMAGE, TEST_LINEAR + 0xffc
    TRY "all of it in one page"
    RING 3
    movl $TEST_LINEAR + 0xff4, %esp
    iretl
1:  int $ARRIVED
    END_TRY
    call paging_off

/* -- the rights of ring 3 on its stack -- */
    call paging_on
    TEST_PTE 1, (TEST_PHYS + PAGE_BYTES + PAGE_P + PAGE_RW)
    movl $1f, TEST_LINEAR + 0xff8
    movl $USER_CODE, TEST_LINEAR + 0xffc
    movl $FLAG_FIXED, TEST_LINEAR + 0x1000
    TRY "iret, flags in a supervisor's page"
    RING 3
    movl $TEST_LINEAR + 0xff8, %esp
    iretl
1:  int $ARRIVED
    END_TRY
    movl $1f, TEST_LINEAR + 0xffc
    movl $USER_CODE, TEST_LINEAR + 0x1000
    TRY "lret, selector in a supervisor's page"
    RING 3
    movl $TEST_LINEAR + 0xffc, %esp
    lretl
1:  int $ARRIVED
    END_TRY
    TEST_PTE 0, (TEST_PHYS + PAGE_P + PAGE_RW)
    TRY "call, frame in a supervisor's page"
    RING 3
    movl $TEST_LINEAR + 0x100, %esp
    lcall $USER_CODE, $1f
1:  int $ARRIVED
    END_TRY
    CALL_GATE 1f, USER_CODE, (GATE_CALL | DPL(3))
    TRY "call by a gate, frame in a supervisor's page"
    RING 3
    movl $TEST_LINEAR + 0x100, %esp
    lcall $SPARE_0 | 3, $0
1:  int $ARRIVED
    END_TRY
    TRY "call to ring 0's code, frame in a supervisor's page"
    RING 3
    movl $TEST_LINEAR + 0x100, %esp
    lcall $KERNEL_CODE, $1f
1:  int $ARRIVED
    END_TRY
    TEST_PTE 0, (TEST_PHYS + PAGE_P + PAGE_US)
    TRY "call, frame in a read-only page"
    RING 3
    movl $TEST_LINEAR + 0x100, %esp
    lcall $USER_CODE, $1f
1:  int $ARRIVED
    END_TRY
    TEST_PTE 0, (TEST_PHYS + PAGE_P + PAGE_US + PAGE_RW)
    TEST_PTE 1, 0
    TRY "call, half of the frame in a missing page"
    RING 3
    movl $TEST_LINEAR + 0x1004, %esp
    lcall $USER_CODE, $1f
1:  int $ARRIVED
    END_TRY
    CALL_GATE 1f, KERNEL_CODE, (GATE_CALL | DPL(3))
    TEST_PTE 0, (TEST_PHYS + PAGE_P)
    TRY "call by a gate to ring 0, which has its own stack"
    RING 3
    movl $TEST_LINEAR + 0x100, %esp
    lcall $SPARE_0 | 3, $0
1:  int $ARRIVED
    END_TRY
    call paging_off

/* -- NT comes first -- */
    TRY "NT, and no task to return to"
    RING 3
    pushl $IMAGE
    pushl $USER_CODE
    pushl $1f
    pushl $FLAG_FIXED | FLAG_NT
    popfl
    iretl
1:  int $ARRIVED
    END_TRY
    ret

narrow_target:
    int $ARRIVED

/* A CPU that goes to virtual-8086 mode after all arrives in the first 64 KiB and a bit.  Breakpoints there bring
 * it back.  Clobbers EAX, ECX, EDI. */
vm86_fill:
    movl $0x400, %edi
    movl $0x10000 + 0x800, %ecx
    movl $0xcc, %eax
    rep stosb
    ret

    .data
    .balign 4
    .skip 0x100
frame:
    .long 0, USER_CODE, IMAGE, user_stack_top, USER_DATA
