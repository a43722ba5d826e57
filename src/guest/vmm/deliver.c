/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions and interrupts through the VM's own IDT, as the VM believes that its CPU does it: the
 * frame has the VM's CS, and IF as the VM has set it.  From an outer ring it changes to the stack that the
 * VM's own TSS names.  SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures"
 */
#include "vmm.h"

enum {
    FLAGS_CLEARED = WS_EFLAGS_TF | WS_EFLAGS_NT | WS_EFLAGS_RF | WS_EFLAGS_VM,
    GATES = 1 << WS_TYPE_INTERRUPT_GATE32 | 1 << WS_TYPE_TRAP_GATE32 | 1 << WS_TYPE_INTERRUPT_GATE16 |
            1 << WS_TYPE_TRAP_GATE16
};

/* A fault's handler returns to the instruction, on which no breakpoint shall be met again: SDM 3B §17.3.1.1
 * "Instruction-Breakpoint Exception Condition".  Two contributory ones make a double fault. */
static const struct {
    bool fault, contributory, error_code;
} kinds[WS_VECTORS_EXCEPTIONS] = {
#define KIND_ROW(vector, mnemonic, name, class_, kind, error) \
    [vector] = {WS_KIND_##kind == WS_KIND_FAULT, WS_CLASS_##class_ == WS_CLASS_CONTRIBUTORY, error},
    WS_EXCEPTION_TABLE(KIND_ROW)
#undef KIND_ROW
};

/* What is being delivered, and where. */
struct delivery {
    struct gate gate;
    unsigned ring; /* of the handler */
    bool with_error;
    uint32_t error, external;
    uint32_t resume; /* RF in the frame */
};

static bool gate_read(uint32_t vector, enum source source, struct delivery *d)
{
    struct gate *gate = &d->gate;
    uint32_t offset = vector * sizeof *gate;

    if (offset + sizeof *gate - 1 > vcpu.idtr.limit)
        return fault_set(WS_VECTOR_GP, offset | WS_ERROR_IDT | d->external);
    if (!linear_read(vcpu.idtr.base + offset, gate, sizeof *gate))
        return false;
    if ((gate->type >> 8 & 0x1f) == WS_TYPE_TASK_GATE)
        vm_stop("vector %u has a task gate: the VMM has no tasks", vector);
    if (!(GATES >> (gate->type >> 8 & 0x1f) & 1) ||
        (source == SOURCE_SOFTWARE && (gate->type >> 13 & 3u) < vcpu_ring()))
        return fault_set(WS_VECTOR_GP, offset | WS_ERROR_IDT | d->external);
    if (!(gate->type & GATE_PRESENT))
        return fault_set(WS_VECTOR_NP, offset | WS_ERROR_IDT | d->external);
    if (segment_code_check(gate->selector) && segment_ring(gate->selector) <= vcpu_ring())
        return true;
    if (segment_ring(gate->selector) > vcpu_ring())
        fault_set(WS_VECTOR_GP, gate->selector & ~3u);
    if (vcpu.fault_vector != WS_VECTOR_PF)
        vcpu.fault_error |= d->external;
    return false;
}

/* SDM 3A §7.2.1 "Task-State Segment (TSS)" */
static bool stack_change(unsigned ring, uint32_t external)
{
    struct ws_trap_frame *frame = vcpu.frame;
    uint32_t at = WS_TSS_ESP0 + 8 * ring;
    struct {
        uint32_t esp;
        uint16_t ss;
    } __attribute__((packed)) stack;

    if (vcpu.task.limit < at + sizeof stack - 1)
        return fault_set(WS_VECTOR_TS, (vcpu.tr & ~3u) | external);
    if (!linear_read(vcpu.task.base + at, &stack, sizeof stack))
        return false;
    if (stack.ss < 4)
        return fault_set(WS_VECTOR_TS, external);
    if (!segment_stack_check(stack.ss, ring, WS_VECTOR_TS)) {
        vcpu.fault_error |= vcpu.fault_vector == WS_VECTOR_PF ? 0 : external;
        return false;
    }
    frame->user_ss = stack.ss;
    frame->user_esp = stack.esp;
    return true;
}

bool stack_push_inward(unsigned ring, uint32_t external, const uint32_t *values, unsigned count, unsigned bytes)
{
    uint32_t esp = vcpu.frame->user_esp, ss = vcpu.frame->user_ss;

    if (stack_change(ring, external) && stack_push(values, count, bytes))
        return true;
    vcpu.frame->user_esp = esp;
    vcpu.frame->user_ss = ss;
    return false;
}

/* The CPU's frame: error code, EIP, CS, EFLAGS; from an outer ring also ESP and SS, on another stack; words, through a
 * gate for 16 bits.  false: nothing has changed. */
static bool frame_push(const struct delivery *d)
{
    struct ws_trap_frame *frame = vcpu.frame;
    uint32_t unreal = WS_EFLAGS_IF | WS_EFLAGS_IOPL | WS_EFLAGS_RF, flags = (frame->eflags & ~unreal) | vcpu.flags;
    const uint32_t image[] = {
        d->error, frame->eip, frame->cs & 0xffff, flags | d->resume, frame->user_esp, frame->user_ss & 0xffff,
    };
    const uint32_t *values = d->with_error ? image : image + 1;

    if (d->ring == vcpu_ring())
        return stack_push(values, 3u + d->with_error, gate_bytes(&d->gate));
    return stack_push_inward(d->ring, d->external, values, 5u + d->with_error, gate_bytes(&d->gate));
}

static bool handler_enter(const struct delivery *d, uint32_t eip)
{
    struct ws_trap_frame *frame = vcpu.frame;

    frame->eip = eip;
    frame->cs = (d->gate.selector & ~3u) | d->ring;
    frame->eflags &= ~(uint32_t)FLAGS_CLEARED;
    vcpu.resume = false;
    if (!(d->gate.type & GATE_KEEPS_IF))
        vcpu.flags &= ~(uint32_t)WS_EFLAGS_IF;
    return true;
}

static bool deliver_once(uint32_t vector, uint32_t error, enum source source)
{
    struct delivery d = {
        .with_error = source == SOURCE_EXCEPTION && kinds[vector].error_code,
        .error = error,
        .external = source == SOURCE_SOFTWARE ? 0 : WS_ERROR_EXT,
    };
    uint32_t eip;

    if (vcpu.resume || (source == SOURCE_EXCEPTION && kinds[vector].fault))
        d.resume = WS_EFLAGS_RF;
    if (!gate_read(vector, source, &d))
        return false;
    d.ring = segment_conforms(d.gate.selector) ? vcpu_ring() : segment_ring(d.gate.selector);
    eip = gate_offset(&d.gate);
    if (!segment_reaches(d.gate.selector, eip))
        vcpu.fault_error |= d.external;
    else if (frame_push(&d))
        return handler_enter(&d, eip);
    return false;
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
    vcpu.shadow = SHADOW_NONE;
    if (deliver_once(vector, error, source))
        return;
    second = vcpu.fault_vector;
    if (source == SOURCE_EXCEPTION &&
        ((kinds[vector].contributory && kinds[second].contributory) ||
         (vector == WS_VECTOR_PF && (kinds[second].contributory || second == WS_VECTOR_PF)))) {
        second = WS_VECTOR_DF;
        vcpu.fault_error = 0;
    }
    if (vector != WS_VECTOR_DF && deliver_once(second, vcpu.fault_error, SOURCE_EXCEPTION))
        return;
    if (vector != WS_VECTOR_DF && second != WS_VECTOR_DF && deliver_once(WS_VECTOR_DF, 0, SOURCE_EXCEPTION))
        return;
    vm_stop("triple fault: vector %u of the virtual machine cannot be delivered, at %x", vector, vcpu.frame->eip);
}
