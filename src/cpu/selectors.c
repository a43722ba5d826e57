/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the selectors that an instruction names.
 */
#include "cpu/selectors.h"

#include "cpu/segment_checks.h"

/* -- which instructions ------------------------------------------------------------------------ */

struct reader {
    uint16_t opcode, last; /* one byte, or 0x0f00 | the second byte */
    int8_t reg, last_reg;  /* the ModRM byte's middle field; -1: any */
    uint8_t place;
};

static const struct reader readers[] = {
    {0x0007, 0x0007, -1, -1, WS__SELECTORS_OPERAND}, /* pop %es, %ss, %ds */
    {0x0017, 0x0017, -1, -1, WS__SELECTORS_OPERAND},
    {0x001f, 0x001f, -1, -1, WS__SELECTORS_OPERAND},
    {0x0fa1, 0x0fa1, -1, -1, WS__SELECTORS_OPERAND},
    {0x0fa9, 0x0fa9, -1, -1, WS__SELECTORS_OPERAND}, /* pop %fs, %gs */
    {0x008e, 0x008e, -1, -1, WS__SELECTORS_OPERAND}, /* mov to a segment register */
    {0x0f00, 0x0f00, 2, 5, WS__SELECTORS_OPERAND},   /* lldt, ltr, verr, verw */
    {0x0f02, 0x0f03, -1, -1, WS__SELECTORS_OPERAND}, /* lar, lsl */
    {0x00c4, 0x00c5, -1, -1, WS__SELECTORS_POINTER},
    {0x0fb2, 0x0fb2, -1, -1, WS__SELECTORS_POINTER}, /* les, lds, lss */
    {0x0fb4, 0x0fb5, -1, -1, WS__SELECTORS_POINTER}, /* lfs, lgs */
    {0x00ff, 0x00ff, 3, 3, WS__SELECTORS_POINTER},
    {0x00ff, 0x00ff, 5, 5, WS__SELECTORS_POINTER}, /* lcall, ljmp through memory */
    {0x009a, 0x009a, -1, -1, WS__SELECTORS_CODE},
    {0x00ea, 0x00ea, -1, -1, WS__SELECTORS_CODE}, /* lcall, ljmp */
    {0x00ca, 0x00cb, -1, -1, WS__SELECTORS_FRAME},
    {0x00cf, 0x00cf, -1, -1, WS__SELECTORS_FRAME}, /* lret, iret */
};

enum ws__selectors ws__selectors_place(struct ws__code_cache *cache, uint32_t linear)
{
    uint8_t code[WS_INSTRUCTION_BYTES];
    struct ws__opcode what;
    size_t bytes = ws__code_cache_copy(cache, linear, code);
    if (!ws__decode_opcode(&what, code, bytes))
        return WS__SELECTORS_NONE;
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        const struct reader *reader = &readers[i];
        if (what.opcode >= reader->opcode && what.opcode <= reader->last &&
            (reader->reg < 0 || (what.reg >= reader->reg && what.reg <= reader->last_reg)))
            return (enum ws__selectors)reader->place;
    }
    return WS__SELECTORS_NONE;
}

/* -- the selectors ----------------------------------------------------------------------------- */

/* Read the 16 bits at `offset` in the first operand; if there is no operand in memory, those in the general register.
 * false: they cannot be read. */
static bool selector_read(struct ws__cpu *cpu, const struct ws__operands *operands, uint32_t offset, uint16_t *selector)
{
    if (operands->count)
        return ws__memory_peek(cpu, ws__operand_linear(cpu, operands, &operands->operand[0]) + offset, selector,
                               sizeof *selector);
    if (operands->general == WS__NO_REGISTER)
        return false;
    *selector = (uint16_t)ws__engine_get(cpu->engine, ws__engine_general(operands->general));
    return true;
}

unsigned ws__selectors_find(struct ws__cpu *cpu, const struct ws__operands *operands, enum ws__selectors place,
                            uint16_t selector[2])
{
    uint32_t word = operands->narrow ? 2 : 4;
    switch (place) {
    case WS__SELECTORS_NONE:
        return 0;
    case WS__SELECTORS_OPERAND:
        return selector_read(cpu, operands, 0, &selector[0]);
    case WS__SELECTORS_POINTER:
        return selector_read(cpu, operands, word, &selector[0]);
    case WS__SELECTORS_CODE:
        selector[0] = (uint16_t)operands->target;
        return 1;
    default: {
        uint32_t frame = operands->operand[0].address.bytes + operands->released;
        return selector_read(cpu, operands, word, &selector[0]) +
               selector_read(cpu, operands, frame + word, &selector[1]);
    }
    }
}
