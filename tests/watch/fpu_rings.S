/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A monitor in ring 0; above it a kernel in ring 1 with two programs in ring 3, whose x87 registers it exchanges
 * itself, as it would without a monitor.  The byte `loses` says whether the monitor then loses them.  For
 * check_audit_fpu.c.
 */
        .set    CODE, 0x08
        .set    DATA, 0x10
        .set    CODE_1, 0x19            /* the kernel's, ring 1 */
        .set    DATA_1, 0x21
        .set    CODE_3, 0x2b            /* the programs', ring 3 */
        .set    DATA_3, 0x33
        .set    TASK, 0x38
        .set    GATE_FOR_3, 0xee00

        .section .multiboot, "a"
        .balign 4
        .long   0x1badb002, 0, -0x1badb002

        /* Go on at `to` in another ring, on that ring's stack. */
        .macro  GO code, data, stack, to
        pushl   $\data
        pushl   $\stack
        pushl   $2
        pushl   $\code
        pushl   $\to
        iret
        .endm

        .text
        .globl  start, loses
start:  cli
        lgdt    gdtr
        movl    $monitor, %eax
        movw    %ax, gate
        shrl    $16, %eax
        movw    %ax, gate + 6
        lidt    idtr
        movl    $tss, %eax
        movw    %ax, task + 2
        shrl    $16, %eax
        movb    %al, task + 4
        movl    $stack_0, tss + 4
        movl    $DATA, tss + 8
        movw    $TASK, %ax
        ltr     %ax
        fninit
        GO      CODE_3, DATA_3, stack_3, program_a

/* Each `int $0` of the others comes here, and goes on in the next place: EBX counts. */
monitor:
        movl    $DATA, %eax
        movl    %eax, %ds
        incl    %ebx
        cmpl    $1, %ebx
        je      1f
        cmpl    $2, %ebx
        je      2f
        cmpl    $3, %ebx
        je      3f
        hlt
1:      GO      CODE_1, DATA_1, stack_1, kernel_takes
2:      GO      CODE_3, DATA_3, stack_3, program_b
3:      cmpb    $0, loses
        je      4f
        fninit
4:      GO      CODE_3, DATA_3, stack_3, program_b

program_a:
        xorl    %ebx, %ebx
        fld1
        int     $0

kernel_takes:
        movl    $DATA_1, %eax
        movl    %eax, %ds
        fnsave  area
        fldpi
        int     $0

program_b:
        fst     %st(1)
        int     $0

        .data
        .balign 8
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff, 0x00cfba000000ffff, 0x00cfb2000000ffff
        .quad   0x00cffa000000ffff, 0x00cff2000000ffff
task:   .quad   0x0000890000000067
gate:   .word   0, CODE, GATE_FOR_3, 0
gdtr:   .word   8 * 8 - 1
        .long   gdt
idtr:   .word   7
        .long   gate
loses:  .byte   0
        .balign 16
tss:    .fill   104, 1, 0
area:   .fill   108, 1, 0
        .fill   256, 4, 0
stack_0:
        .fill   64, 4, 0
stack_1:
        .fill   64, 4, 0
stack_3:
