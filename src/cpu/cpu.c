/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run loop: what happens at the boundary between two instructions.
 *
 * One rule makes stepping and running the same.  Everything is decided at the boundary in front of
 * an instruction, by begin(), and only from the state at that mark: stop, deliver, execute
 * ourselves, or let the engine go on.  Where the engine comes back, for whatever reason, nothing is
 * decided: the boundary is looked at again.
 */
#include "cpu/cpu.h"

#include <assert.h>
#include <string.h>

#include "cpu/slow_checks.h"
#include "cpu/debug.h"
#include "cpu/fault.h"
#include "run/block_mode.h"
#include "cpu/segment_checks.h"

/* -- looking closer ---------------------------------------------------------------------------- */

void ws__cpu_attend(struct ws__cpu *cpu)
{
    cpu->attention = cpu->stop_asked || cpu->breakpoints || cpu->state.halt.reason || cpu->relisten ||
                     cpu->listening & WS_EVENT_MASK(INSTRUCTION) || ws__interrupt_waits(cpu);
}

/* begin() need not look at goal and deadline before this mark. */
static void horizon_set(struct ws__cpu *cpu)
{
    uint64_t mark = cpu->deadline == UINT64_MAX ? UINT64_MAX : cpu->deadline - cpu->state.skipped;
    cpu->horizon = mark < cpu->goal ? mark : cpu->goal;
    ws__freely_horizon(cpu);
}

void ws__cpu_deadline_set(struct ws__cpu *cpu, uint64_t time)
{
    cpu->deadline = time;
    horizon_set(cpu);
}

void ws__cpu_listen(struct ws__cpu *cpu, uint32_t kinds)
{
    cpu->relisten |= cpu->listening != kinds;
    cpu->listening = kinds;
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
    cpu->attention = 1;
}

/* -- the boundary ------------------------------------------------------------------------------ */

static bool boundary_stop(struct ws__cpu *cpu, enum ws_stop stop)
{
    cpu->action = WS__ACTION_STOP;
    cpu->stop = stop;
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
        return boundary_stop(cpu, WS_STOP_HALT);
    if (ws__cpu_time(cpu) >= cpu->deadline)
        cpu->client.advance(cpu->client.context);
    if (cpu->stop_asked)
        return boundary_stop(cpu, WS_STOP_ASKED);
    if (cpu->state.begun >= cpu->limit) {
        ws__cpu_halt(cpu, WS_HALT_LIMIT, 0);
        return boundary_stop(cpu, WS_STOP_HALT);
    }
    if (cpu->state.begun >= cpu->goal)
        return boundary_stop(cpu, WS_STOP_COUNT);
    if (ws__interrupt_ready(cpu)) {
        cpu->action = WS__ACTION_INTERRUPT;
        return false;
    }
    if (cpu->breakpoints && cpu->state.begun != cpu->started && cpu->client.breakpoint(cpu->client.context, linear))
        return boundary_stop(cpu, WS_STOP_BREAKPOINT);
    if (cpu->listening & WS_EVENT_MASK(INSTRUCTION))
        instruction_report(cpu, linear);
    return true;
}

/* Does it fault without looking at its operand? */
static bool class_is_privileged(struct ws__cpu *cpu, uint8_t class_)
{
    bool system = class_ == WS__CLASS_LGDT || class_ == WS__CLASS_LIDT || class_ == WS__CLASS_LLDT ||
                  class_ == WS__CLASS_LTR || class_ == WS__CLASS_LMSW;
    return system && ws__engine_cpl(cpu->engine) != 0;
}

/* An instruction that is somebody's business has begun.  false: it is not for the engine, cpu->action says why. */
static bool special_begin(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t linear)
{
    if (decoded->class_ != WS__CLASS_PLAIN && ws__execute_wanted(cpu, decoded))
        return ws__execute_instead(cpu, decoded);
    if ((cpu->careful || decoded->in_code) && !class_is_privileged(cpu, decoded->class_) &&
        !ws__careful_operands(cpu, decoded))
        return false;
    if (decoded->class_ == WS__CLASS_ALIGNED && !ws__careful_alignment(cpu, decoded))
        return false;
    if (ws__class_is_far(decoded->class_) && !ws__careful_far(cpu, decoded))
        return false;
    bool opens_shadow = decoded->class_ == WS__CLASS_LOAD_SS ||
                        (decoded->class_ == WS__CLASS_STI && !(ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_IF));
    if (opens_shadow)
        cpu->state.shadow = cpu->state.begun;
    if (decoded->class_ == WS__CLASS_LOAD_SS)
        cpu->state.quiet = cpu->state.begun;
    ws__careful_loaded(cpu, ws__decoded_loads(decoded));
    ws__flight_open(cpu, decoded, linear);
    return true;
}

/* Fetch the instruction that begins at `linear`.  false: a page fault. */
static bool fetch(struct ws__cpu *cpu, uint32_t linear, uint8_t length)
{
    struct ws_translation walk;
    if (ws__tlb_fetch(cpu, linear, length, &walk))
        return true;
    ws__fault_raise(cpu, &walk);
    return false;
}

/* What the instruction before has written does not let the engine go on as it is. */
static bool is_out_of_date(struct ws__cpu *cpu)
{
    return ((cpu->frames.writtens || cpu->frames.stale) && !ws__frames_settle(cpu)) || ws__tlb_aheads_many(&cpu->tlb);
}

/* Does the engine execute the instruction at `linear` as it is?  If not, it will when it is entered anew.  One that is
 * invalid is not executed.  See defuse.h. */
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
    if (cpu->flight.open)
        ws__flight_settle(cpu);
    if (is_out_of_date(cpu))
        return false;
    const struct ws__decoded *decoded = ws__code_cache_find(cpu->code, linear, cpu->wide);
    if (cpu->frames.defused && !engine_is_faithful(cpu, linear, decoded))
        return false;
    if (cpu->careful & WS__CAREFUL_AT_BOUNDARY && !ws__careful_boundary(cpu, decoded))
        return false;
    if (ws__ahead_wants_entry(cpu, decoded))
        return false;
    if ((cpu->attention || cpu->state.begun >= cpu->horizon) && !boundary_pass(cpu, linear))
        return false;
    bool again = linear == cpu->current && decoded->repeated;
    cpu->current = linear;
    cpu->state.begun++;
    ws__ahead_begun(cpu, decoded);
    if (cpu->careful & WS__CAREFUL_AT_FETCH && !ws__careful_fetch(cpu, decoded->length, linear, again))
        return false;
    uint32_t reach = decoded->length ? decoded->length : WS_INSTRUCTION_BYTES;
    if (ws__tlb_fetched_ahead(cpu, linear, reach) && !fetch(cpu, linear, decoded->length))
        return false;
    bool plain = decoded->class_ == WS__CLASS_PLAIN && !(cpu->careful & (decoded->segments | WS__CAREFUL_AT_OPERANDS));
    return plain || special_begin(cpu, decoded, linear);
}

bool ws__cpu_begin_closely(void *context, uint32_t linear)
{
    struct ws__cpu *cpu = context;
    if (ws__freely_allowed(cpu, linear)) {
        cpu->closely = false;
        return false;
    }
    return ws__cpu_begin(cpu, linear);
}

/* -- exceptions -------------------------------------------------------------------------------- */

static uint32_t eip_linear(const struct ws__cpu *cpu, uint32_t eip)
{
    struct ws_descriptor code;
    ws__engine_segment(cpu->engine, WS_CS, &code);
    return code.base + eip;
}

/* An instruction raised an exception.  It has begun: in block mode it is repeated in step mode first. */
static void exception_handle(struct ws__cpu *cpu, const struct ws__engine_exception *exception)
{
    uint32_t eip = ws__engine_get(cpu->engine, WS_EIP), linear = eip_linear(cpu, eip);
    bool trap = exception->vector == WS_VECTOR_DB; /* the engine raises it for single steps only */
    if (!trap)
        ws__flight_drop(cpu, cpu->state.begun - 1);
    if (cpu->flight.open && !ws__flight_settle(cpu))
        return;
    if (!trap)
        ws__ahead_undo(cpu, linear);
    if (trap)
        ws__debug_report(cpu, WS__DR6_BS);
    else if (cpu->careful & WS__CAREFUL_TRAP)
        ws__debug_data_forget(cpu);
    struct ws__raise raise = {
        .raised = true,
        .vector = exception->vector,
        .origin = WS_ORIGIN_EXCEPTION,
        .error_code = exception->error_code,
        .return_eip = eip,
        .fault_eip = eip,
    };
    ws__deliver(cpu, &raise);
}

/* -- running ----------------------------------------------------------------------------------- */

static void halt_report(struct ws__cpu *cpu)
{
    if (!(cpu->listening & WS_EVENT_MASK(HALT)))
        return;
    struct ws_event event = {
        .kind = WS_EVENT_HALT,
        .mark = cpu->state.begun - 1,
        .linear = (uint32_t)cpu->current,
        .which = (ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_IF) != 0,
    };
    cpu->client.event(cpu->client.context, &event);
}

static void action_execute(struct ws__cpu *cpu)
{
    struct ws__raise raise;
    ws__execute(cpu, &cpu->decoded, &raise);
    if (cpu->state.asleep)
        halt_report(cpu);
    if (raise.raised)
        ws__deliver(cpu, &raise);
}

/* RF holds breakpoints back for one instruction.  The engine would keep it for longer, so it stays
 * outside.  SDM 3B §17.3.1.1 "Instruction-Breakpoint Exception Condition" */
static void action_resume(struct ws__cpu *cpu)
{
    uint32_t flags = ws__engine_get(cpu->engine, WS_EFLAGS);
    ws__engine_set(cpu->engine, WS_EFLAGS, flags & ~(uint32_t)WS_EFLAGS_RF);
    cpu->state.resume = cpu->state.begun;
    cpu->careful &= ~(uint32_t)WS__CAREFUL_RF;
}

/* Bring the engine's translations up to date. */
static void translations_mend(struct ws__cpu *cpu)
{
    ws__frames_settle(cpu);
    if (cpu->renew || cpu->relisten || ws__engine_crowded(cpu->engine))
        ws__cpu_code_forget(cpu);
    if (!cpu->relisten)
        return;
    cpu->relisten = false;
    ws__cpu_attend(cpu);
}

/* Run the engine, closely or freely.  What faults in a free run is repeated closely. */
static enum ws__engine_end engine_run(struct ws__cpu *cpu, struct ws__engine_exception *exception)
{
    translations_mend(cpu);
    bool closely = cpu->closely |= !ws__freely_worthwhile(cpu);
    cpu->fresh = true;
    ws__freely_begin(cpu);
    ws__tlb_enter(cpu);
    enum ws__engine_end end = ws__engine_run(cpu->engine, exception);
    bool repeat = !closely && (end == WS__ENGINE_EXCEPTION || end == WS__ENGINE_REFUSED);
    ws__freely_end(cpu, repeat);
    return repeat ? WS__ENGINE_RETURNED : end;
}

/* Let the engine run up to the next boundary that it may not pass.  false: the run is over. */
static bool run_on(struct ws__cpu *cpu)
{
    struct ws__engine_exception exception;
    cpu->action = WS__ACTION_NONE;
    enum ws__engine_end end = engine_run(cpu, &exception);
    translations_mend(cpu);
    if (end == WS__ENGINE_FAILED)
        ws__cpu_halt(cpu, WS_HALT_ENGINE, 0);
    else if (end == WS__ENGINE_EXCEPTION)
        exception_handle(cpu, &exception);
    else if (end == WS__ENGINE_REFUSED)
        ws__fault_handle(cpu, eip_linear(cpu, ws__engine_get(cpu->engine, WS_EIP)));
    switch (cpu->action) {
    case WS__ACTION_STOP:
        return false;
    case WS__ACTION_INTERRUPT:
        ws__interrupt_deliver(cpu);
        return true;
    case WS__ACTION_RAISE:
        ws__deliver(cpu, &cpu->instead);
        return true;
    case WS__ACTION_RESUME:
        action_resume(cpu);
        return true;
    case WS__ACTION_EXECUTE:
        action_execute(cpu);
        return true;
    default:
        return true;
    }
}

void ws__cpu_start(struct ws__cpu *cpu)
{
    cpu->started = cpu->state.begun;
}

enum ws_stop ws__cpu_go_on(struct ws__cpu *cpu, uint64_t instructions)
{
    cpu->goal = instructions ? cpu->state.begun + instructions : UINT64_MAX;
    if (cpu->goal > cpu->limit)
        cpu->goal = cpu->limit;
    cpu->asked = WS__NOWHERE;
    cpu->closely = false;
    cpu->avoid_bytes = 0;
    horizon_set(cpu);
    ws__sleep_reconsider(cpu);
    ws__cpu_attend(cpu);
    cpu->stop = WS_STOP_HALT;
    do {
        if (cpu->state.asleep && !cpu->state.halt.reason && cpu->state.begun < cpu->goal && ws__sleep_ends(cpu))
            ws__interrupt_deliver(cpu);
        if (cpu->state.halt.reason || (cpu->state.asleep && ws__sleep_is_final(cpu)))
            break;
        if (cpu->state.asleep) {
            cpu->stop = WS_STOP_COUNT;
            break;
        }
    } while (run_on(cpu));
    cpu->stop_asked = 0;
    return cpu->stop;
}
