/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of an instruction, taken apart as far as its length and its operands' places.
 * SDM 2A §2.1 "Instruction Format for Protected Mode, Real-Address Mode, and Virtual-8086 Mode"; what
 * follows which opcode is in the opcode maps of volume 2D.
 */
#include "vmm.h"

/*
 * What follows an opcode:
 *   ' ' nothing     m modrm                b imm8    w imm16    z imm32, or imm16 by operand size
 *   M modrm, imm8   Z modrm, imm32 or 16   j rel8    J rel32    f far pointer   o moffs   e enter
 *   g G the groups of 0xf6 and 0xf7, where `test` has an immediate
 *   p a prefix      x the opcode has two bytes       ? no instruction that this table knows
 */
static const char one_byte[] = "mmmmbz  mmmmbz x"
                               "mmmmbz  mmmmbz  "
                               "mmmmbzp mmmmbzp "
                               "mmmmbzp mmmmbzp "
                               "                "
                               "                "
                               "  mmppppzZbM    "
                               "jjjjjjjjjjjjjjjj"
                               "MZMMmmmmmmmmmmmm"
                               "          f     "
                               "oooo    bz      "
                               "bbbbbbbbzzzzzzzz"
                               "MMw mmMZe w  b  "
                               "mmmmbb  mmmmmmmm"
                               "jjjjbbbbJJfj    "
                               "p pp  gG      mm";
static const char two_bytes[] = "mmmm?     ? ?m ?"
                                "mmmmmmmmmmmmmmmm"
                                "mmmm????mmmmmmmm"
                                "      ? ????????"
                                "mmmmmmmmmmmmmmmm"
                                "mmmmmmmmmmmmmmmm"
                                "mmmmmmmmmmmmmmmm"
                                "MMMMmmm ????mmmm"
                                "JJJJJJJJJJJJJJJJ"
                                "mmmmmmmmmmmmmmmm"
                                "   mMm??   mMmmm"
                                "mmmmmmmm?mMmmmmm"
                                "mmMmMMMm        "
                                "mmmmmmmmmmmmmmmm"
                                "mmmmmmmmmmmmmmmm"
                                "mmmmmmmmmmmmmmm?";

_Static_assert(sizeof one_byte == 257 && sizeof two_bytes == 257, "256 opcodes each");

/* Where decoding stands. */
struct cursor {
    struct instruction *in;
    const uint8_t *bytes;
    unsigned count;
    bool missing; /* an instruction's byte was asked for that is not there */
};

static uint32_t take(struct cursor *cursor, unsigned count)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < count; i++) {
        if (cursor->in->length >= cursor->count) {
            cursor->missing = true;
            return 0;
        }
        value |= (uint32_t)cursor->bytes[cursor->in->length++] << 8 * i;
    }
    return value;
}

static uint32_t take_signed_8(struct cursor *cursor)
{
    return (uint32_t)(int8_t)take(cursor, 1);
}

static uint8_t take_prefixes(struct cursor *cursor)
{
    static const uint8_t overrides[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65}; /* enum segment */
    struct instruction *in = cursor->in;
    uint8_t byte = (uint8_t)take(cursor, 1);

    for (; one_byte[byte] == 'p' && !cursor->missing; byte = (uint8_t)take(cursor, 1)) {
        for (uint8_t i = 0; i < sizeof overrides; i++)
            if (byte == overrides[i])
                in->segment = i;
        in->operand_16 |= byte == 0x66;
        in->address_16 |= byte == 0x67;
        if (byte == 0xf2 || byte == 0xf3)
            in->repeat = byte;
    }
    return byte;
}

static void take_modrm(struct cursor *cursor)
{
    struct instruction *in = cursor->in;
    uint8_t modrm = (uint8_t)take(cursor, 1);
    bool narrow = in->address_16, alone;

    in->mod = modrm >> 6;
    in->reg = modrm >> 3 & 7;
    in->rm = modrm & 7;
    if (in->opcode >= 0x0f20 && in->opcode <= 0x0f23)
        in->mod = 3; /* mov with a control or debug register has no memory operand */
    if (in->mod == 3)
        return;
    if (!narrow && in->rm == 4)
        in->sib = (uint8_t)take(cursor, 1);
    alone = in->mod == 0 && (narrow ? in->rm == 6 : in->rm == 5 || (in->rm == 4 && (in->sib & 7) == 5));
    if (in->mod == 1)
        in->displacement = take_signed_8(cursor);
    else if (in->mod == 2 || alone)
        in->displacement = take(cursor, narrow ? 2 : 4);
}

static void take_immediate(struct cursor *cursor, char form)
{
    struct instruction *in = cursor->in;
    unsigned wide = in->operand_16 ? 2 : 4;

    if (form == 'b' || form == 'M' || form == 'j' || (form == 'g' && in->reg < 2)) {
        in->immediate = take_signed_8(cursor);
    } else if (form == 'z' || form == 'Z' || form == 'J' || (form == 'G' && in->reg < 2)) {
        in->immediate = take(cursor, wide);
    } else if (form == 'w') {
        in->immediate = take(cursor, 2);
    } else if (form == 'o') {
        in->displacement = take(cursor, in->address_16 ? 2 : 4);
    } else if (form == 'f') {
        in->displacement = take(cursor, wide);
        in->immediate = take(cursor, 2);
    } else if (form == 'e') {
        in->immediate = take(cursor, 3);
    }
}

enum decoded decode(struct instruction *in, const uint8_t *bytes, unsigned count)
{
    struct cursor cursor = {in, bytes, count, false};
    char form;

    *in = (struct instruction){.segment = SEGMENT_NONE};
    in->opcode = take_prefixes(&cursor);
    form = one_byte[in->opcode];
    if (form == 'x') {
        in->opcode = (uint16_t)(0x0f00 | take(&cursor, 1));
        form = two_bytes[in->opcode & 0xff];
    }
    if (form == 'm' || form == 'M' || form == 'Z' || form == 'g' || form == 'G')
        take_modrm(&cursor);
    take_immediate(&cursor, form);
    if (cursor.missing)
        return DECODE_SHORT;
    if ((in->opcode == 0xc4 || in->opcode == 0xc5) && in->mod == 3)
        return DECODE_UNKNOWN; /* a VEX prefix */
    return form == '?' ? DECODE_UNKNOWN : DECODED;
}

bool decode_at(uint32_t linear, struct instruction *in)
{
    uint8_t bytes[INSTRUCTION_BYTES];

    return decode(in, bytes, linear_peek(linear, bytes, INSTRUCTION_BYTES)) == DECODED;
}

/* -- operands ---------------------------------------------------------------------------------- */

/* pushal stores EAX first, so it is the highest; ESP is the one that the CPU pushed. */
uint32_t *register_at(unsigned number)
{
    return number == 4 ? &vcpu.frame->user_esp : &vcpu.frame->eax - number;
}

/* SDM 2A §2.1 "Instruction Format for Protected Mode, Real-Address Mode, and Virtual-8086 Mode" */
uint32_t operand_offset(const struct instruction *in, enum segment *segment)
{
    unsigned base = in->rm;
    uint32_t offset = in->displacement;

    if (in->address_16)
        vm_stop("16-bit addressing at %x: the VMM does not emulate it", vcpu.frame->eip);
    if (base == 4) { /* scale, index, base */
        unsigned index = in->sib >> 3 & 7;
        offset += index == 4 ? 0 : *register_at(index) << (in->sib >> 6);
        base = in->sib & 7;
    }
    *segment = SEGMENT_DS;
    if (in->mod != 0 || base != 5) {
        offset += *register_at(base);
        if (base == 4 || base == 5)
            *segment = SEGMENT_SS;
    }
    if (in->segment != SEGMENT_NONE)
        *segment = (enum segment)in->segment;
    return offset;
}
