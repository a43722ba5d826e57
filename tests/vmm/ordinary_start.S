/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's first instructions, its vectors, and what its processes execute. */
#include "guest/shared/entry.h"
#include "ordinary.h"

#define MULTIBOOT_HEADER 0x1badb002

        .section .multiboot, "a"
        .balign 4
        .long   MULTIBOOT_HEADER, 0, -MULTIBOOT_HEADER

        .text
        .globl  start
start:
        cli
        cld
        movl    $stack_top, %esp
        call    ordinary_main

        .globl  tables_load
tables_load:
        TABLES_LOAD code=CODE, data=DATA, es=DATA, local=LOCAL, fs=DATA, gs=DATA, task=TASK
        ret

        VECTOR_TABLE
        VECTORS 0, 0x30
        VECTOR  VECTOR_CALL
        VECTOR_TABLE_END

trap_entry:
        FRAME_SAVE
        movl    $DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        FRAME_TRAP
        .globl  frame_return
frame_return:
        FRAME_RETURN

/* void process_enter(struct ws_trap_frame *frame): go on with a frame that is anywhere. */
        .globl  process_enter
process_enter:
        movl    4(%esp), %esp
        jmp     frame_return

/* uint32_t far_here(void): CS as a far call stores it, and the flags' IF and IOPL before and after popf. */
        .globl  far_here
far_here:
        lcall   $CODE, $1f
        ret
1:      movl    4(%esp), %eax
        lret

/* -- ring 3: in pages of their own ------------------------------------------------------------- */

/* An attempt: EBX says where to go on after the fault, ECX which one it is. */
        .macro  ATTEMPT instruction:vararg
        incl    %ecx
        movl    $7771f, %ebx
        \instruction
7771:
        .endm

        .section .user, "ax", @progbits
        .balign 4096
        .globl  user_begin, user_end, user_main, user_attempts
user_begin:
/* Count in memory of the process's own, twice, through DS and through FS, until it has had its turns. */
user_main:
        movl    $LOCAL_FS, %eax
        movl    %eax, %fs
1:      incl    PRIVATE
        incl    %fs:4
        fld1
        faddp
        cmpl    $ORDINARY_TURNS, PRIVATE + 8
        jb      1b
        pushfl
        popl    %esi
        movl    %cs, %edi
        movl    $1, %eax
        int     $VECTOR_CALL
        jmp     .

user_attempts:
        xorl    %ecx, %ecx
        ATTEMPT hlt
        ATTEMPT cli
        ATTEMPT sti
        ATTEMPT inb $0x80, %al
        ATTEMPT movl %cr3, %eax
        ATTEMPT movl %eax, %cr0
        ATTEMPT clts
        ATTEMPT invlpg 0
        ATTEMPT lgdt PRIVATE
        ATTEMPT ltr %cx
        ATTEMPT lldt %cx
        ATTEMPT movl %eax, %dr7
        ATTEMPT movl 0x100000, %eax
        ATTEMPT movl %eax, 0x100000
        ATTEMPT movl %eax, user_main
        ATTEMPT movl 0x50000000, %eax
        ATTEMPT call start
        ATTEMPT ljmp $CODE, $start
        ATTEMPT int $0x20
        ATTEMPT int $0x79
        ATTEMPT int3
        ATTEMPT ud2
        movl    $DATA, %ebp
        ATTEMPT movl %ebp, %ds
        ATTEMPT movl %ebp, %ss
        xorl    %ebp, %ebp
        ATTEMPT movl %ebp, %ss
        movl    %ebp, %gs
        ATTEMPT movl %gs:0, %eax
        ATTEMPT movl %fs:0x1000, %eax
        movl    $0x78, %ebp
        ATTEMPT movl %ebp, %es
        xorl    %edx, %edx
        ATTEMPT divl %edx
        ATTEMPT lret
        movl    $0, %eax
        pushfl                          # IF does not change in ring 3, and nothing is said
        andl    $0xfffffdff, (%esp)
        popfl
        pushfl
        popl    %esi
        movl    $2, %eax
        int     $VECTOR_CALL
        jmp     .
        .balign 4096
user_end:

        .bss
        .balign 4096
        .space  0x2000
        .globl  stack_top
stack_top:

        .section .note.GNU-stack, "", @progbits
