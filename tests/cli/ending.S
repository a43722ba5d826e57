/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that ends in many ways: the last word of its command line names one.  Each is a fault that public reports
 * tell of, or a rule of the manual.  why_more.sh says what is expected of each.
 */

#include "ending.h"

WAY cswrite /* a write through CS */
    NO_IDT
    movl $1, %cs:scratch

WAY down /* below the limit of a segment that expands down */
    NO_IDT
    movl $DOWN, %eax
    movl %eax, %ds
    movl 0x1000, %eax

WAY sslimit /* a push outside of the stack's segment */
    NO_IDT
    movl $SMALL_STACK, %eax
    movl %eax, %ss
    movl $0x2000, %esp
    pushl $1

WAY ssro /* a stack that may not be written */
    NO_IDT
    movl $READ_ONLY, %eax
    movl %eax, %ss

WAY popfs /* a segment that is not present, off the stack */
    NO_IDT
    pushl $ABSENT
    popl %fs

WAY noldt /* a selector of the LDT, and there is none */
    NO_IDT
    movl $0x0f, %eax
    movl %eax, %gs

WAY ldtbeyond /* a selector beyond the LDT's limit */
    NO_IDT
    movl $ldt, %eax
    movw %ax, gdt + LDT + 2
    shrl $16, %eax
    movb %al, gdt + LDT + 4
    movl $LDT, %eax
    lldt %ax
    movl $0x1f, %eax
    movl %eax, %fs

WAY gdtcopy /* the memory of the GDT is used for something else */
    NO_IDT
    movl $gdt, %esi
    movl $scratch_page, %edi
    movl $(gdt_end - gdt) / 4, %ecx
    rep movsl
    lgdt moved_pointer
    movl $scratch_page, %edi
    xorl %eax, %eax
    movl $64, %ecx
    rep stosl
    movl $DATA, %eax
    movl %eax, %ds

WAY iretconf /* iret to ring 3 with the selector of ring 0's code */
    NO_IDT
    pushl $USER_DATA
    pushl $user_stack_top
    pushl $2
    pushl $CODE + 3
    pushl $0
    iret

WAY gatedata /* a call gate that leads to data */
    NO_IDT
    movw $DATA, gdt + GATE + 2
    lcall $GATE, $0

WAY gatejmp /* a jump through a call gate to an inner ring */
    NO_IDT
    orb $GATE_OF_RING_3, gdt + GATE + 5
    movl $1f, %ebp
    jmp user_enter
1:  ljmp $GATE + 3, $0

WAY gatestack /* a call gate to ring 0, whose stack in the TSS is not mapped */
    NO_IDT
    orb $GATE_OF_RING_3, gdt + GATE + 5
    movl $0x00500000, tss + 4
    movl $1f, %ebp
    jmp user_enter
1:  lcall $GATE + 3, $0

WAY iretdata /* iret with a TSS as CS */
    NO_IDT
    pushl $2
    pushl $TSS
    pushl $handler
    iret

WAY int80 /* a system call through a gate of DPL 0 */
    andb $0x7f, idt + 8 * 13 + 5
    andb $0x7f, idt + 8 * 8 + 5
    movl $1f, %ebp
    jmp user_enter
1:  int $0x80

WAY halves /* the halves of the handler's offset are swapped */
    movl $real_handler, %eax
    movw %ax, idt + 8 * 3 + 6
    shrl $16, %eax
    movw %ax, idt + 8 * 3
    movw $0, idt + 8 * 14 + 4
    int3
real_handler:
    iret

WAY gate16 /* a 16-bit gate, and a handler that returns with 32 bits */
    movb $0x86, idt + 8 * 3 + 5
    LEADS 3, iret_only
    movw $0, idt + 8 * 13 + 4
    movw $0, idt + 8 * 6 + 4
    movw $0, idt + 8 * 14 + 4
    int3
    OUT 0xf4, 0
iret_only:
    iret

WAY rethandler /* a handler that returns by ret */
    LEADS 3, ret_only
    movl $0, idt + 8 * 13 + 4
    movl $0, idt + 8 * 6 + 4
    movl $0, idt + 8 * 14 + 4
    call 1f
    OUT 0xf4, 0
1:  int3
    ret
ret_only:
    ret

WAY errcode /* a handler that leaves the error code on the stack, and causes another one each time */
    LEADS 13, iret_only
    movl $0xf0, %eax
    movl %eax, %fs
    OUT 0xf4, 0

WAY fakecode /* a handler that takes off an error code that is not there */
    LEADS 6, pop_iret
    movl $0, idt + 8 * 13 + 4
    movl $0, idt + 8 * 11 + 4
    ud2
pop_iret:
    addl $4, %esp
    iret

WAY handlerouter /* a gate to code of ring 3, used in ring 0 */
    movw $USER_CODE, idt + 8 * 3 + 2
    movl $0, idt + 8 * 13 + 4
    int3

WAY unpacked /* the operand of lidt has padding behind the limit */
    call paging_off
    lidt padded_idt
    int3

WAY unpackedgdt /* the operand of lgdt has padding behind the limit: the base is wrong */
    call paging_off
    NO_IDT
    lgdt padded_gdt
    movl $DATA, %eax
    movl %eax, %ds

WAY userhandler /* the TSS has ring 3's stack segment for ring 0 */
    movl $USER_DATA, tss + 8
    orb $GATE_OF_RING_3, idt + 8 * 0x30 + 5
    movl $0, idt + 8 * 10 + 4
    movl $0, idt + 8 * 13 + 4
    movl $0, idt + 8 * 8 + 4
    movl $1f, %ebp
    jmp user_enter
1:  int $0x30

WAY v86 /* iret with VM set */
    NO_IDT
    pushl $0
    pushl $0
    pushl $0
    pushl $0
    pushl $0
    pushl $0
    pushl $0x20002
    pushl $0
    pushl $0
    iret

WAY stackcode /* the stack is in the code */
    NO_IDT
    movl $1f + 4, %esp
    pushl $0x0b0f0b0f
    nop
    nop
    nop

WAY tssmem /* a TSS where no page is */
    movl $0x00600000, %eax
    andb $0xfd, gdt + TSS + 5
    movw %ax, gdt + TSS + 2
    shrl $16, %eax
    movb %al, gdt + TSS + 4
    movl $TSS, %eax
    ltr %ax
    orb $GATE_OF_RING_3, idt + 8 * 3 + 5
    movl $0, idt + 8 * 14 + 4
    movl $0, idt + 8 * 8 + 4
    movl $0, idt + 8 * 13 + 4
    movl $1f, %ebp
    jmp user_enter
1:  int3

WAY irqnoidt /* interrupts on, without an IDT */
    NO_IDT
    TIMER_SET 0x20
    sti
1:  hlt
    jmp 1b

WAY irqshort /* IRQs at vectors beyond the IDT's limit */
    lidt idt48
    TIMER_SET 0x70
    sti
1:  hlt
    jmp 1b

WAY nostack /* ESP was never set, and there is no paging */
    call paging_off
    NO_IDT
    xorl %esp, %esp
    call 1f
1:  ret

WAY recurse /* a recursion without end: its stack grows into the code */
    call paging_off
    NO_IDT
    movl $way_recurse + 0x1000, %esp
1:  call 1b

WAY cr3zero /* the address of the page directory was forgotten */
    NO_IDT
    xorl %eax, %eax
    movl %eax, %cr3
    nop

WAY userpde /* the page may be used by ring 3, its page table may not */
    NO_IDT
    andl $~4, page_directory
    movl %cr3, %eax
    movl %eax, %cr3
    movl $1f, %ebp
    jmp user_enter

WAY nullcall /* a call through a null pointer */
    NO_IDT
    movl $0, page_table
    invlpg 0
    xorl %eax, %eax
    call *%eax

WAY longname /* the same, in a function with a name as C++ makes them */
    NO_IDT
    movl $0, page_table
    invlpg 0
    xorl %eax, %eax
a_name_of_ninety_characters_as_compilers_make_them_for_templates_with_templates_for_arguments:
    call *%eax

WAY gdtgone /* the GDT was mapped high, and is not any more */
    NO_IDT
    movl $page_table + PAGE_ALL, page_directory + 4 * 768
    lgdt high_gdt
    movl $page_directory, %eax
    movl %eax, %cr3
    movl $0, page_directory + 4 * 768
    movl %eax, %cr3
    movl $DATA, %eax
    movl %eax, %es

WAY wrongframe /* the page of the code that runs gets another frame */
    NO_IDT
    movl $1f, %ebx
    shrl $12, %ebx
    movl $0x200007, page_table(, %ebx, 4)
    movl %cr3, %eax
    movl %eax, %cr3

WAY taskcr3 /* a task without a page directory */
    NO_IDT
    movl $0, task + TSS_CR3
    movl $handler, task + TSS_EIP
    movl $CODE, task + TSS_CS
    movl $DATA, task + TSS_SS
    ljmp $TASK, $0

WAY taskcs /* a task whose CS is data */
    NO_IDT
    movl $page_directory, task + TSS_CR3
    movl $handler, task + TSS_EIP
    movl $DATA, task + TSS_CS
    movl $DATA, task + TSS_SS
    ljmp $TASK, $0

WAY nested /* iret with NT set */
    NO_IDT
    pushfl
    orl $0x4000, (%esp)
    popfl
    pushfl
    pushl $CODE
    pushl $handler
    iret

WAY tf /* TF was set */
    NO_IDT
    pushfl
    orl $0x100, (%esp)
    popfl
    nop
    nop

WAY lock /* a lock prefix in front of mov */
    NO_IDT
    .byte 0xf0, 0x89, 0xc0

WAY hole /* a jump to where no memory is */
    call paging_off
    NO_IDT
    movl $0x80000000, %eax
    jmp *%eax

WAY overwritten /* a store into the code */
    NO_IDT
    movl $0xffffffff, 1f
    call 1f
    hlt
    nop
    nop
    nop
    ret

WAY intodata /* a jump to data */
    NO_IDT
    jmp somedata

WAY slaveeoi /* no end of interrupt for the second 8259 */
    LEADS 0x28, eoi_master
    OUT 0x20, 0x11
    OUT 0x21, 0x20
    OUT 0x21, 4
    OUT 0x21, 1
    OUT 0xa0, 0x11
    OUT 0xa1, 0x28
    OUT 0xa1, 2
    OUT 0xa1, 1
    OUT 0x21, 0xfb
    OUT 0xa1, 0xfe
    OUT 0x70, 0x0b
    inb $0x71, %al
    orb $0x40, %al
    movb %al, %ah
    OUT 0x70, 0x0b
    movb %ah, %al
    outb %al, $0x71
    sti
1:  hlt
    jmp 1b
eoi_master:
    pushl %eax
    OUT 0x70, 0x0c
    inb $0x71, %al
    OUT 0x20, 0x20
    popl %eax
    iret

WAY kbd /* it waits for a key */
    PIC_SET 0x20, 0xfd
    sti
1:  hlt
    jmp 1b

WAY popfring3 /* ring 3 sets IF by popf, which has no effect, and waits for the timer */
    LEADS 0x20, tick
    TIMER_SET 0x20
    movl $1f, %ebp
    jmp user_enter
1:  pushl $0x202
    popfl
2:  cmpl $0, ticks
    je 2b
tick:
    incl ticks
    pushl %eax
    OUT 0x20, 0x20
    popl %eax
    iret

WAY handlerif /* the timer's handler waits for the timer */
    LEADS 0x20, waits
    TIMER_SET 0x20
    sti
1:  jmp 1b
waits:
    incl ticks
    movl ticks, %eax
1:  cmpl %eax, ticks
    je 1b

WAY apictpr /* the local APIC's task priority is above the timer's vector */
    call paging_off
    LEADS 0x40, iret_only
    OUT 0x21, 0xff
    movl $0x1ff, 0xfee000f0
    movl $0x50, 0xfee00080
    movl $0x20040, 0xfee00320
    movl $3, 0xfee003e0
    movl $1000, 0xfee00380
    sti
1:  hlt
    jmp 1b

WAY pfloop /* a handler of page faults that does nothing */
    LEADS 14, pf_back
    movl 0x00500000, %eax
pf_back:
    addl $4, %esp
    iret

WAY gpskip /* a handler that skips the instruction, in a loop */
    LEADS 13, skip1
    xorl %eax, %eax
1:  movl $0xf0, %eax
    movl %eax, %fs
    jmp 1b
skip1:
    addl $4, %esp
    addl $2, (%esp)
    iret

#include "ending_data.h"
