/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start, stubs, and the way back from a handler.
 */
#include "runtime.h"

#define MULTIBOOT_MAGIC 0x1badb002
#define STACK_BYTES 0x4000

    .section .multiboot, "a"
    .balign 4
    .long MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

    .text
    .globl start
/* In: 32-bit protected mode, flat segments, paging off, interrupts off; nothing is known of the
 * GDT. */
start:
    cli
    cld
    movl $kernel_stack_top, %esp
    pushl $FLAG_FIXED
    popfl
    call runtime_init
    call tables_load
    movl $TSS_MAIN, %eax
    ltr %ax
    movl $LDT_MAIN, %eax
    lldt %ax
    call test_main
    movl $EXIT_PASSED, %eax

    .globl leave
/* In: AL, the value for the debug exit port.  Does not return. */
leave:
    outb %al, $DEBUG_EXIT
1:  cli
    hlt
    jmp 1b

    .globl tables_load
/* Load GDTR, IDTR and flat ring-0 segments.  Clobbers EAX. */
tables_load:
    lgdt gdt_pointer
    lidt idt_pointer
    ljmp $KERNEL_CODE, $1f
1:  movl $KERNEL_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    movl %eax, %ss
    ret

/* -- stubs: push the vector -------------------------------------------------------------------- */

    .globl stubs, low_stubs
    .balign 16
stubs:
    vector = 0
    .rept 256
    .byte 0x68             /* push imm32: all stubs have the same size */
    .long vector
    .byte 0xe9             /* jmp rel32 */
    .long common - (. + 4)
    .balign 16
    vector = vector + 1
    .endr

/* The same within a segment that begins here: offsets fit into 16 bits. */
    .balign 16
low_stubs:
    vector = 0
    .rept 256
    .byte 0x68
    .long vector
    ljmp $KERNEL_CODE, $common
    .balign 16
    vector = vector + 1
    .endr

/*
 * In: the vector on the stack, above it the CPU's frame; any ring; in ring 0 any data segments.
 * Record everything in `fault`; then report, in ring 0.
 */
common:
    pushal
    movl %cs, %eax
    testl $3, %eax
    jnz 1f
    movl $KERNEL_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
1:  cmpl $ESCALATE_VECTOR, 32(%esp)
    je ring_0
    cld
    movl 32(%esp), %eax
    movl %eax, fault
    movl %cs, %eax
    movl %eax, fault + 4
    leal 36(%esp), %esi
    movl %esi, fault + 8
    movl $fault + 12, %edi
    movl $8, %ecx
    rep movsl %ss:(%esi), %es:(%edi)
    movl %esp, %esi
    movl $8, %ecx
    rep movsl %ss:(%esi), %es:(%edi)
    movl %cs, %eax
    testl $3, %eax
    jz ring_0
    int $ESCALATE_VECTOR
ring_0:
    cld
    call report
    movl case_esp, %esp
    call tables_load
    pushl $FLAG_FIXED
    popfl
    jmp *case_resume

/* -- memory ------------------------------------------------------------------------------------ */

    .bss
    .globl kernel_stack_top, ring0_stack_top, ring1_stack_top, user_stack_top
    .balign 4096
    .skip STACK_BYTES
kernel_stack_top:
    .skip STACK_BYTES
ring0_stack_top:           /* TSS.esp0 */
    .skip STACK_BYTES
ring1_stack_top:           /* TSS.esp1 */
    .skip STACK_BYTES
user_stack_top:
    .skip 64               /* `common` copies a frame longer than it may be */

    .globl fault, case_name, case_resume, case_esp, case_eip
fault:       .skip 76
case_name:   .skip 4
case_resume: .skip 4
case_esp:    .skip 4
case_eip:    .skip 4
