/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes and their system calls.  The processes of a world form a ring, which the builder made;
 * a yield goes to the next, an exit leaves the ring, and behind the last exit waits the kernel's
 * own thread.
 *
 * A process runs its system calls with interrupts on, until it switches.
 */
#include "kernel.h"

struct ws_process_block kernel_thread;

static struct ws_process_block *block_at(uint32_t linear)
{
    return (struct ws_process_block *)linear;
}

void process_switch(struct ws_process_block *to)
{
    struct ws_process_block *from = block_at(resident.current);
    uint32_t eflags;

    if (!from) {
        from = &kernel_thread;
        kernel_thread.cr3 = cr3_read();
        kernel_thread.esp0 = *(uint32_t *)(resident.tss + WS_TSS_ESP0);
    }
    if (from == to)
        return;
    /* context_switch() wants interrupts off, and each process its own EFLAGS back. */
    eflags = interrupts_off();
    resident.current = (uint32_t)to;
    context_switch(from, to ? to : &kernel_thread);
    interrupts_restore(eflags);
}

void processes_run(void)
{
    if (resident.processes)
        process_switch(block_at(resident.processes));
}

static void process_exit(void)
{
    struct ws_process_block *self = block_at(resident.current);
    struct ws_process_block *before = self;

    while (before->next != (uint32_t)self)
        before = block_at(before->next);
    before->next = self->next;
    for (;;)
        process_switch(before == self ? 0 : block_at(self->next));
}

void system_call(struct ws_trap_frame *frame)
{
    switch (frame->eax) {
    case WS_CALL_WRITE:
        print("%s", (const char *)frame->ebx);
        break;
    case WS_CALL_YIELD:
        process_switch(block_at(block_at(resident.current)->next));
        break;
    case WS_CALL_EXIT:
        process_exit();
        break;
    case WS_CALL_IOCTL:
        frame->eax = kernel_ioctl(frame->ebx);
        break;
    default:
        frame->eax = ~0u;
        break;
    }
}
