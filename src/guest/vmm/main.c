/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the VMM does about each vector, and how the virtual CPU begins. */
#include "vmm.h"

_Static_assert(sizeof(struct ws_trap_frame) == 76, "vectors.S reserves that much");

enum { DEAF_INTERRUPTS = 300, ROUNDS_MOST = 1000 };

struct vcpu vcpu;

bool fault_set(uint32_t vector, uint32_t error)
{
    vcpu.fault_vector = vector;
    vcpu.fault_error = error;
    return false;
}

/* -- beginning --------------------------------------------------------------------------------- */

/* As a multiboot loader leaves a PC: protected mode, flat segments, paging and interrupts off. */
static void vcpu_init(struct ws_trap_frame *frame)
{
    vcpu.frame = frame;
    vcpu.cr0 = WS_CR0_PE | WS_CR0_ET;
    vcpu.dr[6] = 0xffff0ff0;
    vcpu.dr[7] = 0x400;
    frame->eip = boot()->vm_eip;
    frame->eax = boot()->vm_eax;
    frame->ebx = boot()->vm_ebx;
    frame->eflags = WS_EFLAGS_FIXED | WS_EFLAGS_IF;
}

/* -- back to the VM ---------------------------------------------------------------------------- */

/* Give the VM the interrupt that is due.  Returns true if that must wait: an interrupt comes between two
 * instructions, and not behind sti.  What is in the shadow of sti or `mov ss` runs alone, so that it is known when it
 * is over: an interrupt of the host's may come first. */
static bool interrupt_waits(void)
{
    bool due = vcpu.flags & WS_EFLAGS_IF && pic_pending();

    if (vcpu.shadow)
        return true;
    if (!due || code_protected() || !code_between())
        return due;
    trace_step_end(); /* the write begins anew after the interrupt */
    deliver(pic_acknowledge(), 0, SOURCE_INTERRUPT);
    return false;
}

/* A kernel that computes on and on with interrupts off hangs.  This PC has no reset button. */
static void deafness_check(void)
{
    vcpu.deaf = vcpu.flags & WS_EFLAGS_IF ? 0 : vcpu.deaf + 1;
    if (vcpu.deaf >= DEAF_INTERRUPTS)
        vm_stop("at %x the virtual machine computes with interrupts off and does not end: %u of the "
                "host's interrupts came meanwhile",
                vcpu.frame->eip, vcpu.deaf);
}

void chips_update(void)
{
    pit_update();
    serial_update();
}

/* On each way to the VM: time has passed, an interrupt may be due, the code must be fit to run.  A VM that makes only
 * work for the VMM, instruction by instruction or fault by fault, lets the host come to its interrupts. */
static void guest_resume(void)
{
    bool waits;

    chips_update();
    for (unsigned round = 1;; round++) {
        waits = debug_waits();
        waits = interrupt_waits() || waits;
        segments_check();
        if (code_enter(waits || trace_stepping()))
            return;
        if (round % ROUNDS_MOST)
            continue;
        host_call(HOSTED_IDLE, 0);
        chips_update();
        deafness_check();
    }
}

void vmm_main(struct ws_trap_frame *frame)
{
    /* Gates of ring 0: what the VM asks for with `int n` traps as #GP, and IF stays off here. */
    idt_fill((struct gate *)HOSTED_VMM_IDT, HOSTED_VMM_CODE);
    *frame = (struct ws_trap_frame){0};
    vcpu_init(frame);
    segments_init();
    fpu_mirror();
    shadow_flush();
    translator_forget();
    code_move();
    guest_resume();
}

/* -- vectors ----------------------------------------------------------------------------------- */

static void page_fault(void)
{
    if (shadow_fault(cr2_read(), vcpu.frame->error_code))
        return;
    trace_step_end();
    deliver(vcpu.fault_vector, vcpu.fault_error, SOURCE_EXCEPTION);
}

static void reflect(void)
{
    trace_step_end();
    deliver(vcpu.frame->vector, vcpu.frame->error_code, SOURCE_EXCEPTION);
}

/* Translated code asks, or the VM has done what it may not. */
static void protection(void)
{
    uint32_t error = vcpu.frame->error_code;
    uint16_t selector = error & WS_ERROR_IDT ? 0 : error & 0xfffc;

    trace_step_end();
    if (code_asks())
        return;
    if (selector) /* the VM's fault, or the VMM's? */
        segment_refuse(selector);
    if (selector && !segment_reachable(selector))
        deliver(vcpu.fault_vector, vcpu.fault_error, SOURCE_EXCEPTION);
    else
        reflect();
}

static void give_up(void)
{
    vm_stop("the virtual machine met vector %u, error %x, at %x: the VMM has no answer to it", vcpu.frame->vector,
            vcpu.frame->error_code, vcpu.frame->eip);
}

static void (*const exceptions[WS_VECTORS_EXCEPTIONS])(void) = {
    [0] = reflect,
    [WS_VECTOR_DB] = debug,
    [WS_VECTOR_BP] = reflect,
    [WS_VECTOR_OF] = reflect,
    [5] = reflect,
    [WS_VECTOR_UD] = reflect,
    [WS_VECTOR_NM] = reflect,
    [WS_VECTOR_TS] = protection,
    [WS_VECTOR_NP] = protection,
    [WS_VECTOR_SS] = protection,
    [WS_VECTOR_GP] = protection,
    [WS_VECTOR_PF] = page_fault,
    [16] = reflect,
    [17] = reflect,
    [19] = reflect,
};

static void exception(uint32_t vector)
{
    vcpu.deaf = 0;
    if (exceptions[vector])
        exceptions[vector]();
    else
        give_up();
}

/*
 * From vectors.S.  An interrupt of the real machine is the host's: step (i) of five is arriving here,
 * step (ii) is the world switch, at once.
 */
void trap(struct ws_trap_frame *frame)
{
    uint32_t vector = frame->vector;

    if (frame->eflags & WS_EFLAGS_VM) /* SDM: iret does not do that in ring 1; QEMU's does */
        vm_stop("the virtual machine got into virtual-8086 mode, at %x", frame->eip);
    if (!(frame->cs & WS_SELECTOR_RPL))
        vm_stop("the VMM itself met vector %u, error %x, at %x: that is a defect of the VMM", vector, frame->error_code,
                frame->eip);
    vcpu.frame = frame;
    breakpoints_unload();
    code_leave();
    if (vector >= WS_VECTORS_EXCEPTIONS) {
        host_call(HOSTED_INTERRUPT, vector);
        deafness_check();
    } else {
        exception(vector);
    }
    guest_resume();
}
