/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boundary between two instructions, and what is derived from the CPU's state.
 *
 * One rule makes stepping and running the same.  Everything is decided at the boundary in front of an instruction, by
 * ws__cpu_begin(), and only from the state at that mark: stop, deliver an interrupt, let the library execute the
 * instruction, or let the engine go on.  The engine may come back at other times, for reasons of its own.  Then nothing
 * is decided: the run loop (run/run.c) enters it again, and the boundary is looked at again.
 */
#include "cpu/cpu.h"

#include <assert.h>
#include <string.h>

#include "cpu/debug.h"
#include "cpu/fault.h"
#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"

/* -- what a boundary must look at -------------------------------------------------------------- */

void ws__cpu_attend(struct ws__cpu *cpu)
{
    cpu->run.attention = cpu->run.stop_asked || cpu->run.breakpoints || cpu->state.halt.reason || cpu->run.relisten ||
                         cpu->run.listening & WS_EVENT_MASK(INSTRUCTION) || ws__interrupt_waits(cpu);
}

/* Before this mark, ws__cpu_begin() need not look at goal and deadline. */
void ws__cpu_budget_end_set(struct ws__cpu *cpu)
{
    uint64_t mark = cpu->run.deadline == UINT64_MAX ? UINT64_MAX : cpu->run.deadline - cpu->state.skipped;
    cpu->run.budget_end = mark < cpu->run.goal ? mark : cpu->run.goal;
    ws__budget_shorten(cpu->blocks.budget, cpu->run.budget_end);
}

void ws__cpu_deadline_set(struct ws__cpu *cpu, uint64_t time)
{
    cpu->run.deadline = time;
    ws__cpu_budget_end_set(cpu);
}

void ws__cpu_breakpoint(struct ws__cpu *cpu, uint32_t linear)
{
    cpu->run.breakpoints = true;
    cpu->run.relisten |= cpu->blocks.budget->present != NULL; /* the present block was entered without this question */
    ws__block_table_ask(&cpu->blocks.table, linear);
    ws__cpu_attend(cpu);
}

void ws__cpu_listen(struct ws__cpu *cpu, uint32_t kinds)
{
    if (cpu->kept.entry) /* the CPU itself wants to know of loads of CR3, and of writes to page tables */
        kinds |= WS_EVENT_MASK(STALE);
    cpu->run.relisten |= ((cpu->run.listening ^ kinds) & ws__instruction_kinds()) != 0;
    cpu->run.listening = kinds;
    ws__stale_protect(cpu);
    ws__cpu_attend(cpu);
}

uint64_t ws__cpu_time(const struct ws__cpu *cpu)
{
    return cpu->state.begun + cpu->state.skipped;
}

void ws__cpu_halt(struct ws__cpu *cpu, enum ws_halt_reason reason, uint8_t vector)
{
    cpu->state.halt = (struct ws_halt){
        .reason = reason,
        .mark = cpu->state.begun,
        .eip = ws__engine_get(cpu->engine, WS_EIP),
        .cr3 = ws__engine_get(cpu->engine, WS_CR3),
        .vector = vector,
    };
    cpu->run.attention = 1;
}

/* -- the boundary ------------------------------------------------------------------------------ */

static bool boundary_stop(struct ws__run *run, enum ws_stop stop)
{
    run->action = WS__ACTION_STOP;
    run->stop = stop;
    return false;
}

static void instruction_report(struct ws__cpu *cpu, uint32_t linear)
{
    struct ws_event event = {
        .kind = WS_EVENT_INSTRUCTION,
        .mark = cpu->state.begun,
        .linear = linear,
        .bytes = ws__code_cache_find(cpu->code, linear, cpu->wide)->length,
        .cpl = (uint8_t)ws__engine_cpl(cpu->engine),
    };
    cpu->client.event(cpu->client.context, &event);
}

/* May the instruction at `linear` begin? */
static bool boundary_pass(struct ws__cpu *cpu, uint32_t linear)
{
    if (cpu->state.halt.reason)
        return boundary_stop(&cpu->run, WS_STOP_HALT);
    if (ws__cpu_time(cpu) >= cpu->run.deadline)
        cpu->client.advance(cpu->client.context);
    if (cpu->frames.stale)
        return false; /* a chip wrote to code or page tables: the engine must be entered anew */
    if (cpu->run.stop_asked)
        return boundary_stop(&cpu->run, WS_STOP_ASKED);
    if (cpu->state.begun >= cpu->run.limit) {
        ws__cpu_halt(cpu, WS_HALT_LIMIT, 0);
        return boundary_stop(&cpu->run, WS_STOP_HALT);
    }
    if (cpu->state.begun >= cpu->run.goal)
        return boundary_stop(&cpu->run, WS_STOP_COUNT);
    if (ws__interrupt_ready(cpu)) {
        cpu->run.action = WS__ACTION_INTERRUPT;
        return false;
    }
    if (cpu->run.breakpoints && cpu->state.begun != cpu->run.started &&
        cpu->client.breakpoint(cpu->client.context, linear, 1))
        return boundary_stop(&cpu->run, WS_STOP_BREAKPOINT);
    if (cpu->run.listening & WS_EVENT_MASK(INSTRUCTION))
        instruction_report(cpu, linear);
    return true;
}

/* Does the CPU refuse this instruction in this ring before it looks at the operand? */
static bool class_is_privileged(struct ws__engine *engine, uint8_t class_)
{
    bool system = class_ == WS__CLASS_LGDT || class_ == WS__CLASS_LIDT || class_ == WS__CLASS_LLDT ||
                  class_ == WS__CLASS_LTR || class_ == WS__CLASS_LMSW;
    return system && ws__engine_cpl(engine) != 0;
}

/* An instruction that is not plain has begun: check it, and begin to follow it.  false: the engine must not execute it,
 * cpu->run.action says why. */
static bool special_begin(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t linear)
{
    if (decoded->class_ != WS__CLASS_PLAIN && ws__execute_wanted(cpu, decoded))
        return ws__execute_instead(&cpu->run, decoded);
    if ((cpu->checks.reasons || decoded->in_code) && !class_is_privileged(cpu->engine, decoded->class_) &&
        !ws__check_operands(cpu, decoded))
        return false;
    if (decoded->class_ == WS__CLASS_ALIGNED && !ws__check_alignment(cpu, decoded))
        return false;
    if (ws__class_is_far(decoded->class_) && !ws__check_far(cpu, decoded))
        return false;
    bool opens_shadow = decoded->class_ == WS__CLASS_LOAD_SS ||
                        (decoded->class_ == WS__CLASS_STI && !(ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_IF));
    if (opens_shadow)
        cpu->state.shadow = cpu->state.begun;
    if (decoded->class_ == WS__CLASS_LOAD_SS)
        cpu->state.quiet = cpu->state.begun;
    ws__check_loaded(&cpu->checks, ws__decoded_loads(decoded));
    ws__in_progress_begin(cpu, decoded, linear);
    return true;
}

/* The instruction that begins at `linear` is fetched now.  false: that is a page fault. */
static bool fetch(struct ws__cpu *cpu, uint32_t linear, uint8_t length)
{
    struct ws_translation walk;
    if (ws__tlb_fetch(cpu, linear, length, &walk))
        return true;
    ws__fault_raise(cpu, &walk);
    return false;
}

/* Must the engine be entered anew, since the instruction before has changed code or page tables, or since the engine
 * has fetched many pages ahead? */
static bool is_out_of_date(struct ws__cpu *cpu)
{
    return ((cpu->frames.writtens || cpu->frames.stale) && !ws__frames_settle(cpu)) || ws__tlb_aheads_many(&cpu->tlb);
}

/* Does the engine execute the instruction at `linear` as it stands in RAM?  If not, the engine is entered anew and then
 * does so.  An invalid instruction is not executed, so its bytes do not matter.  See unicorn/defuse.h. */
static bool engine_is_faithful(struct ws__cpu *cpu, uint32_t linear, const struct ws__decoded *decoded)
{
    bool faithful = decoded->class_ == WS__CLASS_INVALID || ws__frames_are_faithful(cpu, linear, decoded->length);
    ws__frames_distrust(cpu);
    if (!faithful)
        ws__frames_trust(cpu, linear, decoded->length);
    return faithful;
}

bool ws__cpu_begin(struct ws__cpu *cpu, uint32_t linear)
{
    if (cpu->last.in_progress.open)
        ws__in_progress_commit(cpu);
    if (is_out_of_date(cpu))
        return false;
    const struct ws__decoded *decoded = ws__code_cache_find(cpu->code, linear, cpu->wide);
    if (cpu->frames.defused && !engine_is_faithful(cpu, linear, decoded))
        return false;
    if (cpu->checks.reasons & WS__CHECK_AT_BOUNDARY && !ws__check_boundary(cpu, decoded))
        return false;
    if (ws__early_flags_wants_entry(&cpu->last, decoded))
        return false;
    if ((cpu->run.attention || cpu->state.begun >= cpu->run.budget_end) && !boundary_pass(cpu, linear))
        return false;
    bool again = linear == cpu->last.linear && decoded->repeated;
    cpu->last.linear = linear;
    cpu->state.begun++;
    ws__early_flags_begun(cpu, decoded);
    if (cpu->checks.reasons & WS__CHECK_AT_FETCH && !ws__check_fetch(cpu, decoded->length, linear, again))
        return false;
    uint32_t reach = decoded->length ? decoded->length : WS_INSTRUCTION_BYTES;
    if (ws__tlb_fetched_ahead(cpu, linear, reach) && !fetch(cpu, linear, decoded->length))
        return false;
    bool plain =
        decoded->class_ == WS__CLASS_PLAIN && !(cpu->checks.reasons & (decoded->segments | WS__CHECK_AT_OPERANDS));
    return plain || special_begin(cpu, decoded, linear);
}

/* -- what is derived from the state ------------------------------------------------------------ */

/* The bits of this register that decide where the supervisor may execute code, which is all that the code cache
 * remembers.  The other bits do not make a translation invalid.  SDM 3A §4.6 "Access Rights", §4.10.4.1 "Operations
 * that Invalidate TLBs and Paging-Structure Caches" */
static uint32_t deciding_bits(enum ws_register which)
{
    return which == WS_CR0 ? WS_CR0_PE | WS_CR0_PG : WS_CR4_PSE | WS_CR4_PAE | WS_CR4_PGE;
}

void ws__cpu_paging_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t value)
{
    uint32_t changed = cpu->paging.value[which] ^ value;
    cpu->paging.value[which] = value;
    if (which == WS_CR3 || changed & deciding_bits(which)) {
        ws__code_cache_flush(cpu->code);
        ws__stale_clear(&cpu->state.stale);
        ws__stale_protect(cpu);
    }
}

enum ws_register ws__cpu_control_register(unsigned number)
{
    static const uint8_t registers[8] = {[0] = WS_CR0, [2] = WS_CR2, [3] = WS_CR3, [4] = WS_CR4};
    assert(registers[number]); /* the decoder takes loads of the others for invalid */
    return (enum ws_register)registers[number];
}

void ws__cpu_control_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t value)
{
    if (which == WS_CR2) {
        cpu->state.cr2 = value;
        return;
    }
    uint32_t changed = cpu->paging.value[which] ^ value;
    ws__cpu_paging_loaded(cpu, which, value);
    ws__kept_loaded(cpu, which, changed);
}

void ws__cpu_paging_changed(struct ws__cpu *cpu)
{
    cpu->paging.value[WS_CR0] = ws__engine_get(cpu->engine, WS_CR0);
    cpu->paging.value[WS_CR4] = ws__engine_get(cpu->engine, WS_CR4);
    ws__cpu_paging_loaded(cpu, WS_CR3, ws__engine_get(cpu->engine, WS_CR3));
}

void ws__cpu_registers(const struct ws__cpu *cpu, struct ws_registers *out)
{
    ws__engine_registers(cpu->engine, out);
    for (int i = 0; i < 4; i++)
        out->value[WS_DR0 + i] = cpu->state.debug[i];
    out->value[WS_DR6] = cpu->state.debug[6];
    out->value[WS_DR7] = cpu->state.debug[7];
    if (cpu->state.resume == cpu->state.begun)
        out->value[WS_EFLAGS] |= WS_EFLAGS_RF;
}

static void passed_forget(uint64_t *mark, uint64_t now)
{
    if (*mark != now)
        *mark = WS__NOWHERE;
}

struct ws__cpu_state ws__cpu_state_take(const struct ws__cpu *cpu)
{
    struct ws__cpu_state state = cpu->state;
    passed_forget(&state.shadow, state.begun);
    passed_forget(&state.resume, state.begun);
    passed_forget(&state.quiet, state.begun);
    return state;
}

void ws__cpu_code_forget(struct ws__cpu *cpu)
{
    ws__engine_forget_code(cpu->engine);
    ws__block_table_clear(&cpu->blocks.table);
    ws__frames_code_forgotten(cpu);
    cpu->run.renew = false;
}

void ws__cpu_resync(struct ws__cpu *cpu)
{
    struct ws_descriptor code;
    ws__engine_segment(cpu->engine, WS_CS, &code);
    cpu->wide = code.big;
    cpu->last.in_progress.open = false;
    cpu->last.linear = cpu->blocks.asked = WS__NOWHERE;
    ws__tlb_disarm(cpu, WS__CHECK_SEGMENTS);
    struct ws__stale stale = cpu->state.stale; /* reading the paging registers anew invalidates nothing */
    ws__tlb_flush(cpu);
    ws__cpu_paging_changed(cpu);
    cpu->state.stale = stale;
    ws__check_loaded(&cpu->checks, WS__CHECK_SEGMENTS);
    ws__check_reconsider(cpu);
    ws__cpu_attend(cpu);
}
