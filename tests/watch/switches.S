/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Switches in the styles in which people write them, one after the other, for check_watcher.c.
 *
 * All of it runs at ring 0 in memory that is mapped as it is; two page directories differ in a user page, so that
 * there are two processes, and a second pair of GDT and IDT makes another world.  EBP counts the styles.
 */
        .set    PRESENT_BIG, 0x83       /* P, RW, PS */
        .set    USER_BIG, 0x87
        .set    CODE, 0x08
        .set    DATA, 0x10
        .set    TASK_1, 0x18
        .set    TASK_2, 0x20

        .section .multiboot, "a"
        .balign 4
        .long   0x1badb002, 0, -0x1badb002

        .text
        .globl  start
start:  cli
        movl    $stack_a, %esp
        lgdt    gdtr_1
        ljmp    $CODE, $1f
1:      movl    $DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    $by_interrupt, %eax
        movw    %ax, idt_1 + 8 * 0x40
        shrl    $16, %eax
        movw    %ax, idt_1 + 8 * 0x40 + 6
        lidt    idtr_1
        movl    $task_1, %eax
        movl    $gdt_2 + TASK_1, %ebx
        call    base_set
        movl    $task_2, %eax
        movl    $gdt_2 + TASK_2, %ebx
        call    base_set
        movl    %cr4, %eax
        orl     $0x10, %eax             /* PSE */
        movl    %eax, %cr4
        movl    $directory_a, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        xorl    %ebp, %ebp

        /* No switch: booting goes on with another directory, loaded by a helper's helper. */
        movl    $directory_b, %eax
        call    reload
        movl    $directory_a, %eax
        call    reload

        /* 1. One routine does it all. */
        movl    $directory_b, %eax
        movl    $stack_b, %ecx
        call    all_in_one
        hlt
after_1:
        /* 2. As in xv6: CR3 first, by a routine of its own, then the stack. */
        movl    $directory_a, %eax
        call    load_cr3
        movl    $stack_c, %ecx
        call    stacks_swap
        hlt
after_2:
        /* 3. An interrupt handler that swaps stacks. */
        movl    $directory_b, %eax
        movl    $stack_d, %ecx
        int     $0x40
        hlt
after_3:
        /* 4. To another world; CS is reloaded on the way. */
        movl    $directory_a, %eax
        movl    $stack_e, %ecx
        call    to_other_world
        hlt
after_4:
        /* 5. A hardware task switch. */
        movl    $TASK_1, %eax
        ltr     %ax
        movl    $0x5a5a1234, %esi
        ljmp    $TASK_2, $0
after_5:
        /* 6. A switch that ends with a jump. */
        movl    $directory_a, %eax
        movl    $stack_f, %ecx
        call    by_jump
        hlt
after_6:
        movl    $3000, %ecx
1:      loop    1b
        movl    $3000, %ecx
1:      loop    1b
        call    nothing
        hlt

reload: call    load_cr3
        ret
load_cr3:
        movl    %eax, %cr3
nothing:
        ret

all_in_one:                             /* 6 instructions */
        pushl   %ebp
        movl    %eax, %cr3
        movl    %ecx, %esp
        popl    %ebp
        nop
        ret

stacks_swap:                            /* 4 instructions */
        pushl   %ebp
        movl    %ecx, %esp
        popl    %ebp
        ret

by_interrupt:                           /* 5 instructions */
        pushal
        movl    %ecx, %esp
        movl    %eax, %cr3
        popal
        iret

to_other_world:                         /* 11 instructions, two of them on another page */
        cli
        movl    %eax, %cr3
        lgdt    gdtr_2
        lidt    idtr_2
        jmp     far_away
back:
        pushl   $CODE
        pushl   $1f
        lret
1:      ret

by_jump:
        movl    %eax, %cr3
        movl    %ecx, %esp
        jmp     after_6

/* On a page of its own, which both worlds have: the audit must not take it for part of the switch. */
        .subsection 1
        .balign 4096
far_away:
        movl    %ecx, %esp
        jmp     back
        .previous

/* EAX: a segment's base; EBX: its descriptor. */
base_set:
        movw    %ax, 2(%ebx)
        shrl    $16, %eax
        movb    %al, 4(%ebx)
        movb    %ah, 7(%ebx)
        ret

        .data
        .balign 4096
directory_a:
        .long   PRESENT_BIG
        .fill   255, 4, 0
        .long   0x00400000 + USER_BIG
        .fill   767, 4, 0
directory_b:
        .long   PRESENT_BIG
        .fill   255, 4, 0
        .long   0x00800000 + USER_BIG
        .fill   767, 4, 0

        .balign 8
gdt_1:  .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_2:  .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff
        .quad   0x0000890000000067, 0x0000890000000067  /* their bases are set at run time */
idt_1:  .fill   0x40, 8, 0
        .quad   0x00008e0000080000
idt_2:  .quad   0

gdtr_1: .word   3 * 8 - 1
        .long   gdt_1
gdtr_2: .word   5 * 8 - 1
        .long   gdt_2
idtr_1: .word   0x41 * 8 - 1
        .long   idt_1
idtr_2: .word   7
        .long   idt_2

        .balign 4
task_1: .fill   26, 4, 0
task_2: .fill   7, 4, 0
        .long   directory_b, after_5, 2, 0, 0, 0, 0, stack_g, 5, 0, 0
        .long   DATA, CODE, DATA, DATA, 0, 0, 0, 0x680000

        /* Stacks, each as it is when it is entered. */
        .fill   256, 4, 0
stack_a:
        .fill   256, 4, 0
stack_b:
        .long   1, after_1
        .fill   256, 4, 0
stack_c:
        .long   2, after_2
        .fill   256, 4, 0
stack_d:
        .long   0, 0, 3, 0, 0, 0, 0, 0  /* popal: EDI first */
        .long   after_3, CODE, 2
        .fill   256, 4, 0
stack_e:
        .long   after_4
        .fill   256, 4, 0
stack_f:
        .fill   8192, 4, 0
stack_g:
        .long   0
