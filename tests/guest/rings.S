/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which stack a handler gets: none of its own in the same ring and in a conforming segment, that of
 * the TSS in an inner ring.  SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures"
 */
#include "runtime.h"

#define VECTOR 0x40

/* A software interrupt, a fault without and one with an error code. */
.macro CAUSES ring, text
    TRY "\text: int"
    RING \ring
    int $VECTOR
    END_TRY
    TRY "\text: #UD"
    RING \ring
    ud2
    END_TRY
    TRY "\text: #GP"
    RING \ring
    hlt
    END_TRY
.endm

.macro GATES selector, access
    GATE VECTOR, STUB(VECTOR), \selector, \access
    GATE 6, STUB(6), \selector, \access
    GATE 13, STUB(13), \selector, \access
.endm

    .text
    .globl test_main
test_main:
    TRY "0 to 0: int"
    int $VECTOR
    END_TRY
    TRY "0 to 0: int, with things on the stack"
    pushl $1
    pushl $2
    int $VECTOR
    END_TRY
    CAUSES 3, "3 to 0"
    CAUSES 1, "1 to 0"

    GATES RING1_CODE, (GATE_INTERRUPT | DPL(3))
    CAUSES 3, "3 to 1"
    CAUSES 1, "1 to 1"
    TRY "0 to 1 is refused: int"
    int $VECTOR
    END_TRY

    GATES USER_CODE, (GATE_INTERRUPT | DPL(3))
    CAUSES 3, "3 to 3"
    TRY "1 to 3 is refused: int"
    RING 1
    int $VECTOR
    END_TRY

    GATES CONFORMING, (GATE_INTERRUPT | DPL(3))
    CAUSES 3, "3 to conforming"
    CAUSES 1, "1 to conforming"
    TRY "0 to conforming: int"
    int $VECTOR
    END_TRY

    DESCRIPTOR SPARE_0, 0, 0xfffff, (CODE_CONFORMING | DPL(1) | BIG | PAGES)
    GATES SPARE_0, (GATE_INTERRUPT | DPL(3))
    CAUSES 3, "3 to conforming of ring 1"
    TRY "0 to conforming of ring 1 is refused: int"
    int $VECTOR
    END_TRY

    GATES (KERNEL_CODE | 3), (GATE_INTERRUPT | DPL(3))
    CAUSES 3, "3 to 0, the gate's RPL is ignored"

    GATES LDT_CODE, (GATE_INTERRUPT | DPL(3))
    CAUSES 3, "3 to 0 in the LDT"
    ret
