/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Task switches by the CPU: jmp and call of a TSS and of a task gate, iret with NT, and what is
 * wrong with a TSS. SDM 3A §7.3 "Task Switching"
 */
#include "runtime.h"

#define OTHER tss_other
#define TASK_GATE SPARE_0

.macro FIELD offset, value
    movl $(\value), OTHER + \offset
.endm

/* The other task, about to begin at `eip`, in ring 0, with TSS_MAIN as the one that it was called
 * from. */
.macro OTHER_TASK eip
    movl $\eip, %eax
    call other_task_init
.endm

/* Both TSS descriptors: which is busy, which is available. */
.macro BUSY_BITS text
    movzbl gdt + TSS_MAIN + 5, %eax
    pushl %eax
    movzbl gdt + TSS_OTHER + 5, %eax
    pushl %eax
    SAY_HEX "\text: other ", 0(%esp)
    SAY_HEX ", main ", 4(%esp)
    addl $8, %esp
    strl %eax
    SAY_HEX ", tr ", %eax
    movl %cr0, %eax
    andl $CR0_TS, %eax
    SAY_HEX ", TS ", %eax
    SAY "\n"
.endm

    .text
    .globl test_main
test_main:
    call paging_on
    movl %cr3, %eax
    movl %eax, tss_main + TSS_CR3
    movl $LDT_MAIN, tss_main + TSS_LDT
    DESCRIPTOR TASK_GATE, 0, 0, 0
    movw $TSS_OTHER, gdt + TASK_GATE + 2
    movb $GATE_TASK | DPL(3), gdt + TASK_GATE + 5

/* jmp there and back. */
    OTHER_TASK jumped_to
    BUSY_BITS "before"
    movl $0x11111111, %ebx
    ljmp $TSS_OTHER, $0
    SAY_HEX "back by jmp, ebx ", %ebx
    SAY "\n"
    BUSY_BITS "back"
    clts

/* call, and iret with NT. */
    OTHER_TASK called
    movl $0x22222222, %ebx
    lcall $TSS_OTHER, $0
    SAY_HEX "back by iret, ebx ", %ebx
    SAY_HEX ", link ", (OTHER+TSS_LINK)
    SAY "\n"
    BUSY_BITS "back"
    SAY "again: it goes on behind its iret\n"
    lcall $TASK_GATE, $0
    BUSY_BITS "back through a gate"

/* From ring 3 through a task gate. */
    OTHER_TASK called
    TRY "call of a TSS of DPL 0 in ring 3"
    RING 3
    lcall $TSS_OTHER, $0
    END_TRY
    TRY "call of a task gate in ring 3"
    RING 3
    lcall $TASK_GATE, $0
    ud2
    END_TRY
    movb $GATE_TASK, gdt + TASK_GATE + 5
    TRY "call of a task gate of DPL 0 in ring 3"
    RING 3
    lcall $TASK_GATE, $0
    END_TRY
    movb $(GATE_TASK & ~PRESENT) | DPL(3), gdt + TASK_GATE + 5
    TRY "task gate not present"
    lcall $TASK_GATE, $0
    END_TRY
    movb $GATE_TASK | DPL(3), gdt + TASK_GATE + 5
    movw $KERNEL_CODE, gdt + TASK_GATE + 2
    TRY "task gate to code"
    lcall $TASK_GATE, $0
    END_TRY
    movw $LDT_CODE, gdt + TASK_GATE + 2
    TRY "task gate into the LDT"
    lcall $TASK_GATE, $0
    END_TRY
    movw $TSS_OTHER, gdt + TASK_GATE + 2

/* What is wrong is seen before the switch: the old task has the exception. */
    TRY "jmp to the busy TSS"
    ljmp $TSS_MAIN, $0
    END_TRY
    TRY "call of the busy TSS"
    lcall $TSS_MAIN, $0
    END_TRY
    DESCRIPTOR SPARE_1, tss_other, (TSS_BYTES - 1), (TSS_ACCESS & ~PRESENT)
    TRY "TSS not present"
    ljmp $SPARE_1, $0
    END_TRY
    DESCRIPTOR SPARE_1, tss_other, (TSS_BYTES - 2), TSS_ACCESS
    TRY "TSS too short"
    ljmp $SPARE_1, $0
    END_TRY
    TRY "iret with NT to a TSS that is not busy"
    movw $TSS_OTHER, tss_main + TSS_LINK
    pushl $FLAG_FIXED | FLAG_NT
    popfl
    iretl
    END_TRY
    TRY "iret with NT to code"
    movw $KERNEL_CODE, tss_main + TSS_LINK
    pushl $FLAG_FIXED | FLAG_NT
    popfl
    iretl
    END_TRY
    TRY "iret with NT to nothing"
    movw $0, tss_main + TSS_LINK
    pushl $FLAG_FIXED | FLAG_NT
    popfl
    iretl
    END_TRY
    ret

/* In: EAX, where the other task begins. */
other_task_init:
    movl %eax, OTHER + TSS_EIP
    movl %cr3, %eax
    movl %eax, OTHER + TSS_CR3
    FIELD TSS_EFLAGS, FLAG_FIXED
    FIELD TSS_EAX, 0xaaaaaaaa
    FIELD TSS_ECX, 0xcccccccc
    FIELD TSS_ESP, ring0_stack_top
    FIELD TSS_CS, KERNEL_CODE
    FIELD TSS_SS, KERNEL_DATA
    FIELD TSS_DS, KERNEL_DATA
    FIELD TSS_ES, KERNEL_DATA
    FIELD TSS_FS, USER_DATA
    FIELD TSS_GS, 0
    FIELD TSS_LDT, 0
    FIELD TSS_TRAP, 0
    FIELD TSS_SS0, KERNEL_DATA
    FIELD TSS_ESP0, ring0_stack_top
    ret

say_registers:
    pushl %eax
    SAY_HEX "in the other task: eax ", 0(%esp)
    addl $4, %esp
    movl %fs, %eax
    SAY_HEX ", fs ", %eax
    sldtl %eax
    SAY_HEX ", ldt ", %eax
    pushfl
    popl %eax
    andl $FLAG_NT | FLAG_IF | FLAG_TF, %eax
    SAY_HEX ", eflags ", %eax
    SAY_HEX ", link ", (OTHER+TSS_LINK)
    SAY "\n"
    BUSY_BITS "there"
    SAY_HEX "the old one's ebx ", (tss_main+52)
    SAY "\n"
    ret

jumped_to:
    call say_registers
    clts
    ljmp $TSS_MAIN, $0

called:
    call say_registers
    clts
1:  iretl
    SAY "in the other task, behind iret\n"
    clts
    jmp 1b
