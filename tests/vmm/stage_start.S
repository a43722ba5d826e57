/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stage's first instructions, its two interrupt handlers, and its way to the VMM. */
#include "guest/hosted.h"
#include "stage.h"

#define MULTIBOOT_HEADER 0x1badb002

        .section .multiboot, "a"
        .balign 4
        .long   MULTIBOOT_HEADER, 0, -MULTIBOOT_HEADER

/*
 * Entry    Multiboot Specification 0.6.96, §3.2 "Machine state"; EBX: the information structure.
 * Exit     never.
 */
        .text
        .globl  start
start:
        cli
        cld
        movl    $stack_top, %esp
        pushl   %ebx
        call    stage_main
1:      cli
        hlt
        jmp     1b

/* void stage_tables(void): GDTR, IDTR, LDTR, TR, all segment registers.  Clobbers EAX. */
        .globl  stage_tables
stage_tables:
        lgdt    gdt_pointer
        lidt    idt_pointer
        ljmp    $STAGE_CODE, $1f
1:      movl    $STAGE_DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    $STAGE_TASK, %eax
        ltr     %ax
        movl    $STAGE_LOCAL, %eax
        lldt    %ax
        ret

/* void stage_paging(uint32_t directory).  Linear is physical before and after; after, the cross page is
 * there, too.  Clobbers EAX. */
        .globl  stage_paging
stage_paging:
        movl    4(%esp), %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        jmp     1f
1:      ret

/* world_call() of hosted.h */
        .globl  world_call
world_call:
        pushl   8(%esp)
        pushl   8(%esp)
        lcall   $STAGE_CODE, $WS_CROSS_LINEAR
        addl    $8, %esp
        ret

/* The timer's interrupt; anything else is a defect of the VMM, or of this. */
        .globl  timer_entry, other_entry
timer_entry:
        pushal
        call    timer
        popal
        iret
other_entry:
        call    unexpected

        .bss
        .balign 4096
        .space  STAGE_STACK_BYTES
stack_top:

        .section .note.GNU-stack, "", @progbits
