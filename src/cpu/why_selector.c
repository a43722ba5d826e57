/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a selector was refused.
 *
 * Each function goes through the checks of one sort of instruction, in the order of the manual's pages: SDM 2B
 * "MOV—Move", SDM 2A "JMP—Jump", SDM 2A "CALL—Call Procedure", SDM 2B "RET—Return from Procedure", SDM 2A
 * "IRET/IRETD/IRETQ—Interrupt Return".
 */
#include "cpu/why.h"

#include "cpu/segment_checks.h"
#include "cpu/selectors.h"
#include "x86/reason.h"

/* A selector and what it names. */
struct named {
    uint16_t selector;
    uint32_t code; /* the error code that names it */
    unsigned rpl;
    struct ws_descriptor descriptor;
};

/* Read the descriptor.  false: there is none to judge; if that is why, the reason was found. */
static bool named_read(struct ws__why *why, struct named *named, uint16_t selector)
{
    struct ws__engine *engine = why->cpu->engine;
    *named = (struct named){.selector = selector, .code = selector & ~3u, .rpl = selector & WS_SELECTOR_RPL};
    uint32_t limit = ws__descriptor_limit(engine, selector);
    if (named->code == 0) {
        ws__why_is(why, WS_VECTOR_GP, 0, WS__REASON(SELECTOR_NULL, selector));
        return false;
    }
    if ((selector | 7u) > limit) {
        ws__why_is(why, WS_VECTOR_GP, named->code, ws__reason_beyond(selector, limit));
        return false;
    }
    return ws__descriptor_peek(why->cpu, selector, &named->descriptor);
}

/* A check of the descriptor fails: it is #GP with its selector. */
static bool refused(struct ws__why *why, const struct named *named, struct ws_reason reason)
{
    return ws__why_is(why, WS_VECTOR_GP, named->code, reason);
}

static bool absent(struct ws__why *why, const struct named *named, uint8_t vector)
{
    return !named->descriptor.present && ws__why_is(why, vector, named->code, WS__REASON(ABSENT, named->selector));
}

/* -- data and stack segments ------------------------------------------------------------------- */

/* The new stack segment must be writable data, of exactly this ring. */
static void stack_check(struct ws__why *why, uint16_t selector, unsigned ring)
{
    struct named named;
    if (!named_read(why, &named, selector))
        return;
    const struct ws_descriptor *found = &named.descriptor;
    bool data = !found->system && !(found->type & WS_TYPE_CODE) && found->type & WS_TYPE_WRITABLE;
    if (named.rpl != ring && refused(why, &named, WS__REASON(STACK_RPL, selector, named.rpl, ring)))
        return;
    if (!data && refused(why, &named, WS__REASON(STACK_TYPE, selector, ws__reason_type(found))))
        return;
    if (found->dpl != ring && refused(why, &named, WS__REASON(STACK_DPL, selector, found->dpl, ring)))
        return;
    absent(why, &named, WS_VECTOR_SS);
}

static void data_check(struct ws__why *why, uint16_t selector, uint32_t segment)
{
    struct named named;
    if ((selector & ~3u) == 0 || !named_read(why, &named, selector))
        return;
    const struct ws_descriptor *found = &named.descriptor;
    bool code = found->type & WS_TYPE_CODE, conforming = code && found->type & WS_TYPE_CONFORMING;
    bool fits = !found->system && (!code || found->type & WS_TYPE_READABLE);
    if (!fits && refused(why, &named, WS__REASON(DATA_TYPE, selector, ws__reason_type(found), segment)))
        return;
    if (!conforming && (named.rpl > found->dpl || why->cpl > found->dpl) &&
        refused(why, &named, WS__REASON(DATA_DPL, selector, found->dpl, why->cpl, named.rpl)))
        return;
    absent(why, &named, WS_VECTOR_NP);
}

/* The segment register that an instruction loads which is no far transfer.  WS__SEGMENTS: none. */
static uint32_t loaded_segment(const struct ws__opcode *what)
{
    static const struct {
        uint16_t opcode;
        uint8_t segment;
    } rows[] = {
        {0x0007, WS__SEGMENT_ES}, {0x0017, WS__SEGMENT_SS}, {0x001f, WS__SEGMENT_DS}, {0x0fa1, WS__SEGMENT_FS},
        {0x0fa9, WS__SEGMENT_GS}, {0x00c4, WS__SEGMENT_ES}, {0x00c5, WS__SEGMENT_DS}, {0x0fb2, WS__SEGMENT_SS},
        {0x0fb4, WS__SEGMENT_FS}, {0x0fb5, WS__SEGMENT_GS},
    };
    if (what->opcode == 0x8e && what->reg >= 0 && what->reg < WS__SEGMENTS)
        return (uint32_t)what->reg;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].opcode == what->opcode)
            return rows[i].segment;
    }
    return WS__SEGMENTS;
}

/* -- LDTR and TR ------------------------------------------------------------------------------- */

static void system_check(struct ws__why *why, uint16_t selector)
{
    enum { LLDT = 2 };
    struct named named;
    bool ldt = why->what.reg == LLDT;
    if (selector & WS_SELECTOR_TI &&
        ws__why_is(why, WS_VECTOR_GP, selector & ~3u, WS__REASON(SELECTOR_LOCAL, selector)))
        return;
    if ((ldt && (selector & ~3u) == 0) || !named_read(why, &named, selector))
        return;
    const struct ws_descriptor *found = &named.descriptor;
    uint32_t type = ws__reason_type(found);
    bool available = found->type == WS_TYPE_TSS32 || found->type == WS_TYPE_TSS16;
    if (ldt && !(found->system && found->type == WS_TYPE_LDT) &&
        refused(why, &named, WS__REASON(LDT_TYPE, selector, type)))
        return;
    if (!ldt && !(found->system && available) && refused(why, &named, WS__REASON(TSS_TYPE, selector, type)))
        return;
    absent(why, &named, WS_VECTOR_NP);
}

/* -- far jumps and far calls ------------------------------------------------------------------- */

static bool is_code(const struct ws_descriptor *found)
{
    return !found->system && found->type & WS_TYPE_CODE;
}

/* The offset of a far jump or far call: in the instruction, or in memory. */
static uint32_t transfer_offset(struct ws__why *why)
{
    enum { JMP = 0xea, CALL = 0x9a, SELECTOR_BYTES = 2 };
    uint32_t offset = 0, bytes = why->operands->narrow ? 2 : 4;
    uint8_t length = ws__code_cache_find(why->cpu->code, why->linear, why->cpu->wide)->length;
    bool direct = why->what.opcode == JMP || why->what.opcode == CALL;
    uint32_t linear = direct ? why->linear + length - SELECTOR_BYTES - bytes
                             : ws__operand_linear(why->cpu, why->operands, &why->operands->operand[0]);
    ws__memory_peek(why->cpu, linear, &offset, bytes);
    return offset;
}

/* The target must lie in the code segment.  The manual says #GP(0); the engine names the selector at a call. */
static void target_check(struct ws__why *why, const struct named *named, uint32_t offset)
{
    const struct ws_reason reason = WS__REASON(BRANCH_LIMIT, offset, named->descriptor.limit);
    if (offset > named->descriptor.limit && !ws__why_is(why, WS_VECTOR_GP, 0, reason))
        refused(why, named, reason);
}

/* Does a jump, which never changes the ring, name code of another ring? */
static bool jump_leaves_ring(const struct ws__why *why, const struct ws_descriptor *code)
{
    bool jump = why->what.opcode == 0xea || why->what.reg == 5;
    return jump && !(code->type & WS_TYPE_CONFORMING) && code->dpl != why->cpl;
}

/* The code segment in a call gate. */
static void gate_check(struct ws__why *why, const struct named *gate)
{
    const struct ws_descriptor *found = &gate->descriptor;
    struct named named;
    if ((found->dpl < why->cpl || found->dpl < gate->rpl) &&
        refused(why, gate, WS__REASON(GATE_OUTER, gate->selector, found->dpl, why->cpl, gate->rpl)))
        return;
    if (absent(why, gate, WS_VECTOR_NP))
        return;
    /* the selector in a gate stands where a segment's base begins */
    if (!named_read(why, &named, (uint16_t)found->base))
        return;
    if (!is_code(&named.descriptor) &&
        refused(why, &named, WS__REASON(CODE_TYPE, named.selector, ws__reason_type(&named.descriptor))))
        return;
    if ((named.descriptor.dpl > why->cpl || jump_leaves_ring(why, &named.descriptor)) &&
        refused(why, &named, WS__REASON(CODE_DPL, named.selector, named.descriptor.dpl, why->cpl, named.rpl)))
        return;
    absent(why, &named, WS_VECTOR_NP);
}

static void transfer_check(struct ws__why *why, uint16_t selector)
{
    struct named named;
    if (!named_read(why, &named, selector))
        return;
    const struct ws_descriptor *found = &named.descriptor;
    bool conforming = found->type & WS_TYPE_CONFORMING;
    if (found->system && (found->type == WS_TYPE_CALL_GATE16 || found->type == WS_TYPE_CALL_GATE32)) {
        gate_check(why, &named);
        return;
    }
    if (!is_code(found) && refused(why, &named, WS__REASON(CODE_TYPE, selector, ws__reason_type(found))))
        return;
    bool outer = conforming ? found->dpl > why->cpl : named.rpl > why->cpl || found->dpl != why->cpl;
    if (outer && refused(why, &named, WS__REASON(CODE_DPL, selector, found->dpl, why->cpl, named.rpl)))
        return;
    if (!absent(why, &named, WS_VECTOR_NP))
        target_check(why, &named, transfer_offset(why));
}

/* -- returns ----------------------------------------------------------------------------------- */

/* Where the frame says to go.  0: it cannot be read. */
static uint32_t frame_eip(struct ws__why *why)
{
    uint32_t eip = 0, linear = ws__operand_linear(why->cpu, why->operands, &why->operands->operand[0]);
    ws__memory_peek(why->cpu, linear, &eip, why->operands->narrow ? 2 : 4);
    return eip;
}

static void return_check(struct ws__why *why, const uint16_t selector[2], unsigned count)
{
    struct named named;
    if (!named_read(why, &named, selector[0]))
        return;
    const struct ws_descriptor *found = &named.descriptor;
    bool conforming = found->type & WS_TYPE_CONFORMING;
    if (!is_code(found) && refused(why, &named, WS__REASON(CODE_TYPE, selector[0], ws__reason_type(found))))
        return;
    if (named.rpl < why->cpl && refused(why, &named, WS__REASON(RETURN_INNER, selector[0], named.rpl, why->cpl)))
        return;
    if ((conforming ? found->dpl > named.rpl : found->dpl != named.rpl) &&
        refused(why, &named, WS__REASON(RETURN_DPL, selector[0], found->dpl, named.rpl)))
        return;
    if (absent(why, &named, WS_VECTOR_NP))
        return;
    if (named.rpl > why->cpl && count > 1)
        stack_check(why, selector[1], named.rpl);
    if (why->reason.code == WS_REASON_NONE && !ws__far_return_allowed(why->cpu, why->operands))
        ws__why_is(why, WS_VECTOR_GP, 0, WS__REASON(BRANCH_LIMIT, frame_eip(why), found->limit));
}

/* -- which sort -------------------------------------------------------------------------------- */

void ws__why_selectors(struct ws__why *why)
{
    uint16_t selector[2] = {0};
    uint32_t segment = loaded_segment(&why->what);
    enum ws__selectors place = ws__selectors_place(why->cpu->code, why->linear);
    unsigned count = ws__selectors_find(why->cpu, why->operands, place, selector);
    if (place == WS__SELECTORS_NONE || !count)
        return;
    if (place == WS__SELECTORS_FRAME)
        return_check(why, selector, count);
    else if (segment == WS__SEGMENT_SS)
        stack_check(why, selector[0], why->cpl);
    else if (segment != WS__SEGMENTS)
        data_check(why, selector[0], segment);
    else if (why->what.opcode == 0x0f00)
        system_check(why, selector[0]);
    else
        transfer_check(why, selector[0]);
}
