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

#include "cpu/careful.h"
#include "cpu/debug.h"
#include "cpu/freely.h"
#include "cpu/limits.h"

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

bool ws__cpu_begin(struct ws__cpu *cpu, uint32_t linear, const uint8_t *ram)
{
    if (cpu->flight.open)
        ws__flight_settle(cpu);
    const struct ws__decoded *decoded = ws__code_cache_find_at(cpu->code, linear, cpu->wide, ram);
    cpu->blind |= decoded->length == 0 && !ws__code_cache_ram(cpu->code, linear);
    if (cpu->careful & WS__CAREFUL_AT_BOUNDARY && !ws__careful_boundary(cpu, decoded))
        return false;
    if (ws__ahead_wants_entry(cpu, decoded))
        return false;
    if ((cpu->attention || cpu->state.begun >= cpu->horizon) && !boundary_pass(cpu, linear))
        return false;
    bool again = linear == cpu->current && decoded->again == WS__AGAIN_ECX;
    cpu->current = linear;
    cpu->state.begun++;
    ws__ahead_begun(cpu, decoded);
    if (cpu->careful & WS__CAREFUL_AT_FETCH && !ws__careful_fetch(cpu, decoded->length, linear, again))
        return false;
    bool plain = decoded->class_ == WS__CLASS_PLAIN &&
                 !(cpu->careful & (decoded->segments | WS__CAREFUL_AT_OPERANDS));
    return plain || special_begin(cpu, decoded, linear);
}

/* For the engine, while it runs closely. */
static bool closely_begin(void *context, uint32_t linear)
{
    struct ws__cpu *cpu = context;
    if (linear == cpu->current && ws__ahead_is_restart(cpu)) {
        ws__ahead_undo(cpu, linear);
        return true;
    }
    if (ws__freely_allowed(cpu, linear)) {
        cpu->closely = false;
        return false;
    }
    return ws__cpu_begin(cpu, linear, NULL);
}

/* -- exceptions -------------------------------------------------------------------------------- */

static uint32_t eip_linear(const struct ws__cpu *cpu, uint32_t eip)
{
    struct ws_descriptor code;
    ws__engine_segment(cpu->engine, WS_CS, &code);
    return code.base + eip;
}

/* The engine did not call begin() for an instruction whose bytes cannot be fetched.  It has its
 * boundary all the same.  If it may not begin, its fault has not happened yet, and CR2 is put back. */
static bool unfetched_begin(struct ws__cpu *cpu, uint32_t linear)
{
    bool begins = (!cpu->careful || ws__careful_boundary(cpu, NULL)) && boundary_pass(cpu, linear);
    if (begins) {
        cpu->current = linear;
        cpu->state.begun++;
        begins = !cpu->careful || ws__careful_fetch(cpu, 1, linear, false);
    }
    if (!begins)
        ws__engine_set(cpu->engine, WS_CR2, cpu->state.cr2);
    return begins;
}

static void exception_handle(struct ws__cpu *cpu, const struct ws__engine_exception *exception)
{
    uint32_t eip = ws__engine_get(cpu->engine, WS_EIP), linear = eip_linear(cpu, eip);
    bool trap = exception->vector == WS_VECTOR_DB; /* the engine raises it for single steps only */
    bool at_current = linear == cpu->current;
    if (at_current && exception->vector == WS_VECTOR_UD && ws__ahead_retranslate(cpu)) {
        ws__freely_avoid(cpu, linear, WS_INSTRUCTION_BYTES);
        return;
    }
    if (at_current && !trap)
        ws__flight_drop(cpu, cpu->state.begun - 1);
    if (cpu->flight.open && !ws__flight_settle(cpu))
        return;
    if (!trap && !at_current && (ws__ahead_postpone(cpu, exception, linear) || !unfetched_begin(cpu, linear)))
        return;
    if (at_current && !trap)
        ws__ahead_undo(cpu, linear);
    if (trap)
        ws__debug_report(cpu, WS__DR6_BS);
    else if (cpu->careful & WS__CAREFUL_TRAP)
        ws__debug_data_forget(cpu);
    uint32_t error_code = exception->error_code;
    if (exception->vector == WS_VECTOR_PF) {
        cpu->state.cr2 = ws__engine_get(cpu->engine, WS_CR2);
        error_code = ws__page_fault_code(cpu, linear, error_code);
    }
    struct ws__raise raise = {
        .raised = true,
        .vector = exception->vector,
        .origin = WS_ORIGIN_EXCEPTION,
        .error_code = error_code,
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
    if (ws__code_cache_changed(cpu->code) || cpu->renew || cpu->relisten || ws__engine_crowded(cpu->engine))
        ws__cpu_code_forget(cpu);
    if (!cpu->relisten)
        return;
    cpu->relisten = false;
    ws__cpu_attend(cpu);
}

/* Run the engine, closely or freely. */
static enum ws__engine_end engine_run(struct ws__cpu *cpu, struct ws__engine_exception *exception)
{
    translations_mend(cpu);
    cpu->closely |= !ws__freely_worthwhile(cpu);
    cpu->fresh = true;
    ws__freely_begin(cpu);
    enum ws__engine_end end = ws__engine_run(cpu->engine, exception);
    ws__freely_end(cpu, end == WS__ENGINE_EXCEPTION);
    if (cpu->state.begun != cpu->postponed)
        ws__engine_stop_nowhere(cpu->engine);
    return end;
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

enum ws_stop ws__cpu_run(struct ws__cpu *cpu, uint64_t instructions)
{
    cpu->started = cpu->state.begun;
    cpu->goal = instructions ? cpu->state.begun + instructions : UINT64_MAX;
    if (cpu->goal > cpu->limit)
        cpu->goal = cpu->limit;
    cpu->postponed = cpu->retried = cpu->asked = WS__NOWHERE;
    cpu->retrying = cpu->closely = false;
    cpu->avoid_bytes = 0;
    horizon_set(cpu);
    ws__sleep_reconsider(cpu);
    ws__cpu_attend(cpu);
    cpu->stop = WS_STOP_HALT;
    do {
        if (cpu->state.asleep && !cpu->state.halt.reason && cpu->state.begun < cpu->goal && ws__sleep_ends(cpu))
            ws__interrupt_deliver(cpu);
        if (cpu->state.halt.reason)
            break;
        if (cpu->state.asleep) {
            cpu->stop = WS_STOP_COUNT;
            break;
        }
    } while (run_on(cpu));
    cpu->stop_asked = 0;
    return cpu->stop;
}

/* -- life -------------------------------------------------------------------------------------- */

enum ws_status ws__cpu_init(struct ws__cpu *cpu, uint8_t *ram, uint32_t bytes, const struct ws__cpu_client *client)
{
    *cpu = (struct ws__cpu){.ram = ram, .ram_bytes = bytes, .client = *client};
    cpu->limit = cpu->deadline = UINT64_MAX;
    cpu->state.shadow = cpu->state.resume = cpu->state.quiet = WS__NOWHERE;
    cpu->state.debug[6] = WS__DR6_RESET;
    cpu->state.debug[7] = WS__DR7_RESET;
    struct ws__engine_client engine_client = {
        cpu, ws__freely_enter, ws__freely_site, closely_begin, ws__cpu_port_read, ws__cpu_port_write};
    struct ws__code_source source = {&cpu->paging, ram, bytes};
    enum ws_status status = ws__engine_new(&cpu->engine, ram, bytes, &engine_client);
    if (!status)
        status = ws__code_cache_new(&cpu->code, &source);
    if (!status && !ws__stretches_init(&cpu->stretches, ram, bytes))
        status = WS_NO_MEMORY;
    if (status) {
        ws__cpu_release(cpu);
        return status;
    }
    cpu->pace = ws__engine_pace(cpu->engine);
    cpu->pace->table = cpu->stretches.table;
    ws__cpu_resync(cpu);
    return WS_OK;
}

void ws__cpu_release(struct ws__cpu *cpu)
{
    ws__stretches_release(&cpu->stretches);
    ws__code_cache_free(cpu->code);
    ws__engine_free(cpu->engine);
    *cpu = (struct ws__cpu){0};
}
