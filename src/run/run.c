/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run loop: the engine runs, in block mode or in step mode, until it meets something that the library must do.
 *
 * When the engine returns, the reason decides nothing about the next instruction.  The loop does what the engine could
 * not do, and enters the engine again.  Then ws__cpu_begin() (cpu.c) or block_mode.c decides at the boundary.
 */
#include "run/run.h"

#include <string.h>

#include "cpu/debug.h"
#include "cpu/fault.h"
#include "cpu/slow_checks.h"
#include "run/block_mode.h"
#include "run/short_run.h"

bool ws__step_mode_begin(void *context, uint32_t linear)
{
    struct ws__cpu *cpu = context;
    if (ws__block_mode_allowed(cpu, linear)) {
        cpu->blocks.step_mode = false;
        return false;
    }
    return ws__cpu_begin(cpu, linear);
}

/* -- exceptions -------------------------------------------------------------------------------- */

static uint32_t eip_linear(const struct ws__engine *engine, uint32_t eip)
{
    struct ws_descriptor code;
    ws__engine_segment(engine, WS_CS, &code);
    return code.base + eip;
}

/* An instruction raised an exception in step mode.  (In block mode engine_run() has it repeated in step mode first.)
 * So the mark has counted it, and it is the last instruction that has begun. */
static void exception_handle(struct ws__cpu *cpu, const struct ws__engine_exception *exception)
{
    uint32_t eip = ws__engine_get(cpu->engine, WS_EIP), linear = eip_linear(cpu->engine, eip);
    bool trap = exception->vector == WS_VECTOR_DB; /* the engine raises #DB for single steps only */
    if (!trap)
        ws__in_progress_abort(&cpu->last, cpu->state.begun - 1);
    if (cpu->last.in_progress.open && !ws__in_progress_commit(cpu))
        return;
    if (!trap)
        ws__early_flags_undo(cpu, linear);
    if (trap)
        ws__debug_report(cpu, WS__DR6_BS);
    else if (cpu->checks.reasons & WS__CHECK_TRAP)
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
    if (!(cpu->run.listening & WS_EVENT_MASK(HALT)))
        return;
    struct ws_event event = {
        .kind = WS_EVENT_HALT,
        .mark = cpu->state.begun - 1,
        .linear = (uint32_t)cpu->last.linear,
        .which = (ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_IF) != 0,
    };
    cpu->client.event(cpu->client.context, &event);
}

static void action_execute(struct ws__cpu *cpu)
{
    struct ws__raise raise;
    ws__execute(cpu, &cpu->run.decoded, &raise);
    if (cpu->state.asleep)
        halt_report(cpu);
    if (raise.raised)
        ws__deliver(cpu, &raise);
}

/* EFLAGS.RF suppresses breakpoints for one instruction.  The engine would keep RF set for longer, so RF is taken out of
 * the engine, and state.resume remembers the instruction.
 * SDM 3B §17.3.1.1 "Instruction-Breakpoint Exception Condition" */
static void action_resume(struct ws__cpu *cpu)
{
    uint32_t flags = ws__engine_get(cpu->engine, WS_EFLAGS);
    ws__engine_set(cpu->engine, WS_EFLAGS, flags & ~(uint32_t)WS_EFLAGS_RF);
    cpu->state.resume = cpu->state.begun;
    cpu->checks.reasons &= ~(uint32_t)WS__CHECK_RF;
}

/* Before and after the engine runs: forget the translations that are out of date, or all of them if the buffer is
 * nearly full or if other instructions than before are hook points. */
static void translations_mend(struct ws__cpu *cpu)
{
    ws__frames_settle(cpu);
    if (cpu->run.renew || cpu->run.relisten || ws__engine_is_nearly_full(cpu->engine))
        ws__cpu_code_forget(cpu);
    if (!cpu->run.relisten)
        return;
    cpu->run.relisten = false;
    ws__cpu_attend(cpu);
}

/* Run the engine, in step mode or in block mode.  An instruction that faults, or whose access is refused, in block mode
 * is repeated in step mode; for the caller the engine has just returned. */
static enum ws__engine_end engine_run(struct ws__cpu *cpu, struct ws__engine_exception *exception)
{
    translations_mend(cpu);
    bool step_mode = cpu->blocks.step_mode |= !ws__block_mode_worthwhile(cpu);
    cpu->last.none = true;
    ws__block_mode_begin(cpu);
    ws__short_run_begin(cpu);
    ws__tlb_enter(cpu);
    enum ws__engine_end end = ws__engine_run(cpu->engine, exception);
    bool repeat = !step_mode && (end == WS__ENGINE_EXCEPTION || end == WS__ENGINE_REFUSED);
    ws__block_mode_end(cpu, repeat);
    return repeat ? WS__ENGINE_RETURNED : end;
}

/* Run the engine until it returns, and do what it could not do.  false: the run is over. */
static bool run_on(struct ws__cpu *cpu)
{
    struct ws__engine_exception exception;
    cpu->run.action = WS__ACTION_NONE;
    enum ws__engine_end end = engine_run(cpu, &exception);
    translations_mend(cpu);
    if (end == WS__ENGINE_FAILED)
        ws__cpu_halt(cpu, WS_HALT_ENGINE, 0);
    else if (end == WS__ENGINE_EXCEPTION)
        exception_handle(cpu, &exception);
    else if (end == WS__ENGINE_REFUSED)
        ws__fault_handle(cpu, eip_linear(cpu->engine, ws__engine_get(cpu->engine, WS_EIP)));
    switch (cpu->run.action) {
    case WS__ACTION_STOP:
        return false;
    case WS__ACTION_INTERRUPT:
        ws__interrupt_deliver(cpu);
        return true;
    case WS__ACTION_RAISE:
        ws__deliver(cpu, &cpu->run.instead);
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
    cpu->run.started = cpu->state.begun;
}

enum ws_stop ws__cpu_go_on(struct ws__cpu *cpu, uint64_t instructions)
{
    cpu->run.goal = instructions ? cpu->state.begun + instructions : UINT64_MAX;
    if (cpu->run.goal > cpu->run.limit)
        cpu->run.goal = cpu->run.limit;
    cpu->blocks.asked = WS__NOWHERE;
    cpu->blocks.step_mode = false;
    cpu->blocks.avoid_bytes = 0;
    ws__cpu_budget_end_set(cpu);
    ws__sleep_reconsider(cpu);
    ws__cpu_attend(cpu);
    cpu->run.stop = WS_STOP_HALT;
    do {
        if (cpu->state.asleep && !cpu->state.halt.reason && cpu->state.begun < cpu->run.goal && ws__sleep_ends(cpu))
            ws__interrupt_deliver(cpu);
        if (cpu->state.halt.reason || (cpu->state.asleep && ws__sleep_is_final(cpu)))
            break;
        if (cpu->state.asleep) {
            cpu->run.stop = WS_STOP_COUNT;
            break;
        }
    } while (run_on(cpu));
    cpu->run.stop_asked = 0;
    return cpu->run.stop;
}

/* -- life -------------------------------------------------------------------------------------- */

enum ws_status ws__cpu_init(struct ws__cpu *cpu, uint8_t *ram, uint32_t bytes, const struct ws__cpu_client *client,
                            bool keeps)
{
    *cpu = (struct ws__cpu){.ram = ram, .ram_bytes = bytes, .client = *client};
    cpu->run.limit = cpu->run.deadline = UINT64_MAX;
    cpu->tlb.last = WS_PAGE_FRAME;
    cpu->state.shadow = cpu->state.resume = cpu->state.quiet = WS__NOWHERE;
    cpu->state.debug[6] = WS__DR6_RESET;
    cpu->state.debug[7] = WS__DR7_RESET;
    struct ws__engine_client engine_client = {
        .context = cpu,
        .enter = ws__block_mode_enter,
        .hook_point = ws__block_mode_hook_point,
        .begin = ws__step_mode_begin,
        .fill = ws__tlb_fill,
        .port_read = ws__cpu_port_read,
        .port_write = ws__cpu_port_write,
        .memory_read = ws__cpu_memory_read,
        .memory_write = ws__cpu_memory_write,
    };
    struct ws__code_source source = {cpu, ws__tlb_code_find};
    enum ws_status status = ws__engine_new(&cpu->engine, ram, bytes, &engine_client);
    if (!status)
        status = ws__code_cache_new(&cpu->code, &source);
    if (!status && (!ws__block_table_init(&cpu->blocks.table) || !ws__frames_init(&cpu->frames, bytes)))
        status = WS_NO_MEMORY;
    if (!status && keeps && !ws__kept_init(&cpu->kept))
        status = WS_NO_MEMORY;
    if (status) {
        ws__cpu_release(cpu);
        return status;
    }
    cpu->blocks.budget = ws__engine_budget(cpu->engine);
    cpu->blocks.budget->table = cpu->blocks.table.table;
    ws__cpu_resync(cpu);
    ws__cpu_listen(cpu, 0);
    return WS_OK;
}

void ws__cpu_release(struct ws__cpu *cpu)
{
    ws__block_table_release(&cpu->blocks.table);
    ws__frames_release(&cpu->frames);
    ws__kept_release(&cpu->kept);
    ws__code_cache_free(cpu->code);
    ws__engine_free(cpu->engine);
    *cpu = (struct ws__cpu){0};
}
