/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions and interrupts through the VM's own IDT, as the VM believes that its CPU does it: the
 * frame has CS with RPL 0 or 3, and IF as the VM has set it.  From ring 3 it changes to the stack that the
 * VM's own TSS names.  SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures"
 */
#include "guest/shared/tables.h"
#include "vmm.h"

enum { FLAGS_CLEARED = WS_EFLAGS_TF | WS_EFLAGS_NT | WS_EFLAGS_RF | WS_EFLAGS_VM };

static bool has_error_code(uint32_t vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

/* SDM 3A §6.15 "Exception and Interrupt Reference": what makes a double fault */
static bool contributory(uint32_t vector)
{
    return vector == 0 || (vector >= WS_VECTOR_TS && vector <= WS_VECTOR_GP);
}

static bool gate_read(uint32_t vector, enum source source, struct gate *gate)
{
    uint32_t external = source == SOURCE_SOFTWARE ? 0 : WS_ERROR_EXT;
    uint32_t offset = vector * sizeof *gate;

    if (offset + sizeof *gate - 1 > vcpu.idtr.limit)
        return fault_set(WS_VECTOR_GP, offset | WS_ERROR_IDT | external);
    if (!linear_read(vcpu.idtr.base + offset, gate, sizeof *gate))
        return false;
    switch (gate->type >> 8 & 0x1f) {
    case WS_TYPE_INTERRUPT_GATE32:
    case WS_TYPE_TRAP_GATE32:
        break;
    case WS_TYPE_TASK_GATE:
    case WS_TYPE_INTERRUPT_GATE16:
    case WS_TYPE_TRAP_GATE16:
        vm_stop("vector %u has a task gate or one for 16 bits: the VMM does not deliver through it", vector);
    default:
        return fault_set(WS_VECTOR_GP, offset | WS_ERROR_IDT | external);
    }
    if (source == SOURCE_SOFTWARE && (gate->type >> 13 & 3u) < vcpu_ring())
        return fault_set(WS_VECTOR_GP, offset | WS_ERROR_IDT);
    if (!(gate->type & GATE_PRESENT))
        return fault_set(WS_VECTOR_NP, offset | WS_ERROR_IDT | external);
    if (!segment_code_check(gate->selector)) {
        vcpu.fault_error |= vcpu.fault_vector == WS_VECTOR_PF ? 0 : external;
        return false;
    }
    if (segment_ring(gate->selector) > vcpu_ring())
        return fault_set(WS_VECTOR_GP, (gate->selector & ~3u) | external);
    return true;
}

/* To the stack of ring 0, as the VM's TSS names it.  SDM 3A §7.2.1 "Task-State Segment (TSS)" */
static bool stack_change(uint32_t external)
{
    struct ws_trap_frame *frame = vcpu.frame;
    struct {
        uint32_t esp0;
        uint16_t ss0;
    } __attribute__((packed)) stack;

    if (vcpu.task.limit < WS_TSS_ESP0 + sizeof stack - 1)
        return fault_set(WS_VECTOR_TS, (vcpu.tr & ~3u) | external);
    if (!linear_read(vcpu.task.base + WS_TSS_ESP0, &stack, sizeof stack))
        return false;
    if (stack.ss0 < 4)
        return fault_set(WS_VECTOR_TS, external);
    if (!segment_stack_check(stack.ss0, 0, WS_VECTOR_TS)) {
        vcpu.fault_error |= vcpu.fault_vector == WS_VECTOR_PF ? 0 : external;
        return false;
    }
    frame->user_ss = (stack.ss0 & ~3u) | RING;
    frame->user_esp = stack.esp0;
    return true;
}

static bool push(const uint32_t *values, unsigned count)
{
    uint32_t esp = vcpu.frame->user_esp - count * 4;

    if (!segment_write(SEGMENT_SS, esp, values, count * 4))
        return false;
    vcpu.frame->user_esp = esp;
    return true;
}

/* The CPU's frame: error code, EIP, CS, EFLAGS; from ring 3 also ESP and SS, on another stack.  false: nothing has
 * changed. */
static bool frame_push(bool inward, bool with_error, uint32_t error, uint32_t external)
{
    struct ws_trap_frame *frame = vcpu.frame;
    uint32_t unreal = WS_EFLAGS_IF | WS_EFLAGS_IOPL, ring = vcpu_ring(), esp = frame->user_esp, ss = frame->user_ss;
    const uint32_t image[] = {
        error, frame->eip, (frame->cs & 0xfffc) | ring, (frame->eflags & ~unreal) | vcpu.flags, esp, ss & 0xffff,
    };
    bool done = !inward || stack_change(external);

    done = done && push(with_error ? image : image + 1, (inward ? 5u : 3u) + with_error);
    if (!done) {
        frame->user_esp = esp;
        frame->user_ss = ss;
    }
    return done;
}

static bool deliver_once(uint32_t vector, uint32_t error, enum source source)
{
    struct ws_trap_frame *frame = vcpu.frame;
    bool with_error = source == SOURCE_EXCEPTION && has_error_code(vector), inward;
    struct gate gate;

    if (!gate_read(vector, source, &gate))
        return false;
    inward = vcpu_ring() == 3 && segment_ring(gate.selector) == 0 && !segment_conforms(gate.selector);
    if (!frame_push(inward, with_error, error, source == SOURCE_SOFTWARE ? 0 : WS_ERROR_EXT))
        return false;
    frame->eip = gate.offset_low | (uint32_t)gate.offset_high << 16;
    frame->cs = (gate.selector & ~3u) | (inward ? RING : frame->cs & 3);
    frame->eflags &= ~(uint32_t)FLAGS_CLEARED;
    if ((gate.type >> 8 & 0xf) == WS_TYPE_INTERRUPT_GATE32)
        vcpu.flags &= ~(uint32_t)WS_EFLAGS_IF;
    return true;
}

bool deliver_software(uint32_t vector)
{
    return deliver_once(vector, 0, SOURCE_SOFTWARE);
}

/* What cannot be delivered raises another fault; two that do not go together are a double fault; what
 * fails then stops a CPU. */
void deliver(uint32_t vector, uint32_t error, enum source source)
{
    uint32_t second;

    code_move();
    if (deliver_once(vector, error, source))
        return;
    second = vcpu.fault_vector;
    if (source == SOURCE_EXCEPTION && ((contributory(vector) && contributory(second)) ||
                                       (vector == WS_VECTOR_PF && (contributory(second) || second == WS_VECTOR_PF)))) {
        second = WS_VECTOR_DF;
        vcpu.fault_error = 0;
    }
    if (vector != WS_VECTOR_DF && deliver_once(second, vcpu.fault_error, SOURCE_EXCEPTION))
        return;
    if (vector != WS_VECTOR_DF && second != WS_VECTOR_DF && deliver_once(WS_VECTOR_DF, 0, SOURCE_EXCEPTION))
        return;
    vm_stop("triple fault: vector %u of the virtual machine cannot be delivered, at %x", vector, vcpu.frame->eip);
}
