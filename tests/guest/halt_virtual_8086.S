/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An iret with VM: this machine says that it has no virtual-8086 mode.
 */
#include "runtime.h"

    .text
    .globl test_main
test_main:
    SAY "into virtual-8086 mode\n"
    pushl $0
    pushl $0
    pushl $0
    pushl $0
    pushl $0
    pushl $0x1000
    pushl $FLAG_FIXED | FLAG_VM
    pushl $0
    pushl $0x7c00
    iretl
