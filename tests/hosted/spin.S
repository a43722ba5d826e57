/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel for a virtual machine that never ends by itself: it computes, and says now and then that it is there.
 */
#include "../guest/runtime.h"

#define ROUNDS 1000000

    .text
    .globl test_main
test_main:
    SAY "spins\n"
    sti             # the VMM ends a kernel that goes on and on without hearing of interrupts
1:  movl $ROUNDS, %ecx
2:  decl %ecx
    jnz 2b
    SAY "still spins\n"
    jmp 1b
