/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel threads that know nothing of each other: the timer's handler keeps ESP of the one that it has interrupted, and
 * returns by iret from the frame of the next one.  A new thread's first instruction happens to stand behind that iret.
 */
#include "kernel.h"

enum { THREADS = 3, BOOT = THREADS, STACK = 1024, TICK_CYCLES = 20, TICKS = 13 };

void timer_entry(void);
void body(void);
void kmain(void);

__asm__(".text; .globl timer_entry, body\n"
        "timer_entry: pushal\n"
        "        movb $0x20, %al; outb %al, $0x20\n"
        "        movl now, %eax; movl %esp, esps(, %eax, 4)\n"
        "        incl %eax; cmpl $3, %eax; jb 1f; xorl %eax, %eax\n"
        "1:      movl %eax, now; movl esps(, %eax, 4), %esp; incl ticks\n"
        "        popal; iret\n"
        "body:   cmpl $13, ticks; jb body\n"
        "        cli; jmp done\n");

/* Not beside the stacks: what keeps a stack pointer must stand apart from them. */
uint32_t esps[THREADS + 1] = {1};
uint32_t now = BOOT, ticks;
static uint8_t stack[THREADS][STACK] __attribute__((aligned(16)));

__attribute__((used)) static void done(void)
{
    for (int i = 0; i < TICKS; i++)
        truth_tell(THREAD, i ? (i - 1) % THREADS : BOOT, i % THREADS);
    say('.');
    leave(0);
}

void kmain(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        uint32_t *top = (uint32_t *)(stack[i] + STACK);
        *--top = 0x202; /* EFLAGS: interrupts are on */
        *--top = CODE;
        *--top = (uint32_t)body;
        esps[i] = (uint32_t)(top - 8);
    }
    gate_set(32, timer_entry, 0);
    idt_load();
    timer_begin(TICK_CYCLES);
    __asm__ volatile("sti");
    for (;;)
        __asm__ volatile("hlt");
}
