/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes: what their threads have in common.  A process ends when one of its threads exits, or when another process
 * kills it: then each thread exits in the place of its next return to ring 3, so the kernel finishes what it does for
 * it. The last one closes what is open; the address space goes with that thread's stack, since it stands on both.
 *
 * Slot 0 is the kernel itself, with its idle thread.
 */
#include "guest/host/host.h"

static struct process table[PROCESSES];

void processes_init(void)
{
    table->cr3 = cr3_read();
    text_print(table->name, NAME_BYTES, "%s", "idle");
    threads_init(table);
}

struct process *process_new(const char *name, uint32_t cr3, uint32_t eip, uint32_t number)
{
    static uint32_t last_pid;
    struct process *process = table + 1;

    while (process < table + PROCESSES && process->cr3)
        process++;
    if (process == table + PROCESSES)
        return NULL;
    *process = (struct process){.cr3 = cr3, .number = number, .open = {[1] = {.kind = OPEN_CONSOLE}}};
    text_print(process->name, NAME_BYTES, "%s", name);
    if (!thread_new(process, eip, HOST_STACK_TOP, number)) {
        process->cr3 = 0;
        return NULL;
    }
    process->pid = ++last_pid;
    name_add(cr3, "host", process->name);
    return process;
}

struct process *process_find(uint32_t pid)
{
    for (struct process *process = table + 1; process < table + PROCESSES; process++)
        if (process->cr3 && process->pid == pid)
            return process;
    return NULL;
}

struct process *process_numbered(uint32_t number)
{
    for (struct process *process = table + 1; process < table + PROCESSES; process++)
        if (process->cr3 && !process->ends && number && process->number == number)
            return process;
    return NULL;
}

bool process_is_first(const struct process *process)
{
    for (const struct process *other = table + 1; other < table + PROCESSES; other++)
        if (other->cr3 && !other->ends && other->number && other->number < process->number)
            return false;
    return true;
}

/* Whoever waits need not any longer: he sees that he ends, or waits again for what comes anyway. */
static void end(struct process *process)
{
    uint32_t eflags = interrupts_off();

    process->ends = true;
    threads_rouse(process);
    interrupts_restore(eflags);
}

bool process_kill(uint32_t pid)
{
    struct process *process = process_find(pid);

    if (process && !process->ends) {
        print("host: %s was killed\n", process->name);
        end(process);
    }
    return process != NULL;
}

void process_exit(void)
{
    end(current->process);
    thread_exit();
}

void process_leave(void)
{
    process_close_all();
    input_forget(current->process);
    name_remove(current->cr3); /* from here on it is nobody's: the next process may get that frame */
}

void process_clear(struct process *process)
{
    if (process->threads || !process->cr3)
        return;
    space_free(process->cr3);
    process->cr3 = 0;
}
