/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Far jumps and calls that name a task: its TSS, or a task gate.
 *
 * SDM 3A §7.2.5 "Task-Gate Descriptor", §7.3 "Task Switching"; SDM 2A "JMP—Jump", "CALL—Call Procedure".
 */
#include "cpu/slow_checks.h"
#include "cpu/delivery.h"
#include "cpu/segment_checks.h"

static bool names_task(const struct ws_descriptor *descriptor)
{
    switch (descriptor->type) {
    case WS_TYPE_TSS16:
    case WS_TYPE_TSS16_BUSY:
    case WS_TYPE_TSS32:
    case WS_TYPE_TSS32_BUSY:
    case WS_TYPE_TASK_GATE:
        return descriptor->system;
    default:
        return false;
    }
}

/* It stands in the instruction, or behind the offset in memory. */
static bool selector_find(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint16_t *selector)
{
    const struct ws__operands *operands = ws__code_cache_operands_of(cpu->code, decoded);
    const struct ws__operand *operand = &operands->operand[0];
    uint8_t vector;
    *selector = (uint16_t)operands->target;
    if (!operands->count || operand->rule == WS__OFFSET_STACK)
        return true;
    if (!ws__limits_allow(cpu, operands, &vector))
        return false; /* it faults before it is read */
    uint32_t linear = ws__operand_linear(cpu, operands, operand) + (operands->narrow ? 2 : 4);
    return ws__memory_peek(cpu, linear, selector, sizeof *selector);
}

bool ws__task_wanted(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    struct ws_descriptor found;
    if (!selector_find(cpu, decoded, &cpu->named))
        return false;
    bool present_code = ((cpu->named ^ ws__engine_get(cpu->engine, WS_CS)) & ~3u) == 0; /* as a rule */
    return !present_code && ws__descriptor_peek(cpu, cpu->named, &found) && names_task(&found);
}

bool ws__task_target(struct ws__delivery *d, uint16_t selector)
{
    uint32_t error_code = selector & ~3u;
    unsigned rpl = selector & WS_SELECTOR_RPL;
    struct ws_descriptor found;
    d->gate.selector = selector;
    if (!ws__delivery_descriptor(d, selector, WS_VECTOR_GP, &found))
        return false;
    if (found.dpl < d->cpl || found.dpl < rpl)
        return ws__delivery_fault(d, WS_VECTOR_GP, error_code);
    if (found.type != WS_TYPE_TASK_GATE)
        return true;
    if (!found.present)
        return ws__delivery_fault(d, WS_VECTOR_NP, error_code);
    d->gate.selector = (uint16_t)found.base; /* a gate has the selector where a segment's base begins */
    return true;
}
