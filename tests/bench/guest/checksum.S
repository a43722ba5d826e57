/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32 of 64 KiB, 16 times, bit by bit: 53 instructions a byte without a branch, as an unrolling compiler writes
 * it. */
#include "guest.h"

#define BYTES 65536

    BEGIN
    movl $16, %ebp
    MARK 'B
again:
    movl $-1, %eax
    movl $data, %esi
    movl $BYTES, %ecx
1:  movzbl (%esi), %edx
    incl %esi
    xorl %edx, %eax
    .rept 8
    movl %eax, %edx
    andl $1, %edx
    negl %edx
    shrl $1, %eax
    andl $0xedb88320, %edx
    xorl %edx, %eax
    .endr
    decl %ecx
    jnz 1b
    decl %ebp
    jnz again
    END
    .bss
    .balign 4096
data: .skip BYTES
