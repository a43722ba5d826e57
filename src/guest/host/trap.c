/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host does about a vector: an exception, an interrupt, a system call. */
#include <worldswitch/exception.h>

#include "guest/host/disk.h"
#include "guest/host/host.h"

enum { RING = 3 };

static const char *exception_name(uint32_t vector)
{
    static const char *const names[] = {
#define NAME_ROW(vector, mnemonic, name, class_, kind, error) [vector] = "#" #mnemonic,
        WS_EXCEPTION_TABLE(NAME_ROW)
#undef NAME_ROW
    };

    return vector < sizeof names / sizeof *names && names[vector] ? names[vector] : "an exception";
}

/* A process that misbehaves is ended; the kernel has no business to. */
static void exception(const struct ws_trap_frame *frame)
{
    print("host: %s caused %s at %x, error %x, cr2 %x\n", current->process->name, exception_name(frame->vector),
          frame->eip, frame->error_code, cr2_read());
    if ((frame->cs & RING) != RING)
        panic("that was the kernel");
    process_exit();
}

static void interrupt(unsigned irq)
{
    static void (*const handlers[VECTOR_IRQ_END - VECTOR_IRQ])(void) = {
        [IRQ_TIMER] = timer_interrupt,
        [IRQ_KEYBOARD] = key_interrupt,
        [IRQ_SERIAL] = serial_interrupt,
        [IRQ_DISK] = disk_interrupt,
    };

    if (irq_is_spurious(irq))
        return;
    if (handlers[irq])
        handlers[irq]();
    irq_end(irq);
}

void trap(struct ws_trap_frame *frame)
{
    if (frame->vector == VECTOR_CALL)
        system_call(frame);
    else if (frame->vector >= VECTOR_IRQ && frame->vector < VECTOR_IRQ_END)
        interrupt(frame->vector - VECTOR_IRQ);
    else if (frame->vector == WS_VECTOR_NM && (frame->cs & RING) == RING)
        fpu_use();
    else
        exception(frame);
    /* An interrupt that found the kernel goes back to it. */
    if ((frame->cs & RING) == RING) {
        interrupts_off();
        thread_return();
    }
}
