/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the user program that C cannot say. */
#include "worlds/layout.h"

        .text

/* Entry    ring 3, a stack, EAX the process's letter, as the builder set it. */
        .globl  user_entry
user_entry:
        pushl   %eax
        call    user_main
        movl    $WS_CALL_EXIT, %eax
        int     $WS_VECTOR_SYSTEM_CALL

/* uint32_t system_call_make(uint32_t number, uint32_t argument); */
        .globl  system_call_make
system_call_make:
        pushl   %ebx
        movl    8(%esp), %eax
        movl    12(%esp), %ebx
        int     $WS_VECTOR_SYSTEM_CALL
        popl    %ebx
        ret

/* uint32_t yield_with_registers(uint32_t seed); */
        .globl  yield_with_registers
yield_with_registers:
        pushal
        movl    36(%esp), %ebx          # seed: 32 bytes of pushal and the return address are below it
        leal    1(%ebx), %ecx
        leal    2(%ebx), %edx
        leal    3(%ebx), %esi
        leal    4(%ebx), %edi
        leal    5(%ebx), %ebp
        movl    $WS_CALL_YIELD, %eax
        int     $WS_VECTOR_SYSTEM_CALL

        xorl    %eax, %eax              # how many are wrong
        cmpl    36(%esp), %ebx
        je      1f
        incl    %eax
1:      movl    36(%esp), %ebx
        .irp    register, %ecx, %edx, %esi, %edi, %ebp
        incl    %ebx
        cmpl    \register, %ebx
        je      1f
        incl    %eax
1:
        .endr
        movl    %eax, 28(%esp)          # EAX among what popal restores
        popal
        ret
