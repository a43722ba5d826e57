/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A vector through a task gate: this machine says that it has none.
 */
#include "runtime.h"

    .text
    .globl test_main
test_main:
    GATE 0x40, 0, TSS_OTHER, GATE_TASK
    SAY "through a task gate\n"
    int $0x40
    SAY "this is not reached\n"
    ret
