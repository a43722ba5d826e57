/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a short run goes.
 */
#include "run/short_run.h"

enum { SHORT = 16 }; /* instructions: longer runs may as well have the whole block translated */

/* Does Unicorn go on translating behind this instruction?  "No" is always a right answer, so only instructions that are
 * certain are taken. */
static bool is_straight(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    bool plain = decoded->class_ == WS__CLASS_PLAIN || decoded->class_ == WS__CLASS_BIT_TEST ||
                 decoded->class_ == WS__CLASS_EARLY_FLAGS || decoded->class_ == WS__CLASS_ALIGNED;
    return plain && decoded->length && !decoded->repeated &&
           ws__code_cache_operands_of(cpu->code, decoded)->branch == WS__BRANCH_NONE;
}

/* How many instructions will the run have at most?  If it does not end by then after all, the next one is expected to
 * have twice as many. */
static uint64_t expected(struct ws__cpu *cpu)
{
    uint64_t begun = cpu->state.begun, left = cpu->run.budget_end > begun ? cpu->run.budget_end - begun : 0;
    uint64_t before = 2 * (begun - cpu->blocks.entered) + 1;
    cpu->blocks.entered = begun;
    return left < before ? left : before;
}

void ws__short_run_begin(struct ws__cpu *cpu)
{
    struct ws_descriptor code;
    uint64_t instructions = expected(cpu);
    if (!cpu->blocks.step_mode || instructions >= SHORT)
        return;
    ws__engine_segment(cpu->engine, WS_CS, &code);
    uint64_t begin = (uint64_t)code.base + ws__engine_get(cpu->engine, WS_EIP), end = begin;
    for (uint64_t i = 0; i <= instructions; i++) { /* and the one in front of which the engine stops */
        const struct ws__decoded *decoded = ws__code_cache_find(cpu->code, (uint32_t)end, cpu->wide);
        if (!is_straight(cpu, decoded))
            return;
        end += decoded->length;
    }
    if (begin / WS_PAGE_BYTES == end / WS_PAGE_BYTES)
        ws__engine_translate_until(cpu->engine, end);
}
