/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fast path of hook points.
 *
 * It lets an instruction begin only if ws__cpu_begin() would do so, too, and if no effect of the instruction must be
 * looked at afterwards.  These are: a far call or return that loads the same code segment again; a load of the task
 * register; a plain value for a control register; an operand that is aligned.
 */
#include "run/hook_point.h"

#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"
#include "run/block_mode.h"
#include "x86/alignment.h"

/* Does the selector name the code segment that CS contains already, with the present CPL?  Then loading CS changes
 * nothing. */
static bool is_loaded(struct ws__cpu *cpu, uint16_t selector)
{
    const struct ws_descriptor *code = &cpu->checks.segment[WS__SEGMENT_CS];
    struct ws_descriptor found;
    return (selector & WS_SELECTOR_RPL) == ws__engine_cpl(cpu->engine) && ws__descriptor_peek(cpu, selector, &found) &&
           found.present && !found.system && ((found.type ^ code->type) & ~(unsigned)WS_TYPE_ACCESSED) == 0 &&
           found.dpl == code->dpl && found.base == code->base && found.limit == code->limit && found.big == code->big;
}

/* In ring 3 the library must check the rights to access the stack; so this is left to the slow path. */
static bool call_may_begin(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    bool direct = !operands->count || operands->operand[0].rule == WS__OFFSET_STACK;
    return direct && ws__engine_cpl(cpu->engine) != 3 && is_loaded(cpu, (uint16_t)operands->target);
}

static bool return_may_begin(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    uint32_t word = operands->narrow ? 2 : 4;
    uint16_t selector;
    return operands->count && ws__engine_cpl(cpu->engine) != 3 &&
           ws__memory_peek(cpu, ws__operand_linear(cpu, operands, &operands->operand[0]) + word, &selector,
                           sizeof selector) &&
           is_loaded(cpu, selector);
}

/* Is a plain value about to be loaded into a control register?  Then the load cannot fail, so it is noted already. */
static bool control_may_begin(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    uint32_t value = ws__engine_get(cpu->engine, ws__engine_general(decoded->general));
    if (ws__engine_cpl(cpu->engine) != 0 || !ws__execute_control_is_plain(decoded->operand, value))
        return false;
    ws__cpu_control_loaded(cpu, ws__cpu_control_register(decoded->operand), value);
    return true;
}

static bool may_begin(struct ws__cpu *cpu, const struct ws__hook_point *point)
{
    switch (point->decoded.class_) {
    case WS__CLASS_MOV_TO_CR:
        return control_may_begin(cpu, &point->decoded);
    case WS__CLASS_LTR:
        return ws__engine_cpl(cpu->engine) == 0 && !ws__ltr_is_null(cpu, &point->operands);
    case WS__CLASS_ALIGNED:
        return ws__alignment_holds(cpu, &point->operands);
    case WS__CLASS_CALL_FAR:
        return call_may_begin(cpu, &point->operands);
    default:
        return return_may_begin(cpu, &point->operands);
    }
}

bool ws__hook_point_has_fast_path(const struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    switch (decoded->class_) {
    case WS__CLASS_LTR:
    case WS__CLASS_MOV_TO_CR:
    case WS__CLASS_CALL_FAR:
    case WS__CLASS_RET_FAR:
    case WS__CLASS_ALIGNED:
        return !ws__instruction_is_followed(&cpu->run, decoded) && !decoded->in_code;
    default:
        return false;
    }
}

bool ws__hook_point_begin_fast(struct ws__cpu *cpu, const struct ws__hook_point *point, uint64_t mark)
{
    uint32_t flat =
        WS__CHECK_UNREAD | WS__CHECK_SEGMENTS; /* not for the segments that the block uses: see block_enter() */
    if (cpu->run.attention || cpu->last.in_progress.open || cpu->checks.reasons & ~flat || cpu->blocks.budget->left < 0)
        return false;
    if (!may_begin(cpu, point))
        return false;
    cpu->state.begun = mark + 1;
    return true;
}
