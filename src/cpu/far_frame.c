/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What far calls and returns do on ring 3's stack.
 *
 * The engine pushes and pops there with supervisor rights, so that ring 3 could read and write pages that are not its
 * own.  Inner rings have those rights.
 *
 * SDM 3A §4.6 "Access Rights"
 */
#include "cpu/segment_checks.h"

enum { USER = 3 };

static const struct ws__operand *frame_find(const struct ws__operands *operands)
{
    for (unsigned i = 0; i < operands->count; i++) {
        if (operands->operand[i].rule == WS__OFFSET_STACK)
            return &operands->operand[i];
    }
    return NULL;
}

/* Code that ring 3 enters without a change of ring. */
static bool is_own_code(const struct ws_descriptor *found)
{
    return !found->system && found->type & WS_TYPE_CODE && found->present &&
           (found->type & WS_TYPE_CONFORMING || found->dpl == USER);
}

/* How much the call pushes on the present stack: `bytes`, or what its gate says. */
static uint32_t pushed_bytes(struct ws__cpu *cpu, uint32_t bytes)
{
    struct ws_descriptor found;
    if (!ws__descriptor_peek(cpu, cpu->named, &found))
        return 0;
    bool gate = found.system && (found.type == WS_TYPE_CALL_GATE16 || found.type == WS_TYPE_CALL_GATE32);
    if (!gate)
        return is_own_code(&found) ? bytes : 0;
    bytes = found.type == WS_TYPE_CALL_GATE16 ? 4 : 8;
    if (found.dpl != USER || !found.present || !ws__descriptor_peek(cpu, (uint16_t)found.base, &found))
        return 0; /* a gate has the selector where a segment's base begins */
    return is_own_code(&found) ? bytes : 0;
}

/* Slot by slot from the top, so that CR2 is the first that fails. */
static bool push_allowed(struct ws__cpu *cpu, uint32_t end, uint32_t bytes, uint32_t *error_code)
{
    uint32_t half = bytes / 2;
    return ws__cpu_probe_write(cpu, &cpu->paging, end - half, half, true, error_code) &&
           ws__cpu_probe_write(cpu, &cpu->paging, end - bytes, half, true, error_code);
}

bool ws__far_frame_allowed(struct ws__cpu *cpu, const struct ws__operands *operands, uint32_t *error_code)
{
    const struct ws__operand *frame = frame_find(operands);
    if (!frame)
        return true;
    uint32_t linear = ws__operand_linear(cpu, operands, frame), bytes = frame->address.bytes;
    if (operands->branch == WS__BRANCH_FAR_RETURN)
        return ws__cpu_probe_read(cpu, &cpu->paging, linear, bytes, true, error_code);
    return push_allowed(cpu, linear + bytes, pushed_bytes(cpu, bytes), error_code);
}
