/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads with tiny stacks, each in one piece with its thread's control block: where ESP is kept lies beside one stack
 * and in front of another, and the ESP of one thread is as near to the stack of its neighbour as to its own.  A thread
 * is begun by a jump, and goes on by a return.
 *
 * And what looks like a switch: a thread moves to another stack for good, and keeps no ESP of the old one.
 */
#include "kernel.h"

enum { THREADS = 5, STACK = 192, ROUNDS = 4, MOVES = 3 };

struct thread {
    uint32_t esp, begin; /* begin: its function, until it has begun */
    uint8_t stack[STACK];
};

void swtch(struct thread *left, struct thread *entered);
void stack_change(void *top, void (*function)(void));
void kmain(void);

__asm__(".text; .globl swtch, stack_change\n"
        "swtch:  movl 4(%esp), %eax; movl 8(%esp), %edx\n"
        "        pushl %ebx; pushl %esi; pushl %edi; pushl %ebp\n"
        "        movl %esp, (%eax); movl (%edx), %esp\n"
        "        xorl %ecx, %ecx; xchgl %ecx, 4(%edx); testl %ecx, %ecx; jz 1f\n"
        "        jmp *%ecx\n"
        "1:      popl %ebp; popl %edi; popl %esi; popl %ebx\n"
        "        ret\n"
        /* The function begins on the new stack, by a return.  Nobody comes back. */
        "stack_change: movl 8(%esp), %ecx; movl 4(%esp), %esp; pushl $0; pushl %ecx\n"
        "        ret\n");

static struct thread thread[THREADS];
static uint8_t other_stack[STACK] __attribute__((aligned(16)));
static unsigned now;

static void yield(void)
{
    unsigned left = now;
    now = (now + 1) % THREADS;
    truth_tell(THREAD, (int)left, (int)now);
    swtch(&thread[left], &thread[now]);
}

static void work(void)
{
    for (;;) {
        say((char)('a' + now));
        yield();
    }
}

static void work_and_move(void)
{
    say((char)('A' + now));
    yield();
    stack_change(other_stack + sizeof other_stack, work);
}

void kmain(void)
{
    for (unsigned i = 1; i < THREADS; i++) {
        uint32_t *top = (uint32_t *)(thread[i].stack + STACK);
        *--top = 0;
        thread[i].esp = (uint32_t)top;
        thread[i].begin = (uint32_t)(i == MOVES ? work_and_move : work);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        say('-');
        yield();
    }
    say('.');
}
