/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GDT, IDT and TSS, and what is done about a vector. */
#include "vm.h"

enum {
    GATE_INTERRUPT = 0x8e,
    TSS_BYTES = 104,
    TSS_IO_MAP = 102,
    IRQ_TIMER = 0,
    IRQ_DISK = 14,
    VECTOR_PAGE_FAULT = 14,
};

struct gate {
    uint16_t offset_low, selector;
    uint8_t zero, type;
    uint16_t offset_high;
};

static struct gate idt[VM_VECTORS];
static uint8_t tss[TSS_BYTES];
/* On a page of its own: a VMM watches writes to it.  SDM 3A §3.4.5 "Segment Descriptors" */
static uint64_t gdt[] __attribute__((aligned(4096))) = {
    [VM_CODE / 8] = 0x00cf9a000000ffff,
    [VM_DATA / 8] = 0x00cf92000000ffff,
    [VM_TASK / 8] = 0x0000890000000000 | (TSS_BYTES - 1),
};

volatile uint32_t trap_vector, trap_error, trap_cr2;

void traps_init(void)
{
    const struct table gdt_at = {sizeof gdt - 1, (uint32_t)gdt};
    const struct table idt_at = {sizeof idt - 1, (uint32_t)idt};

    for (unsigned i = 0; i < VM_VECTORS; i++)
        idt[i] = (struct gate){
            .offset_low = (uint16_t)vector_table[i],
            .selector = VM_CODE,
            .type = GATE_INTERRUPT,
            .offset_high = (uint16_t)(vector_table[i] >> 16),
        };
    tss[TSS_IO_MAP] = TSS_BYTES;
    gdt[VM_TASK / 8] |= (uint64_t)((uint32_t)tss & 0xffffff) << 16;
    tables_load(&gdt_at, &idt_at);
}

static uint32_t cr2_read(void)
{
    uint32_t value;

    __asm__ volatile("movl %%cr2, %0" : "=r"(value));
    return value;
}

static void unexpected(const struct frame *frame)
{
    say("vm: unexpected vector %u, error %x, at %x\n", frame->vector, frame->error_code,
        frame->eip);
    vm_exit(1);
}

static void interrupt(unsigned irq)
{
    if (irq == IRQ_TIMER)
        ticks++;
    if (irq == IRQ_DISK)
        disk_interrupt();
    interrupt_end(irq);
}

/* An exception that main.c provoked: note it, and go on behind. */
static void provoked(struct frame *frame)
{
    frame->eax = 1;
    if (frame->vector != VM_VECTOR_SOFTWARE)
        frame->eip = (uint32_t)provoke_end;
}

void trap(struct frame *frame)
{
    uint32_t vector = frame->vector;

    if (vector >= VM_VECTOR_IRQ && vector < VM_VECTOR_IRQ + 16) {
        interrupt(vector - VM_VECTOR_IRQ);
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
    provoked(frame);
}
