/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest programs of this folder share: a flat GDT, an IDT whose 256 handlers all say what
 * was pushed on their stack, a TSS, an LDT, page tables, a serial port.
 *
 * A program is one subject.  It defines `test_main`, a routine of cases:
 *
 *     TRY "divide by zero"
 *         divl zero
 *     END_TRY
 *
 * The handler prints one line and execution goes on behind END_TRY, in ring 0, with the stack as it
 * was at TRY.  A case in which nothing happens says so.  EIP is printed as its distance from the
 * first instruction of the case, so that the lines do not depend on where the linker puts it.  When
 * test_main returns, the program ends with status 33.
 */
#ifndef GUEST_RUNTIME_H
#define GUEST_RUNTIME_H

/* The GDT.  SPARE entries are for the cases to fill. */
#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define RING1_CODE  0x19
#define RING1_DATA  0x21
#define USER_CODE   0x2b
#define USER_DATA   0x33
#define CONFORMING  0x38 /* code of ring 0 that any ring may enter, and keeps its own privilege */
#define TSS_MAIN    0x40
#define TSS_OTHER   0x48
#define LDT_MAIN    0x50
#define LOW_CODE    0x58 /* ring 0, based at `low_stubs`, for gates that have 16 bits of offset */
#define SPARE_0     0x60
#define SPARE_1     0x68
#define SPARE_2     0x70
#define SPARE_3     0x78
#define GDT_BYTES   0x80
/* The LDT. */
#define LDT_CODE    0x04
#define LDT_DATA    0x0c
#define LDT_SPARE_0 0x14
#define LDT_BYTES   0x18

/* Access bytes of descriptors, and their flags.  SDM 3A §3.4.5 "Segment Descriptors" */
#define PRESENT         0x80
#define DPL(ring)       ((ring) << 5)
#define CODE_READABLE   0x9a
#define CODE_ONLY       0x98
#define CODE_CONFORMING 0x9e
#define DATA_READ_ONLY  0x90
#define DATA_WRITABLE   0x92
#define DATA_DOWN       0x96
#define LDT_ACCESS      0x82
#define TSS_ACCESS      0x89
#define TSS16_ACCESS    0x81
#define BUSY            0x02
#define BIG             0x400 /* D/B */
#define PAGES           0x800 /* G */

#define GATE_TASK        0x85
#define GATE_CALL16      0x84
#define GATE_INTERRUPT16 0x86
#define GATE_TRAP16      0x87
#define GATE_CALL        0x8c
#define GATE_INTERRUPT   0x8e
#define GATE_TRAP        0x8f

#define FLAG_FIXED 0x00000002
#define FLAG_TF    0x00000100
#define FLAG_IF    0x00000200
#define FLAG_DF    0x00000400
#define FLAG_OF    0x00000800
#define FLAG_IOPL  0x00003000
#define FLAG_NT    0x00004000
#define FLAG_RF    0x00010000
#define FLAG_VM    0x00020000
#define FLAG_AC    0x00040000
#define FLAG_ID    0x00200000

#define CR0_MP 0x00000002
#define CR0_EM 0x00000004
#define CR0_TS 0x00000008
#define CR0_NE 0x00000020
#define CR0_WP 0x00010000
#define CR0_AM 0x00040000
#define CR0_PG 0x80000000
#define CR4_TSD 0x004
#define CR4_DE  0x008
#define CR4_PSE 0x010
#define CR4_PGE 0x080
#define CR4_OSFXSR 0x200
#define CR4_OSXMMEXCPT 0x400

#define PAGE_P  0x001
#define PAGE_RW 0x002
#define PAGE_US 0x004
#define PAGE_A  0x020
#define PAGE_D  0x040
#define PAGE_PS 0x080
#define PAGE_G  0x100

/* With paging on, the first 12 MiB are mapped one to one for every ring.  This page directory entry
 * and this page are for the cases to change. */
#define TEST_LINEAR 0x00c00000
#define TEST_PHYS   0x00c00000
#define TEST_PDE    3
#define PAGE_BYTES  0x1000
#define PAGE_ALL    (PAGE_P | PAGE_RW | PAGE_US)
#define BIG_BYTES   0x00400000

#define DEBUG_EXIT  0xf4
#define EXIT_PASSED 16 /* (16 << 1) | 1 == 33 */

/* The handler of this vector goes on with what a handler outside ring 0 has recorded; its name in
 * the IDT is taken. */
#define ESCALATE_VECTOR 0xff
/* END_TRY: nothing happened. */
#define QUIET_VECTOR    0xfe

/* Offsets into the TSS.  SDM 3A §7.2.1 "Task-State Segment (TSS)" */
#define TSS_LINK 0
#define TSS_ESP0 4
#define TSS_SS0  8
#define TSS_ESP1 12
#define TSS_SS1  16
#define TSS_CR3  28
#define TSS_EIP  32
#define TSS_EFLAGS 36
#define TSS_EAX  40
#define TSS_ECX  44
#define TSS_ESP  56
#define TSS_ES   72
#define TSS_CS   76
#define TSS_SS   80
#define TSS_DS   84
#define TSS_FS   88
#define TSS_GS   92
#define TSS_LDT  96
#define TSS_TRAP 100
#define TSS_BITMAP 102
#define TSS_BYTES 104
#define BITMAP_BYTES 8193

#ifdef __ASSEMBLER__

    .section .note.GNU-stack, "", @progbits
    .text

/* The handler of a vector. */
#define STUB(vector) (stubs + 16 * (vector))

/* Begin a case: the flags are 2, the stack is remembered. */
.macro TRY name
    pushl $FLAG_FIXED
    popfl
    .pushsection .rodata
8881: .asciz "\name"
    .popsection
    movl $8881b, case_name
    movl $8882f, case_resume
    movl %esp, case_esp
    movl $8880f, case_eip
8880:
.endm

/* End it: reached only if nothing happened, in whatever ring. */
.macro END_TRY
    int $QUIET_VECTOR
8882:
.endm

/* Go on in ring `ring` (1 or 3), with that ring's data segments and stack. */
.macro RING ring
    .if \ring == 3
    movl $USER_DATA, %eax
    pushl %eax
    pushl $user_stack_top
    .else
    movl $RING1_DATA, %eax
    pushl %eax
    pushl $ring1_stack_top - 512 /* what is above is for TSS.esp1 */
    .endif
    movl %eax, %ds
    movl %eax, %es
    pushfl
    .if \ring == 3
    pushl $USER_CODE
    .else
    pushl $RING1_CODE
    .endif
    pushl $8884f
    iretl
8884:
.endm

/* gate_set(vector, handler, selector, access) */
.macro GATE vector, handler, selector, access
    pushl $(\access)
    pushl $(\selector)
    pushl $(\handler)
    pushl $(\vector)
    call gate_set
    addl $16, %esp
.endm
.macro GATE_DEFAULT vector
    pushl $(\vector)
    call gate_default
    addl $4, %esp
.endm

/* descriptor_set(selector, base, limit, access | flags); TI chooses the table */
.macro DESCRIPTOR selector, base, limit, access
    pushl $(\access)
    pushl $(\limit)
    pushl $(\base)
    pushl $(\selector)
    call descriptor_set
    addl $16, %esp
.endm

/* Change bits of a control register. */
.macro CONTROL_SET register, bits
    movl %\register, %eax
    orl $\bits, %eax
    movl %eax, %\register
.endm
.macro CONTROL_CLEAR register, bits
    movl %\register, %eax
    andl $~\bits, %eax
    movl %eax, %\register
.endm

/* Forget all translations.  Clobbers EAX. */
.macro FORGET
    movl %cr3, %eax
    movl %eax, %cr3
.endm
/* Change the entry of the n-th page behind TEST_LINEAR, or the page directory's entry for all of
 * them. */
.macro TEST_PTE number, entry
    movl $(\entry), page_table + TEST_PDE * PAGE_BYTES + 4 * (\number)
    invlpg TEST_LINEAR + PAGE_BYTES * (\number)
.endm
.macro TEST_PDE_SET entry
    movl $(\entry), page_directory + 4 * TEST_PDE
    movl %cr3, %eax
    movl %eax, %cr3
.endm

/* Print a text, or a text and a number. */
.macro SAY text
    .pushsection .rodata
8886: .asciz "\text"
    .popsection
    pushl $8886b
    call say
    addl $4, %esp
.endm
.macro SAY_HEX text, value
    pushl \value
    .pushsection .rodata
8886: .asciz "\text"
    .popsection
    pushl $8886b
    call say_hex
    addl $8, %esp
.endm

#else

#include <stdint.h>

/* What a handler found. */
struct fault {
    uint32_t vector;
    uint32_t handler_cs;
    uint32_t handler_esp; /* where the frame begins */
    uint32_t frame[8];
    uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax; /* as `pusha` stores them */
};

extern struct fault fault;

#endif
#endif
