/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the VM's rings show: far calls, jumps and returns.  The VM's selectors have another RPL than the CPU's, and its
 * gates are not in the CPU's tables, so all of these are done here, by the manual's word:
 *
 *   jmp, call ──► code of this ring
 *         └─────► call gate ──► code of this ring, or by call of an inner one: its stack, with the parameters
 *   iret, lret ─► code of this ring, or of an outer one: its stack from this one
 */
#include "vmm.h"

enum {
    GATE_PARAMETERS = 0x1f,
    CALL_GATES = 1 << WS_TYPE_CALL_GATE16 | 1 << WS_TYPE_CALL_GATE32,
    TASKS = 1 << WS_TYPE_TSS16 | 1 << WS_TYPE_TSS32 | 1 << WS_TYPE_TASK_GATE,
    BUSY_TASKS = 1 << WS_TYPE_TSS16_BUSY | 1 << WS_TYPE_TSS32_BUSY
};

static bool selector_check(uint16_t selector)
{
    return selector < 4 ? fault_set(WS_VECTOR_GP, 0) : segment_reachable(selector);
}

/* Is that a place to go to, if the rings permit it? */
static bool target_check(uint16_t selector, uint32_t eip, bool permitted)
{
    if (!permitted)
        return fault_set(WS_VECTOR_GP, selector & ~(uint32_t)WS_SELECTOR_RPL);
    return segment_code_check(selector) && segment_reaches(selector, eip);
}

/* -- outward: iret, far return ----------------------------------------------------------------- */

/* SDM 2A "IRET/IRETD/IRETQ—Interrupt Return" */
static bool returns_there(uint16_t selector)
{
    unsigned rpl = selector & WS_SELECTOR_RPL, dpl = segment_ring(selector);

    return rpl >= vcpu_ring() && (segment_conforms(selector) ? dpl <= rpl : dpl == rpl);
}

/* To CS:EIP; from an outer ring ESP and SS are on the stack, too, `at` bytes behind ESP. */
static bool far_return(const uint32_t *image, uint32_t at, uint32_t parameters, unsigned bytes)
{
    struct ws_trap_frame *frame = vcpu.frame;
    uint16_t cs = (uint16_t)image[1];
    unsigned rpl = cs & WS_SELECTOR_RPL;
    bool outward = rpl != vcpu_ring();
    uint32_t stack[2]; /* ESP, SS */

    if (!selector_check(cs) || !target_check(cs, image[0], returns_there(cs)))
        return false;
    if (outward && (!stack_read(at, stack, 2, bytes) || !segment_stack_check((uint16_t)stack[1], rpl, WS_VECTOR_GP)))
        return false;
    frame->eip = image[0];
    frame->cs = cs;
    frame->user_esp = outward ? stack[0] + parameters : frame->user_esp + at;
    if (outward) {
        frame->user_ss = (uint16_t)stack[1];
        segments_leave();
    }
    return true;
}

/* iret with NT returns to the task that the TSS names as the previous one, which the VMM does not have.
 * SDM 2A "IRET/IRETD/IRETQ—Interrupt Return" */
static bool task_return(const struct instruction *in)
{
    union descriptor found;
    uint16_t link;

    if (!linear_read(vcpu.task.base, &link, sizeof link))
        return false;
    if (link & WS_SELECTOR_TI || !segment_guest_descriptor(link, &found) || !is_system(found, BUSY_TASKS))
        return fault_set(WS_VECTOR_TS, link & ~(uint32_t)WS_SELECTOR_RPL);
    vm_stop("iret to another task at %x: the VMM has no tasks", vcpu.frame->eip - in->length);
}

bool emulate_iret(const struct instruction *in)
{
    unsigned ring = vcpu_ring(), bytes = operand_bytes(in);
    uint32_t image[3]; /* EIP, CS, EFLAGS */

    if (vcpu.frame->eflags & WS_EFLAGS_NT)
        return task_return(in);
    if (!stack_read(0, image, 3, bytes))
        return false;
    if (image[2] & WS_EFLAGS_VM && ring == 0)
        vm_stop("iret to virtual-8086 mode at %x: the VMM does not have it", vcpu.frame->eip - in->length);
    if (!far_return(image, 3 * bytes, 0, bytes))
        return false;
    flags_load(image[2], ring, bytes);
    vcpu.resume = image[2] & WS_EFLAGS_RF;
    return true;
}

bool emulate_lret(const struct instruction *in)
{
    uint32_t image[2], parameters = in->opcode == 0xca ? in->immediate : 0; /* EIP, CS */
    unsigned bytes = operand_bytes(in);

    return stack_read(0, image, 2, bytes) && far_return(image, 2 * bytes + parameters, parameters, bytes);
}

/* -- to this ring, or inward: jmp, call --------------------------------------------------------- */

static bool go(uint16_t selector, unsigned ring, uint32_t eip)
{
    vcpu.frame->cs = (selector & ~(uint32_t)WS_SELECTOR_RPL) | ring;
    vcpu.frame->eip = eip;
    return true;
}

/* SDM 3A §5.8.5 "Stack Switching" */
static bool call_inward(const struct gate *gate, uint16_t selector, uint32_t eip, unsigned bytes)
{
    struct ws_trap_frame *frame = vcpu.frame;
    unsigned parameters = gate->type & GATE_PARAMETERS, ring = segment_ring(selector);
    uint32_t image[STACK_MOST] = {frame->eip, frame->cs & 0xffff};

    if (!stack_read(0, image + 2, parameters, bytes))
        return false;
    image[2 + parameters] = frame->user_esp;
    image[3 + parameters] = frame->user_ss & 0xffff;
    return stack_push_inward(ring, 0, image, parameters + 4, bytes) && go(selector, ring, eip);
}

static bool go_here(uint16_t selector, uint32_t eip, bool call, unsigned bytes)
{
    const uint32_t image[] = {vcpu.frame->eip, vcpu.frame->cs & 0xffff};

    return (!call || stack_push(image, 2, bytes)) && go(selector, vcpu_ring(), eip);
}

/* SDM 3A §5.8.4 "Accessing a Code Segment Through a Call Gate" */
static bool through_gate(uint16_t gate_selector, const struct gate *gate, bool call)
{
    unsigned dpl = gate->type >> 13 & 3, rpl = gate_selector & WS_SELECTOR_RPL, bytes = gate_bytes(gate);
    uint32_t eip = gate_offset(gate);
    uint16_t selector = gate->selector;
    bool inward;

    if (dpl < vcpu_ring() || dpl < rpl)
        return fault_set(WS_VECTOR_GP, gate_selector & ~(uint32_t)WS_SELECTOR_RPL);
    if (!(gate->type & GATE_PRESENT))
        return fault_set(WS_VECTOR_NP, gate_selector & ~(uint32_t)WS_SELECTOR_RPL);
    if (!selector_check(selector))
        return false;
    inward = !segment_conforms(selector) && segment_ring(selector) < vcpu_ring();
    if (!target_check(selector, eip, segment_ring(selector) <= vcpu_ring() && (call || !inward)))
        return false;
    return inward ? call_inward(gate, selector, eip, bytes) : go_here(selector, eip, call, bytes);
}

/* SDM 2A "JMP—Jump", "CALL—Call Procedure" */
static bool far_transfer(uint32_t eip, uint16_t selector, bool call, unsigned bytes)
{
    unsigned rpl = selector & WS_SELECTOR_RPL, dpl = segment_ring(selector), ring = vcpu_ring();
    union descriptor found;
    bool there = segment_guest_descriptor(selector, &found), permitted;

    if (!selector_check(selector))
        return false;
    if (there && is_system(found, CALL_GATES))
        return through_gate(selector, (const struct gate *)&found, call);
    if (there && is_system(found, TASKS) && found.access & PRESENT)
        vm_stop("a far transfer by selector %x at %x: the VMM has no tasks", selector, vcpu.frame->eip);
    permitted = segment_conforms(selector) ? dpl <= ring : rpl <= ring && dpl == ring;
    return target_check(selector, eip, permitted) && go_here(selector, eip, call, bytes);
}

bool emulate_far_direct(const struct instruction *in)
{
    return far_transfer(in->displacement, (uint16_t)in->immediate, in->opcode == 0x9a, operand_bytes(in));
}

bool emulate_far_indirect(const struct instruction *in)
{
    uint32_t offset;
    uint16_t selector;

    return far_pointer_read(in, &offset, &selector) && far_transfer(offset, selector, in->reg == 3, operand_bytes(in));
}
