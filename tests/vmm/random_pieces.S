/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pieces of which random programs are made.  Each leaves ESP as it was, or faults, or goes to a later piece; what
 * it may not do is named in random.sh, with the reason.
 */
#include "random.h"

        .section .rodata.rows, "a"
        .globl  piece_rows
piece_rows:
        .section .rodata.pieces, "a"

        .macro  PIECE
        .pushsection .rodata.rows
        .long   8f, 9f
        .popsection
8:
        .endm
        .macro  END
9:
        .endm
/* A piece of one line. */
        .macro  ONE instruction:vararg
        PIECE
        \instruction
        END
        .endm

/* -- what any program does --------------------------------------------------------------------- */
        .irp    reg, eax, ecx, edx, ebx, esi, edi, ebp
        ONE     movl $ANY, %\reg
        ONE     addl %\reg, %ebx
        ONE     pushl %\reg; addl $ANY, (%esp); popl %ecx
        ONE     movl ADDRESS, %\reg
        ONE     xorl %\reg, ADDRESS
        .endr
        ONE     imull %ecx, %eax
        ONE     adcl %edx, %eax
        ONE     shldl $7, %ebx, %edx
        ONE     rcrl $3, %esi
        ONE     movl $ADDRESS, %edi; cmpxchgl %ecx, (%edi)
        ONE     lock incl ADDRESS
        ONE     movl $0x1234, %edx; movl $7, %ecx; divl %ecx
        ONE     divl %ebx
        ONE     xorl %ebx, %ebx; divl %ebx
        ONE     pushal; addl $1, 4(%esp); popal
        ONE     enter $16, $0; leave
        ONE     movl $ADDRESS, %edi; movl $9, %ecx; cld; rep stosl
        ONE     movl $ADDRESS, %edi; movl $MEMORY, %esi; movl $5, %ecx; std; rep movsb; cld
        ONE     movl $MEMORY, %edi; movl $20, %ecx; repne scasb
        ONE     cpuid
        ONE     bswapl %eax; xlatb %ds:(%ebx)
        ONE     movl $MEMORY, %ebx; xlatb
        ONE     sahf; lahf; setc %al; cmovnel %ecx, %edx
        ONE     bound %eax, MEMORY
        ONE     fninit; fldpi; fstpl MEMORY + 8
        ONE     incl %fs:MEMORY; incl %gs:MEMORY + 4; movl %gs:MEMORY, %eax; movl %cs:PROGRAM, %ecx

/* -- where it goes ----------------------------------------------------------------------------- */
        .irp    code, 0, 1, 2, 4, 5, 7, 8, 12, 15
        ONE     .byte 0x0f, 0x80 + \code; .long LATER_REL
        .endr
        ONE     .byte 0xe9; .long LATER_REL
        ONE     movl $LATER, %eax; jmp *%eax
        ONE     movl $LATER, MEMORY + 16; jmp *MEMORY + 16
        ONE     movl $LATER, %edx; calll *%edx
        ONE     .byte 0xe8; .long LATER_REL
        ONE     pushl $LATER; ret
        ONE     pushl $LATER; pushl $1; pushl $LATER; ret $8
        ONE     call 1f; 1: popl %eax
        ONE     movl $3, %ecx; 1: incl %edx; loop 1b
        ONE     movl $40, %ecx; 1: addl %ecx, MEMORY + 32; decl %ecx; jnz 1b
        ONE     jecxz 1f; incl %eax; 1: incl %ebx
        ONE     pushl $CODE; pushl $LATER; lret
        ONE     ljmp $CODE, $LATER
        ONE     .byte 0xea; .long LATER; .word SELECTOR_WORD
        ONE     .byte 0x9a; .long LATER; .word SELECTOR_WORD
        ONE     lcall $CONFORMING, $LATER
        ONE     lcall $GATE_3, $0
        ONE     pushl $0x77; lcall $GATE_1, $0
        ONE     pushl $SELECTOR; pushl $LATER; lret
        ONE     pushl $FLAGS; pushl $CODE; pushl $LATER; iret
        ONE     pushl $FLAGS; pushl $SELECTOR; pushl $LATER; iret
        .macro  RING code, data
        ONE     pushl $\data; pushl $STACK_3; pushl $FLAGS; pushl $\code; pushl $NEXT; iret
        ONE     pushl $\data; pushl $STACK_3; pushl $\code; pushl $LATER; lret
        .endm
        RING    CODE_1, DATA_1
        RING    CODE_2, DATA_2
        RING    CODE_3, DATA_3
        RING    CODE_3, DATA_3
        ONE     int $VECTOR_CALL
        ONE     int $VECTOR_DPL0
        ONE     int $VECTOR_NARROW
        ONE     int3
        ONE     addb $0x70, %al; into
        ONE     ud2

/* -- code that is written ---------------------------------------------------------------------- */
        ONE     movl $NEXT, %edi; movl $0x43, %eax; movl $SLOT_BYTES, %ecx; cld; rep stosb
        ONE     movl $LATER_CODE, %edi; movl $0x40414243, %eax; movl $SLOT_BYTES / 4, %ecx; cld; rep stosl
        ONE     movl $LATER_CODE, %edi; movl $NEXT, %esi; movl $SLOT_BYTES, %ecx; cld; rep movsb
        PIECE                           # writes its own next instruction
        call    1f
1:      popl    %eax
        movl    $ANY, 2f + 1 - 1b(%eax)
2:      movl    $0, %edx
        END
        PIECE                           # the same, through its other address
        call    1f
1:      popl    %eax
        addl    $PROGRAM_TOO - PROGRAM, %eax
        movb    $0x43, 2f - 1b(%eax)    # incl %ebx
2:      incl    %ecx
        END

/* -- what is sensitive ------------------------------------------------------------------------- */
        ONE     pushfl; popl %eax; movl %eax, MEMORY + 64
        ONE     pushfw; popw %ax
        ONE     pushl $FLAGS; popfl
        ONE     pushl $FLAGS; popfl; pushfl; popl %ecx
        ONE     pushw $FLAGS_WORD; popfw; pushfl; popl %edx
        ONE     cli; pushfl; popl %eax; sti
        ONE     cli
        ONE     sti
        ONE     sti; hlt
        ONE     sgdt MEMORY + 80; sidt MEMORY + 88
        ONE     str %eax; sldt %ecx; smsw %edx
        ONE     str MEMORY + 96; sldt ADDRESS; smsw ADDRESS
        .irp    instruction, lar, lsl
        ONE     movl $SELECTOR, %eax; \instruction %eax, %ecx; pushfl; popl %edx
        .endr
        ONE     movl $SELECTOR, %eax; verr %ax; setz %cl; verw %ax; setz %ch
        ONE     movl %cs, %eax; movl %ss, %ecx; movl %ds, %edx; movl %es, %ebx; movl %fs, %esi; movl %gs, %edi
        ONE     pushl %cs; popl %eax; pushl %ss; popl %ecx; pushl %gs; popl %edx
        ONE     pushl %ds; popl %es; pushl %ds; popl %gs; movl %es:MEMORY, %eax
        .irp    segment, fs, gs
        ONE     movl $SELECTOR, %eax; movl %eax, %\segment
        ONE     pushl $SELECTOR; popl %\segment
        ONE     movl $READ_ONLY, %eax; movl %eax, %\segment; movl %\segment:MEMORY, %eax; movl %eax, %\segment:MEMORY
        ONE     movl $SMALL, %eax; movl %eax, %\segment; movl %\segment:0xffc, %eax; movl %\segment:0xffd, %eax
        ONE     movl $LOCAL_DATA, %eax; movl %eax, %\segment; movl %\segment:4, %eax
        ONE     movl $0, %eax; movl %eax, %\segment; movl %\segment:MEMORY, %eax
        .endr
        ONE     movl $SELECTOR, %eax; movl %eax, %ss; nop
        ONE     movl %ss, %eax; movl %eax, %ss; incl %eax
        ONE     pushl %ss; popl %ss; pushfl; popl %eax
        ONE     movl %esp, MEMORY + 100; movw %ss, MEMORY + 104; lss MEMORY + 100, %esp
        ONE     movl $SELECTOR, %eax; lldt %ax
        ONE     movl $LOCAL, %eax; lldt %ax
        ONE     movl $SELECTOR, %eax; ltr %ax
        ONE     movl %cr0, %eax; movl %cr3, %ecx; movl %cr4, %edx; movl %cr2, %ebx
        ONE     movl %cr0, %eax; xorl $0x10000, %eax; movl %eax, %cr0; movl ADDRESS, %ecx; movl %ecx, ADDRESS
        ONE     movl %cr0, %eax; orl $8, %eax; movl %eax, %cr0; fninit; clts
        ONE     movl %cr3, %eax; movl %eax, %cr3
        ONE     movl %cr4, %eax; xorl $0x80, %eax; movl %eax, %cr4
        ONE     movl $9, %eax; lmsw %ax; clts
        ONE     .byte 0x0f, 0x20, 0xf8          # movl %cr7, %eax
        ONE     movl $ANY, %eax; movl %eax, %dr3; movl %dr3, %ecx; movl %dr6, %edx; movl %dr7, %ebx
        ONE     movl $0x277, %ecx; rdmsr
        ONE     movl $0x1b, %ecx; rdmsr
        ONE     movl $0x8b, %ecx; wrmsr; rdmsr
        ONE     inb $0x21, %al
        ONE     movw $0x21, %dx; inb %dx, %al; outb %al, %dx
        ONE     movl $MEMORY, %edi; movl $0xa1, %edx; movl $3, %ecx; cld; rep insb
        ONE     invd; wbinvd
        ONE     lgdt 0x48000000
        ONE     sysenter

/* -- page tables ------------------------------------------------------------------------------- */
        .irp    page, 0, 1, 2, 3, 4
        ONE     movl $ANY, %eax; andl $0x87, %eax; movl TABLE + 4 * \page, %ecx; andl $0xfffff000, %ecx; \
                orl %ecx, %eax; andl $0xfffffe7f, %eax; movl %eax, TABLE + 4 * \page; \
                invlpg MEMORY + 0x1000 * \page
        ONE     btcl $0, TABLE + 4 * \page; invlpg MEMORY + 0x1000 * \page
        ONE     movl $ANY, MEMORY + 0x1000 * \page + 4
        ONE     movl MEMORY + 0x1000 * \page + 8, %edx; movl TABLE + 4 * \page, %eax; andb $0xdf, %al
        .endr

/* -- traps ------------------------------------------------------------------------------------- */
        ONE     pushfl; orl $0x100, (%esp); popfl; nop; incl %eax; pushl %ecx; popl %edx
        ONE     pushfl; orl $0x100, (%esp); popfl; pushfl; popl %edx; int $VECTOR_CALL; sti; jmp 1f; nop; 1: incl %ebx
        ONE     pushl $0x302; pushl $CODE; pushl $NEXT; iret
        ONE     movl $NEXT, %eax; movl %eax, %dr0; movl $1, %eax; movl %eax, %dr7
        ONE     movl $LATER, %eax; movl %eax, %dr1; movl $4, %eax; movl %eax, %dr7
        ONE     movl $MEMORY + 8, %eax; movl %eax, %dr0; movl $0xd0001, %eax; movl %eax, %dr7; movl %ecx, MEMORY + 8
        ONE     movl $MEMORY + 8, %eax; movl %eax, %dr2; movl $0xf000010, %eax; movl %eax, %dr7; pushl MEMORY + 8; \
                popl %eax
        ONE     xorl %eax, %eax; movl %eax, %dr7
        ONE     .byte 0xf1

        .section .rodata.rows, "a"
        .globl  piece_rows_end
piece_rows_end:
        .section .note.GNU-stack, "", @progbits
