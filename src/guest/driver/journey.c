/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One trip to the VMM and back.
 *
 *   host's ring 0, in the VMX's ioctl          the VMM's world
 *     debug registers off, the VM's FPU registers in
 *     world_call() ──────── 45 instructions ────────► the VM runs
 *                                                     an interrupt comes (i), or the VM wants a device
 *     world_call() returns ◄── 45 instructions (ii) ── the VMM asks in the mailbox
 *     debug registers back
 *     (iii) an interrupt? (iv) int $vector ──► the host's own handler
 *   (v) back to the VMX
 *
 * The numbers are those of the book's section 7.12.
 */
#include "guest/driver/driver.h"

static bool is_interrupt(void)
{
    uint32_t vector = mailbox()->argument;

    return mailbox()->request == HOSTED_INTERRUPT && vector >= VECTOR_IRQ && vector < VECTOR_IRQ_END;
}

void journey_make(struct vmm_world *world)
{
    struct ws_cross_context *host = (struct ws_cross_context *)HOSTED_CONTEXT_HOST;
    uint32_t tss_descriptor = (uint32_t)host_gdt + HOST_TASK, eflags = interrupts_off(), dr7 = dr7_read();

    /* Breakpoints are linear addresses: in the other world they mean something else, and during the switch there is no
     * handler.  SDM 3B §17.2.4 "Debug Control Register (DR7)". */
    dr7_write(0);
    mailbox()->ticks = ticks_now();
    host->tss_descriptor = tss_descriptor;
    fpu_lend(&world->fpu);
    world_call(host, (struct ws_cross_context *)HOSTED_CONTEXT_VMM);
    /* While a world runs its saved context is worth nothing, and must not pass for a saved one. */
    *host = (struct ws_cross_context){.tss_descriptor = tss_descriptor};
    dr7_write(dr7);
    if (is_interrupt())
        vector_raise(mailbox()->argument);
    interrupts_restore(eflags);
}
