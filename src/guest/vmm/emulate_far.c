/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where ring 1 would show.  The VM's kernel has selectors with RPL 0 in its frames and loads them into
 * CS and SS; in ring 1 those are refused, so these instructions trap, and the RPL is mended here:
 * what the VM sees in its memory is 0, what the CPU holds is 1.
 */
#include "vmm.h"

enum {
    FLAGS_ID = 0x200000,
    FLAGS_STATUS = 0x8d5, /* OF SF ZF AF PF CF */
    FLAGS_KEPT = FLAGS_STATUS | WS_EFLAGS_TF | FLAG_DF | WS_EFLAGS_NT | WS_EFLAGS_AC | FLAGS_ID
};

static uint16_t mended(uint32_t selector)
{
    return (uint16_t)((selector & ~(uint32_t)WS_SELECTOR_RPL) | RING);
}

static void operand_16_refuse(const struct instruction *in)
{
    if (in->operand_16)
        vm_stop("a far transfer with 16-bit operands at %x: the VMM does not emulate it", vcpu.frame->eip - in->length);
}

/* Where iret and far return go: to this ring, or to an outer one.  SDM 2A "IRET/IRETD/IRETQ—Interrupt Return" */
static bool target_check(uint16_t selector)
{
    unsigned rpl = selector & WS_SELECTOR_RPL, dpl;

    if (rpl == 1 || rpl == 2)
        vm_stop("a return to ring %u at %x: the VMM has rings 0 and 3", rpl, vcpu.frame->eip);
    if (!segment_code_check(selector))
        return false;
    dpl = segment_ring(selector);
    if (segment_conforms(selector) ? dpl <= rpl : dpl == rpl)
        return true;
    return fault_set(WS_VECTOR_GP, selector & ~(uint32_t)WS_SELECTOR_RPL);
}

/* ESP and SS of ring 3 are on the stack behind what was read; then the VM is in ring 3. */
static bool leave(uint32_t eip, uint16_t cs, uint32_t at)
{
    struct ws_trap_frame *frame = vcpu.frame;
    uint32_t image[2]; /* ESP, SS */

    if (!segment_read(SEGMENT_SS, at, image, sizeof image))
        return false;
    if ((image[1] & 0xffff) < 4)
        return fault_set(WS_VECTOR_GP, 0);
    if (!segment_stack_check((uint16_t)image[1], 3, WS_VECTOR_GP))
        return false;
    frame->eip = eip;
    frame->cs = cs;
    frame->user_esp = image[0];
    frame->user_ss = image[1] & 0xffff;
    segments_leave();
    return true;
}

/* SDM 2A "IRET/IRETD/IRETQ—Interrupt Return" */
bool emulate_iret(const struct instruction *in)
{
    struct ws_trap_frame *frame = vcpu.frame;
    uint32_t image[3]; /* EIP, CS, EFLAGS */

    operand_16_refuse(in);
    if (frame->eflags & WS_EFLAGS_NT)
        vm_stop("iret to another task at %x: the VMM has no tasks", frame->eip - in->length);
    if (!segment_read(SEGMENT_SS, frame->user_esp, image, sizeof image))
        return false;
    if (image[2] & WS_EFLAGS_VM)
        vm_stop("iret to virtual-8086 mode at %x: the VMM does not have it", frame->eip - in->length);
    if (!target_check((uint16_t)image[1]))
        return false;
    if (image[1] & WS_SELECTOR_RPL) {
        if (!leave(image[0], (uint16_t)image[1], frame->user_esp + sizeof image))
            return false;
    } else {
        frame->user_esp += sizeof image;
        frame->eip = image[0];
        frame->cs = mended(image[1]);
    }
    frame->eflags = (image[2] & FLAGS_KEPT) | WS_EFLAGS_FIXED;
    vcpu.flags = image[2] & (WS_EFLAGS_IF | WS_EFLAGS_IOPL);
    return true;
}

bool emulate_lret(const struct instruction *in)
{
    struct ws_trap_frame *frame = vcpu.frame;
    uint32_t image[2], parameters = in->opcode == 0xca ? in->immediate : 0; /* EIP, CS */

    operand_16_refuse(in);
    if (!segment_read(SEGMENT_SS, frame->user_esp, image, sizeof image) || !target_check((uint16_t)image[1]))
        return false;
    if (image[1] & WS_SELECTOR_RPL) {
        if (!leave(image[0], (uint16_t)image[1], frame->user_esp + sizeof image + parameters))
            return false;
        frame->user_esp += parameters;
        return true;
    }
    frame->user_esp += sizeof image + parameters;
    frame->eip = image[0];
    frame->cs = mended(image[1]);
    return true;
}

/* Call gates, task gates and TSSs lead to more than code. */
static void system_refuse(uint16_t selector)
{
    enum { ACCESS = 40, PRESENT = 0x80, NOT_SYSTEM = 0x10, LEADING = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 12 };
    uint64_t found;
    unsigned access;

    if (!segment_guest_descriptor(selector, &found))
        return;
    access = (unsigned)(found >> ACCESS) & 0xff;
    if (access & PRESENT && !(access & NOT_SYSTEM) && LEADING >> (access & 15) & 1)
        vm_stop("a far transfer by selector %x at %x: the VMM has no call gates and no tasks", selector,
                vcpu.frame->eip);
}

/* To code of ring 0, by jmp or call.  SDM 2A "JMP—Jump", "CALL—Call Procedure" */
static bool far_transfer(const struct instruction *in, uint32_t offset, uint16_t selector, bool call)
{
    struct ws_trap_frame *frame = vcpu.frame;
    const uint32_t image[] = {frame->eip, frame->cs & ~(uint32_t)WS_SELECTOR_RPL & 0xffff}; /* EIP, CS */

    operand_16_refuse(in);
    system_refuse(selector);
    if (!segment_code_check(selector))
        return false;
    if (selector & WS_SELECTOR_RPL)
        return fault_set(WS_VECTOR_GP, selector & ~(uint32_t)WS_SELECTOR_RPL);
    if (segment_ring(selector))
        return fault_set(WS_VECTOR_GP, selector & ~(uint32_t)WS_SELECTOR_RPL);
    if (call && !segment_write(SEGMENT_SS, frame->user_esp - sizeof image, image, sizeof image))
        return false;
    if (call)
        frame->user_esp -= sizeof image;
    frame->eip = offset;
    frame->cs = mended(selector);
    return true;
}

bool emulate_far_direct(const struct instruction *in)
{
    return far_transfer(in, in->displacement, (uint16_t)in->immediate, in->opcode == 0x9a);
}

bool emulate_far_indirect(const struct instruction *in)
{
    struct {
        uint32_t offset;
        uint16_t selector;
    } __attribute__((packed)) pointer;

    if (in->mod == 3)
        return fault_set(WS_VECTOR_UD, 0);
    operand_16_refuse(in);
    return operand_read(in, &pointer, sizeof pointer) &&
           far_transfer(in, pointer.offset, pointer.selector, in->reg == 3);
}

static bool stack_load(uint16_t selector)
{
    if (selector < 4)
        return fault_set(WS_VECTOR_GP, 0);
    if (selector & WS_SELECTOR_RPL)
        return fault_set(WS_VECTOR_GP, selector & ~(uint32_t)WS_SELECTOR_RPL);
    if (!segment_stack_check(selector, 0, WS_VECTOR_GP))
        return false;
    vcpu.frame->user_ss = mended(selector);
    vcpu.sti_shadow = true; /* no interrupt before the next instruction, which loads ESP */
    return true;
}

bool emulate_mov_ss(const struct instruction *in)
{
    uint16_t selector;

    return word_read(in, &selector) && stack_load(selector);
}

bool emulate_pop_ss(const struct instruction *in)
{
    uint16_t selector;

    if (!segment_read(SEGMENT_SS, vcpu.frame->user_esp, &selector, sizeof selector) || !stack_load(selector))
        return false;
    vcpu.frame->user_esp += in->operand_16 ? 2 : 4;
    return true;
}

bool emulate_lss(const struct instruction *in)
{
    struct {
        uint32_t offset;
        uint16_t selector;
    } __attribute__((packed)) pointer;

    operand_16_refuse(in);
    if (!operand_read(in, &pointer, sizeof pointer) || !stack_load(pointer.selector))
        return false;
    *register_at(in->reg) = pointer.offset;
    return true;
}
