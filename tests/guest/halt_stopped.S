/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine that halts with interrupts off has ended.
 */
#include "runtime.h"

    .text
    .globl test_main
test_main:
    SAY "good night\n"
    cli
    hlt
    SAY "this is not reached\n"
    ret
