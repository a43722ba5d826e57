/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes, in turns.  Slot 0 is the idle process, the kernel's first thread: it runs while no other
 * process can, and ends when all have exited.  Who exits cannot clear itself away, since it stands on its own stack
 * and page tables: who runs next does that.
 *
 * The states are shared with interrupt handlers, so they change with interrupts off.
 */
#include "guest/host/host.h"
#include "guest/shared/cpu.h"

_Static_assert(offsetof(struct process, esp) == WS_PROCESS_ESP, "switch.S");
_Static_assert(offsetof(struct process, esp0) == WS_PROCESS_ESP0, "switch.S");
_Static_assert(offsetof(struct process, cr3) == WS_PROCESS_CR3, "switch.S");

static struct process table[PROCESSES];
static bool turn_is_over; /* since a tick, or since a process was woken */
static uint32_t last_pid;

struct process *current = table;

void processes_init(void)
{
    struct process *idle = table;

    idle->cr3 = cr3_read();
    idle->state = PROCESS_READY;
    text_copy(idle->name, "idle", NAME_BYTES);
}

/* -- beginning --------------------------------------------------------------------------------- */

/* What is on a new process's kernel stack: as if it had been interrupted in ring 3 before its first
 * instruction, and had then been switched away from. */
struct beginning {
    struct ws_switch_frame switched;
    struct ws_trap_frame trapped;
};

static void beginning_make(struct process *process, uint32_t eip, uint32_t number)
{
    enum { EFLAGS_IF = 1 << 9, EFLAGS_ALWAYS = 1 << 1 };
    struct beginning *begin = (struct beginning *)process->esp0 - 1;

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
                .user_esp = HOST_STACK_TOP,
                .user_ss = HOST_USER_DATA,
            },
    };
    process->esp = (uint32_t)begin;
}

struct process *process_new(const char *name, uint32_t cr3, uint32_t eip, uint32_t number)
{
    struct process *process = table + 1;
    uint32_t stack;

    while (process < table + PROCESSES && process->state != PROCESS_NONE)
        process++;
    stack = process < table + PROCESSES ? frame_new() : 0;
    if (!stack)
        return NULL;
    *process = (struct process){
        .cr3 = cr3,
        .pid = ++last_pid,
        .esp0 = (uint32_t)direct(stack) + PAGE_BYTES,
        .open = {[1] = {.kind = OPEN_CONSOLE}},
    };
    text_copy(process->name, name, NAME_BYTES);
    beginning_make(process, eip, number);
    name_add(cr3, "host", process->name);
    process->state = PROCESS_READY;
    return process;
}

/* -- turns ------------------------------------------------------------------------------------- */

/* The next that is ready, in the order of the table; the idle process only if no other one is. */
static struct process *next_ready(void)
{
    struct process *next = current;

    for (unsigned i = 0; i < PROCESSES; i++) {
        next = next + 1 < table + PROCESSES ? next + 1 : table;
        if (next != table && next->state == PROCESS_READY)
            return next;
    }
    return table;
}

/* The lowest words of a kernel stack's page must never have been used. */
static void stack_check(const struct process *process)
{
    if (process != table && *(uint32_t *)(process->esp0 - PAGE_BYTES))
        panic("a kernel stack is full");
}

/* Its address space and its stack are not in use any more: another process runs. */
static void process_clear(struct process *process)
{
    space_free(process->cr3);
    frame_free(process->esp0 - PAGE_BYTES - HOST_BASE);
    process->state = PROCESS_NONE;
}

static void exited_clear(void)
{
    for (struct process *process = table + 1; process < table + PROCESSES; process++)
        if (process->state == PROCESS_EXITED)
            process_clear(process);
}

/* Entered with interrupts off. */
static void turn_end(void)
{
    struct process *from = current, *to = next_ready();

    turn_is_over = false;
    stack_check(from);
    if (from == to)
        return;
    current = to;
    fpu_turn(&to->fpu);
    context_switch(from, to);
    exited_clear(); /* `from` again, some turns later */
}

void process_yield(void)
{
    uint32_t eflags = interrupts_off();

    turn_end();
    interrupts_restore(eflags);
}

void process_return(void)
{
    if (turn_is_over)
        turn_end();
    if (current->killed) {
        interrupts_on();
        print("host: %s was killed\n", current->name);
        process_exit();
    }
}

/* -- waiting ----------------------------------------------------------------------------------- */

void process_wait(const void *what, uint32_t tick)
{
    uint32_t eflags = interrupts_off();

    if (current == table) {
        interrupt_await(); /* while the kernel starts, there is no other process */
    } else {
        current->waits_for = what;
        current->wakes_at = tick;
        current->state = PROCESS_WAITS;
        turn_end();
    }
    interrupts_restore(eflags);
}

static void process_ready(struct process *process)
{
    process->state = PROCESS_READY;
    process->waits_for = NULL;
    turn_is_over = true;
}

void process_wake(const void *what)
{
    for (struct process *process = table + 1; process < table + PROCESSES; process++)
        if (process->state == PROCESS_WAITS && process->waits_for == what)
            process_ready(process);
}

void processes_tick(uint32_t tick)
{
    for (struct process *process = table + 1; process < table + PROCESSES; process++)
        if (process->state == PROCESS_WAITS && process->wakes_at && tick >= process->wakes_at)
            process_ready(process);
    turn_is_over = true;
}

/* -- ending ------------------------------------------------------------------------------------ */

static struct process *process_find(uint32_t pid)
{
    for (struct process *process = table + 1; process < table + PROCESSES; process++)
        if (process->state != PROCESS_NONE && process->pid == pid)
            return process;
    return NULL;
}

bool process_exists(uint32_t pid)
{
    return process_find(pid) != NULL;
}

/* If it only sleeps, it need not any longer; what others wait for, comes. */
bool process_kill(uint32_t pid)
{
    uint32_t eflags = interrupts_off();
    struct process *process = process_find(pid);

    if (process) {
        process->killed = true;
        if (process->state == PROCESS_WAITS && !process->waits_for)
            process_ready(process);
    }
    interrupts_restore(eflags);
    return process != NULL;
}

void process_exit(void)
{
    process_close_all();
    interrupts_off();
    name_remove(current->cr3); /* from here on it is nobody's: the next process may get that frame */
    fpu_forget(&current->fpu);
    current->state = PROCESS_EXITED;
    turn_end();
    __builtin_unreachable();
}

static bool processes_left(void)
{
    bool left = false;

    for (struct process *process = table + 1; process < table + PROCESSES; process++)
        left |= process->state != PROCESS_NONE;
    return left;
}

void processes_run(void)
{
    uint32_t eflags = interrupts_off();

    while (processes_left()) {
        turn_end();
        if (next_ready() == table)
            interrupt_await();
    }
    interrupts_restore(eflags);
}
