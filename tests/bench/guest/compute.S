/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic and memory accesses, and nothing else: 30 million instructions. */
#include "guest.h"

    BEGIN
    movl $cell, %edi
    movl $5000000, %ecx
    MARK 'B
1:  addl %ecx, %eax
    xorl %edx, %eax
    movl %eax, (%edi)
    addl (%edi), %edx
    decl %ecx
    jnz 1b
    END
    .bss
    .balign 4096
cell: .skip 4
