/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GDT, IDT and TSS, and what is done about a vector. */
#include <worldswitch/paging.h>

#include "guest/shared/tables.h"
#include "vm.h"

enum { VECTOR_PAGE_FAULT = 14 };

static struct gate idt[VM_VECTORS];
static uint8_t tss[WS_TSS_BYTES];
/* On a page of its own: a VMM watches writes to it. */
static _Alignas(WS_PAGE_BYTES) uint8_t gdt[WS_PAGE_BYTES];

volatile uint32_t ticks;
volatile uint32_t trap_vector, trap_error, trap_cr2;

void traps_init(void)
{
    const struct ws_cross_table gdtr = {VM_TASK + 7, (uint32_t)gdt};
    const struct ws_cross_table idtr = {sizeof idt - 1, (uint32_t)idt};

    descriptor_put(gdt + VM_CODE, 0, FLAT_LIMIT, FLAT_CODE);
    descriptor_put(gdt + VM_DATA, 0, FLAT_LIMIT, FLAT_DATA);
    descriptor_put(gdt + VM_TASK, (uint32_t)tss, sizeof tss - 1, SYSTEM_TASK);
    idt_fill(idt, VM_CODE);
    task_put(tss, VM_DATA, 0);
    tables_load(&gdtr, &idtr);
}

/* `sti` takes effect behind the next instruction: nothing can come between it and `hlt`. */
void interrupt_wait(const volatile uint32_t *counter, uint32_t until)
{
    __asm__ volatile("cli");
    while ((int32_t)(*counter - until) < 0)
        interrupt_await();
    interrupts_on();
}

static void unexpected(const struct ws_trap_frame *frame)
{
    print("vm: unexpected vector %u, error %x, at %x\n", frame->vector, frame->error_code, frame->eip);
    machine_leave(1);
}

static void interrupt(unsigned irq)
{
    if (irq == IRQ_TIMER)
        ticks++;
    if (irq == IRQ_DISK)
        disk_interrupt();
    irq_end(irq);
}

void trap(struct ws_trap_frame *frame)
{
    uint32_t vector = frame->vector;

    if (vector >= VECTOR_IRQ && vector < VECTOR_IRQ_END) {
        interrupt(vector - VECTOR_IRQ);
        return;
    }
    trap_vector = vector;
    trap_error = frame->error_code;
    if (vector == VECTOR_PAGE_FAULT) {
        trap_cr2 = cr2_read();
        if (!paging_mend(trap_cr2, frame->error_code))
            unexpected(frame);
        return;
    }
    if (vector != 0 && vector != 6 && vector != 13 && vector != VM_VECTOR_SOFTWARE)
        unexpected(frame);
    frame->eax = 1; /* main.c provoked it: go on behind */
    if (vector != VM_VECTOR_SOFTWARE)
        frame->eip = (uint32_t)provoke_end;
}
