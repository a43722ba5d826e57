/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoints.
 */
#include "cpu/debug.h"

#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"

enum { BREAKPOINTS = 4, ENABLED = 3, ALL_ENABLED = 0xff, HITS = 0xf };

/* R/Wn */
enum kind { KIND_CODE, KIND_WRITE, KIND_PORT, KIND_DATA };

/* SDM 3B §17.2.4 "Debug Control Register (DR7)" */
static bool is_enabled(const struct ws__cpu_state *state, unsigned number)
{
    return state->debug[7] >> 2 * number & ENABLED;
}

static enum kind kind(const struct ws__cpu_state *state, unsigned number)
{
    return (enum kind)(state->debug[7] >> (16 + 4 * number) & 3);
}

/* A range of addresses meets a breakpoint if the two have a byte in common.  The low bits of the breakpoint's address
 * do not count.  SDM 3B §17.2.5 "Breakpoint Field Recognition" */
static bool range_meets(const struct ws__cpu_state *state, unsigned number, uint32_t first, uint32_t bytes)
{
    static const uint8_t lengths[4] = {1, 2, 8, 4};
    uint32_t size = lengths[state->debug[7] >> (18 + 4 * number) & 3];
    uint32_t begin = state->debug[number] & ~(size - 1);
    return begin - first < bytes || first - begin < size;
}

uint32_t ws__debug_reasons(const struct ws__cpu_state *state)
{
    static const uint32_t reason[4] = {WS__CHECK_CODE, WS__CHECK_DATA, 0, WS__CHECK_DATA};
    uint32_t reasons = 0;
    for (unsigned i = 0; i < BREAKPOINTS; i++)
        reasons |= is_enabled(state, i) ? reason[kind(state, i)] : 0;
    return reasons;
}

static bool stands_on_code(const struct ws__cpu_state *state, unsigned number)
{
    return is_enabled(state, number) && kind(state, number) == KIND_CODE;
}

uint32_t ws__debug_code_hits(const struct ws__cpu_state *state, uint32_t linear)
{
    uint32_t hits = 0;
    for (unsigned i = 0; i < BREAKPOINTS; i++) {
        if (stands_on_code(state, i) && state->debug[i] == linear)
            hits |= 1u << i;
    }
    return hits;
}

bool ws__debug_code_watched(const struct ws__cpu_state *state, uint32_t linear, uint32_t bytes)
{
    for (unsigned i = 0; i < BREAKPOINTS; i++) {
        if (stands_on_code(state, i) && state->debug[i] - linear < bytes)
            return true;
    }
    return false;
}

void ws__debug_code_ask(struct ws__cpu *cpu)
{
    for (unsigned i = 0; i < BREAKPOINTS; i++) {
        if (stands_on_code(&cpu->state, i))
            ws__block_table_ask(&cpu->blocks.table, cpu->state.debug[i]);
    }
}

bool ws__debug_page_watched(const struct ws__cpu_state *state, uint32_t page)
{
    for (unsigned i = 0; i < BREAKPOINTS; i++) {
        bool data = kind(state, i) == KIND_WRITE || kind(state, i) == KIND_DATA;
        if (is_enabled(state, i) && data && range_meets(state, i, page, WS_PAGE_BYTES))
            return true;
    }
    return false;
}

static void hits_add(struct ws__cpu *cpu, uint32_t hits)
{
    cpu->state.hits |= hits;
    if (cpu->state.hits)
        cpu->checks.reasons |= WS__CHECK_TRAP;
}

/* SDM 3B §17.3.1.2 "Data Memory and I/O Breakpoint Exception Conditions" */
void ws__debug_data_watch(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    for (unsigned i = 0; i < operands->count; i++) {
        const struct ws__operand *operand = &operands->operand[i];
        uint32_t linear = ws__operand_linear(cpu, operands, operand);
        for (unsigned n = 0; n < BREAKPOINTS; n++) {
            bool watches = kind(&cpu->state, n) == KIND_DATA ||
                           (kind(&cpu->state, n) == KIND_WRITE && operand->access & WS__WRITE);
            if (is_enabled(&cpu->state, n) && watches && range_meets(&cpu->state, n, linear, operand->address.bytes))
                hits_add(cpu, 1u << n);
        }
    }
}

void ws__debug_port_watch(struct ws__cpu *cpu, uint16_t port, unsigned bytes)
{
    if (!(cpu->state.debug[7] & ALL_ENABLED) || !(ws__engine_get(cpu->engine, WS_CR4) & WS_CR4_DE))
        return;
    for (unsigned n = 0; n < BREAKPOINTS; n++) {
        if (is_enabled(&cpu->state, n) && kind(&cpu->state, n) == KIND_PORT && range_meets(&cpu->state, n, port, bytes))
            hits_add(cpu, 1u << n);
    }
}

void ws__debug_data_forget(struct ws__cpu *cpu)
{
    cpu->state.hits = cpu->checks.held;
    if (!cpu->state.hits)
        cpu->checks.reasons &= ~(uint32_t)WS__CHECK_TRAP;
}

/* B0 to B3 of DR6 tell the breakpoints of this exception; the other bits stay set until software clears them.  GD of
 * DR7 is cleared, so that the handler may read the debug registers.  SDM 3B §17.2.3 "Debug Status Register (DR6)",
 * §17.2.4 "Debug Control Register (DR7)" */
void ws__debug_report(struct ws__cpu *cpu, uint32_t bits)
{
    uint32_t *dr6 = &cpu->state.debug[6];
    *dr6 = (*dr6 & ~(uint32_t)HITS) | bits | cpu->state.hits;
    cpu->state.debug[7] &= ~(uint32_t)WS__DR7_GD;
    cpu->state.hits = 0;
    cpu->checks.reasons &= ~(uint32_t)WS__CHECK_TRAP;
}
