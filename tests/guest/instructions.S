/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that kernels use and that an emulator gets wrong more easily than others: results and
 * those flags that the manual defines.
 */
#include "runtime.h"
#include "instructions.h"

    .text
    .globl test_main
test_main:
    WITH 1
    cpuid
    andl $1 << 6 | 1 << 11, %edx /* PAE, sysenter */
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    SHOW "cpuid, not here"
    call bits
    call exchanges
    call decimal
    call shifts
    call arithmetic
    ret

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

    .section .rodata
table: .byte 9, 8, 7, 6, 5

    .data
    .balign 4
    .long 0
data: .long 0, 0
