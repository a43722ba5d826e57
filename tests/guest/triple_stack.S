/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring-0 stack in a page that is not there: the page fault, the double fault and the machine have
 * nowhere to go.
 */
#include "runtime.h"

    .text
    .globl test_main
test_main:
    call paging_on
    TEST_PTE 0, 0
    SAY "about to lose the stack\n"
    movl $TEST_LINEAR + PAGE_BYTES, %esp
    pushl $0
    SAY "this is not reached\n"
    ret
