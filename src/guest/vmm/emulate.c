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
    CR0_KNOWN = WS_CR0_PE | CR0_FPU | WS_CR0_ET | WS_CR0_NE | WS_CR0_WP | WS_CR0_AM,
    ANY = 8
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

bool stack_push(uint32_t value, unsigned bytes)
{
    if (!segment_write(SEGMENT_SS, vcpu.frame->user_esp - bytes, &value, bytes))
        return false;
    vcpu.frame->user_esp -= bytes;
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
    (void)in;
    vcpu.flags &= ~(uint32_t)WS_EFLAGS_IF;
    return true;
}

/* SDM 2B "STI—Set Interrupt Flag": the next instruction is still protected, if IF was clear. */
static bool emulate_sti(const struct instruction *in)
{
    (void)in;
    vcpu.sti_shadow = !(vcpu.flags & WS_EFLAGS_IF);
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
        pit_update();
    }
    return true;
}

/* int n, int3, into: the VMM's own gates are for ring 0 only, so that each of them traps. */
static bool emulate_int(const struct instruction *in)
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
    uint32_t cr0;

    __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
    cr0 = (cr0 & ~(uint32_t)CR0_SHARED) | (vcpu.cr0 & CR0_SHARED);
    __asm__ volatile("movl %0, %%cr0" : : "r"(cr0));
}

/* What was derived from the VM's page tables is worth nothing any more. */
static void space_renew(void)
{
    shadow_flush();
    segments_sync();
    code_moved();
}

static bool cr0_set(uint32_t value)
{
    uint32_t changed = value ^ vcpu.cr0;

    if (value & WS_CR0_PG && !(value & WS_CR0_PE))
        return fault_set(WS_VECTOR_GP, 0);
    if (!(value & WS_CR0_PE) || value & ~(CR0_KNOWN | WS_CR0_PG))
        vm_stop("cr0 becomes %x at %x: the VMM has only protected mode, with its caches on", value, vcpu.frame->eip);
    vcpu.cr0 = value | WS_CR0_ET;
    fpu_mirror();
    if (changed & (WS_CR0_PG | WS_CR0_WP))
        space_renew();
    return true;
}

static bool cr3_set(uint32_t value)
{
    vcpu.cr3 = value;
    if (paging_on())
        space_renew();
    return true;
}

static bool cr4_set(uint32_t value)
{
    if (value & ~(uint32_t)(CR4_SHARED | WS_CR4_PSE | WS_CR4_PGE)) /* shadows are never stale, global or not */
        vm_stop("cr4 becomes %x at %x: the VMM's shadow pages know none of its extensions", value, vcpu.frame->eip);
    vcpu.cr4 = value;
    __asm__ volatile("movl %0, %%cr4" : : "r"(value & CR4_SHARED));
    if (paging_on())
        space_renew();
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
    uint32_t value = *register_at(in->rm);

    switch (in->reg) {
    case 0:
        return cr0_set(value);
    case 2:
        vcpu.cr2 = value;
        return true;
    case 3:
        return cr3_set(value);
    case 4:
        return cr4_set(value);
    default:
        return fault_set(WS_VECTOR_UD, 0);
    }
}

static bool emulate_clts(const struct instruction *in)
{
    (void)in;
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

static bool emulate_from_dr(const struct instruction *in)
{
    *register_at(in->rm) = vcpu.dr[in->reg];
    return true;
}

static bool emulate_to_dr(const struct instruction *in)
{
    uint32_t value = *register_at(in->rm);

    if (in->reg == 7 && value & 0x20ff)
        vm_stop("dr7 becomes %x at %x: the VMM gives the VM no breakpoints", value, vcpu.frame->eip);
    vcpu.dr[in->reg] = value;
    return true;
}

/* -- tables ------------------------------------------------------------------------------------ */

static bool table_load(const struct instruction *in, struct ws_cross_table *to)
{
    struct ws_cross_table table;

    if (!operand_read(in, &table, sizeof table))
        return false;
    *to = table;
    return true;
}

static bool emulate_lgdt(const struct instruction *in)
{
    if (!table_load(in, &vcpu.gdtr))
        return false;
    segments_sync();
    return true;
}

static bool emulate_lidt(const struct instruction *in)
{
    return table_load(in, &vcpu.idtr);
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
    enum { AVAILABLE = 0x09, BUSY = 0x02, ACCESS = 40 };
    uint16_t selector;
    uint64_t found;
    uint8_t access;

    if (!word_read(in, &selector))
        return false;
    if (!segment_guest_descriptor(selector, &found) || selector & WS_SELECTOR_TI)
        return fault_set(WS_VECTOR_GP, selector & ~3u);
    access = (uint8_t)(found >> ACCESS);
    if ((access & 0x1f) != AVAILABLE)
        return fault_set(WS_VECTOR_GP, selector & ~3u);
    if (!(access & 0x80))
        return fault_set(WS_VECTOR_NP, selector & ~3u);
    access |= BUSY;
    if (!linear_write(vcpu.gdtr.base + (selector & ~7u) + WS_DESCRIPTOR_TYPE_BYTE, &access, sizeof access))
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
    (void)in;
    return true;
}

static bool emulate_msr(const struct instruction *in)
{
    vm_stop("a model-specific register at %x: the VMM has none", vcpu.frame->eip - in->length);
}

/* -- the table --------------------------------------------------------------------------------- */

/* clang-format off */
static const struct row {
    uint16_t opcode;
    uint8_t reg; /* of the modrm byte, or ANY */
    bool (*handler)(const struct instruction *in);
} rows[] = {
    {0xfa, ANY, emulate_cli},        {0xfb, ANY, emulate_sti},       {0xf4, ANY, emulate_hlt},
    {0xcd, ANY, emulate_int},        {0xcc, ANY, emulate_int},       {0xce, ANY, emulate_int},
    {0xe4, ANY, emulate_in},         {0xe5, ANY, emulate_in},        {0xec, ANY, emulate_in},
    {0xed, ANY, emulate_in},         {0xe6, ANY, emulate_out},       {0xe7, ANY, emulate_out},
    {0xee, ANY, emulate_out},        {0xef, ANY, emulate_out},       {0x6c, ANY, emulate_ins},
    {0x6d, ANY, emulate_ins},        {0x6e, ANY, emulate_outs},      {0x6f, ANY, emulate_outs},
    {0x0f20, ANY, emulate_from_cr},  {0x0f22, ANY, emulate_to_cr},   {0x0f21, ANY, emulate_from_dr},
    {0x0f23, ANY, emulate_to_dr},    {0x0f06, ANY, emulate_clts},    {0x0f01, 6, emulate_lmsw},
    {0x0f01, 2, emulate_lgdt},       {0x0f01, 3, emulate_lidt},      {0x0f01, 7, emulate_invlpg},
    {0x0f00, 2, emulate_lldt},       {0x0f00, 3, emulate_ltr},       {0x0f08, ANY, emulate_nothing},
    {0x0f09, ANY, emulate_nothing},  {0x0f30, ANY, emulate_msr},     {0x0f32, ANY, emulate_msr},
    {0xcf, ANY, emulate_iret},       {0xcb, ANY, emulate_lret},      {0xca, ANY, emulate_lret},
    {0x9c, ANY, emulate_pushf},      {0x9d, ANY, emulate_popf},      {0x0f01, 0, emulate_store_table},
    {0x0f01, 1, emulate_store_table}, {0x0f01, 4, emulate_store_word}, {0x0f00, 0, emulate_store_word},
    {0x0f00, 1, emulate_store_word}, {0x0f02, ANY, emulate_lar},     {0x0f03, ANY, emulate_lsl},
    {0x0f00, 4, emulate_verify},     {0x0f00, 5, emulate_verify},    {0x0e, ANY, emulate_push_segment},
    {0x16, ANY, emulate_push_segment}, {0x0fa8, ANY, emulate_push_segment},
    {0x8c, SEGMENT_CS, emulate_from_segment}, {0x8c, SEGMENT_SS, emulate_from_segment},
    {0x8c, SEGMENT_GS, emulate_from_segment}, {0x8e, SEGMENT_GS, emulate_to_gs},
    {0x0fa9, ANY, emulate_to_gs},    {0x0fb5, ANY, emulate_to_gs},   {0x9a, ANY, emulate_far_direct},
    {0xea, ANY, emulate_far_direct}, {0xff, 3, emulate_far_indirect}, {0xff, 5, emulate_far_indirect},
    {0x8e, SEGMENT_SS, emulate_mov_ss}, {0x17, ANY, emulate_pop_ss}, {0x0fb2, ANY, emulate_lss},
};
/* clang-format on */

static const struct row *row_find(const struct instruction *in)
{
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].opcode == in->opcode && (rows[i].reg == ANY || rows[i].reg == in->reg))
            return &rows[i];
    return NULL;
}

bool emulate_knows(const struct instruction *in)
{
    return row_find(in) != NULL;
}

/* The VM's own single step: TF was set when the instruction began, and it was none that enters a handler. */
static void step_trap(const struct instruction *in, bool stepping)
{
    enum { DR6_STEP = 0x4000 };
    bool stack_load = in->opcode == 0x8e || in->opcode == 0x17; /* SDM 2B "MOV—Move": no trap behind it */

    if (!stepping || in->opcode == 0xcc || in->opcode == 0xcd || stack_load)
        return;
    vcpu.dr[6] |= DR6_STEP;
    deliver(WS_VECTOR_DB, 0, SOURCE_EXCEPTION);
}

/* SDM 1 §19.5.2 "I/O Permission Bit Map": may ring 3 use all of these ports? */
static bool ports_permitted(const struct instruction *in)
{
    uint16_t port = in->opcode >= 0xe4 && in->opcode <= 0xe7 ? in->immediate & 0xff : (uint16_t)vcpu.frame->edx;
    unsigned bytes = in->opcode & 1 ? in->operand_16 ? 2 : 4 : 1;
    uint16_t map, bits;

    if ((vcpu.flags & WS_EFLAGS_IOPL) == WS_EFLAGS_IOPL)
        return true;
    if (vcpu.task.limit < WS_TSS_BYTES - 1 || !linear_read(vcpu.task.base + WS_TSS_IO_MAP, &map, sizeof map) ||
        map + port / 8 + 1u > vcpu.task.limit || !linear_read(vcpu.task.base + map + port / 8, &bits, sizeof bits))
        return false;
    return !(bits >> port % 8 & ((1u << bytes) - 1));
}

bool emulate_user(void)
{
    struct instruction in;
    const struct row *row;

    if (!decode_at(segment_base(SEGMENT_CS) + vcpu.frame->eip, &in))
        return false;
    row = row_find(&in);
    if (!row)
        return false;
    if (row->handler == emulate_int || ((row->handler == emulate_cli || row->handler == emulate_sti) &&
                                        (vcpu.flags & WS_EFLAGS_IOPL) == WS_EFLAGS_IOPL)) {
        emulate();
        return true;
    }
    if (row->handler != emulate_in && row->handler != emulate_out && row->handler != emulate_ins &&
        row->handler != emulate_outs)
        return false;
    if (!ports_permitted(&in))
        return false;
    emulate();
    return true;
}

void emulate(void)
{
    uint32_t eip = vcpu.frame->eip;
    bool stepping = (vcpu.frame->eflags & WS_EFLAGS_TF) != 0;
    const struct row *row = NULL;
    struct instruction in;

    code_move();
    if (decode_at(segment_base(SEGMENT_CS) + eip, &in))
        row = row_find(&in);
    if (!row)
        vm_stop("the instruction at %x is one for 16 bits: the VMM does not emulate it", eip);
    vcpu.frame->eip += in.length;
    if (row->handler(&in)) {
        step_trap(&in, stepping);
        return;
    }
    vcpu.frame->eip = eip;
    deliver(vcpu.fault_vector, vcpu.fault_error, SOURCE_EXCEPTION);
}
