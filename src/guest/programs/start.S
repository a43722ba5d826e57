/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a program that C cannot say. */
#include "guest/host/calls.h"
#include "guest/host/numbers.h"

        .text

/* Entry    ring 3, an empty stack, EAX the number that CALL_START was told, all other registers 0: as process_new()
 *          made them. */
        .globl  user_entry
user_entry:
        movl    %eax, user_number
        call    user_main
        movl    $CALL_EXIT, %eax
        xorl    %ebx, %ebx
        int     $VECTOR_CALL

/*
 *     int32_t system_call(uint32_t number, uint32_t one, uint32_t two, uint32_t three);
 *
 * Entry    ring 3.  Exit the same, EAX the result; nothing else is clobbered but what C expects.
 */
        .globl  system_call
system_call:
        pushl   %ebx
        movl    8(%esp), %eax
        movl    12(%esp), %ebx
        movl    16(%esp), %ecx
        movl    20(%esp), %edx
        int     $VECTOR_CALL
        popl    %ebx
        ret

        .bss
        .balign 4
        .globl  user_number
user_number:
        .space  4
