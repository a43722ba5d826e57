/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that a loader takes for Linux, and that keeps its tasks as Linux does: names in their task_structs, kernel
 * stacks of 8 KiB side by side, a switch routine that is called with two tasks in EAX and EDX and fills the CPU's
 * predictor of returns.  Its tasks are called as in a boot of Linux:
 *
 *     idle "swapper/0" ─► "kthreadd" ─► "init" executes its program: an address space of its own
 *     "init" ─► a child, which executes "ps", and ends on the kernel's page directory ─► "init"
 *     "init" ─► another child, "cat", which ends in the same way ─► "init"
 *     "init" ─► "kthreadd", on the address space of "init" ─► "init" ─► "kthreadd" ─► a third child
 *
 * The third child has a name that cannot be printed.
 */
#include "../image/bzimage.h"

/* A task, as this kernel was configured. */
#define TASK_DIRECTORY 0x10 /* 0: a thread of the kernel, which borrows one */
#define TASK_NAME      0x584
#define TASK_ESP       0x69c
#define TASK_BYTES     0x1000
#define TASKS          0x190000
#define STACKS         0x180000
#define STACK_BYTES    0x2000

#define DIRECTORIES    0x200000 /* the first one is the kernel's own */
#define USER_INDEX     4        /* of the page directory: 16 MiB */
#define ENTRY_KERNEL   0x83     /* PS, RW, P */
#define ENTRY_USER     0x87
#define CR0_PG         0x80000000
#define CR4_PSE        0x10

#define IDLE           (TASKS + 0 * TASK_BYTES)
#define KTHREADD       (TASKS + 1 * TASK_BYTES)
#define INIT           (TASKS + 2 * TASK_BYTES)
#define CHILD          (TASKS + 3 * TASK_BYTES)

    .section .text, "ax"
    .code32
code32:
    lgdtl own_gdt_pointer   /* so that it runs, too, where no boot loader for Linux has brought it */
    ljmp $BOOT_CS, $1f
1:  movl $BOOT_DS, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $STACKS + STACK_BYTES, %esp
    cld

    /* The page directories: the first 4 MiB, which all have; and a page of each process's own. */
    movl $DIRECTORIES, %edi
    xorl %eax, %eax
    movl $5 * 1024, %ecx
    rep stosl
    movl $DIRECTORIES, %edi
    xorl %ecx, %ecx
1:  movl $ENTRY_KERNEL, (%edi)
    testl %ecx, %ecx
    jz 2f
    movl %ecx, %eax
    andl $1, %eax
    shll $22, %eax
    addl $0x400000 | ENTRY_USER, %eax
    movl %eax, 4 * USER_INDEX(%edi)
2:  addl $0x1000, %edi
    incl %ecx
    cmpl $5, %ecx
    jb 1b
    movl %cr4, %eax
    orl $CR4_PSE, %eax
    movl %eax, %cr4
    movl $DIRECTORIES, %eax
    movl %eax, %cr3
    movl %cr0, %eax
    orl $CR0_PG, %eax
    movl %eax, %cr0

    movl $IDLE, %edi
    movl $idle_name, %esi
    call name_set
    movl $IDLE, current
    movl $KTHREADD, %edi
    movl $kthreadd, %eax
    xorl %ecx, %ecx
    call task_make
    movl $KTHREADD, %edx
    call schedule_to
    /* The last child has switched to here. */
    movb $EXIT_PASSED, %al
    outb %al, $DEBUG_EXIT
3:  hlt
    jmp 3b

kthreadd:
    movl $KTHREADD, %edi
    movl $kthreadd_name, %esi
    call name_set
    movl $INIT, %edi
    movl $init, %eax
    xorl %ecx, %ecx
    call task_make
    movl $INIT, %edx
    call schedule_to
    call schedule_to_init   /* "init" has come here, and goes on */
    movl %cr3, %ebx         /* it is borrowed, also when the kernel's own was loaded meanwhile */
    movl $DIRECTORIES, %ecx
    call deep_4
    movl %ebx, %ecx
    call deep_4
    movl $CHILD + 2 * TASK_BYTES, %edi
    movl $child_odd, %eax
    movl $DIRECTORIES + 4 * 0x1000, %ecx
    call task_make
    movl $CHILD + 2 * TASK_BYTES, %edx
    call schedule_to
    hlt

init:
    subl $512, %esp         /* deep in its stack: near to the one below */
    movl $INIT, %edi
    movl $init_name, %esi
    movl $DIRECTORIES + 0x1000, %eax
    call execute
    movl $CHILD, %edi
    movl $child_ps, %eax
    movl $DIRECTORIES + 2 * 0x1000, %ecx
    call task_make
    movl $CHILD, %edx
    call schedule_to
    movl $CHILD + TASK_BYTES, %edi
    movl $child_cat, %eax
    movl $DIRECTORIES + 3 * 0x1000, %ecx
    call task_make
    movl $CHILD + TASK_BYTES, %edx
    call schedule_to
    movl $KTHREADD, %edx
    call schedule_to
    movl $KTHREADD, %edx
    call schedule_to
    hlt

child_ps:
    movl $CHILD, %edi
    movl $ps_name, %esi
    call name_set
    call leave_memory
    call schedule_to_init
    hlt

child_cat:
    movl $CHILD + TASK_BYTES, %edi
    movl $cat_name, %esi
    call name_set
    call leave_memory
    call schedule_to_init
    hlt

child_odd:
    movl $CHILD + 2 * TASK_BYTES, %edi
    movl $odd_name, %esi
    call name_set
    movl $IDLE, %edx
    call schedule_to
    hlt

/* The task at EDI gets the 16 bytes at ESI as its name. */
name_set:
    pushl %edi
    addl $TASK_NAME, %edi
    movl $4, %ecx
    rep movsl
    popl %edi
    ret

/* A new task at EDI, with the page directory ECX, or 0.  It will begin at EAX, and is called as who makes it. */
task_make:
    movl %ecx, TASK_DIRECTORY(%edi)
    movl %edi, %edx
    subl $TASKS, %edx
    addl %edx, %edx         /* the stacks are twice as large as the tasks */
    addl $STACKS + STACK_BYTES - 64, %edx
    movl %eax, 20(%edx)     /* behind EFLAGS and four registers, as the switch routine pops them */
    movl $2, (%edx)
    movl %edx, TASK_ESP(%edi)
    movl current, %esi
    addl $TASK_NAME, %esi
    call name_set
    ret

/* The task at EDI executes a program: it gets the page directory EAX, and the name at ESI.  Linux loads CR3 deep below
 * its system call. */
execute:
    movl %eax, TASK_DIRECTORY(%edi)
    call name_set
    movl TASK_DIRECTORY(%edi), %ecx
    call deep_1
    ret

/* A process that ends goes on on the kernel's page directory. */
leave_memory:
    movl $DIRECTORIES, %ecx
    call deep_1
    ret

deep_1:
    call deep_2
    ret
deep_2:
    call deep_3
    ret
deep_3:
    call deep_4
    ret
deep_4:
    movl %ecx, %cr3
    ret

schedule_to_init:
    movl $INIT, %edx
    call schedule_to
    ret

/* The task at EDX goes on.  A thread of the kernel borrows the address space. */
schedule_to:
    movl TASK_DIRECTORY(%edx), %ecx
    testl %ecx, %ecx
    jz 1f
    movl %cr3, %eax
    cmpl %eax, %ecx
    je 1f
    call address_space_load
1:  movl current, %eax
    movl %edx, current
    call switch_to
    ret

address_space_load:
    movl %ecx, %cr3
    ret

/* EAX: the task that is left, EDX: the one that goes on. */
switch_to:
    pushl %ebp
    pushl %ebx
    pushl %edi
    pushl %esi
    pushfl
    movl %esp, TASK_ESP(%eax)
    movl TASK_ESP(%edx), %esp
    movl $16, %ebx
1:  call 2f
    int3
2:  call 3f
    int3
3:  addl $8, %esp
    decl %ebx
    jnz 1b
    popfl
    popl %esi
    popl %edi
    popl %ebx
    popl %ebp
    jmp switch_rest

switch_rest:
    ret

    .balign 8
own_gdt:
    .quad 0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
own_gdt_pointer:
    .word . - own_gdt - 1
    .long own_gdt
current:
    .long 0
idle_name:
    .ascii "swapper/0\0\0\0\0\0\0\0"
kthreadd_name:
    .ascii "kthreadd\0\0\0\0\0\0\0\0"
init_name:
    .ascii "init\0\0\0\0\0\0\0\0\0\0\0\0"
ps_name:
    .ascii "ps\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
cat_name:
    .ascii "cat\0\0\0\0\0\0\0\0\0\0\0\0\0"
odd_name:
    .ascii "\001odd\0\0\0\0\0\0\0\0\0\0\0\0"
    .balign 16
code32_end:
