/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where operands are: stacks, 16-bit addresses, code and stacks of 16 bits, strings; and what says
 * how the machine is set.
 */
#include "runtime.h"
#include "instructions.h"

    .text
    .globl test_main
test_main:
    call stacks
    call narrow
    call strings
    jmp system

stacks:
    movl %esp, %esi
    movl $0x1000, %ebp
    enter $16, $0
    WITH
    movl %esi, %eax
    subl %esp, %eax
    movl %esi, %ebx
    subl %ebp, %ebx
    leave
    movl %ebp, %ecx
    movl %esi, %edx
    subl %esp, %edx
    SHOW "enter, leave"
    pushl $0x33
    pushl $0x22
    movl %esp, %ebp
    addl $8, %ebp
    enter $8, $3
    WITH
    movl %esi, %eax
    subl %esp, %eax
    movl -4(%ebp), %ebx
    movl -8(%ebp), %ecx
    movl -12(%ebp), %edx
    subl %ebp, %edx
    movl %esi, %esp
    SHOW "enter of level 3"
    WITH
    pushl $-2
    popl %eax
    pushw $-2
    movl %esi, %ebx
    subl %esp, %ebx
    popw %cx
    SHOW "push of immediates"
    WITH 0x11111111, 0x22222222, 0x33333333, 0x44444444
    pushaw
    xorl %eax, %eax
    xorl %ebx, %ebx
    popaw
    SHOW "pushaw, popaw"
    WITH
    pushl %esp
    popl %eax
    subl %esp, %eax
    pushl $0x77
    pushl $0x88
    popl 0(%esp)     /* the address is that behind the pop */
    popl %ebx
    SHOW "push esp, pop to the stack"
    WITH 0xffff1234
    movl %eax, %fs:data
    pushw %ds
    popw data
    movl data, %ebx
    pushl %ds
    popl %ecx
    andl $0xffff, %ecx
    SHOW "push ds"
    WITH
    pushl $0x10
    pushl $0x20
    pushl $0x30
    call 1f
    jmp 2f
1:  ret $8
2:  popl %eax
    SHOW "ret 8"
    movl %esi, %esp
    ret

/* 16 bits: addresses, code, and a stack that wraps. */
narrow:
    WITH 0, 0, 0x00010001
1:  incl %eax
    addr16 loop 1b
    SHOW "addr16 loop uses CX"
    WITH 0, 0, 0xffff0000
    addr16 jecxz 2f
    incl %eax
2:  SHOW "jcxz uses CX"
    DESCRIPTOR SPARE_0, data_page, 0xffff, DATA_WRITABLE
    movl $SPARE_0, %eax
    movl %eax, %fs
    movl $0x12345678, data_page + 0x10
    WITH 0, 0xffff8000, 0, 0
    movl $0x7ffe, %esi
    addr16 movl %fs:0x12(%bx, %si), %eax
    SHOW "16-bit address wraps"
    addr16 leal 0x12(%bx, %si), %eax
    SHOW "lea of a 16-bit address"
    DESCRIPTOR SPARE_1, code_16, 0xffff, CODE_READABLE
    WITH 0x11110001, 0x22220002, 5
    lcall $SPARE_1, $0
    SHOW "16-bit code", ZF|SF|CF|OF
    WITH
    movl %esp, %ebp
    movl %ss, %edx
    movl $SPARE_0, %ebx
    cli
    movl %ebx, %ss
    movl $0x00030000, %esp
    pushl $0x5a5a1234
    movl %esp, %eax
    popl %ecx
    movl %edx, %ss
    movl %ebp, %esp
    movl data_page + 0xfffc, %ebx
    SHOW "16-bit stack wraps"
    movl $USER_DATA, %eax
    movl %eax, %fs
    ret

strings:
    cld
    movl $text, %esi
    movl $text + 4, %edi
    WITH 0, 0, 6
    movl $text, %esi
    movl $copy, %edi
    rep movsb
    WITH
    movl copy, %eax
    movl copy + 4, %ebx
    SHOW "rep movsb"
    WITH 0, 0, 8
    movl $text + 7, %esi
    movl $copy + 7, %edi
    std
    rep movsb
    cld
    movl copy, %eax
    movl copy + 4, %ebx
    SHOW "rep movsb, backwards"
    WITH 0, 0, 7
    movl $copy, %esi
    movl $copy + 1, %edi
    rep movsb
    movl copy, %eax
    movl copy + 4, %ebx
    SHOW "rep movsb onto itself"
    WITH 0x65, 0, 8
    movl $text, %edi
    repne scasb
    SHOW "repne scasb", ZF
    WITH 0, 0, 8
    movl $text, %esi
    movl $copy, %edi
    repe cmpsb
    SHOW "repe cmpsb", ZF|CF
    WITH 0x41424344, 0, 2
    movl $copy, %edi
    rep stosw
    movl copy, %ebx
    SHOW "rep stosw"
    WITH 0, 0, 0
    movl $copy, %edi
    cmpl $1, %ecx
    repe cmpsb
    SHOW "repe cmpsb of nothing keeps flags", ARITHMETIC
    movl $text, %esi
    WITH
    lodsw
    xchgl %eax, %ebx
    lodsb
    SHOW "lods"
    ret

system:
    WITH
    smsww %ax
    andl $0xffff, %eax
    sldtl %ebx
    strl %ecx
    SHOW "smsw, sldt, str"
    sgdt copy
    WITH
    movzwl copy, %eax
    movl copy + 2, %ebx
    subl $gdt, %ebx
    SHOW "sgdt"
    WITH 1
    cpuid
    andl $1 << 0 | 1 << 4 | 1 << 8 | 1 << 15, %edx /* FPU, TSC, cmpxchg8b, cmov */
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    SHOW "cpuid: features"
    WITH
    wbinvd
    invd
    clts
    SHOW "wbinvd, invd, clts"
    ret

    .code16
code_16:
    addw %bx, %ax
    addl %ebx, %ebx
1:  incw %dx
    loop 1b
    cmpw $3, %ax
    .byte 0x66
    lretw
    .code32

    .data
    .balign 4
data: .long 0
text: .ascii "abcdefgh"
copy: .skip 16
    .balign 4096
data_page: .skip 0x10004
