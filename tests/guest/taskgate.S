/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vectors through task gates: what the switch saves and loads, and what it
 * checks before it.  SDM 3A §7.3 "Task Switching", §7.4 "Task Linking"
 */
#include "runtime.h"
#include "taskgate.h"

/* A gate that leads to no task: int, then an exception. */
.macro REFUSED name, selector
    call fresh
    TASK_GATE GATED, \selector
    TASK_GATE 6, \selector
    movl $0x22222222, %ebx
    TRY "\name: int"
    int $GATED
    END_TRY
    TRY "\name: #UD"
    ud2
    END_TRY
    GATE_DEFAULT 6
.endm

    .text
HANDLERS

    .globl test_main
test_main:
    CHIPS_INIT
    call paging_on
    movl %cr3, %eax
    movl %eax, tss_main + TSS_CR3
    movl $LDT_MAIN, tss_main + TSS_LDT

/* There and back. */
    call fresh
    TASK_GATE GATED
    TRY "int"
    movl $0x11111111, %ebx
    int $GATED
    END_TRY
    TRY "int again, behind the iret"
    stc
    int $GATED
    END_TRY
    TRY "int in ring 3"
    RING 3
    int $GATED
    END_TRY
    TASK_GATE GATED, TSS_OTHER, GATE_TASK
    TRY "DPL 0, int in ring 3"
    RING 3
    int $GATED
    END_TRY
    TASK_GATE GATED, TSS_OTHER, (GATE_TASK & ~PRESENT) | DPL(3)
    TRY "not present"
    int $GATED
    END_TRY
    TASK_GATE 6
    TRY "#UD"
    ud2
    END_TRY
    TRY "#UD in ring 3"
    RING 3
    ud2
    END_TRY
    GATE_DEFAULT 6
    TASK_GATE 13
    TRY "#GP, and its error code"
    movl $0xfff8, %eax
    movl %eax, %ds
    END_TRY
    TRY "#GP in ring 3"
    RING 3
    hlt
    END_TRY
    TRY "int 13 has no error code"
    int $13
    END_TRY
    GATE_DEFAULT 13
    TASK_GATE 14
    TEST_PTE 0, 0
    TRY "#PF"
    movl TEST_LINEAR + 0x123, %eax
    END_TRY
    GATE_DEFAULT 14
    TASK_GATE 8
    TRY "#DF, with a stack of its own"
    movl $TEST_LINEAR + 0x800, %esp
    pushl %eax
    END_TRY
    GATE_DEFAULT 8
    TASK_GATE VECTOR(0)
    MASK 0xfe, 0xff
    TRY "the timer"
    REQUEST_TIMER 100
    sti
1:  jmp 1b
    END_TRY
    MASK 0xff, 0xff
    HANDLER 0, irq_timer

/* An address space of its own. */
    call fresh
    TASK_GATE GATED
    movl $page_directory, %esi
    movl $directory, %edi
    movl $1024, %ecx
    rep movsl
    movl $directory, OTHER + TSS_CR3
    TRY "another CR3"
    movl $0x33aa33aa, %ebx
    int $GATED
    END_TRY
    movl %cr3, %eax
    subl $page_directory, %eax
    SAY_HEX "and back: cr3 page_directory+", %eax
    SAY "\n"

/* 16 bits wide: no CR3, no FS, no GS. */
    call fresh
    DESCRIPTOR TSS_OTHER, tss_narrow, 43, TSS16_ACCESS
    DESCRIPTOR SPARE_0, narrow_task, 0xfffff, CODE_READABLE | BIG | PAGES
    TRY "16-bit TSS"
    movl $0x55aa55aa, %ebx
    int $GATED
    END_TRY
    movzwl narrow_found, %eax
    SAY_HEX "  ax ", %eax
    SAY_HEX " flags ", narrow_found + 4
    movzwl narrow_found + 8, %eax
    SAY_HEX " fs ", %eax
    SAY_HEX " tr ", narrow_found + 12
    movzwl tss_narrow, %eax
    SAY_HEX " link ", %eax
    SAY "\n"
    call fresh
    DESCRIPTOR TSS_OTHER, tss_narrow, 42, TSS16_ACCESS
    TRY "16-bit TSS too short"
    int $GATED
    END_TRY
    call fresh

/* The T flag, and a debug register's local bit. */
    TASK_GATE GATED
    movw $1, OTHER + TSS_TRAP
    movl $0x22222222, %ebx
    TRY "T flag"
    int $GATED
    END_TRY
    call recover
    movw $0, OTHER + TSS_TRAP
    movl $0x401, %eax
    movl %eax, %dr7
    movl $0x22222222, %ebx
    TRY "local breakpoint"
    int $GATED
    END_TRY
    movl %dr7, %eax
    SAY_HEX "behind it: dr7 ", %eax
    SAY "\n"
    movl $0x400, %eax
    movl %eax, %dr7

/* Wrong, seen before the switch. */
    REFUSED "null", 0
    REFUSED "code", KERNEL_CODE
    REFUSED "LDT", LDT_MAIN
    REFUSED "beyond the GDT", GDT_BYTES
    REFUSED "in the LDT", LDT_CODE
    REFUSED "busy", TSS_MAIN
    REFUSED "RPL 3 is ignored", TSS_OTHER | 3
    DESCRIPTOR SPARE_0, tss_other, (TSS_BYTES - 1), (TSS_ACCESS & ~PRESENT)
    REFUSED "TSS not present", SPARE_0
    DESCRIPTOR SPARE_0, tss_other, (TSS_BYTES - 2), TSS_ACCESS
    REFUSED "TSS too short", SPARE_0
    DESCRIPTOR SPARE_0, (TEST_LINEAR-64), (TSS_BYTES - 1), TSS_ACCESS
    TEST_PTE 0, 0
    REFUSED "TSS half in a missing page", SPARE_0
    ret

TASKS

/* Through a TSS of 16 bits; its segment begins here. */
narrow_task:
    movl %eax, narrow_found
    movl $narrow_stack_top, %esp
    pushfl
    popl narrow_found + 4
    movl %fs, %eax
    movl %eax, narrow_found + 8
    strl %eax
    movl %eax, narrow_found + 12
    clts
    iretl
    jmp narrow_task

    .data
    .balign 128
tss_narrow:
    .word 0, 0, 0, 0, 0, 0, 0
    .word 0, FLAG_FIXED | 1                                             /* IP, FLAGS */
    .word 0xaaaa, 0, 0, 0, 0, 0, 0, 0                                   /* AX to DI */
    .word KERNEL_DATA, SPARE_0, KERNEL_DATA, KERNEL_DATA, LDT_MAIN

    .bss
    .balign 4096
directory:  .skip 4096
narrow_found: .skip 16
    .skip 64
narrow_stack_top:
