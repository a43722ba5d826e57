/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vectors through a task gate to a task that cannot run: the exception is the new task's.
 * SDM 3A §7.3 "Task Switching"
 */
#include "runtime.h"
#include "taskgate.h"

/* A task that cannot be entered as it is: its selector in the field of the TSS is `value`.  The
 * exception is the new task's, and a third task handles it, as the manual advises. */
.macro BROKEN name, vector, field, value
    call fresh
    TASK_GATE \vector, THIRD_TSS
    movl $8885f, third_text
    .pushsection .rodata
8885: .asciz ": #\vector"
    .popsection
    movw $(\value), OTHER + (\field)
    movl $0x22222222, %ebx
    TRY "\name"
    int $GATED
    END_TRY
    GATE_DEFAULT \vector
.endm

    .text
    .globl test_main
test_main:
    call paging_on
    movl %cr3, %eax
    movl %eax, tss_main + TSS_CR3
    movl $LDT_MAIN, tss_main + TSS_LDT

    BROKEN "LDT is code", 10, TSS_LDT, KERNEL_CODE
    BROKEN "LDT in the LDT", 10, TSS_LDT, LDT_DATA
    BROKEN "LDT beyond the GDT", 10, TSS_LDT, GDT_BYTES
    BROKEN "CS null", 10, TSS_CS, 0
    BROKEN "CS is data", 10, TSS_CS, KERNEL_DATA
    BROKEN "CS beyond the GDT", 10, TSS_CS, GDT_BYTES
    BROKEN "CS of another ring", 10, TSS_CS, KERNEL_CODE | 3
    BROKEN "SS null", 10, TSS_SS, 0
    BROKEN "SS is code", 10, TSS_SS, KERNEL_CODE
    BROKEN "SS of another ring", 10, TSS_SS, USER_DATA
    BROKEN "DS is the TSS", 10, TSS_DS, TSS_MAIN
    BROKEN "ES beyond the GDT", 10, TSS_ES, GDT_BYTES
    DESCRIPTOR SPARE_2, 0, 0xfffff, (DATA_WRITABLE & ~PRESENT) | BIG | PAGES
    TASK_GATE 11, ANOTHER_TSS  /* QEMU raises this one */
    BROKEN "SS not present", 12, TSS_SS, SPARE_2
    GATE_DEFAULT 11
    BROKEN "FS not present", 11, TSS_FS, SPARE_2
    DESCRIPTOR SPARE_2, 0, 0xfffff, CODE_ONLY | BIG | PAGES
    BROKEN "GS cannot be read", 10, TSS_GS, SPARE_2
    DESCRIPTOR SPARE_2, 0, 0xfffff, (CODE_READABLE & ~PRESENT) | BIG | PAGES
    BROKEN "CS not present", 11, TSS_CS, SPARE_2
    DESCRIPTOR SPARE_2, 0, 0xff, CODE_READABLE | BIG
    BROKEN "EIP beyond CS", 13, TSS_CS, SPARE_2
    BROKEN "ring 3, and DS of ring 0", 10, TSS_CS, USER_CODE
    /* Conforming code runs in the ring that the selector names, here 3, and a stack segment of ring 0 is not for it.
     * SDM 3A §6.15 "Exception and Interrupt Reference", interrupt 10 */
    BROKEN "conforming CS in ring 3, SS of ring 0", 10, TSS_CS, CONFORMING | 3
    DESCRIPTOR SPARE_2, 0, 0xfffff, (CODE_CONFORMING | DPL(3) | BIG | PAGES)
    BROKEN "conforming CS of ring 3 in ring 0", 10, TSS_CS, SPARE_2
    ret

TASKS
