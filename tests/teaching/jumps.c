/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that are switched by setjmp() and longjmp() of their own: what enters a thread is a jump, not a return.  A
 * new thread begins at its function, where nothing was ever left.  The scheduler is a thread that never returns.
 *
 * And what looks like a switch: longjmp() out of nested calls, on the same stack; jumps through a table.
 */
#include "kernel.h"

enum { THREADS = 4, STACK = 1024, SCHEDULER = THREADS, ROUNDS = 3 };

struct context {
    uint32_t ebx, esi, edi, ebp, esp, eip;
};

struct thread {
    struct context context;
    uint8_t ready;
};

uint32_t context_keep(struct context *context) __attribute__((returns_twice));
void context_jump(const struct context *context);
void kmain(void);

/* As setjmp() and longjmp() are in most libraries. */
__asm__(".text; .globl context_keep, context_jump\n"
        "context_keep: movl 4(%esp), %eax\n"
        "        movl %ebx, (%eax); movl %esi, 4(%eax); movl %edi, 8(%eax); movl %ebp, 12(%eax)\n"
        "        leal 4(%esp), %ecx; movl %ecx, 16(%eax); movl (%esp), %ecx; movl %ecx, 20(%eax)\n"
        "        xorl %eax, %eax; ret\n"
        "context_jump: movl 4(%esp), %edx; movl $1, %eax\n"
        "        movl (%edx), %ebx; movl 4(%edx), %esi; movl 8(%edx), %edi; movl 12(%edx), %ebp\n"
        "        movl 16(%edx), %esp; jmp *20(%edx)\n");

static struct thread thread[THREADS];
static struct context scheduler, way_out;
static uint8_t stack[THREADS][STACK] __attribute__((aligned(16)));
static unsigned now;
static volatile unsigned steps, outs;

static void yield(void)
{
    truth_tell(THREAD, (int)now, SCHEDULER);
    if (!context_keep(&thread[now].context))
        context_jump(&scheduler);
}

/* A switch() that the compiler makes a table of. */
static void step(unsigned what)
{
    static void *const table[] = {&&one, &&two, &&three};
    goto *table[what % 3];
one:
    steps += 1;
    return;
two:
    steps += 10;
    return;
three:
    steps += 100;
}

static __attribute__((noinline)) void deep(volatile unsigned level)
{
    if (level)
        deep(level - 1);
    outs += !level;
    context_jump(&way_out);
    steps += 1000;
}

static void work(void)
{
    unsigned id = now;
    for (volatile unsigned i = 0; i < ROUNDS; i++) {
        say((char)('a' + id));
        step(i);
        if (!context_keep(&way_out))
            deep(i + 2);
        yield();
    }
    thread[id].ready = 0;
    yield();
    leave(3);
}

static void thread_begin(unsigned row)
{
    thread[row] =
        (struct thread){.context = {.esp = (uint32_t)(stack[row] + STACK - 4), .eip = (uint32_t)work}, .ready = 1};
}

void kmain(void)
{
    for (unsigned row = 0; row < THREADS; row++)
        thread_begin(row);
    for (volatile unsigned row = 0; row < THREADS * (ROUNDS + 1); row++) {
        if (!thread[row % THREADS].ready)
            leave(2);
        now = row % THREADS;
        if (context_keep(&scheduler))
            continue;
        truth_tell(THREAD, SCHEDULER, (int)now);
        context_jump(&thread[now].context);
    }
    say(steps == THREADS * 111 && outs == THREADS * ROUNDS ? '.' : '!');
}
