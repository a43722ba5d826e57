/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operands of instructions: tables of what the disassembler does not know.
 */
#include "x86/operands.h"

#include "x86/decode.h"

enum { NUMBER_EBX = 3, NUMBER_ESP = 4, NUMBER_EBP = 5, NUMBER_EDI = 7 };

enum { NONE = 0, R = WS__READ, W = WS__WRITE, RW = WS__READ | WS__WRITE };

/* A row of a table.  Rows are tried in order, and the first that fits counts. */
struct row {
    uint16_t opcode, last; /* one byte, or 0x0f00 | the second byte */
    int8_t reg;            /* the ModRM byte's middle field; -1: any */
    int8_t value;          /* what the table says about the opcode */
    uint16_t bytes;
};

/* How an explicit operand is accessed, if not only read; and its size in bytes, if the disassembler's is wrong (0: it
 * is right). */
static const struct row access_rows[] = {
    {0x0000, 0x0001, -1, RW, 0},   {0x0008, 0x0009, -1, RW, 0},   {0x0010, 0x0011, -1, RW, 0},
    {0x0018, 0x0019, -1, RW, 0},   {0x0020, 0x0021, -1, RW, 0},   {0x0028, 0x0029, -1, RW, 0},
    {0x0030, 0x0031, -1, RW, 0},   {0x0063, 0x0063, -1, RW, 0},                                  /* arpl */
    {0x006c, 0x006d, -1, W, 0},                                                                  /* ins */
    {0x0080, 0x0083, 7, R, 0},                                                                   /* cmp */
    {0x0080, 0x0083, -1, RW, 0},   {0x0086, 0x0087, -1, RW, 0},                                  /* xchg */
    {0x0088, 0x0089, -1, W, 0},    {0x008c, 0x008c, -1, W, 2},    {0x008d, 0x008d, -1, NONE, 0}, /* lea */
    {0x008e, 0x008e, -1, R, 2},    {0x008f, 0x008f, -1, W, 0},    {0x00a2, 0x00a3, -1, W, 0},
    {0x00aa, 0x00ab, -1, W, 0},    {0x00c0, 0x00c1, -1, RW, 0},   {0x00c6, 0x00c7, -1, W, 0},
    {0x00d0, 0x00d3, -1, RW, 0},   {0x00f6, 0x00f7, 2, RW, 0},    {0x00f6, 0x00f7, 3, RW, 0},
    {0x00fe, 0x00ff, 0, RW, 0},    {0x00fe, 0x00ff, 1, RW, 0},    {0x00d9, 0x00d9, 2, W, 0},
    {0x00d9, 0x00d9, 3, W, 0},     {0x00d9, 0x00d9, 6, W, 0},     {0x00d9, 0x00d9, 7, W, 2},
    {0x00db, 0x00db, 1, W, 0},     {0x00db, 0x00db, 2, W, 0},     {0x00db, 0x00db, 3, W, 0},
    {0x00db, 0x00db, 7, W, 10},    {0x00dd, 0x00dd, 1, W, 0},     {0x00dd, 0x00dd, 2, W, 0},
    {0x00dd, 0x00dd, 3, W, 0},     {0x00dd, 0x00dd, 4, R, 108}, /* frstor */
    {0x00dd, 0x00dd, 6, W, 108},   {0x00dd, 0x00dd, 7, W, 2},     {0x00df, 0x00df, 1, W, 0},
    {0x00df, 0x00df, 2, W, 0},     {0x00df, 0x00df, 3, W, 0},     {0x00df, 0x00df, 6, W, 10},
    {0x00df, 0x00df, 7, W, 8},     {0x0f00, 0x0f00, 0, W, 2},     {0x0f00, 0x0f00, 1, W, 2},
    {0x0f01, 0x0f01, 0, W, 6},                                                                  /* sgdt */
    {0x0f01, 0x0f01, 1, W, 6},     {0x0f01, 0x0f01, 4, W, 2},     {0x0f01, 0x0f01, 7, NONE, 0}, /* invlpg */
    {0x0f0d, 0x0f0d, -1, NONE, 0}, {0x0f11, 0x0f11, -1, W, 0},    {0x0f13, 0x0f13, -1, W, 0},
    {0x0f17, 0x0f17, -1, W, 0},    {0x0f18, 0x0f1f, -1, NONE, 0}, /* prefetch, nop */
    {0x0f29, 0x0f29, -1, W, 0},    {0x0f2b, 0x0f2b, -1, W, 0},    {0x0f7e, 0x0f7f, -1, W, 0},
    {0x0f90, 0x0f9f, -1, W, 1},    {0x0fa4, 0x0fa5, -1, RW, 0},   {0x0fab, 0x0fad, -1, RW, 0},
    {0x0fae, 0x0fae, 0, W, 512},   {0x0fae, 0x0fae, 1, R, 512},   {0x0fae, 0x0fae, 3, W, 0},
    {0x0fb0, 0x0fb1, -1, RW, 0},   {0x0fb3, 0x0fb3, -1, RW, 0},   {0x0fba, 0x0fba, 4, R, 0}, /* bt */
    {0x0fba, 0x0fbb, -1, RW, 0},   {0x0fc0, 0x0fc1, -1, RW, 0},   {0x0fc3, 0x0fc3, -1, W, 0},
    {0x0fc7, 0x0fc7, 1, RW, 8},    {0x0fd6, 0x0fd6, -1, W, 0},    {0x0fe7, 0x0fe7, -1, W, 0},
};

/* How many words an instruction pushes besides its explicit operands; negative: pops.  SDM 1 §6.2 "Stacks" */
static const struct row stack_rows[] = {
    {0x0006, 0x0006, -1, 1, 0},  {0x0007, 0x0007, -1, -1, 0}, {0x000e, 0x000e, -1, 1, 0},  {0x0016, 0x0016, -1, 1, 0},
    {0x0017, 0x0017, -1, -1, 0}, {0x001e, 0x001e, -1, 1, 0},  {0x001f, 0x001f, -1, -1, 0}, {0x0050, 0x0057, -1, 1, 0},
    {0x0058, 0x005f, -1, -1, 0}, {0x0060, 0x0060, -1, 8, 0},  {0x0061, 0x0061, -1, -8, 0}, {0x0068, 0x0068, -1, 1, 0},
    {0x006a, 0x006a, -1, 1, 0},  {0x008f, 0x008f, 0, -1, 0},  {0x009a, 0x009a, -1, 2, 0},  {0x009c, 0x009c, -1, 1, 0},
    {0x009d, 0x009d, -1, -1, 0}, {0x00c2, 0x00c3, -1, -1, 0}, {0x00ca, 0x00cb, -1, -2, 0}, {0x00cf, 0x00cf, -1, -3, 0},
    {0x00e8, 0x00e8, -1, 1, 0},  {0x00ff, 0x00ff, 2, 1, 0},   {0x00ff, 0x00ff, 3, 2, 0},   {0x00ff, 0x00ff, 6, 1, 0},
    {0x0fa0, 0x0fa0, -1, 1, 0},  {0x0fa1, 0x0fa1, -1, -1, 0}, {0x0fa8, 0x0fa8, -1, 1, 0},  {0x0fa9, 0x0fa9, -1, -1, 0},
};

static const struct row branch_rows[] = {
    {0x0070, 0x007f, -1, WS__BRANCH_CONDITION, 0},  {0x00c2, 0x00c3, -1, WS__BRANCH_RETURN, 0},
    {0x009a, 0x009a, -1, WS__BRANCH_FAR_CALL, 0},   {0x00ff, 0x00ff, 3, WS__BRANCH_FAR_CALL, 0},
    {0x00ca, 0x00cb, -1, WS__BRANCH_FAR_RETURN, 0}, {0x00cf, 0x00cf, -1, WS__BRANCH_FAR_RETURN, 0},
    {0x00e0, 0x00e3, -1, WS__BRANCH_COUNT, 0},      {0x00e8, 0x00e9, -1, WS__BRANCH_ALWAYS, 0},
    {0x00eb, 0x00eb, -1, WS__BRANCH_ALWAYS, 0},     {0x00ff, 0x00ff, 2, WS__BRANCH_MEMORY, 0},
    {0x00ff, 0x00ff, 4, WS__BRANCH_MEMORY, 0},      {0x0f80, 0x0f8f, -1, WS__BRANCH_CONDITION, 0},
};

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static const struct row *row_find(const struct row *rows, size_t count, const struct ws__opcode *what)
{
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        if (what->opcode >= row->opcode && what->opcode <= row->last && (row->reg < 0 || row->reg == what->reg))
            return row;
    }
    return NULL;
}

static int stack_words(const struct ws__opcode *what)
{
    const struct row *row = row_find(stack_rows, ROWS(stack_rows), what);
    return row ? row->value : 0;
}

/* Which unit executes an instruction.  MMX registers are those of the x87 unit, and fxsave and fxrstor do not need
 * CR4.OSFXSR.  SDM 2D "WAIT/FWAIT—Wait", SDM 3A §2.5 "Control Registers": CR0.TS and EM, CR4.OSFXSR */
static const struct row unit_rows[] = {
    {0x00d8, 0x00df, -1, WS__UNIT_X87, 0}, {0x0f10, 0x0f17, -1, WS__UNIT_SSE, 0}, {0x0f28, 0x0f2f, -1, WS__UNIT_SSE, 0},
    {0x0f50, 0x0f5f, -1, WS__UNIT_SSE, 0}, {0x0f60, 0x0f7f, -1, WS__UNIT_MMX, 0}, {0x0fae, 0x0fae, 0, WS__UNIT_X87, 0},
    {0x0fae, 0x0fae, 1, WS__UNIT_X87, 0},  {0x0fae, 0x0fae, -1, WS__UNIT_SSE, 0}, {0x0fc2, 0x0fc2, -1, WS__UNIT_SSE, 0},
    {0x0fc4, 0x0fc4, -1, WS__UNIT_MMX, 0}, {0x0fc6, 0x0fc6, -1, WS__UNIT_SSE, 0}, {0x0fd0, 0x0fff, -1, WS__UNIT_MMX, 0},
};

static uint8_t unit_find(const struct ws__opcode *what)
{
    const struct row *row = row_find(unit_rows, ROWS(unit_rows), what);
    uint8_t unit = row ? (uint8_t)row->value : WS__UNIT_INTEGER;
    if (unit != WS__UNIT_MMX)
        return unit;
    return what->operand_small || what->repeated ? WS__UNIT_SSE : WS__UNIT_X87;
}

/* -- putting them together --------------------------------------------------------------------- */

static void operand_add(struct ws__operands *out, const struct ws__address *address, uint8_t access, uint8_t rule)
{
    if (!access || address->bytes == 0)
        return;
    out->operand[out->count++] = (struct ws__operand){*address, access, rule};
    out->segments |= (uint8_t)(1 << address->segment);
}

static void stack_add(struct ws__operands *out, uint8_t base, int32_t displacement, unsigned bytes, uint8_t access)
{
    struct ws__address address = {
        .segment = WS__SEGMENT_SS,
        .base = base,
        .index = WS__NO_REGISTER,
        .scale = 1,
        .bytes = (uint16_t)bytes,
        .displacement = displacement,
    };
    operand_add(out, &address, access, WS__OFFSET_STACK);
}

static bool is_far_pointer(const struct ws__opcode *what)
{
    return what->opcode == 0xc4 || what->opcode == 0xc5 || what->opcode == 0x0fb2 || what->opcode == 0x0fb4 ||
           what->opcode == 0x0fb5 || (what->opcode == 0xff && (what->reg == 3 || what->reg == 5));
}

/* Is the operand a bit string, which reaches beyond its word?  SDM 2A "BT—Bit Test" */
static bool is_bit_string(const struct ws__opcode *what)
{
    return what->opcode == 0x0fa3 || what->opcode == 0x0fab || what->opcode == 0x0fb3 || what->opcode == 0x0fbb;
}

static void explicit_add(struct ws__operands *out, const struct ws__opcode *what, const struct ws__explicit *found)
{
    const struct row *row = row_find(access_rows, ROWS(access_rows), what);
    unsigned word = out->narrow ? 2 : 4;
    if ((what->opcode == 0xa4 || what->opcode == 0xa5) && found->addresses == 2) {
        /* movs: the source is read first, and the destination is in ES. */
        operand_add(out, &found->address[1], R, WS__OFFSET_PLAIN);
        operand_add(out, &found->address[0], W, WS__OFFSET_PLAIN);
        return;
    }
    for (unsigned i = 0; i < found->addresses; i++) {
        struct ws__address address = found->address[i];
        if (row && row->bytes)
            address.bytes = row->bytes;
        if (is_far_pointer(what))
            address.bytes = (uint16_t)(word + 2);
        if (what->opcode == 0x8f && address.base == NUMBER_ESP)
            address.displacement +=
                /* pop computes an address with ESP after the pop.  SDM 2B "POP—Pop a Value from the Stack" */
                (int32_t)word;
        if (row && row->value == NONE)
            out->named = (struct ws__operand){.address = address};
        operand_add(out, &address, row ? (uint8_t)row->value : R,
                    is_bit_string(what) ? WS__OFFSET_BITS : WS__OFFSET_PLAIN);
    }
}

/* Add operands that the instruction's bytes do not name: those of xlat, maskmovq and maskmovdqu.  SDM 2D
 * "XLAT/XLATB—Table Look-up Translation"; SDM 2B "MASKMOVQ—Store Selected Bytes of Quadword" */
static void implicit_add(struct ws__operands *out, const struct ws__opcode *what)
{
    struct ws__address address = {.segment = what->segment, .index = WS__NO_REGISTER, .scale = 1};
    if (address.segment == WS__SEGMENTS)
        address.segment = WS__SEGMENT_DS;
    if (what->opcode == 0xd7) {
        address.base = NUMBER_EBX;
        address.bytes = 1;
        operand_add(out, &address, R, WS__OFFSET_AL);
    } else if (what->opcode == 0x0ff7) {
        address.base = NUMBER_EDI;
        address.bytes = what->operand_small ? 16 : 8;
        operand_add(out, &address, W, WS__OFFSET_PLAIN);
    }
}

/* Add what enter accesses: it reads the outer frames' pointers, pushes EBP, these pointers and the new one, and probes
 * the new top of the stack.  SDM 2A "ENTER—Make Stack Frame for Procedure Parameters" */
static void enter_add(struct ws__operands *out, const struct ws__explicit *found)
{
    unsigned level = found->immediate[1] % 32, word = out->narrow ? 2 : 4;
    unsigned pushed = (level ? level + 1 : 1) * word, copied = level > 1 ? (level - 1) * word : 0;
    stack_add(out, NUMBER_EBP, -(int32_t)copied, copied, R);
    stack_add(out, NUMBER_ESP, -(int32_t)pushed, pushed, W);
    stack_add(out, NUMBER_ESP, -(int32_t)(pushed + found->immediate[0]), word, W);
}

static void stack_use_add(struct ws__operands *out, const struct ws__opcode *what)
{
    int words = stack_words(what);
    int32_t bytes = words * (out->narrow ? 2 : 4);
    if (words > 0)
        stack_add(out, NUMBER_ESP, -bytes, (unsigned)bytes, W);
    else if (words < 0)
        stack_add(out, NUMBER_ESP, 0, (unsigned)-bytes, R);
}

static void branch_set(struct ws__operands *out, const struct ws__opcode *what, const struct ws__explicit *found)
{
    const struct row *row = row_find(branch_rows, ROWS(branch_rows), what);
    out->branch = row ? (uint8_t)row->value : WS__BRANCH_NONE;
    out->condition = what->opcode & (out->branch == WS__BRANCH_COUNT ? 3 : 15);
    out->target = found->immediate[0];
    if (out->branch == WS__BRANCH_FAR_RETURN)
        out->released = (uint16_t)found->immediate[0];
    if (out->branch == WS__BRANCH_MEMORY && !found->addresses)
        out->branch = WS__BRANCH_REGISTER;
}

void ws__operands_find(struct ws__operands *out, struct ws_disasm *disasm, const uint8_t *code, size_t bytes, bool wide)
{
    struct ws__opcode what;
    struct ws__explicit found;
    *out = (struct ws__operands){0};
    if (!ws__decode_opcode(&what, code, bytes) || !ws__disasm_operands(disasm, code, bytes, wide, &found))
        return;
    out->narrow = wide == what.operand_small;
    out->small = found.small;
    out->general = found.general;
    out->unit = unit_find(&what);
    out->repeated = what.repeated && ws__decode_is_string(what.opcode);
    branch_set(out, &what, &found);
    bool pops = stack_words(&what) < 0;
    if (pops)
        stack_use_add(out, &what);
    explicit_add(out, &what, &found);
    implicit_add(out, &what);
    if (what.opcode == 0xc8)
        enter_add(out, &found);
    else if (what.opcode == 0xc9)
        stack_add(out, NUMBER_EBP, 0, out->narrow ? 2 : 4, R);
    else if (!pops)
        stack_use_add(out, &what);
}
