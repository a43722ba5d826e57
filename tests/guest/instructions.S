/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that kernels use and that an emulator gets wrong more easily than others: results and
 * those flags that the manual defines.
 */
#include "runtime.h"

#define CF 0x001
#define PF 0x004
#define AF 0x010
#define ZF 0x040
#define SF 0x080
#define OF 0x800
#define ARITHMETIC (CF|PF|AF|ZF|SF|OF)

/* Registers of a case, and no arithmetic flag. */
.macro WITH a=0, b=0, c=0, d=0
    pushl $FLAG_FIXED
    popfl
    movl $(\a), %eax
    movl $(\b), %ebx
    movl $(\c), %ecx
    movl $(\d), %edx
.endm

/* What came of it; of the flags those in `mask`. */
.macro SHOW name, mask=0
    pushfl
    pushal
    SAY "\name: "
    SAY_HEX "eax ", 28(%esp)
    SAY_HEX " ebx ", 16(%esp)
    SAY_HEX " ecx ", 24(%esp)
    SAY_HEX " edx ", 20(%esp)
    movl 32(%esp), %eax
    andl $(\mask), %eax
    SAY_HEX " flags ", %eax
    SAY "\n"
    popal
    popfl
.endm

    .text
    .globl test_main
test_main:
    call bits
    call exchanges
    call decimal
    call shifts
    call arithmetic
    call stacks
    call narrow
    call strings
    jmp system

bits:
    movl $0x80000001, data
    movl $0x00000002, data + 4
    movl $0x40000000, data - 4
    WITH 33
    btl %eax, data
    SHOW "bt, bit 33 of memory", CF
    WITH -2
    btl %eax, data
    SHOW "bt, bit -2 of memory", CF
    WITH 33
    btl %eax, %eax
    SHOW "bt, bit 33 of a register", CF
    WITH 35
    btsl %eax, data
    movl data + 4, %ebx
    SHOW "bts, bit 35 of memory", CF
    WITH -2
    btrl %eax, data
    movl data - 4, %ebx
    SHOW "btr, bit -2 of memory", CF
    WITH 17
    btcw %ax, data
    movl data, %ebx
    SHOW "btc, bit 17 of words", CF
    btsl $35, data
    movl data, %ebx
    SHOW "bts, immediate 35", CF
    WITH 0x00801000, 0x5a5a5a5a
    bsfl %eax, %ebx
    SHOW "bsf", ZF
    bsrl %eax, %ebx
    SHOW "bsr", ZF
    WITH 0, 0x5a5a5a5a
    bsfl %eax, %ebx
    SHOW "bsf of zero", ZF
    WITH 0x12345678
    bswap %eax
    SHOW "bswap"
    ret

exchanges:
    movl $0x11111111, data
    WITH 0x11111111, 0x22222222
    cmpxchgl %ebx, data
    movl data, %ecx
    SHOW "cmpxchg, equal", ARITHMETIC
    WITH 0x11111111, 0x33333333
    lock cmpxchgl %ebx, data
    movl data, %ecx
    SHOW "cmpxchg, not equal", ARITHMETIC
    WITH 0x55, 0x66, 0x77
    cmpxchgb %bl, %cl
    SHOW "cmpxchg of bytes", ARITHMETIC
    WITH 0xffffffff
    lock xaddl %eax, data
    movl data, %ebx
    SHOW "xadd", ARITHMETIC
    WITH 5, 7
    xaddb %al, %bl
    SHOW "xadd of bytes", ARITHMETIC
    movl $1, data
    movl $2, data + 4
    WITH 1, 0x33, 0x44, 2
    cmpxchg8b data
    movl data, %ebx
    movl data + 4, %ecx
    SHOW "cmpxchg8b, equal", ZF
    WITH 1, 0x55, 0x66, 2
    lock cmpxchg8b data
    SHOW "cmpxchg8b, not equal", ZF
    WITH 0x77
    xchgl %eax, data
    movl data, %ebx
    SHOW "xchg with memory"
    movl $table, %ebx
    movl $3, %eax
    xlatb
    WITH 0, 0, 0, 0
    movl $table, %ebx
    movb $3, %al
    xlatb
    xorl %ebx, %ebx
    SHOW "xlat"
    ret

decimal:
    WITH 0x0000007b
    aam
    SHOW "aam", SF|ZF|PF
    WITH 0x00000907
    aad
    SHOW "aad", SF|ZF|PF
    WITH 0x00000907
    .byte 0xd5, 16
    SHOW "aad 16", SF|ZF|PF
    WITH 0x0000000b
    aaa
    SHOW "aaa", AF|CF
    WITH 0x00000103
    stc
    aas
    SHOW "aas without a borrow", AF|CF
    WITH 0x0000009b
    daa
    SHOW "daa", SF|ZF|AF|PF|CF
    WITH 0x00000047
    subb $0x28, %al
    das
    SHOW "das", SF|ZF|AF|PF|CF
    WITH
    stc
    .byte 0xd6
    SHOW "salc", CF
    ret

shifts:
    WITH 0x80000001, 0x12345678, 4
    shldl %cl, %ebx, %eax
    SHOW "shld", SF|ZF|PF|CF
    WITH 0x80000001, 0x12345678, 4
    shrdl %cl, %ebx, %eax
    SHOW "shrd", SF|ZF|PF|CF
    WITH 0x80000001, 0, 33
    stc
    rcll %cl, %eax
    SHOW "rcl by 33", CF|OF
    WITH 0x8001, 0, 17
    stc
    rcrw %cl, %ax
    SHOW "rcr of a word by 17 is by nothing", CF
    WITH 0x81, 0, 9
    stc
    rclb %cl, %al
    SHOW "rcl of a byte by 9 is by nothing", CF
    WITH 0x80000000, 0, 32
    stc
    shll %cl, %eax
    SHOW "shl by 32 is by nothing", ARITHMETIC
    WITH 0xc0000000
    shll $1, %eax
    SHOW "shl by 1", SF|ZF|PF|CF|OF
    WITH 0x80000000
    sarl $31, %eax
    SHOW "sar by 31", SF|ZF|PF|CF
    WITH 0x00000001
    rorl $1, %eax
    SHOW "ror by 1", CF|OF
    ret

arithmetic:
    WITH 0x00010000, 0x00010000
    imull %ebx, %eax
    SHOW "imul, too large", CF|OF
    WITH 0, 0xfffffffe
    imull $-3, %ebx, %eax
    SHOW "imul by an immediate", CF|OF
    WITH 0xffffffff, 0xffffffff
    mull %ebx
    SHOW "mul", CF|OF
    WITH 0xfffffff9, 2, 0, 0xffffffff
    idivl %ebx
    SHOW "idiv of -7"
    WITH 0x7fffffff
    stc
    incl %eax
    SHOW "inc keeps CF", ARITHMETIC
    WITH 0x80000000
    negl %eax
    SHOW "neg of the smallest", ARITHMETIC
    WITH 0xffffffff, 0
    stc
    adcl %ebx, %eax
    SHOW "adc", ARITHMETIC
    WITH 0, 0xffffffff
    stc
    sbbl %ebx, %eax
    SHOW "sbb", ARITHMETIC
    WITH 0x8000
    cwde
    cltd
    SHOW "cwde, cdq"
    WITH 0x0000ff80, 0x11111111
    movsbl %al, %ebx
    movzwl %ax, %ecx
    SHOW "movsx, movzx"
    WITH 1, 2, 3
    cmpl %ebx, %eax
    cmovl %ecx, %eax
    setl %dl
    SHOW "cmov, set"
    WITH 0x1008, 0x1003
    arpl %bx, %ax
    SHOW "arpl adjusts", ZF
    WITH 0x1003, 0x1000
    arpl %bx, %ax
    SHOW "arpl does not", ZF
    WITH 0x0000d700
    sahf
    lahf
    SHOW "sahf, lahf"
    ret

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
    WITH 'e, 0, 8
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

    .section .rodata
table: .byte 9, 8, 7, 6, 5

    .data
    .balign 4
    .long 0
data: .long 0, 0
text: .ascii "abcdefgh"
copy: .skip 16
    .balign 4096
data_page: .skip 0x10004
