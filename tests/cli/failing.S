/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that ends in more ways, chosen as in ending.S: what programs in C do to a stack and to pointers, devices
 * that were not set up, units that are off.  why.sh and why_more.sh say what is expected of each.
 */

#include "ending.h"

WAY smash /* a buffer is filled beyond its end: over the return address */
    NO_IDT
    call 1f
    hlt
1:  subl $16, %esp
    movl %esp, %edi
    movl $'A', %eax
    movl $24, %ecx
    rep stosb
    addl $16, %esp
    ret

WAY pointer /* a pointer to a function was overwritten */
    NO_IDT
    movl $0x00700000, target
    nop
    call *target

WAY noremap /* the timer's vector is that of #DF, whose handler takes an error code off the stack */
    LEADS 8, double_fault
    TIMER_SET 8
    sti
1:  hlt
    jmp 1b
double_fault:
    addl $4, %esp
    iret

WAY backwards /* DF was left set: a copy runs downwards, over the code */
    NO_IDT
    std
    call copy
    hlt
    .balign 64
copy_room:
    .skip 64
copy:
    movl $copy_room + 60, %edi
    addl $64, %edi
    movl $-1, %eax
    movl $40, %ecx
    rep stosl
    ret

WAY smalltss /* the TSS's limit leaves no room for the stack of ring 0 */
    andb $0xfd, gdt + TSS + 5
    movw $3, gdt + TSS
    movl $TSS, %eax
    ltr %ax
    orb $GATE_OF_RING_3, idt + 8 * 3 + 5
    movl $0, idt + 8 * 13 + 4
    movl $0, idt + 8 * 10 + 4
    movl $0, idt + 8 * 8 + 4
    movl $1f, %ebp
    jmp user_enter
1:  int3

WAY port /* ring 3 writes to a port */
    movl $0, idt + 8 * 13 + 4
    movl $0, idt + 8 * 8 + 4
    movl $1f, %ebp
    jmp user_enter
1:  movb $'x', %al
    outb %al, $0xe9

WAY usercli /* ring 3 forbids interrupts */
    movl $0, idt + 8 * 13 + 4
    movl $0, idt + 8 * 8 + 4
    movl $1f, %ebp
    jmp user_enter
1:  cli

WAY fpu /* CR0.TS was set, and there is no handler of #NM */
    NO_IDT
    movl %cr0, %eax
    orl $8, %eax
    movl %eax, %cr0
    fninit
    fld1

WAY sse /* SSE was not switched on */
    NO_IDT
    movaps %xmm0, %xmm1

WAY aligned /* movaps on a stack that is not aligned */
    NO_IDT
    movl %cr4, %eax
    orl $0x200, %eax
    movl %eax, %cr4
    movl $stack_top - 4, %esp
    movaps %xmm0, -32(%esp)

WAY pae /* CR4.PAE while paging is on, as a tutorial for long mode does it */
    NO_IDT
    movl %cr4, %eax
    orl $0x2020, %eax
    movl %eax, %cr4

WAY nopse /* an entry for a page of 4 MiB, but CR4.PSE is clear */
    movl $0x00400083, page_directory + 4
    NO_IDT
    movl 0x00412000, %eax

WAY reserved /* an entry for a page of 4 MiB with a reserved bit */
    NO_IDT
    movl %cr4, %eax
    orl $0x10, %eax
    movl %eax, %cr4
    movl $0x00600083, page_directory + 4
    movl 0x00412000, %eax

WAY inwards /* lret to a more privileged ring */
    movl $0, idt + 8 * 13 + 4
    movl $0, idt + 8 * 8 + 4
    movl $1f, %ebp
    jmp user_enter
1:  pushl $CODE
    pushl $handler
    lret

WAY dftask /* the stack is full, and the task for #DF has no stack, either */
    movl $0x8500, idt + 8 * 8 + 4
    movw $TASK, idt + 8 * 8 + 2
    movl $handler, task + TSS_EIP
    movl $CODE, task + TSS_CS
    movl $0, task + TSS_SS
    movl $page_directory, task + TSS_CR3
    movl $0, page_table + 4 * 0x300
    movl $0x00301000, %esp
1:  pushl %eax
    jmp 1b

WAY branch /* a jump beyond the limit of a small code segment */
    NO_IDT
    movl $0x0000ffff, gdt + ABSENT
    movl $0x00409a10, gdt + ABSENT + 4
    ljmp $ABSENT, $1f - 0x100000
1:  jmp 2f
    .skip 0x10000
2:  nop

WAY bounds /* an index that is out of bounds */
    NO_IDT
    movl $9, %eax
    boundl %eax, limits

WAY watch /* a data breakpoint was left on */
    NO_IDT
    movl $scratch, %eax
    movl %eax, %dr0
    movl $0x000d0001, %eax
    movl %eax, %dr7
    movl $1, scratch

WAY user_stack /* ring 3 has no stack */
    movl $0, idt + 8 * 14 + 4
    movl $0, idt + 8 * 8 + 4
    movl $0, idt + 8 * 13 + 4
    pushl $USER_DATA
    pushl $0
    pushl $2
    pushl $USER_CODE
    pushl $1f
    iret
1:  call 1b

    .data
target:
    .long handler
limits:
    .long 0, 7

#include "ending_data.h"
