/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads, in turns.  A process has one or several: each has a kernel stack of its own, and what ring 3 needs, a user
 * stack and the registers; all else is the process's, the address space above all.
 *
 *       0xffffffff ┌──────────────────────┐
 *                  │ the host's kernel    │
 *                  │   kernel stack  ◄────┼── ESP of thread 1, in the kernel
 *                  │   kernel stack  ◄────┼── ESP of thread 2, in the kernel
 *       0xc0000000 ├──────────────────────┤
 *                  │ user stack      ◄────┼── ESP of thread 1, in ring 3
 *                  │ the program:         │
 *                  │   user stack    ◄────┼── ESP of thread 2: the program says where
 *                  │   code, data         │   of both
 *       0x00000000 └──────────────────────┘
 *
 * So there are two ways to the next turn: thread_switch(), if it is one of the same process, and context_switch().
 *
 * Slot 0 is the idle thread, the kernel's first one: it runs while no other can, and ends when all have exited.  Who
 * exits cannot clear itself away, since it stands on its own stack: who runs next does that.  The states are shared
 * with interrupt handlers, so they change with interrupts off.
 */
#include "guest/host/host.h"

_Static_assert(offsetof(struct thread, esp) == WS_PROCESS_ESP, "switch.S");
_Static_assert(offsetof(struct thread, esp0) == WS_PROCESS_ESP0, "switch.S");
_Static_assert(offsetof(struct thread, cr3) == WS_PROCESS_CR3, "switch.S");

static struct thread table[THREADS];
static bool turn_is_over; /* since a tick, or since a thread was woken */

struct thread *current = table;

void threads_init(struct process *idle)
{
    *table = (struct thread){.cr3 = idle->cr3, .process = idle, .state = THREAD_READY};
}

/* -- beginning --------------------------------------------------------------------------------- */

/* What is on a new thread's kernel stack: as if it had been interrupted in ring 3 before its first instruction, and
 * had then been switched away from. */
struct beginning {
    struct ws_switch_frame switched;
    struct ws_trap_frame trapped;
};

static void beginning_make(struct thread *thread, uint32_t eip, uint32_t esp, uint32_t number)
{
    enum { EFLAGS_IF = 1 << 9, EFLAGS_ALWAYS = 1 << 1 };
    struct beginning *begin = (struct beginning *)thread->esp0 - 1;

    *begin = (struct beginning){
        .switched = {.eip = (uint32_t)trap_return},
        .trapped =
            {
                .gs = HOST_GS,
                .fs = HOST_FS,
                .es = HOST_USER_DATA,
                .ds = HOST_USER_DATA,
                .eax = number,
                .eip = eip,
                .cs = HOST_USER_CODE,
                .eflags = EFLAGS_IF | EFLAGS_ALWAYS,
                .user_esp = esp,
                .user_ss = HOST_USER_DATA,
            },
    };
    thread->esp = (uint32_t)begin;
}

struct thread *thread_new(struct process *process, uint32_t eip, uint32_t esp, uint32_t number)
{
    struct thread *thread = table + 1;
    uint32_t stack;

    while (thread < table + THREADS && thread->state != THREAD_NONE)
        thread++;
    stack = thread < table + THREADS ? frame_new() : 0;
    if (!stack)
        return NULL;
    *thread = (struct thread){
        .cr3 = process->cr3,
        .esp0 = (uint32_t)direct(stack) + PAGE_BYTES,
        .process = process,
    };
    beginning_make(thread, eip, esp, number);
    process->threads++;
    thread->state = THREAD_READY;
    return thread;
}

static uint32_t stack_of(const struct thread *thread)
{
    return thread->esp0 - PAGE_BYTES;
}

void thread_name(const struct thread *thread, const char *text)
{
    char name[NAME_BYTES];

    text_print(name, sizeof name, "%s-%s", thread->process->name, text);
    name_remove(stack_of(thread) | WS_NAMES_THREAD);
    name_add(stack_of(thread) | WS_NAMES_THREAD, "host", name);
}

/* -- turns ------------------------------------------------------------------------------------- */

/* The next that is ready, in the order of the table; the idle thread only if no other one is. */
static struct thread *next_ready(void)
{
    struct thread *next = current;

    for (unsigned i = 0; i < THREADS; i++) {
        next = next + 1 < table + THREADS ? next + 1 : table;
        if (next != table && next->state == THREAD_READY)
            return next;
    }
    return table;
}

/* The lowest words of a kernel stack's page must never have been used. */
static void stack_check(const struct thread *thread)
{
    if (thread != table && *(uint32_t *)stack_of(thread))
        panic("a kernel stack is full");
}

/* Another thread runs, so their stacks are not in use any more. */
static void exited_clear(void)
{
    for (struct thread *thread = table + 1; thread < table + THREADS; thread++) {
        if (thread->state != THREAD_EXITED)
            continue;
        name_remove(stack_of(thread) | WS_NAMES_THREAD);
        frame_free(stack_of(thread) - HOST_BASE);
        thread->state = THREAD_NONE;
        process_clear(thread->process);
    }
}

/* Entered with interrupts off. */
static void turn_give(struct thread *to)
{
    struct thread *from = current;

    turn_is_over = false;
    stack_check(from);
    if (from == to)
        return;
    current = to;
    fpu_turn(&to->fpu);
    if (from->cr3 == to->cr3)
        thread_switch(from, to);
    else
        context_switch(from, to);
    exited_clear(); /* `from` again, some turns later */
}

static void turn_end(void)
{
    turn_give(next_ready());
}

void thread_yield(struct thread *to)
{
    uint32_t eflags = interrupts_off();

    turn_give(to ? to : next_ready());
    interrupts_restore(eflags);
}

void thread_return(void)
{
    if (turn_is_over)
        turn_end();
    if (current->process->ends) {
        interrupts_on();
        thread_exit();
    }
}

/* -- waiting ----------------------------------------------------------------------------------- */

void thread_wait(const void *what, uint32_t tick)
{
    uint32_t eflags = interrupts_off();

    if (current == table) {
        interrupt_await(); /* while the kernel starts, there is no other thread */
    } else {
        current->waits_for = what;
        current->wakes_at = tick;
        current->state = THREAD_WAITS;
        turn_end();
    }
    interrupts_restore(eflags);
}

static void ready(struct thread *thread)
{
    thread->state = THREAD_READY;
    thread->waits_for = NULL;
    turn_is_over = true;
}

void thread_wake(const void *what)
{
    for (struct thread *thread = table + 1; thread < table + THREADS; thread++)
        if (thread->state == THREAD_WAITS && thread->waits_for == what)
            ready(thread);
}

void threads_tick(uint32_t tick)
{
    for (struct thread *thread = table + 1; thread < table + THREADS; thread++)
        if (thread->state == THREAD_WAITS && thread->wakes_at && tick >= thread->wakes_at)
            ready(thread);
    turn_is_over = true;
}

/* -- ending ------------------------------------------------------------------------------------ */

void threads_rouse(const struct process *process)
{
    for (struct thread *thread = table + 1; thread < table + THREADS; thread++)
        if (thread->state == THREAD_WAITS && thread->process == process)
            ready(thread);
}

void thread_exit(void)
{
    if (--current->process->threads == 0)
        process_leave();
    interrupts_off();
    fpu_forget(&current->fpu);
    current->state = THREAD_EXITED;
    turn_end();
    __builtin_unreachable();
}

static bool threads_left(void)
{
    bool left = false;

    for (struct thread *thread = table + 1; thread < table + THREADS; thread++)
        left |= thread->state != THREAD_NONE;
    return left;
}

void threads_run(void)
{
    uint32_t eflags = interrupts_off();

    while (threads_left()) {
        turn_end();
        if (next_ready() == table)
            interrupt_await();
    }
    interrupts_restore(eflags);
}
