/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trap and emulate.  An instruction that is privileged faults in ring 1; the VMM looks it up in one
 * table and does to the virtual CPU what ring 0 would have done to the real one.  What is not in the
 * table deserved its fault, and the VM gets it.
 */
#include "vmm.h"

enum {
    CR0_FPU = WS_CR0_MP | WS_CR0_EM | WS_CR0_TS,
    CR0_SHARED = CR0_FPU | (int)WS_CR0_AM, /* the real ones are the VM's */
    CR4_SHARED = 0x70c,                    /* TSD, DE, PCE, OSFXSR, OSXMMEXCPT: the real ones are the VM's, too */
    CR0_NW = 0x20000000,
    CR0_CACHE = 0x40000000 | CR0_NW, /* CD and NW: the caches stay on */
    CR0_KNOWN = WS_CR0_PE | CR0_FPU | WS_CR0_ET | WS_CR0_NE | WS_CR0_WP | WS_CR0_AM | CR0_CACHE
};

/* -- operands -------------------------------------------------------------------------------- */

bool operand_read(const struct instruction *in, void *to, unsigned bytes)
{
    enum segment segment;
    uint32_t offset = operand_offset(in, &segment);

    return segment_read(segment, offset, to, bytes);
}

bool operand_write(const struct instruction *in, const void *from, unsigned bytes)
{
    enum segment segment;
    uint32_t offset = operand_offset(in, &segment);

    return segment_write(segment, offset, from, bytes);
}

bool stack_push(const uint32_t *values, unsigned count, unsigned bytes)
{
    uint8_t image[STACK_MOST * sizeof *values];

    for (unsigned i = 0; i < count; i++)
        memcpy(image + i * bytes, &values[i], bytes);
    if (!segment_write(SEGMENT_SS, vcpu.frame->user_esp - count * bytes, image, count * bytes))
        return false;
    vcpu.frame->user_esp -= count * bytes;
    return true;
}

bool stack_read(uint32_t offset, uint32_t *values, unsigned count, unsigned bytes)
{
    uint8_t image[STACK_MOST * sizeof *values];

    if (!count)
        return true;
    if (!segment_read(SEGMENT_SS, vcpu.frame->user_esp + offset, image, count * bytes))
        return false;
    for (unsigned i = 0; i < count; i++) {
        values[i] = 0;
        memcpy(&values[i], image + i * bytes, bytes);
    }
    return true;
}

bool word_read(const struct instruction *in, uint16_t *word)
{
    if (in->mod != 3)
        return operand_read(in, word, sizeof *word);
    *word = (uint16_t)*register_at(in->rm);
    return true;
}

/* -- interrupts -------------------------------------------------------------------------------- */

static bool emulate_cli(const struct instruction *in)
{
    vcpu.flags &= ~(uint32_t)WS_EFLAGS_IF;
    return true;
}

/* SDM 2B "STI—Set Interrupt Flag": the next instruction is still protected, if IF was clear. */
static bool emulate_sti(const struct instruction *in)
{
    vcpu.shadow = vcpu.flags & WS_EFLAGS_IF ? SHADOW_NONE : SHADOW_STI;
    vcpu.flags |= WS_EFLAGS_IF;
    return true;
}

/* The host runs others until there is an interrupt for the VM. */
static bool emulate_hlt(const struct instruction *in)
{
    if (!(vcpu.flags & WS_EFLAGS_IF))
        vm_stop("hlt at %x with interrupts off: the virtual machine would sleep for ever",
                vcpu.frame->eip - in->length);
    while (!pic_pending()) {
        host_call(HOSTED_IDLE, 0);
        chips_update();
    }
    return true;
}

/* int n, int3, into: the VMM's own gates are for ring 0 only, so that each of them traps. */
bool emulate_int(const struct instruction *in)
{
    if (in->opcode == 0xcc)
        return deliver_software(WS_VECTOR_BP);
    if (in->opcode == 0xce)
        return !(vcpu.frame->eflags & WS_EFLAGS_OF) || deliver_software(WS_VECTOR_OF);
    return deliver_software(in->immediate & 0xff);
}

/* -- control registers ------------------------------------------------------------------------- */

/* FPU instructions trap, or not, by the real CR0; so do unaligned accesses of ring 3. */
void fpu_mirror(void)
{
    cr0_write((cr0_read() & ~(uint32_t)CR0_SHARED) | (vcpu.cr0 & CR0_SHARED));
}

/* The VM's linear addresses may lead elsewhere. */
static void space_renew(void)
{
    segments_moved();
    code_moved();
}

static bool cr0_set(uint32_t value)
{
    uint32_t changed = value ^ vcpu.cr0;

    if ((value & WS_CR0_PG && !(value & WS_CR0_PE)) || (value & CR0_CACHE) == CR0_NW)
        return fault_set(WS_VECTOR_GP, 0);
    if (!(value & WS_CR0_PE))
        vm_stop("cr0 becomes %x at %x: the VMM has only protected mode", value, vcpu.frame->eip);
    vcpu.cr0 = (value & (CR0_KNOWN | WS_CR0_PG)) | WS_CR0_ET;
    fpu_mirror();
    if (changed & (WS_CR0_PG | WS_CR0_WP)) {
        shadow_flush();
        space_renew();
    }
    return true;
}

static bool cr2_set(uint32_t value)
{
    vcpu.cr2 = value;
    return true;
}

static bool cr3_set(uint32_t value)
{
    vcpu.cr3 = value;
    if (paging_on()) {
        shadow_switch();
        space_renew();
    }
    return true;
}

static bool cr4_set(uint32_t value)
{
    if (value & ~(uint32_t)(CR4_SHARED | WS_CR4_PSE | WS_CR4_PGE)) /* shadows are never stale, global or not */
        vm_stop("cr4 becomes %x at %x: the VMM's shadow pages know none of its extensions", value, vcpu.frame->eip);
    vcpu.cr4 = value;
    cr4_write(value & CR4_SHARED);
    if (paging_on()) {
        shadow_flush();
        space_renew();
    }
    return true;
}

static bool emulate_from_cr(const struct instruction *in)
{
    const uint32_t values[8] = {[0] = vcpu.cr0, [2] = vcpu.cr2, [3] = vcpu.cr3, [4] = vcpu.cr4};

    if (in->reg == 1 || in->reg > 4)
        return fault_set(WS_VECTOR_UD, 0);
    *register_at(in->rm) = values[in->reg];
    return true;
}

static bool emulate_to_cr(const struct instruction *in)
{
    static bool (*const set[8])(uint32_t) = {[0] = cr0_set, [2] = cr2_set, [3] = cr3_set, [4] = cr4_set};

    return set[in->reg] ? set[in->reg](*register_at(in->rm)) : fault_set(WS_VECTOR_UD, 0);
}

static bool emulate_clts(const struct instruction *in)
{
    return cr0_set(vcpu.cr0 & ~(uint32_t)WS_CR0_TS);
}

/* SDM 2A "LMSW—Load Machine Status Word": the lowest four bits, and PE can only be set. */
static bool emulate_lmsw(const struct instruction *in)
{
    uint32_t low = WS_CR0_PE | CR0_FPU;
    uint16_t value;

    if (!word_read(in, &value))
        return false;
    return cr0_set((vcpu.cr0 & (~low | WS_CR0_PE)) | (value & low));
}

/* -- tables ------------------------------------------------------------------------------------ */

/* lgdt, lidt */
static bool emulate_load_table(const struct instruction *in)
{
    struct ws_cross_table table, *to = in->reg == 2 ? &vcpu.gdtr : &vcpu.idtr;

    if (!operand_read(in, &table, sizeof table))
        return false;
    *to = table;
    if (to == &vcpu.gdtr)
        segments_sync();
    return true;
}

static bool emulate_lldt(const struct instruction *in)
{
    uint16_t selector;

    if (!word_read(in, &selector))
        return false;
    return segment_local_load(selector);
}

/* The CPU's own task register stays the VMM's; what the VM's names is for deliver.c. The busy bit is set, as a CPU
 * does.  SDM 2A "LTR—Load Task Register" */
static bool emulate_ltr(const struct instruction *in)
{
    union descriptor found;
    uint16_t selector;

    if (!word_read(in, &selector) || !segment_system(selector, WS_TYPE_TSS32, &found))
        return false;
    found.access |= WS_TYPE_TSS32_BUSY;
    if (!linear_write(vcpu.gdtr.base + (selector & ~7u) + WS_DESCRIPTOR_TYPE_BYTE, &found.access, 1))
        return false;
    vcpu.tr = selector;
    vcpu.task = segment_table(found);
    return true;
}

static bool emulate_invlpg(const struct instruction *in)
{
    enum segment segment;
    uint32_t offset = operand_offset(in, &segment);

    if (in->mod == 3)
        return fault_set(WS_VECTOR_UD, 0);
    shadow_invalidate(segment_base(segment) + offset);
    return true;
}

/* The VM's caches are the machine's: no harm comes from leaving them full. */
static bool emulate_nothing(const struct instruction *in)
{
    return true;
}

/* -- the table --------------------------------------------------------------------------------- */

enum who { ANY_RING, RING_0, BY_IOPL, BY_PORT };

#define REG(number) (1 << (number))

/* clang-format off */
static const struct row {
    struct opcodes opcodes;
    uint8_t asks; /* enum asking: ring 0 gets it right as a copy, or not */
    uint8_t who;  /* enum who: may execute it */
    emulator *handler;
} rows[] = {
    {{0xfa, 0xfa, ANY_REG}, ASKS, BY_IOPL, emulate_cli},
    {{0xfb, 0xfb, ANY_REG}, ASKS, BY_IOPL, emulate_sti},
    {{0xf4, 0xf4, ANY_REG}, ASKS_AND_ENDS, RING_0, emulate_hlt},
    {{0xcc, 0xce, ANY_REG}, ASKS_AND_ENDS, ANY_RING, emulate_int},
    {{0xe4, 0xe7, ANY_REG}, ASKS, BY_PORT, emulate_port},
    {{0xec, 0xef, ANY_REG}, ASKS, BY_PORT, emulate_port},
    {{0x6c, 0x6f, ANY_REG}, ASKS, BY_PORT, emulate_port_string},
    {{0x0f20, 0x0f20, ANY_REG}, ASKS, RING_0, emulate_from_cr},
    {{0x0f22, 0x0f22, ANY_REG}, ASKS, RING_0, emulate_to_cr},
    {{0x0f21, 0x0f21, ANY_REG}, ASKS, RING_0, emulate_from_dr},
    {{0x0f23, 0x0f23, ANY_REG}, ASKS, RING_0, emulate_to_dr},
    {{0x0f06, 0x0f06, ANY_REG}, ASKS, RING_0, emulate_clts},
    {{0x0f01, 0x0f01, REG(6)}, ASKS, RING_0, emulate_lmsw},
    {{0x0f01, 0x0f01, REG(2) | REG(3)}, ASKS, RING_0, emulate_load_table},
    {{0x0f01, 0x0f01, REG(7)}, ASKS, RING_0, emulate_invlpg},
    {{0x0f00, 0x0f00, REG(2)}, ASKS, RING_0, emulate_lldt},
    {{0x0f00, 0x0f00, REG(3)}, ASKS, RING_0, emulate_ltr},
    {{0x0f08, 0x0f09, ANY_REG}, ASKS, RING_0, emulate_nothing},
    {{0x0f30, 0x0f30, ANY_REG}, ASKS, RING_0, emulate_wrmsr},
    {{0x0f32, 0x0f32, ANY_REG}, ASKS, RING_0, emulate_rdmsr},
    {{0xcf, 0xcf, ANY_REG}, ASKS_AND_ENDS, ANY_RING, emulate_iret},
    {{0xca, 0xcb, ANY_REG}, ASKS_AND_ENDS, ANY_RING, emulate_lret},
    {{0x9a, 0x9a, ANY_REG}, ASKS_AND_ENDS, ANY_RING, emulate_far_direct},
    {{0xea, 0xea, ANY_REG}, ASKS_AND_ENDS, ANY_RING, emulate_far_direct},
    {{0xff, 0xff, REG(3) | REG(5)}, ASKS_AND_ENDS, ANY_RING, emulate_far_indirect},
    {{0x9c, 0x9c, ANY_REG}, ASKS, ANY_RING, emulate_pushf},
    {{0x9d, 0x9d, ANY_REG}, ASKS, ANY_RING, emulate_popf},
    {{0x0f01, 0x0f01, REG(0) | REG(1)}, ASKS, ANY_RING, emulate_store_table},
    {{0x0f01, 0x0f01, REG(4)}, ASKS, ANY_RING, emulate_store_word},
    {{0x0f00, 0x0f00, REG(0) | REG(1)}, ASKS, ANY_RING, emulate_store_word},
    {{0x0f00, 0x0f00, REG(4) | REG(5)}, ASKS, ANY_RING, emulate_describe},
    {{0x0f02, 0x0f03, ANY_REG}, ASKS, ANY_RING, emulate_describe},
    {{0x0e, 0x0e, ANY_REG}, ASKS, ANY_RING, emulate_push_segment},
    {{0x16, 0x16, ANY_REG}, ASKS, ANY_RING, emulate_push_segment},
    {{0x0fa8, 0x0fa8, ANY_REG}, ASKS, ANY_RING, emulate_push_segment},
    {{0x8c, 0x8c, REG(SEGMENT_CS) | REG(SEGMENT_SS) | REG(SEGMENT_GS)}, ASKS, ANY_RING, emulate_from_segment},
    {{0x8e, 0x8e, REG(SEGMENT_SS) | REG(SEGMENT_GS)}, ASKS, ANY_RING, emulate_to_segment},
    {{0x17, 0x17, ANY_REG}, ASKS, ANY_RING, emulate_to_segment},
    {{0x0fa9, 0x0fa9, ANY_REG}, ASKS, ANY_RING, emulate_to_segment},
    {{0x0fb2, 0x0fb2, ANY_REG}, ASKS, ANY_RING, emulate_to_segment},
    {{0x0fb5, 0x0fb5, ANY_REG}, ASKS, ANY_RING, emulate_to_segment},
    {{0x8e, 0x8e, REG(SEGMENT_ES) | REG(SEGMENT_DS) | REG(SEGMENT_FS)}, ASKS_NOT, ANY_RING, emulate_to_segment},
    {{0x07, 0x07, ANY_REG}, ASKS_NOT, ANY_RING, emulate_to_segment},
    {{0x1f, 0x1f, ANY_REG}, ASKS_NOT, ANY_RING, emulate_to_segment},
    {{0x0fa1, 0x0fa1, ANY_REG}, ASKS_NOT, ANY_RING, emulate_to_segment},
    {{0xc4, 0xc5, ANY_REG}, ASKS_NOT, ANY_RING, emulate_to_segment},
    {{0x0fb4, 0x0fb4, ANY_REG}, ASKS_NOT, ANY_RING, emulate_to_segment},
};
/* clang-format on */

static const struct row *row_find(const struct instruction *in)
{
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (is_among(in, &rows[i].opcodes))
            return &rows[i];
    return NULL;
}

enum asking emulate_asks(const struct instruction *in)
{
    const struct row *row = row_find(in);

    return row ? (enum asking)row->asks : ASKS_NOT;
}

/* May the VM's ring?  false: #GP is set. */
static bool permitted(const struct row *row, const struct instruction *in)
{
    bool by_iopl = row->who == BY_IOPL || row->who == BY_PORT;

    if ((row->who == RING_0 && vcpu_ring() > 0) || (by_iopl && vcpu_ring() > vcpu_iopl()))
        return (row->who == BY_PORT && ports_permitted(in)) || fault_set(WS_VECTOR_GP, 0);
    return true;
}

/* The VM's own single step: TF was set when the instruction began, and it was none that entered a handler. */
static void step_trap(const struct row *row, bool stepping)
{
    bool entered = row->handler == emulate_int && !(vcpu.frame->eflags & WS_EFLAGS_TF);

    if (stepping && !entered && vcpu.shadow != SHADOW_SS) /* SDM 2B "MOV—Move": no trap behind `mov ss` */
        vcpu.pending |= DR6_STEP;
}

static bool instruction_find(struct instruction *in, const struct row **row)
{
    *row = decode_at(segment_base(SEGMENT_CS) + vcpu.frame->eip, in) ? row_find(in) : NULL;
    return *row != NULL;
}

bool emulate_user(void)
{
    struct instruction in;
    const struct row *row;

    if (!instruction_find(&in, &row))
        return false;
    emulate();
    return true;
}

void emulate(void)
{
    uint32_t eip = vcpu.frame->eip, pending = vcpu.pending;
    bool stepping = (vcpu.frame->eflags & WS_EFLAGS_TF) != 0;
    const struct row *row;
    struct instruction in;

    code_move();
    if (!instruction_find(&in, &row))
        vm_stop("the instruction at %x cannot be read again: another one was there", eip);
    vcpu.frame->eip += in.length;
    vcpu.resume = false;
    vcpu.shadow = SHADOW_NONE;
    if (permitted(row, &in) && row->handler(&in)) {
        step_trap(row, stepping);
        return;
    }
    vcpu.frame->eip = eip;
    vcpu.pending = pending;
    deliver(vcpu.fault_vector, vcpu.fault_error, SOURCE_EXCEPTION);
}
