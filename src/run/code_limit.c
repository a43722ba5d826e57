/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bits for CS's last bases and limits.
 */
#include "run/code_limit.h"

#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"

/* No bit is free: forget what was checked, and begin again. */
static void forget(struct ws__cpu *cpu)
{
    const struct ws__block_table *blocks = &cpu->blocks.table;
    for (uint32_t i = 0; i < blocks->count; i++)
        blocks->table[blocks->used[i]].touches |= WS__TOUCHES_CODE_LIMITS;
    cpu->blocks.code_limits = 0;
}

static bool is_known(const struct ws__code_limit *known, const struct ws_descriptor *code)
{
    return known->base == code->base && known->limit == code->limit;
}

uint32_t ws__code_limit_bit(struct ws__cpu *cpu)
{
    const struct ws_descriptor *code = &cpu->checks.segment[WS__SEGMENT_CS];
    struct ws__block_mode *blocks = &cpu->blocks;
    unsigned i = 0;
    if (!(cpu->checks.reasons & WS__CHECK_FETCH))
        return 0;
    while (i < blocks->code_limits && !is_known(&blocks->code_limit[i], code))
        i++;
    if (i == WS__CODE_LIMITS) {
        forget(cpu);
        i = 0;
    }
    if (i == blocks->code_limits)
        blocks->code_limit[blocks->code_limits++] = (struct ws__code_limit){code->base, code->limit};
    return WS__TOUCHES_CODE_LIMIT << i;
}

/* A branch to a target beyond the limit faults itself, and the engine does not check this.
 * SDM 3A §5.3 "Limit Checking" */
bool ws__code_limit_allows(struct ws__cpu *cpu, struct ws__block *block)
{
    const struct ws__block_code *code = block->code;
    uint32_t bit = ws__code_limit_bit(cpu), base = cpu->checks.segment[WS__SEGMENT_CS].base;
    if (!(block->touches & bit))
        return true;
    if (code->branches || !ws__segments_allow_fetch(&cpu->checks, code->linear - base, code->bytes) ||
        !ws__segments_allow_fetch(&cpu->checks, code->target - base, 1))
        return false;
    block->touches &= (uint16_t)~bit;
    return true;
}
