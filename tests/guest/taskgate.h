/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs about task gates share: a task that handles vectors, and a third one for when
 * that one cannot be entered, as the manual advises.  TASKS defines them.
 */
#ifndef GUEST_TASKGATE_H
#define GUEST_TASKGATE_H

#include "chips.h"

#define OTHER tss_other
#define THIRD_TSS SPARE_1
#define ANOTHER_TSS SPARE_3 /* the third task again, for #NP */
#define GATED 0x40

.macro TASK_GATE vector, selector=TSS_OTHER, access=(GATE_TASK|DPL(3))
    GATE \vector, 0, \selector, \access
.endm

.macro TASKS
    .text
/* In: EDI, a TSS; EAX, where it begins; EBX, its stack. */
task_init:
    movl %eax, TSS_EIP(%edi)
    movl %ebx, TSS_ESP(%edi)
    movl %cr3, %eax
    movl %eax, TSS_CR3(%edi)
    movl $FLAG_FIXED, TSS_EFLAGS(%edi)
    movl $0xaaaaaaaa, TSS_EAX(%edi)
    movl $0xcccccccc, TSS_ECX(%edi)
    movl $KERNEL_CODE, TSS_CS(%edi)
    movl $KERNEL_DATA, TSS_SS(%edi)
    movl $KERNEL_DATA, TSS_DS(%edi)
    movl $KERNEL_DATA, TSS_ES(%edi)
    movl $USER_DATA, TSS_FS(%edi)
    movl $0, TSS_GS(%edi)
    movl $0, TSS_LDT(%edi)
    movl $0, TSS_TRAP(%edi)
    ret

/* Both tasks as they are before they begin, and only the main one is busy. */
fresh:
    movl $OTHER, %edi
    movl $handler_task, %eax
    movl $ring0_stack_top, %ebx
    call task_init
    movl $tss_third, %edi
    movl $third_task, %eax
    movl $third_stack_top, %ebx
    call task_init
    movl $tss_another, %edi
    movl $third_task_np, %eax
    movl $third_stack_top, %ebx
    call task_init
    DESCRIPTOR ANOTHER_TSS, tss_another, (TSS_BYTES - 1), TSS_ACCESS
    DESCRIPTOR THIRD_TSS, tss_third, (TSS_BYTES - 1), TSS_ACCESS
    TASK_GATE GATED
/* TR and the busy bits as they were. */
recover:
    clts
    DESCRIPTOR TSS_OTHER, OTHER, (TSS_BYTES - 1), TSS_ACCESS
    movb $TSS_ACCESS, gdt + TSS_MAIN + 5
    movl $TSS_MAIN, %eax
    ltr %ax
    movl $LDT_MAIN, %eax
    lldt %ax
    ret

/* Say what the switch left in the main task's TSS. */
say_saved:
    movl tss_main + TSS_EIP, %eax
    subl case_eip, %eax
    SAY_HEX " saved eip+", %eax
    SAY_HEX " cs ", tss_main + TSS_CS
    movl tss_main + TSS_EFLAGS, %eax
    andl $~FLAG_RF, %eax
    SAY_HEX " eflags ", %eax
    SAY_HEX " ebx ", tss_main + 52
    ret

say_own:
    movl %cr0, %eax
    andl $CR0_TS, %eax
    SAY_HEX "  TS ", %eax
    pushfl
    popl %eax
    andl $FLAG_NT | FLAG_IF | FLAG_TF, %eax
    SAY_HEX " eflags ", %eax
    movzwl OTHER + TSS_LINK, %eax
    SAY_HEX " link ", %eax
    strl %eax
    SAY_HEX " tr ", %eax
    sldtl %eax
    SAY_HEX " ldt ", %eax
    movl %fs, %eax
    SAY_HEX " fs ", %eax
    movzbl gdt + TSS_MAIN + 5, %eax
    SAY_HEX " main ", %eax
    movzbl gdt + TSS_OTHER + 5, %eax
    SAY_HEX " other ", %eax
    movl %cr3, %eax
    subl $page_directory, %eax
    jz 1f
    SAY " cr3 of its own"
1:  SAY "\n"
    ret

/* In the handler's task: say what came, and go on behind the case. */
handler_task:
    pushl case_name
    call say
    addl $4, %esp
    SAY ": #0 as a task" /* the vector is the case's */
    cmpl $ring0_stack_top, %esp
    je 1f
    popl error_code
    SAY_HEX " error ", error_code
1:  call say_saved
    SAY "\n"
    call say_own
    OUT PIC_MASTER, 0x20
    movl case_resume, %eax
    subl $2, %eax              /* END_TRY's int */
    movl %eax, tss_main + TSS_EIP
    movl $FLAG_FIXED, tss_main + TSS_EFLAGS
    testl $3, tss_main + TSS_CS
    jnz 2f
    movl case_esp, %eax
    movl %eax, tss_main + TSS_ESP
2:  clts
    iretl
    jmp handler_task

/* The third task: the handler's could not be entered. */
third_task_np:
    movl $third_np, third_text
third_task:
    pushl case_name
    call say
    pushl third_text
    call say
    addl $8, %esp
    popl %eax
    SAY_HEX " error ", %eax
    movl OTHER + TSS_EIP, %eax
    subl $handler_task, %eax
    SAY_HEX " in the new task, eip+", %eax
    movzwl OTHER + TSS_CS, %eax
    SAY_HEX " cs ", %eax
    strl %eax
    SAY_HEX " tr ", %eax
    movzwl tss_third + TSS_LINK, %eax
    SAY_HEX " link ", %eax
    movzwl OTHER + TSS_LINK, %eax
    SAY_HEX " its link ", %eax
    call say_saved
    SAY "\n"
    call recover
    movl case_esp, %esp
    call tables_load
    pushl $FLAG_FIXED
    popfl
    jmp *case_resume

    .section .rodata
third_np: .asciz ": #11"

    .bss
    .balign 128
tss_third:  .skip TSS_BYTES
    .balign 128
tss_another: .skip TSS_BYTES
third_text: .skip 4
error_code: .skip 4
    .balign 16
    .skip 4096
third_stack_top:
    .text
.endm

#endif
