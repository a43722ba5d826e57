/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that a loader takes for Linux: it looks at what it was told, and says it on the serial port.
 */
#include "bzimage.h"

#define CMD_LINE_PTR  0x228
#define RAMDISK_IMAGE 0x218
#define RAMDISK_SIZE  0x21c
#define TYPE_OF_LOADER 0x210
#define COM1          0x3f8

/* SAY "text": send it.  Clobbers EAX and EDX. */
.macro SAY text
    pushl $9f
    call say
    jmp 8f
9:  .asciz "\text"
8:
.endm

    .section .text, "ax"
    .code32
code32:
    movl $stack_top, %esp
    pushfl
    pushl %edi
    pushl %ebp
    pushl %ebx

    SAY "cs "
    movl %cs, %eax
    call say_number
    SAY ", ds "
    movl %ds, %eax
    call say_number
    SAY ", es "
    movl %es, %eax
    call say_number
    SAY ", ss "
    movl %ss, %eax
    call say_number
    SAY "\nebx "
    popl %eax
    call say_number
    SAY ", ebp "
    popl %eax
    call say_number
    SAY ", edi "
    popl %eax
    call say_number
    SAY ", IF "
    popl %eax
    andl $0x200, %eax
    call say_number
    SAY ", paging "
    movl %cr0, %eax
    andl $0x80000000, %eax
    call say_number

    movl $BOOT_DS, %eax     /* the GDT has these descriptors, too */
    movl %eax, %ds
    movl %eax, %ss
    ljmp $BOOT_CS, $1f
1:  SAY "\nheader "
    movl 0x202(%esi), %eax
    call say_number
    cmpb $0, TYPE_OF_LOADER(%esi)
    je 1f
    SAY ", a loader"
1:  SAY "\ncommand line: "
    pushl CMD_LINE_PTR(%esi)
    call say

    SAY "\ninitial RAM disk: "
    movl RAMDISK_SIZE(%esi), %eax
    call say_number
    SAY " bytes, in its page at "
    movl RAMDISK_IMAGE(%esi), %eax
    andl $0xfff, %eax
    call say_number
    SAY ": "
    movl RAMDISK_IMAGE(%esi), %edi
    movl RAMDISK_SIZE(%esi), %ecx
    testl %ecx, %ecx
    jz 2f
1:  movb (%edi), %al
    call say_byte
    incl %edi
    decl %ecx
    jnz 1b

2:  SAY "\nmemory:"
    leal E820_TABLE(%esi), %edi
    movzbl E820_ENTRIES(%esi), %ecx
    testl %ecx, %ecx
    jz 2f
1:  SAY "\n  "
    movl 4(%edi), %eax
    call say_number
    SAY " "
    movl (%edi), %eax
    call say_number
    SAY ", bytes "
    movl 12(%edi), %eax
    call say_number
    SAY " "
    movl 8(%edi), %eax
    call say_number
    SAY ", kind "
    movl 16(%edi), %eax
    call say_number
    addl $E820_BYTES, %edi
    decl %ecx
    jnz 1b
2:  SAY "\n"
    movb $EXIT_PASSED, %al
    outb %al, $DEBUG_EXIT
3:  hlt
    jmp 3b

/* Send the byte in AL.  Clobbers EDX. */
say_byte:
    movb %al, %ah
    movw $COM1 + 5, %dx
1:  inb %dx, %al
    testb $0x20, %al
    jz 1b
    movw $COM1, %dx
    movb %ah, %al
    outb %al, %dx
    ret

/* Send the string on the stack, and take it off.  Clobbers EAX and EDX. */
say:
    pushl %edi
    movl 8(%esp), %edi
1:  movb (%edi), %al
    testb %al, %al
    jz 2f
    call say_byte
    incl %edi
    jmp 1b
2:  popl %edi
    ret $4

/* Send EAX in hexadecimal.  Clobbers EAX and EDX. */
say_number:
    pushl %ecx
    pushl %ebx
    movl %eax, %ebx
    movl $8, %ecx
1:  roll $4, %ebx
    movb %bl, %al
    andb $15, %al
    cmpb $10, %al
    jb 2f
    addb $'a' - '0' - 10, %al
2:  addb $'0', %al
    call say_byte
    decl %ecx
    jnz 1b
    popl %ebx
    popl %ecx
    ret

    .balign 16
    .skip 1024
stack_top:
code32_end:
