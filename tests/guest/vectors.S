/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All 256 vectors by `int n`, from ring 0 (same stack) and from ring 3 (stack of the TSS): no error
 * code, whatever the vector, and EIP behind the instruction.
 */
#include "runtime.h"

    .text
    .globl test_main
test_main:
    SAY "ring 0\n"
    vector = 0
    .rept ESCALATE_VECTOR - 1
    TRY "int"
    int $vector
    END_TRY
    vector = vector + 1
    .endr
    SAY "ring 3\n"
    vector = 0
    .rept ESCALATE_VECTOR - 1
    TRY "int"
    RING 3
    int $vector
    END_TRY
    vector = vector + 1
    .endr
    ret
