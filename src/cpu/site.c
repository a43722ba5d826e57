/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Short looks.
 *
 * They say yes only where ws__cpu_begin() would, and leave behind what it would, as far as it matters to stretches.
 */
#include "cpu/site.h"

#include "cpu/careful.h"
#include "cpu/freely.h"
#include "cpu/limits.h"

static bool control_may_begin(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    cpu->loading = ws__engine_get(cpu->engine, ws__engine_general(decoded->general));
    return ws__execute_control_is_plain(decoded->operand, cpu->loading) && ws__engine_cpl(cpu->engine) == 0;
}

static bool task_register_may_begin(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    return ws__engine_cpl(cpu->engine) == 0 && !ws__ltr_is_null(cpu, operands);
}

/* To code that the selector in CS names already: not to a task, and not through a gate. */
static bool call_may_begin(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    bool direct = !operands->count || operands->operand[0].rule == WS__OFFSET_STACK;
    uint32_t cs = ws__engine_get(cpu->engine, WS_CS);
    if (!direct || (cs & WS_SELECTOR_RPL) == 3 || (operands->target ^ cs) & 0xfffc)
        return false;
    cpu->named = (uint16_t)operands->target;
    return true;
}

static bool return_may_begin(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    return ws__engine_cpl(cpu->engine) != 3 && ws__far_return_allowed(cpu, operands);
}

static bool may_begin(struct ws__cpu *cpu, const struct ws__site *site)
{
    switch (site->decoded.class_) {
    case WS__CLASS_MOV_TO_CR:
        return control_may_begin(cpu, &site->decoded);
    case WS__CLASS_LTR:
        return task_register_may_begin(cpu, &site->operands);
    case WS__CLASS_CALL_FAR:
        return call_may_begin(cpu, &site->operands);
    default:
        return return_may_begin(cpu, &site->operands);
    }
}

bool ws__site_is_quick(const struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    switch (decoded->class_) {
    case WS__CLASS_MOV_TO_CR:
    case WS__CLASS_LTR:
    case WS__CLASS_CALL_FAR:
    case WS__CLASS_RET_FAR:
        return !ws__flight_is_followed(cpu, decoded) && !decoded->in_code;
    default:
        return false;
    }
}

bool ws__site_begin(struct ws__cpu *cpu, const struct ws__site *site, uint64_t mark)
{
    uint32_t flat = WS__CAREFUL_STALE | WS__CAREFUL_SEGMENTS; /* what is used is: see the stretch's `touches` */
    if (cpu->attention || cpu->flight.open || cpu->careful & ~flat || cpu->pace->left < 0)
        return false;
    if (!may_begin(cpu, site))
        return false;
    cpu->state.begun = mark + 1;
    ws__flight_open(cpu, &site->decoded, site->linear);
    return true;
}
