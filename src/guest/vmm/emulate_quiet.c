/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that do something else in ring 1 than in ring 0, and do not trap: they store what is the CPU's and not
 * the VM's, or lose IF without a word.  Because of these, trap and emulate is not enough on this CPU.  Here they run
 * only when translated code asks for it; what happens often has a sequence of its own, in translator/sequences.S.
 */
#include "vmm.h"

enum {
    FLAGS_ID = 0x200000,
    FLAGS_STATUS = 0x8d5, /* OF SF ZF AF PF CF */
    FLAGS_OURS = FLAGS_STATUS | WS_EFLAGS_TF | FLAG_DF | WS_EFLAGS_NT | WS_EFLAGS_AC | FLAGS_ID,
    FLAG_ZF = 0x40,
};

/* -- flags ------------------------------------------------------------------------------------- */

bool emulate_pushf(const struct instruction *in)
{
    uint32_t image = (vcpu.frame->eflags & FLAGS_OURS) | WS_EFLAGS_FIXED | vcpu.flags;

    return stack_push(&image, 1, operand_bytes(in));
}

/* IOPL is ring 0's to change, IF that of the rings up to IOPL, and nobody hears of it. */
void flags_load(uint32_t image, unsigned ring, unsigned bytes)
{
    uint32_t ours = bytes == 2 ? FLAGS_OURS & 0xffff : FLAGS_OURS, theirs = 0;

    if (ring <= vcpu_iopl())
        theirs |= WS_EFLAGS_IF;
    if (ring == 0)
        theirs |= WS_EFLAGS_IOPL;
    vcpu.frame->eflags = (vcpu.frame->eflags & ~ours) | (image & ours) | WS_EFLAGS_FIXED;
    vcpu.flags = (vcpu.flags & ~theirs) | (image & theirs);
}

/* SDM 2B "POPF/POPFD/POPFQ—Pop Stack into EFLAGS Register" */
bool emulate_popf(const struct instruction *in)
{
    uint32_t image;

    if (!stack_read(0, &image, 1, operand_bytes(in)))
        return false;
    vcpu.frame->user_esp += operand_bytes(in);
    flags_load(image, vcpu_ring(), operand_bytes(in));
    return true;
}

/* -- what the tables are ----------------------------------------------------------------------- */

/* sgdt, sidt */
bool emulate_store_table(const struct instruction *in)
{
    const struct ws_cross_table *table = in->reg == 0 ? &vcpu.gdtr : &vcpu.idtr;

    if (in->mod == 3)
        return fault_set(WS_VECTOR_UD, 0);
    return operand_write(in, table, sizeof *table);
}

/* A word into memory; into a register as wide as the operand. */
static bool word_write(const struct instruction *in, uint32_t value)
{
    if (in->mod != 3)
        return operand_write(in, &value, 2);
    if (in->operand_16)
        value = (*register_at(in->rm) & 0xffff0000) | (value & 0xffff);
    *register_at(in->rm) = value;
    return true;
}

/* sldt, str, smsw: opcode 0x0f00 /0, /1; 0x0f01 /4 */
bool emulate_store_word(const struct instruction *in)
{
    if (in->opcode == 0x0f01)
        return word_write(in, vcpu.cr0);
    return word_write(in, in->reg == 0 ? vcpu.ldtr : vcpu.tr);
}

/* -- what a descriptor is ---------------------------------------------------------------------- */

/* May the VM's ring know of the descriptor, by a selector of that RPL?  `types` has a bit for each type of system
 * segment that the instruction takes. */
static bool visible(union descriptor found, unsigned rpl, unsigned types)
{
    bool permitted = dpl_of(found) >= (rpl > vcpu_ring() ? rpl : vcpu_ring());

    if (!(found.access & NOT_SYSTEM))
        return is_system(found, types) && permitted;
    return permitted || (is_code(found) && found.access & WS_TYPE_CONFORMING);
}

/* lar, lsl: the descriptor's rights or limit; verr, verw: whether it is for that.  ZF: is there an answer?
 * SDM 2A "LAR—Load Access Rights Byte", "LSL—Load Segment Limit", 2C "VERR/VERW—Verify a Segment for Reading or
 * Writing" */
bool emulate_describe(const struct instruction *in)
{
    enum { LAR = 0x0f02, LSL = 0x0f03, VERR = 4, LAR_TYPES = 0x1a3e, LSL_TYPES = 0x0a0e, RIGHTS = 0x00f0ff00 };
    unsigned types = in->opcode == LAR ? LAR_TYPES : in->opcode == LSL ? LSL_TYPES : 0;
    union descriptor found;
    uint16_t selector;
    bool is, access;

    if (!word_read(in, &selector))
        return false;
    is = segment_guest_descriptor(selector, &found) && visible(found, selector & WS_SELECTOR_RPL, types);
    access = found.access & WS_TYPE_WRITABLE; /* or readable, if it is code */
    if (in->opcode != LAR && in->opcode != LSL)
        is = is && (in->reg == VERR ? access || !is_code(found) : access && !is_code(found));
    else if (is)
        register_load(in, in->opcode == LAR ? (uint32_t)(found.whole >> 32) & RIGHTS : limit_of(found));
    vcpu.frame->eflags = (vcpu.frame->eflags & ~(uint32_t)FLAG_ZF) | (is ? FLAG_ZF : 0);
    return true;
}

/* -- selectors --------------------------------------------------------------------------------- */

/* Which register it is about, as the opcode has it: in its middle bits for push and pop, in its lowest ones for lss,
 * lfs and lgs. */
static enum segment segment_named(const struct instruction *in)
{
    if (in->opcode == 0x8c || in->opcode == 0x8e) /* mov */
        return (enum segment)in->reg;
    if (in->opcode == 0xc4 || in->opcode == 0xc5)
        return in->opcode == 0xc4 ? SEGMENT_ES : SEGMENT_DS;
    return (enum segment)(in->opcode >= 0x0fb2 ? in->opcode & 7 : in->opcode >> 3 & 7);
}

bool emulate_push_segment(const struct instruction *in)
{
    uint32_t selector = segment_selector(segment_named(in));

    return stack_push(&selector, 1, operand_bytes(in));
}

bool emulate_from_segment(const struct instruction *in)
{
    return word_write(in, segment_selector(segment_named(in)));
}

bool far_pointer_read(const struct instruction *in, uint32_t *offset, uint16_t *selector)
{
    uint8_t pointer[6];

    if (in->mod == 3)
        return fault_set(WS_VECTOR_UD, 0);
    if (!operand_read(in, pointer, operand_bytes(in) + 2))
        return false;
    *offset = 0;
    memcpy(offset, pointer, operand_bytes(in));
    memcpy(selector, pointer + operand_bytes(in), 2);
    return true;
}

/* Only the operand's bytes of the register change. */
void register_load(const struct instruction *in, uint32_t value)
{
    memcpy(register_at(in->reg), &value, operand_bytes(in));
}

/* mov, pop, lds and the like; of all but CS.  SDM 2B "MOV—Move" */
bool emulate_to_segment(const struct instruction *in)
{
    struct ws_trap_frame *frame = vcpu.frame;
    enum segment segment = segment_named(in);
    bool move = in->opcode == 0x8e, far = in->opcode == 0xc4 || in->opcode == 0xc5 || in->opcode >= 0x0fb2;
    uint32_t offset = 0;
    uint16_t selector;

    if (move  ? !word_read(in, &selector)
        : far ? !far_pointer_read(in, &offset, &selector)
              : !segment_read(SEGMENT_SS, frame->user_esp, &selector, sizeof selector))
        return false;
    if (segment == SEGMENT_SS ? !segment_stack_check(selector, vcpu_ring(), WS_VECTOR_GP)
                              : !segment_data_check(selector))
        return false;
    *segment_register(segment) = selector;
    if (far)
        register_load(in, offset);
    else if (!move)
        frame->user_esp += operand_bytes(in);
    if (segment == SEGMENT_SS && !far) { /* ESP comes next; before it, no interrupt, trap or breakpoint */
        vcpu.shadow = SHADOW_SS;
        vcpu.resume = true;
    }
    return true;
}
