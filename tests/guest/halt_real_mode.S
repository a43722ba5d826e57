/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CR0.PE cleared: this machine says that it has no real mode.
 */
#include "runtime.h"

    .text
    .globl test_main
test_main:
    SAY "leaving protected mode\n"
    CONTROL_CLEAR cr0, 1
    SAY "this is not reached\n"
    ret
