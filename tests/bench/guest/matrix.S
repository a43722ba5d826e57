/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A product of two 64 by 64 matrices of integers, 20 times.  The inner loop has 7 instructions, as compilers write
 * it. */
#include "guest.h"

#define SIZE 64

    BEGIN
    movl $20, times
    MARK 'B
product:
    movl $a, %esi
    movl $c, %ebp
row:
    movl $b, %edi
column:
    pushl %esi
    pushl %edi
    xorl %ebx, %ebx
    movl $SIZE, %ecx
1:  movl (%esi), %eax
    imull (%edi), %eax
    addl $4, %esi
    addl $4 * SIZE, %edi
    addl %eax, %ebx
    decl %ecx
    jnz 1b
    popl %edi
    popl %esi
    movl %ebx, (%ebp)
    addl $4, %ebp
    addl $4, %edi
    cmpl $b + 4 * SIZE, %edi
    jne column
    addl $4 * SIZE, %esi
    cmpl $a + 4 * SIZE * SIZE, %esi
    jne row
    decl times
    jnz product
    END
    .bss
    .balign 4096
times: .skip 4
a:     .skip 4 * SIZE * SIZE
b:     .skip 4 * SIZE * SIZE
c:     .skip 4 * SIZE * SIZE
