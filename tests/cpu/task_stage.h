/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stage with a second task behind a task gate.  The task has its own address space, stack and registers.
 */
#ifndef TESTS_CPU_TASK_STAGE_H
#define TESTS_CPU_TASK_STAGE_H

#include "cpu/stage.h"

enum {
    TASK_TSS = 0x7000,
    TASK_DIRECTORY = 0xd000,
    TASK_STACK = 0xf000,
    TASK_EIP = HANDLERS + 16 * 0xf0, /* jmp . */
    TASK_ESI = 0x5a5a1234
};

/* Offsets of fields in a TSS.  SDM 3A §7.2.1 "Task-State Segment (TSS)" */
enum { TSS_CR3 = 28, TSS_EIP = 32, TSS_EFLAGS = 36, TSS_ESP = 56, TSS_ESI = 64, TSS_ES = 72 };

static inline void task_put(struct ws_machine *machine)
{
    static const uint32_t segments[] = {KERNEL_DATA, KERNEL_CODE, KERNEL_DATA, KERNEL_DATA, 0, 0};
    const struct ws_descriptor tss = {
        .base = TASK_TSS, .limit = 0x67, .type = WS_TYPE_TSS32, .system = true, .present = true};
    struct ws_gate gate = gate_plain(VECTOR);
    gate.type = WS_TYPE_TASK_GATE;
    gate.selector = SPARE;
    descriptor_put(machine, SPARE, &tss);
    gate_put(machine, VECTOR, &gate);
    word_put(machine, TASK_DIRECTORY, TABLE | WS_PTE_P | WS_PTE_RW | WS_PTE_US);
    word_put(machine, TASK_TSS + TSS_CR3, TASK_DIRECTORY);
    word_put(machine, TASK_TSS + TSS_EIP, TASK_EIP);
    word_put(machine, TASK_TSS + TSS_EFLAGS, WS_EFLAGS_FIXED);
    word_put(machine, TASK_TSS + TSS_ESP, TASK_STACK);
    word_put(machine, TASK_TSS + TSS_ESI, TASK_ESI);
    for (unsigned i = 0; i < 6; i++)
        word_put(machine, TASK_TSS + TSS_ES + 4 * i, segments[i]);
}

#endif
