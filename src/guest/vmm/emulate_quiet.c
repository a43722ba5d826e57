/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that do something else in ring 1 than in ring 0, and do not trap: they store what is the CPU's and not
 * the VM's, or lose IF without a word.  Because of these, trap and emulate is not enough on this CPU.  Here they run
 * only when translated code asks for it; what happens often has a sequence of its own, in translator/sequences.S.
 */
#include "guest/shared/memory.h"
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

enum { ACCESS_SHIFT = 40, RIGHTS = 0x00f0ff00, CODE_READABLE = 0x0a };

static void zf_set(bool set)
{
    vcpu.frame->eflags = (vcpu.frame->eflags & ~(uint32_t)FLAG_ZF) | (set ? FLAG_ZF : 0);
}

/* The VM's descriptor, if the VM's ring may know of it with that RPL.  `system` has a bit for each type of system
 * segment that the instruction takes. */
static bool visible(uint16_t selector, uint32_t system, uint64_t *found)
{
    unsigned access, dpl, rpl = selector & WS_SELECTOR_RPL, ring = rpl > vcpu_ring() ? rpl : vcpu_ring();

    if (!segment_guest_descriptor(selector, found))
        return false;
    access = (unsigned)(*found >> ACCESS_SHIFT) & 0xff;
    dpl = access >> 5 & 3;
    if (!(access & 0x10))
        return system >> (access & 15) & 1 && dpl >= ring;
    return (access & 0x0c) == 0x0c || dpl >= ring; /* conforming code: always */
}

/* SDM 2A "LAR—Load Access Rights Byte" */
bool emulate_lar(const struct instruction *in)
{
    uint64_t found;
    uint16_t selector;
    bool is;

    if (!word_read(in, &selector))
        return false;
    is = visible(selector, 0x1a3e, &found);
    zf_set(is);
    if (is && in->operand_16)
        *register_at(in->reg) = (*register_at(in->reg) & 0xffff0000) | ((uint32_t)(found >> 32) & 0xff00);
    else if (is)
        *register_at(in->reg) = (uint32_t)(found >> 32) & RIGHTS;
    return true;
}

/* SDM 2A "LSL—Load Segment Limit" */
bool emulate_lsl(const struct instruction *in)
{
    uint64_t found;
    uint32_t limit;
    uint16_t selector;
    bool is;

    if (!word_read(in, &selector))
        return false;
    is = visible(selector, 0x0a0e, &found);
    zf_set(is);
    limit = (uint32_t)(found & 0xffff) | ((uint32_t)(found >> 32) & 0xf0000);
    if (found >> 55 & 1)
        limit = limit << 12 | 0xfff;
    if (is && in->operand_16)
        *register_at(in->reg) = (*register_at(in->reg) & 0xffff0000) | (limit & 0xffff);
    else if (is)
        *register_at(in->reg) = limit;
    return true;
}

/* SDM 2C "VERR/VERW—Verify a Segment for Reading or Writing" */
bool emulate_verify(const struct instruction *in)
{
    uint64_t found;
    unsigned type;
    uint16_t selector;
    bool is;

    if (!word_read(in, &selector))
        return false;
    is = visible(selector, 0, &found);
    type = (unsigned)(found >> ACCESS_SHIFT) & 15;
    if (in->reg == 4) /* verr: data, or readable code */
        zf_set(is && (!(type & WS_TYPE_CODE) || type & WS_TYPE_READABLE));
    else
        zf_set(is && !(type & WS_TYPE_CODE) && type & WS_TYPE_WRITABLE);
    return true;
}

/* -- selectors --------------------------------------------------------------------------------- */

bool emulate_push_segment(const struct instruction *in)
{
    enum segment segment = in->opcode == 0x0fa8 ? SEGMENT_GS : in->opcode == 0x0e ? SEGMENT_CS : SEGMENT_SS;
    uint32_t selector = segment_selector(segment);

    return stack_push(&selector, 1, operand_bytes(in));
}

bool emulate_from_segment(const struct instruction *in)
{
    return word_write(in, segment_selector((enum segment)in->reg));
}

/* Which register a pop or a far pointer loads. */
static enum segment segment_loaded(const struct instruction *in)
{
    switch (in->opcode) {
    case 0x07: /* pop es, les */
    case 0xc4:
        return SEGMENT_ES;
    case 0x1f:
    case 0xc5:
        return SEGMENT_DS;
    case 0x0fa1:
    case 0x0fb4:
        return SEGMENT_FS;
    default:
        return in->opcode == 0x8e ? (enum segment)in->reg : SEGMENT_GS;
    }
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

/* mov, pop, lds and the like; not of SS */
bool emulate_to_segment(const struct instruction *in)
{
    struct ws_trap_frame *frame = vcpu.frame;
    enum segment segment = segment_loaded(in);
    uint32_t *const to[] = {&frame->es, NULL, NULL, &frame->ds, &frame->fs, &frame->gs};
    bool pop = in->opcode == 0x07 || in->opcode == 0x1f || in->opcode == 0x0fa1 || in->opcode == 0x0fa9;
    bool move = in->opcode == 0x8e;
    uint32_t offset = 0;
    uint16_t selector;

    if (move  ? !word_read(in, &selector)
        : pop ? !segment_read(SEGMENT_SS, frame->user_esp, &selector, sizeof selector)
              : !far_pointer_read(in, &offset, &selector))
        return false;
    if (!segment_data_check(selector))
        return false;
    *to[segment] = selector;
    if (pop)
        frame->user_esp += operand_bytes(in);
    else if (!move)
        register_load(in, offset);
    return true;
}
