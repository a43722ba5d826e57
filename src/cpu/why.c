/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why an instruction was refused.
 */
#include "cpu/why.h"

#include <string.h>

#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"
#include "x86/reason.h"

bool ws__why_is(struct ws__why *why, uint8_t vector, uint32_t error_code, struct ws_reason reason)
{
    bool is = why->raise->vector == vector && why->raise->error_code == error_code;
    if (is)
        why->reason = reason;
    return is;
}

/* -- privileges -------------------------------------------------------------------------------- */

/* Instructions of ring 0.  SDM 3A §5.9 "Privileged Instructions" */
static const struct {
    uint16_t opcode, last; /* one byte, or 0x0f00 | the second byte */
    int8_t reg, last_reg;  /* the ModRM byte's middle field; -1: any */
} privileged[] = {
    {0x00f4, 0x00f4, -1, -1},                           /* hlt */
    {0x0f00, 0x0f00, 2, 3},                             /* lldt, ltr */
    {0x0f01, 0x0f01, 2, 3},                             /* lgdt, lidt */
    {0x0f01, 0x0f01, 6, 7},                             /* lmsw, invlpg */
    {0x0f06, 0x0f06, -1, -1},                           /* clts */
    {0x0f08, 0x0f09, -1, -1},                           /* invd, wbinvd */
    {0x0f20, 0x0f23, -1, -1},                           /* mov %cr, mov %dr */
    {0x0f30, 0x0f30, -1, -1}, {0x0f32, 0x0f32, -1, -1}, /* wrmsr, rdmsr */
};

static bool is_privileged(const struct ws__opcode *what)
{
    for (size_t i = 0; i < sizeof privileged / sizeof privileged[0]; i++) {
        if (what->opcode >= privileged[i].opcode && what->opcode <= privileged[i].last &&
            (privileged[i].reg < 0 || (what->reg >= privileged[i].reg && what->reg <= privileged[i].last_reg)))
            return true;
    }
    return false;
}

static bool privilege_fails(struct ws__why *why)
{
    enum { CLI = 0xfa, STI = 0xfb };
    unsigned iopl = (ws__engine_get(why->cpu->engine, WS_EFLAGS) & WS_EFLAGS_IOPL) >> 12;
    if (why->cpl && is_privileged(&why->what))
        return ws__why_is(why, WS_VECTOR_GP, 0, WS__REASON(PRIVILEGED, why->cpl));
    if ((why->what.opcode == CLI || why->what.opcode == STI) && why->cpl > iopl)
        return ws__why_is(why, WS_VECTOR_GP, 0, WS__REASON(INTERRUPT_FLAG, why->cpl, iopl));
    return false;
}

/* -- divisions --------------------------------------------------------------------------------- */

/* The divisor of div and idiv: a register, or memory.  false: it cannot be read. */
static bool divisor_read(struct ws__why *why, uint32_t *divisor)
{
    bool narrow = why->what.opcode == 0xf6, in_register = why->what.modrm >> 6 == 3;
    unsigned bytes = narrow ? 1 : why->operands->narrow ? 2 : 4, number = why->what.modrm & 7, shift = 0;
    *divisor = 0;
    if (!in_register)
        return why->operands->count &&
               ws__memory_peek(why->cpu, ws__operand_linear(why->cpu, why->operands, &why->operands->operand[0]),
                               divisor, bytes);
    if (narrow && number >= 4) /* AH, CH, DH, BH */
        shift = 8, number -= 4;
    *divisor = ws__engine_get(why->cpu->engine, ws__engine_general(number)) >> shift;
    *divisor &= bytes == 4 ? UINT32_MAX : (1u << 8 * bytes) - 1;
    return true;
}

static bool division_fails(struct ws__why *why)
{
    enum { AAM = 0xd4 };
    uint32_t divisor = 0;
    bool division = (why->what.opcode | 1) == 0xf7 && why->what.reg >= 6;
    if (!division && why->what.opcode != AAM)
        return false;
    if (division && !divisor_read(why, &divisor))
        return false;
    return ws__why_is(why, WS_VECTOR_DE, 0, divisor ? WS__REASON(DIVIDE_LARGE, divisor) : WS__REASON(DIVIDE_ZERO, 0));
}

/* -- units and opcodes ------------------------------------------------------------------------- */

static bool unit_fails(struct ws__why *why)
{
    uint32_t cr0 = ws__engine_get(why->cpu->engine, WS_CR0), cr4 = ws__engine_get(why->cpu->engine, WS_CR4);
    bool sse = why->operands->unit == WS__UNIT_SSE;
    if (why->raise->vector == WS_VECTOR_NM)
        return cr0 & WS_CR0_EM ? ws__why_is(why, WS_VECTOR_NM, 0, WS__REASON(UNIT_NONE, 0))
                               : ws__why_is(why, WS_VECTOR_NM, 0, WS__REASON(UNIT_SWITCHED, 0));
    if (cr0 & WS_CR0_EM && why->operands->unit != WS__UNIT_INTEGER)
        return ws__why_is(why, WS_VECTOR_UD, 0, WS__REASON(UNIT_NONE, 0));
    return sse && !(cr4 & WS_CR4_OSFXSR) && ws__why_is(why, WS_VECTOR_UD, 0, WS__REASON(SSE_OFF, 0));
}

static bool bound_fails(struct ws__why *why)
{
    uint32_t bytes = why->operands->narrow ? 2 : 4, index = ws__engine_general((unsigned)why->what.reg), bound[2];
    uint32_t linear = ws__operand_linear(why->cpu, why->operands, &why->operands->operand[0]);
    index = ws__engine_get(why->cpu->engine, index);
    for (uint32_t i = 0; i < 2; i++) {
        bound[i] = 0;
        if (!why->operands->count || !ws__memory_peek(why->cpu, linear + i * bytes, &bound[i], bytes))
            return false;
        bound[i] = bytes == 2 ? (uint32_t)(int16_t)bound[i] : bound[i];
    }
    index = bytes == 2 ? (uint32_t)(int16_t)index : index;
    return ws__why_is(why, WS_VECTOR_BR, 0, WS__REASON(BOUND, index, bound[0], bound[1]));
}

static bool opcode_fails(struct ws__why *why)
{
    enum { MOV_TO_SEGMENT = 0x8e, BOUND = 0x62, MOV_FROM_CR = 0x0f20, MOV_TO_CR = 0x0f22 };
    static const uint8_t control = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4;
    int reg = why->what.reg;
    if (why->what.opcode == MOV_TO_SEGMENT && reg == WS__SEGMENT_CS)
        return ws__why_is(why, WS_VECTOR_UD, 0, WS__REASON(NO_MOV_TO_CS, 0));
    if ((why->what.opcode == MOV_FROM_CR || why->what.opcode == MOV_TO_CR) && reg >= 0 && !(control >> reg & 1))
        return ws__why_is(why, WS_VECTOR_UD, 0, WS__REASON(CONTROL_REGISTER, (uint32_t)reg));
    return why->what.opcode == BOUND && bound_fails(why);
}

/* Prefixes alone fill the 15 bytes that an instruction may have. */
static bool length_fails(struct ws__why *why, const uint8_t *code, size_t bytes)
{
    size_t prefixes = 0;
    while (prefixes < bytes && ws__decode_is_prefix(code[prefixes]))
        prefixes++;
    return prefixes == WS_INSTRUCTION_BYTES && ws__why_is(why, WS_VECTOR_GP, 0, WS__REASON(TOO_LONG, 0));
}

/* What is no instruction at all.  SDM 2B "UD—Undefined Instruction" */
static void invalid_check(struct ws__why *why)
{
    enum { UD2 = 0x0f0b, LOCK = 0xf0 };
    uint8_t code[WS_INSTRUCTION_BYTES] = {0};
    size_t bytes = ws__code_cache_copy(why->cpu->code, why->linear, code);
    for (size_t i = 0; i < bytes && ws__decode_is_prefix(code[i]); i++) {
        if (code[i] == LOCK && ws__why_is(why, WS_VECTOR_UD, 0, WS__REASON(LOCK, 0)))
            return;
    }
    ws__why_is(why, WS_VECTOR_UD, 0,
               why->what.opcode == UD2 ? WS__REASON(UD2, 0) : WS__REASON(INVALID, code[0], code[1]));
}

/* -- operands ---------------------------------------------------------------------------------- */

static bool fetch_fails(struct ws__why *why)
{
    struct ws__cpu *cpu = why->cpu;
    uint32_t eip = why->raise->fault_eip;
    uint8_t length = ws__code_cache_find(cpu->code, why->linear, cpu->wide)->length;
    return !ws__segments_allow_fetch(&cpu->checks, eip, length) &&
           ws__why_is(why, WS_VECTOR_GP, 0, WS__REASON(FETCH_LIMIT, eip, cpu->checks.segment[WS__SEGMENT_CS].limit));
}

static bool operands_fail(struct ws__why *why)
{
    struct ws__cpu *cpu = why->cpu;
    const struct ws__decoded *decoded = ws__code_cache_find(cpu->code, why->linear, cpu->wide);
    const struct ws__operands *operands = why->operands;
    uint8_t class_ = decoded->class_, vector;
    if (!ws__operands_idle(cpu->engine, operands) && !ws__segments_allow(cpu, operands, &vector))
        return ws__why_is(why, vector, 0, ws__segments_reason(cpu, operands));
    if (class_ == WS__CLASS_ALIGNED && !ws__alignment_holds(cpu, operands))
        return ws__why_is(why, WS_VECTOR_GP, 0,
                          WS__REASON(ALIGNMENT, ws__operand_linear(cpu, operands, &operands->operand[0])));
    return false;
}

/* -- the search -------------------------------------------------------------------------------- */

static void instruction_check(struct ws__why *why)
{
    uint8_t code[WS_INSTRUCTION_BYTES];
    size_t bytes = ws__code_cache_copy(why->cpu->code, why->linear, code);
    ws__check_refresh(why->cpu);
    if (why->raise->vector == WS_VECTOR_MF)
        why->reason = WS__REASON(X87, 0);
    if (fetch_fails(why) || length_fails(why, code, bytes) || !ws__decode_opcode(&why->what, code, bytes))
        return;
    if (privilege_fails(why) || division_fails(why) || unit_fails(why) || opcode_fails(why) || operands_fail(why))
        return;
    ws__why_selectors(why);
    if (why->reason.code == WS_REASON_NONE)
        invalid_check(why);
}

struct ws_reason ws__why(struct ws__cpu *cpu, const struct ws__raise *raise)
{
    if (raise->origin != WS_ORIGIN_EXCEPTION)
        return raise->origin == WS_ORIGIN_SOFTWARE ? WS__REASON(SOFTWARE, raise->vector) : WS__REASON(OUTSIDE, 0);
    if (raise->vector == WS_VECTOR_PF)
        return ws__reason_page(&cpu->page_fault);
    if (raise->vector == WS_VECTOR_DB)
        return WS__REASON(BREAKPOINT, cpu->state.debug[6], cpu->state.debug[6]);
    /* `operands` would be lost with the next question to the cache, so it is copied. */
    struct ws__operands operands = {0};
    struct ws__why why = {
        .cpu = cpu,
        .raise = raise,
        .operands = &operands,
        .linear = (uint32_t)cpu->last.linear,
        .cpl = ws__engine_cpl(cpu->engine),
    };
    if (cpu->last.linear != WS__NOWHERE) {
        operands = *ws__code_cache_operands(cpu->code, why.linear, cpu->wide);
        instruction_check(&why);
    }
    return why.reason.code == WS_REASON_NONE ? WS__REASON(REFUSED, 0) : why.reason;
}
