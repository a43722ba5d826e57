/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine without a timer that halts with interrupts on sleeps for good.
 */
#include "runtime.h"

    .text
    .globl test_main
test_main:
    SAY "good night\n"
    sti
    hlt
    SAY "this is not reached\n"
    ret
