/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel threads without paging: swtch() keeps ESP in a thread's row.  They yield, and a timer preempts them.  A thread
 * ends, and its stack becomes another's.
 *
 * And what looks like a switch: the boot moves its stack, copied, as it is common; a handler has a stack of its own;
 * "push; ret" jumps; a routine makes room on its stack for arrays of any size.
 */
#include "kernel.h"

enum { THREADS = 4, STACK = 1024, TICK_CYCLES = 8 };

struct thread {
    uint32_t esp;
    uint8_t id; /* a new one for each that is begun */
    uint8_t state;
};

enum { FREE, READY };

void swtch(uint32_t *left, uint32_t entered);
void timer_entry(void);
void jump_by_ret(void (*target)(void));
void stack_move(uint32_t to, uint32_t bytes);
void schedule(void);
void timer_handle(void);
void kmain(void);

__asm__(".text; .globl swtch\n"
        "swtch: movl 4(%esp), %eax; movl 8(%esp), %edx\n"
        "        pushfl; cli; pushl %ebp; pushl %ebx; pushl %esi; pushl %edi\n"
        "        movl %esp, (%eax); movl %edx, %esp\n"
        "        popl %edi; popl %esi; popl %ebx; popl %ebp; popfl\n"
        "        ret\n"
        /* The handler's stack; whoever was interrupted goes on on its own, or another one does. */
        "timer_entry: pushal; movl %esp, %ebx; movl $irq_stack_end, %esp\n"
        "        call timer_handle\n"
        "        movl %ebx, %esp; call schedule; popal; iret\n"
        "jump_by_ret: pushl 4(%esp); ret\n"
        /* Return to the caller, on the new stack. */
        "stack_move: movl 4(%esp), %edx; movl 8(%esp), %ecx; pushl %esi; pushl %edi\n"
        "        movl %esp, %esi; subl %ecx, %edx; movl %edx, %edi; movl %edx, %eax; cld; rep movsb\n"
        "        subl %esp, %ebp; addl %eax, %ebp\n" /* frame pointers go along */
        "        movl %eax, %esp; popl %edi; popl %esi; ret\n"
        ".bss; .balign 16; .skip 512\n"
        "irq_stack_end: .text\n");

static struct thread thread[THREADS];
static uint8_t stack[THREADS][STACK] __attribute__((aligned(16)));
static uint8_t boot_again[STACK * 4] __attribute__((aligned(16)));
static unsigned now, ids = 1;
static volatile unsigned ticks, jumps;

static unsigned ready_next(void)
{
    unsigned next = now;
    do
        next = (next + 1) % THREADS;
    while (thread[next].state != READY);
    return next;
}

void schedule(void)
{
    unsigned next = ready_next(), left = now;
    if (next == left)
        return;
    now = next;
    truth_tell(THREAD, thread[left].id, thread[next].id);
    swtch(&thread[left].esp, thread[next].esp);
}

static void yield(void)
{
    __asm__ volatile("cli");
    schedule();
    __asm__ volatile("sti");
}

void timer_handle(void)
{
    ticks++;
    outb(0x20, 0x20);
}

static void jumped(void)
{
    jumps++;
}

static unsigned sum(unsigned count)
{
    volatile uint8_t room[count * 8]; /* as alloca() */
    unsigned total = 0;
    for (unsigned i = 0; i < sizeof room; i++)
        room[i] = (uint8_t)i;
    for (unsigned i = 0; i < sizeof room; i++)
        total += room[i];
    return total;
}

static void end(void)
{
    __asm__ volatile("cli");
    thread[now].state = FREE;
    schedule();
}

static void work(void)
{
    __asm__ volatile("sti");
    for (unsigned i = 0; i < 6; i++) {
        say((char)('a' + thread[now].id));
        jump_by_ret(jumped);
        if (sum(i + thread[now].id) == 1)
            leave(2);
        yield();
    }
    end();
}

static void thread_begin(unsigned row)
{
    uint32_t *top = (uint32_t *)(stack[row] + STACK);
    *--top = 0;
    *--top = (uint32_t)work;
    *--top = 2; /* EFLAGS */
    top -= 4;
    thread[row] = (struct thread){.esp = (uint32_t)top, .id = (uint8_t)ids++, .state = READY};
}

static void stack_leave(void)
{
    stack_move((uint32_t)boot_again + sizeof boot_again, 256);
}

void kmain(void)
{
    stack_leave();
    gate_set(32, timer_entry, 0);
    idt_load();
    thread[0].state = READY;
    thread_begin(1);
    thread_begin(2);
    timer_begin(TICK_CYCLES);
    for (unsigned i = 0; i < 4; i++)
        yield();
    while (thread[1].state == READY)
        yield();
    thread_begin(1); /* another thread, in the stack of the one that has ended */
    thread_begin(3);
    while (thread[1].state == READY || thread[2].state == READY || thread[3].state == READY)
        yield();
    __asm__ volatile("cli");
    say(ticks > 3 && jumps == 24 ? '.' : '!');
}
