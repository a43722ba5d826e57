/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads of segment registers, and the selectors in their error codes.
 * SDM 3A §6.13 "Error Code"; SDM 2B "MOV—Move"
 */
#include "runtime.h"

.macro LOAD name, register, selector, ring=0
    TRY "\name"
    .if \ring
    RING \ring
    .endif
    movl $(\selector), %ecx
    movl %ecx, %\register
    movl %\register, %ecx
    END_TRY
.endm

/* One kind of descriptor in every register, in both rings. */
.macro LOADS name, selector
    LOAD "\name: ds", ds, \selector
    LOAD "\name: es", es, \selector
    LOAD "\name: fs", fs, \selector
    LOAD "\name: gs", gs, \selector
    LOAD "\name: ss", ss, \selector
    LOAD "\name: ds, ring 3", ds, \selector, 3
    LOAD "\name: ss, ring 3", ss, \selector, 3
    LOAD "\name: ds, RPL 3, ring 3", ds, ((\selector) | 3), 3
    LOAD "\name: ss, RPL 3, ring 3", ss, ((\selector) | 3), 3
.endm

.macro TRANSFER name, selector, ring=0
    TRY "jmp: \name"
    .if \ring
    RING \ring
    .endif
    ljmp $(\selector), $8885f
8885:
    END_TRY
    TRY "call: \name"
    .if \ring
    RING \ring
    .endif
    lcall $(\selector), $8885f
8885:
    END_TRY
    TRY "ret: \name"
    .if \ring
    RING \ring
    .endif
    pushl $(\selector)
    pushl $8885f
    lretl
8885:
    END_TRY
    TRY "iret: \name"
    .if \ring
    RING \ring
    .endif
    pushfl
    pushl $(\selector)
    pushl $8885f
    iretl
8885:
    END_TRY
.endm

    .text
    .globl test_main
test_main:
    LOADS "null", 0
    LOADS "flat data", KERNEL_DATA
    LOADS "user data", (USER_DATA & ~3)
    LOADS "code", KERNEL_CODE
    LOADS "user code", (USER_CODE & ~3)
    LOADS "conforming code", CONFORMING
    LOADS "TSS", TSS_MAIN
    LOADS "LDT descriptor", LDT_MAIN
    LOADS "beyond the GDT", GDT_BYTES
    LOADS "far beyond the GDT", 0xfff8
    LOADS "data of the LDT", LDT_DATA
    LOADS "beyond the LDT", (LDT_BYTES + 4)
    DESCRIPTOR SPARE_0, 0, 0xfffff, (CODE_ONLY | BIG | PAGES)
    LOADS "execute-only code", SPARE_0
    DESCRIPTOR SPARE_0, 0, 0xfffff, (DATA_READ_ONLY | BIG | PAGES)
    LOADS "read-only data", SPARE_0
    DESCRIPTOR SPARE_0, 0, 0xfffff, ((DATA_WRITABLE | BIG | PAGES) & ~PRESENT)
    LOADS "not present", SPARE_0
    DESCRIPTOR SPARE_0, 0, 0xfffff, ((DATA_WRITABLE | DPL(3) | BIG | PAGES) & ~PRESENT)
    LOADS "user data not present", SPARE_0
    DESCRIPTOR LDT_SPARE_0, 0, 0xfffff, ((DATA_WRITABLE | BIG | PAGES) & ~PRESENT)
    LOADS "data of the LDT not present", LDT_SPARE_0
    LOAD "pop: data RPL 3 into ss in ring 0", ss, (KERNEL_DATA | 3)

    TRANSFER "null", 0
    TRANSFER "null with RPL", 3
    TRANSFER "kernel code", KERNEL_CODE
    TRANSFER "kernel code from ring 3", KERNEL_CODE, 3
    TRANSFER "kernel code with RPL 3 from ring 3", (KERNEL_CODE | 3), 3
    TRANSFER "user code from ring 3", USER_CODE, 3
    TRANSFER "user code with RPL 0 from ring 3", (USER_CODE & ~3), 3
    TRANSFER "user code with RPL 0 from ring 0", (USER_CODE & ~3)
    TRANSFER "conforming", CONFORMING
    TRANSFER "conforming with RPL 3 from ring 3", (CONFORMING | 3), 3
    TRANSFER "conforming with RPL 0 from ring 3", CONFORMING, 3
    TRANSFER "data", KERNEL_DATA
    TRANSFER "data from ring 3", USER_DATA, 3
    TRANSFER "LDT descriptor", LDT_MAIN
    TRANSFER "beyond the GDT", GDT_BYTES
    TRANSFER "beyond the LDT", (LDT_BYTES + 4)
    TRANSFER "code of the LDT", LDT_CODE
    DESCRIPTOR SPARE_0, 0, 0xfffff, ((CODE_READABLE | BIG | PAGES) & ~PRESENT)
    TRANSFER "code not present", SPARE_0
    DESCRIPTOR SPARE_0, 0, 0xff, (CODE_READABLE | BIG)
    TRANSFER "offset beyond the limit", SPARE_0
    DESCRIPTOR SPARE_0, 0, 0xfffff, ((CODE_READABLE | DPL(3) | BIG | PAGES) & ~PRESENT)
    TRANSFER "user code not present from ring 3", (SPARE_0 | 3), 3

/* A far load of pointer: both halves or none. */
    TRY "les with a bad selector"
    movl $0x1234, %edi
    les bad_pointer, %edi
    END_TRY
    SAY_HEX "edi afterwards ", (fault+44)
    SAY "\n"
    TRY "lss with a null selector"
    movl $0x1234, %edi
    lss null_pointer, %edi
    END_TRY

/* Descriptors outside RAM's tables: base and limit of the LDT. */
    TRY "lldt of a TSS"
    movl $TSS_MAIN, %eax
    lldt %ax
    END_TRY
    TRY "lldt of an LDT selector"
    movl $LDT_DATA, %eax
    lldt %ax
    END_TRY
    DESCRIPTOR SPARE_0, ldt, (LDT_BYTES - 1), (LDT_ACCESS & ~PRESENT)
    TRY "lldt not present"
    movl $SPARE_0, %eax
    lldt %ax
    END_TRY
    TRY "lldt in ring 3"
    RING 3
    movl $LDT_MAIN, %eax
    lldt %ax
    END_TRY
    TRY "ltr of a busy TSS"
    movl $TSS_MAIN, %eax
    ltr %ax
    END_TRY
    TRY "ltr of null"
    xorl %eax, %eax
    ltr %ax
    END_TRY
    TRY "ltr of code"
    movl $KERNEL_CODE, %eax
    ltr %ax
    END_TRY
    DESCRIPTOR SPARE_0, tss_other, (TSS_BYTES - 1), (TSS_ACCESS & ~PRESENT)
    TRY "ltr not present"
    movl $SPARE_0, %eax
    ltr %ax
    END_TRY
    TRY "ltr sets the busy bit"
    movl $TSS_OTHER, %eax
    ltr %ax
    END_TRY
    movzbl gdt + TSS_OTHER + 5, %eax
    SAY_HEX "access byte ", %eax
    movzbl gdt + TSS_MAIN + 5, %eax
    SAY_HEX ", the old one's ", %eax
    strl %eax
    SAY_HEX ", tr ", %eax
    SAY "\n"
    movb $TSS_ACCESS, gdt + TSS_MAIN + 5
    movl $TSS_MAIN, %eax
    ltr %ax

/* The accessed bit. */
    DESCRIPTOR SPARE_0, 0, 0xfffff, (DATA_WRITABLE | BIG | PAGES)
    movl $SPARE_0, %eax
    movl %eax, %fs
    SAY_HEX "data after a load ", (gdt+SPARE_0+4)
    DESCRIPTOR SPARE_0, 0, 0xfffff, (CODE_READABLE | BIG | PAGES)
    ljmp $SPARE_0, $1f
1:  SAY_HEX ", code after a jump ", (gdt+SPARE_0+4)
    ljmp $KERNEL_CODE, $1f
1:  DESCRIPTOR SPARE_0, 0, 0xfffff, (CODE_READABLE | BIG | PAGES)
    GATE 0x40, STUB(0x40), SPARE_0, GATE_INTERRUPT
    SAY "\n"
    TRY "into the handler's segment"
    int $0x40
    END_TRY
    SAY_HEX "code after an interrupt ", (gdt+SPARE_0+4)
    SAY "\n"

/* Privilege of system instructions. */
    .irp instruction, "lgdt gdt_pointer", "lidt idt_pointer", "clts", "invlpg 0", "wbinvd", "movl %cr0, %eax", \
        "movl %eax, %cr3", "movl %dr7, %eax", "rdmsr", "wrmsr", "lmsw %ax", "cli", "sti", "hlt", "invd", "lldt %ax", \
        "ltr %ax", "movl %eax, %cr0", "movl %cr2, %eax", "movl %eax, %cr2", "movl %cr3, %eax", "movl %cr4, %eax", \
        "movl %eax, %cr4", "movl %eax, %dr7", "movl %dr0, %eax", "movl %eax, %dr0", "movl %dr6, %eax", \
        "movl %eax, %dr6", "rdpmc", "inb $0x80, %al", "outb %al, $0x80", "insb", "outsb", "rep insl", "rep outsw"
    TRY "ring 3: \instruction"
    RING 3
    \instruction
    END_TRY
    .endr
    .irp instruction, "sgdt scratch", "sidt scratch", "sldt %eax", "str %eax", "smsw %ax", \
        "cpuid", "lar %ax, %eax", "verr %ax"
    TRY "ring 3: \instruction"
    RING 3
    xorl %eax, %eax
    xorl %ecx, %ecx
    \instruction
    END_TRY
    .endr

/* lar, lsl, verr, verw, arpl */
    .irp selector, 0, KERNEL_CODE, KERNEL_DATA, USER_DATA, CONFORMING, TSS_MAIN, LDT_MAIN, GDT_BYTES, LDT_CODE
    movl $0xdead, %ebx
    movl $\selector, %eax
    larl %eax, %ebx
    pushfl
    SAY_HEX "lar ", %ebx
    SAY_HEX " flags ", 0(%esp)
    movl $0xdead, %ebx
    movl $\selector, %eax
    lsll %eax, %ebx
    movl $0, (%esp)
    setz (%esp)
    SAY_HEX " lsl ", %ebx
    SAY_HEX " ", (%esp)
    movl $\selector, %eax
    verr %ax
    setz (%esp)
    SAY_HEX " verr ", (%esp)
    movl $\selector, %eax
    verw %ax
    setz (%esp)
    SAY_HEX " verw ", (%esp)
    addl $4, %esp
    SAY "\n"
    .endr
    ret

    .data
bad_pointer: .long 0x5678
    .word GDT_BYTES
null_pointer: .long 0x5678
    .word 0
scratch: .skip 8
