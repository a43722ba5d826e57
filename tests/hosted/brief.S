/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel for a virtual machine that computes a while, a few of the host's ticks, and ends by itself.
 */
#include "../guest/runtime.h"

#define ROUNDS 1000000

    .text
    .globl test_main
test_main:
    SAY "begins\n"
    movl $ROUNDS, %ecx
1:  decl %ecx
    jnz 1b
    SAY "ends\n"
    ret
