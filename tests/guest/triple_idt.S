/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An IDT without entries: any vector is a triple fault, and the machine is reset.
 */
#include "runtime.h"

    .text
    .globl test_main
test_main:
    SAY "about to lose the IDT\n"
    lidt no_idt
    int3
    SAY "this is not reached\n"
    ret

    .data
no_idt: .word 0
    .long 0
