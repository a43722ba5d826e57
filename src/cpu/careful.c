/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Being careful.
 */
#include "cpu/careful.h"

#include "cpu/debug.h"
#include "cpu/limits.h"

static bool raise_instead(struct ws__cpu *cpu, uint8_t vector)
{
    uint32_t eip = ws__engine_get(cpu->engine, WS_EIP);
    cpu->instead = (struct ws__raise){
        .raised = true,
        .vector = vector,
        .origin = WS_ORIGIN_EXCEPTION,
        .return_eip = eip,
        .fault_eip = eip,
    };
    cpu->action = WS__ACTION_RAISE;
    return false;
}

void ws__careful_loaded(struct ws__cpu *cpu, uint8_t segments)
{
    cpu->stale |= segments;
    if (cpu->stale)
        cpu->careful |= WS__CAREFUL_STALE;
}

void ws__careful_look(struct ws__cpu *cpu, uint8_t segments)
{
    cpu->stale &= (uint8_t)~segments;
    if (!cpu->stale)
        cpu->careful &= ~(uint32_t)WS__CAREFUL_STALE;
    ws__limits_refresh(cpu, segments);
}

void ws__careful_refresh(struct ws__cpu *cpu)
{
    ws__careful_look(cpu, WS__CAREFUL_SEGMENTS);
}

/* Does the instruction use a segment of which it is not known what it is?  With any other reason to be
 * careful, it is better known. */
static bool stale_matters(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    if (!decoded || cpu->careful != WS__CAREFUL_STALE || cpu->stale & 1 << WS__SEGMENT_CS)
        return true;
    return cpu->stale & ws__code_cache_operands_of(cpu->code, decoded)->segments;
}

/* Traps of the instruction before come first, then whatever waits at the boundary.  After `mov ss`
 * traps wait for one more instruction.
 * SDM 3A §6.9 "Prioritization of Concurrent Events", §6.8.3 "Masking Exceptions and Interrupts When
 * Switching Stacks" */
bool ws__careful_boundary(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    if (cpu->careful & WS__CAREFUL_STALE && stale_matters(cpu, decoded))
        ws__careful_refresh(cpu);
    if (cpu->careful & WS__CAREFUL_TRAP && cpu->state.quiet != cpu->state.begun) {
        ws__debug_report(cpu, 0);
        return raise_instead(cpu, WS_VECTOR_DB);
    }
    if (cpu->careful & WS__CAREFUL_RF) {
        cpu->action = WS__ACTION_RESUME;
        return false;
    }
    return true;
}

/* A breakpoint comes before a fault of the fetch.  RF holds it back, and so does `mov ss`; and it is
 * met before the first iteration of a repeated instruction only.
 * SDM 3A §6.9 "Prioritization of Concurrent Events"; SDM 3B §17.3.1.1 "Instruction-Breakpoint
 * Exception Condition" */
bool ws__careful_fetch(struct ws__cpu *cpu, uint32_t bytes, uint32_t linear, bool again)
{
    uint64_t mark = cpu->state.begun - 1;
    bool held_back = again || cpu->state.resume == mark || cpu->state.quiet == mark;
    uint32_t hits =
        cpu->careful & WS__CAREFUL_CODE && !held_back ? ws__debug_code_hits(cpu, linear) : 0;
    if (hits) {
        ws__debug_report(cpu, hits);
        return raise_instead(cpu, WS_VECTOR_DB);
    }
    if (cpu->careful & WS__CAREFUL_FETCH &&
        !ws__limits_fetch_allowed(cpu, ws__engine_get(cpu->engine, WS_EIP), bytes))
        return raise_instead(cpu, WS_VECTOR_GP);
    return true;
}

bool ws__careful_operands(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    const struct ws__operands *operands = ws__code_cache_operands_of(cpu->code, decoded);
    uint32_t segments = operands->segments;
    uint8_t vector;
    cpu->held = cpu->state.hits;
    bool limited = segments & (cpu->careful | 1u << WS__SEGMENT_CS) ||
                   (cpu->careful & WS__CAREFUL_FETCH && operands->branch);
    bool watched = cpu->careful & WS__CAREFUL_DATA && segments;
    if ((!limited && !watched) || ws__operands_idle(cpu, operands))
        return true;
    if (limited && !ws__limits_allow(cpu, operands, &vector))
        return raise_instead(cpu, vector);
    if (watched)
        ws__debug_data_watch(cpu, operands);
    return true;
}

/* Ring 3 accesses its stack with its own rights. */
static bool far_frame(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    uint32_t error_code;
    if (ws__engine_cpl(cpu->engine) != 3 || ws__far_frame_allowed(cpu, operands, &error_code))
        return true;
    raise_instead(cpu, WS_VECTOR_PF);
    cpu->instead.error_code = error_code;
    return false;
}

/* SDM 2A "IRET/IRETD/IRETQ—Interrupt Return"; SDM 2B "RET—Return from Procedure" */
bool ws__careful_far(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    const struct ws__operands *operands = ws__code_cache_operands_of(cpu->code, decoded);
    bool back = decoded->class_ == WS__CLASS_RET_FAR || decoded->class_ == WS__CLASS_IRET;
    if (!far_frame(cpu, operands))
        return false;
    if (decoded->class_ == WS__CLASS_IRET && ws__interrupt_return_wanted(cpu, decoded))
        return ws__execute_instead(cpu, decoded);
    return !back || ws__far_return_allowed(cpu, operands) || raise_instead(cpu, WS_VECTOR_GP);
}

void ws__careful_reconsider(struct ws__cpu *cpu)
{
    cpu->careful &=
        ~(uint32_t)(WS__CAREFUL_CODE | WS__CAREFUL_DATA | WS__CAREFUL_TRAP | WS__CAREFUL_RF);
    cpu->careful |= ws__debug_reasons(cpu);
    ws__tlb_flush(cpu); /* pages with breakpoints are left out */
    cpu->tlb.looks++;
    if (cpu->state.hits)
        cpu->careful |= WS__CAREFUL_TRAP;
    if (ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_RF)
        cpu->careful |= WS__CAREFUL_RF;
}

void ws__careful_entered(struct ws__cpu *cpu)
{
    cpu->state.resume = WS__NOWHERE;
    cpu->careful &= ~(uint32_t)WS__CAREFUL_RF;
    ws__careful_loaded(cpu, WS__CAREFUL_SEGMENTS);
}
