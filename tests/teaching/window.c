/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A switch with a window: with interrupts on, it loads CR3 first and ESP then, and each process has its kernel stack at
 * the same linear address.  An interrupt in between writes its frame into the stack of the process that is entered,
 * where ESP of the left one happens to point.
 */
#include "kernel.h"

enum { PROCESSES = 2, STACK_LINEAR = 0x003f0000, TABLE = 1024, TURNS = 8 };

void swtch(uint32_t *left, uint32_t *entered, uint32_t cr3);
void timer_entry(void);
void body(void);
void body_begin(void);
void kmain(void);

__asm__(".text; .globl swtch, window\n"
        "swtch: movl 4(%esp), %eax; movl 8(%esp), %ecx; movl 12(%esp), %edx\n"
        "        pushfl; pushl %ebp; pushl %ebx; pushl %esi; pushl %edi; movl %esp, (%eax)\n"
        "        movl %edx, %cr3\n"
        "window: movl (%ecx), %esp\n"
        "        popl %edi; popl %esi; popl %ebx; popl %ebp; popfl; ret\n"
        "timer_entry: pushl %eax; movb $0x20, %al; outb %al, $0x20; popl %eax; iret\n"
        "body_begin: sti; jmp body\n");

static uint32_t directory[PROCESSES][1024] __attribute__((aligned(PAGE)));
static uint32_t table[PROCESSES][1024] __attribute__((aligned(PAGE)));
static uint8_t stack[PROCESSES][PAGE] __attribute__((aligned(PAGE)));
static uint32_t esp[PROCESSES];
static volatile unsigned now, turns;

void body(void)
{
    for (;;) {
        unsigned left = now, next = !left;
        if (++turns > TURNS) {
            say('.');
            leave(0);
        }
        now = next;
        truth_tell(CONTEXT, (int)left, (int)next);
        swtch(&esp[left], &esp[next], (uint32_t)directory[next]);
    }
}

void kmain(void)
{
    for (unsigned of = 0; of < PROCESSES; of++) {
        for (uint32_t i = 0; i < TABLE; i++)
            table[of][i] = i << 12 | PRESENT | WRITABLE;
        table[of][STACK_LINEAR >> 12] = (uint32_t)stack[of] | PRESENT | WRITABLE;
        directory[of][0] = (uint32_t)table[of] | PRESENT | WRITABLE;
    }
    uint32_t *top = (uint32_t *)(stack[1] + PAGE - 64); /* higher than the other one will be */
    *--top = 0;
    *--top = (uint32_t)body_begin;
    *--top = 2; /* EFLAGS */
    top -= 4;
    esp[1] = STACK_LINEAR + ((uint32_t)top & (PAGE - 1));
    outb(0x21, 0xff); /* no timer: interrupts come from those who try */
    gate_set(32, timer_entry, 0);
    idt_load();
    paging_on((uint32_t)directory[0]);
    __asm__ volatile("movl %0, %%esp; sti; jmp body" ::"r"(STACK_LINEAR + PAGE - 1024));
}
