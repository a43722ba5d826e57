/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hostile.S stands on: tables, paging of the first 2 MiB, a handler for every vector that tells
 * what came and goes on behind the attempt.  The disk's first byte says which case runs.
 */
#include "hostile.h"

#define MULTIBOOT_HEADER 0x1badb002
#define COM1 0x3f8
#define ATA 0x1f0

        .section .multiboot, "a"
        .balign 4
        .long   MULTIBOOT_HEADER, 0, -MULTIBOOT_HEADER

        .text
        .globl  start
start:
        cli
        cld
        movl    $stack_top, %esp
        lgdt    gdt_pointer
        lidt    idt_pointer
        ljmp    $CODE, $1f
1:      call    segments_load
        call    gates_fill
        call    paging_on
        call    case_number
        cmpl    $case_count, %eax
        jae     2f
        movl    case_table(, %eax, 8), %esi
        call    say
        movl    $newline, %esi
        call    say
        call    case_number
        call    *case_table + 4(, %eax, 8)
        movl    $text_over, %esi
        jmp     3f
2:      movl    $text_none, %esi
3:      call    say
        movb    $5, %al
        outb    %al, $DEBUG_EXIT
1:      hlt
        jmp     1b

segments_load:
        movl    $DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        ret

/* EAX: the first byte of the disk.  Clobbers ECX, EDX. */
case_number:
        movl    $ATA + 2, %edx
        movb    $1, %al
        outb    %al, %dx
        xorl    %eax, %eax
        incl    %edx
        outb    %al, %dx
        incl    %edx
        outb    %al, %dx
        incl    %edx
        outb    %al, %dx
        incl    %edx
        movb    $0xe0, %al
        outb    %al, %dx
        incl    %edx
        movb    $0x20, %al
        outb    %al, %dx
1:      inb     %dx, %al                        # it has data
        testb   $8, %al
        jz      1b
        movl    $ATA, %edx
        movl    $256, %ecx
        xorl    %eax, %eax
        inw     %dx, %ax
        decl    %ecx
        pushl   %eax
1:      inw     %dx, %ax
        loop    1b
        popl    %eax
        andl    $0xff, %eax
        ret

paging_on:
        movl    $table, %edi
        movl    $PAGE_ALL, %eax
        movl    $512, %ecx
1:      stosl
        addl    $0x1000, %eax
        loop    1b
        movl    $(PAGE_ALL), %eax
        addl    $table, %eax
        movl    %eax, directory
        movl    $directory, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80010000, %eax
        movl    %eax, %cr0
        ret

gates_fill:
        movl    $idt, %edi
        movl    $stubs, %eax
        movl    $256, %ecx
1:      movw    %ax, (%edi)
        movw    $CODE, 2(%edi)
        movw    $0x8e00, 4(%edi)
        movl    %eax, %ebx
        shrl    $16, %ebx
        movw    %bx, 6(%edi)
        addl    $8, %edi
        addl    $16, %eax
        loop    1b
        ret

/* Print the text at ESI.  Clobbers EAX, EDX. */
        .globl  say, say_number
say:    movl    $COM1, %edx
1:      lodsb
        testb   %al, %al
        jz      2f
        outb    %al, %dx
        jmp     1b
2:      ret

/* Print EAX, hexadecimal.  Clobbers EAX, ECX, EDX. */
say_number:
        movl    $8, %ecx
1:      roll    $4, %eax
        pushl   %eax
        andl    $15, %eax
        movb    digits(%eax), %al
        movl    $COM1, %edx
        outb    %al, %dx
        popl    %eax
        loop    1b
        ret

        .balign 16
stubs:
        vector = 0
        .rept   256
        .byte   0x68
        .long   vector
        .byte   0xe9
        .long   common - (. + 4)
        .balign 16
        vector = vector + 1
        .endr

/* Tell the vector and, if the CPU pushes one, the error code; go on where the case says. */
common:
        movl    $DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        cmpl    $0, mute
        jne     quiet
        popl    %ebx
        movl    $text_vector, %esi
        call    say
        movl    %ebx, %eax
        call    say_number
        cmpl    $8, %ebx
        je      1f
        cmpl    $10, %ebx
        jb      2f
        cmpl    $14, %ebx
        ja      2f
1:      movl    $text_error, %esi
        call    say
        popl    %eax
        call    say_number
2:      movl    $newline, %esi
        call    say
        .globl  quiet
quiet:  movl    resume_esp, %esp
        jmp     *resume

        .section .rodata
text_vector: .asciz "vm: vector "
text_error: .asciz " error "
text_over: .asciz "vm: nothing stopped me\n"
        .globl  newline
text_none: .asciz "vm: no such case\n"
newline: .asciz "\n"
digits: .ascii  "0123456789abcdef"

        .data
        .balign 8
        .globl  gdt, gdt_pointer, idt_pointer
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff
        .quad   0x00cffa000000ffff      # code for ring 3
        .quad   0x00cff2000000ffff      # data for ring 3
        .quad   0xffcf92d00000ffff      # data that begin at 0xffd00000
        .quad   0x00cf96000000ffff      # data that expand down
        .quad   0x00cf92010000ffff      # data from 0x10000 on, 4 GiB
        .quad   0x0000890000000067      # a TSS
        .quad   0x00cf12000000ffff      # data that are not present
gdt_end:
gdt_pointer:
        .word   gdt_end - gdt - 1
        .long   gdt
idt_pointer:
        .word   0x7ff
        .long   idt

        .bss
        .balign 4096
        .globl  idt, directory, table, spare
directory: .space 4096
table:  .space  4096
spare:  .space  4096
idt:    .space  2048
        .globl  resume, resume_esp, mute
mute:   .space  4                       # not 0: say nothing of vectors
resume: .space  4
resume_esp: .space 4
        .space  8192
stack_top:

        .section .note.GNU-stack, "", @progbits
