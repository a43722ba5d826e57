/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fault in ring 3, and a TSS without a stack for ring 0: #TS, then a double fault, then nothing.
 */
#include "runtime.h"

    .text
    .globl test_main
test_main:
    SAY "about to lose SS0\n"
    movw $0, tss_main + TSS_SS0
    RING 3
    ud2
