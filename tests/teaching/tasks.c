/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks of the hardware: a far jump to the selector of a TSS switches all at once.  Two share an address space, and one
 * has its own.
 */
#include "kernel.h"

enum { OTHERS = 3, STACK = 1024, MAIN = 0, APART = 3 };

void task_switch_1(void);
void task_switch_2(void);
void task_switch_3(void);
void task_switch_main(void);
void kmain(void);

/* Each has the selector in its code, as the instruction has it. */
__asm__(".text; .globl task_switch_main, task_switch_1, task_switch_2, task_switch_3\n"
        "task_switch_main: ljmp $0x28, $0; ret\n"
        "task_switch_1: ljmp $0x30, $0; ret\n"
        "task_switch_2: ljmp $0x38, $0; ret\n"
        "task_switch_3: ljmp $0x40, $0; ret\n");

static uint32_t tss[1 + OTHERS][TSS_BYTES / 4];
static uint8_t stack[OTHERS][STACK] __attribute__((aligned(16)));
static uint32_t directory[2][1024] __attribute__((aligned(PAGE)));

/* Threads share a directory; a process has its own, and then processes are meant: 0 is the first directory's. */
static void tell(int from, int to)
{
    if (from == APART || to == APART)
        truth_tell(CONTEXT, from == APART, to == APART);
    else
        truth_tell(THREAD, from, to);
}

static void first(void)
{
    for (;;) {
        say('a');
        tell(1, 2);
        task_switch_2();
    }
}

static void second(void)
{
    for (;;) {
        say('b');
        tell(2, MAIN);
        task_switch_main();
    }
}

static void third(void)
{
    for (;;) {
        say('c');
        tell(APART, MAIN);
        task_switch_main();
    }
}

static void task_begin(unsigned number, void (*body)(void), const uint32_t *cr3)
{
    uint32_t *task = tss[number];
    task[7] = (uint32_t)cr3;
    task[8] = (uint32_t)body;
    task[9] = 2; /* EFLAGS */
    task[14] = (uint32_t)(stack[number - 1] + STACK);
    task[18] = task[20] = task[21] = DATA; /* ES, SS, DS */
    task[19] = CODE;
    task_set(number, task);
}

void kmain(void)
{
    directory[0][0] = directory[1][0] = PRESENT | WRITABLE | BIG;
    directory[1][1] = 0x00800000 | USER | PRESENT | WRITABLE | BIG;
    tss[MAIN][7] = (uint32_t)directory[0];
    task_set(MAIN, tss[MAIN]);
    __asm__ volatile("ltr %w0" ::"r"(TASKS));
    paging_on((uint32_t)directory[0]);
    task_begin(1, first, directory[0]);
    task_begin(2, second, directory[0]);
    task_begin(3, third, directory[1]);
    for (unsigned i = 0; i < 4; i++) {
        say('m');
        tell(MAIN, 1);
        task_switch_1();
        tell(MAIN, APART);
        task_switch_3();
    }
    say('.');
}
