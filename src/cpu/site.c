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

static bool control_begin(struct ws__cpu *cpu, const struct ws__site *site)
{
    unsigned number = site->decoded.operand;
    uint32_t value = ws__engine_get(cpu->engine, (enum ws_register)(WS_EAX + site->decoded.general));
    if (!ws__execute_control_is_plain(number, value) || ws__engine_cpl(cpu->engine) != 0)
        return false;
    ws__cpu_control_loaded(cpu, ws__cpu_control_register(number), value);
    return true;
}

static bool task_register_begin(struct ws__cpu *cpu, const struct ws__site *site)
{
    return ws__engine_cpl(cpu->engine) == 0 && !ws__ltr_is_null(cpu, &site->operands);
}

/* What a far transfer did is to be looked at before anything else is. */
static bool far_begin(struct ws__cpu *cpu, const struct ws__site *site, uint64_t mark)
{
    cpu->state.begun = mark + 1;
    cpu->flight = (struct ws__flight){
        .open = true,
        .class_ = site->decoded.class_,
        .linear = site->linear,
        .mark = mark,
    };
    return true;
}

/* To code that the selector in CS names already: not to a task, and not through a gate. */
static bool call_begin(struct ws__cpu *cpu, const struct ws__site *site, uint64_t mark)
{
    const struct ws__operands *operands = &site->operands;
    bool direct = !operands->count || operands->operand[0].rule == WS__OFFSET_STACK;
    uint32_t cs = ws__engine_get(cpu->engine, WS_CS);
    if (!direct || (cs & WS_SELECTOR_RPL) == 3 || (operands->target ^ cs) & 0xfffc)
        return false;
    cpu->named = (uint16_t)operands->target;
    return far_begin(cpu, site, mark);
}

static bool return_begin(struct ws__cpu *cpu, const struct ws__site *site, uint64_t mark)
{
    return ws__engine_cpl(cpu->engine) != 3 && ws__far_return_allowed(cpu, &site->operands) &&
           far_begin(cpu, site, mark);
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
    switch (site->decoded.class_) {
    case WS__CLASS_MOV_TO_CR:
        return control_begin(cpu, site);
    case WS__CLASS_LTR:
        return task_register_begin(cpu, site);
    case WS__CLASS_CALL_FAR:
        return call_begin(cpu, site, mark);
    default:
        return return_begin(cpu, site, mark);
    }
}
