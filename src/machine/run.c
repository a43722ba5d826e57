/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a machine, stopping it, and asking it for interrupts.
 */
#include <worldswitch/machine.h>

#include "machine/board.h"
#include "machine/both_ways.h"
#include "run/run.h"

static enum ws_stop piece_run(struct ws_machine *machine, uint64_t instructions)
{
    return WS_BOTH_WAYS ? ws__both_ways_run(machine, instructions) : ws__cpu_go_on(&machine->cpu, instructions);
}

/* In pieces that end where an act from outside is due. */
static enum ws_stop run(struct ws_machine *machine, uint64_t instructions)
{
    uint64_t end = machine->cpu.state.begun + instructions;
    enum ws_stop stop;
    ws__cpu_start(&machine->cpu);
    ws__acts_do(machine);
    do {
        uint64_t left = instructions ? end - machine->cpu.state.begun : 0;
        stop = piece_run(machine, ws__acts_room(machine, left));
        if (instructions && machine->cpu.state.begun >= end)
            break;
    } while ((stop == WS_STOP_COUNT || stop == WS_STOP_HALT) && machine->failure == WS_OK && ws__acts_do(machine));
    return stop;
}

enum ws_stop ws_machine_run(struct ws_machine *machine, uint64_t instructions)
{
    enum ws_stop stop = WS_STOP_HALT;
    if (machine->failure == WS_OK)
        stop = run(machine, instructions);
    return machine->failure == WS_OK ? stop : WS_STOP_HALT;
}

void ws_machine_stop(struct ws_machine *machine)
{
    machine->cpu.run.stop_asked = 1;
    machine->cpu.run.attention = 1;
}

void ws_machine_fail(struct ws_machine *machine, enum ws_status status)
{
    if (machine->failure != WS_OK || status == WS_OK)
        return;
    machine->failure = status;
    machine->failed = (struct ws_halt){
        .reason = WS_HALT_HOST,
        .mark = machine->cpu.state.begun,
        .eip = ws__engine_get(machine->cpu.engine, WS_EIP),
        .cr3 = ws__engine_get(machine->cpu.engine, WS_CR3),
    };
    ws_machine_stop(machine);
}

enum ws_status ws_machine_failure(const struct ws_machine *machine)
{
    return machine->failure;
}

const struct ws_halt *ws_machine_halt(const struct ws_machine *machine)
{
    return machine->failure == WS_OK ? &machine->cpu.state.halt : &machine->failed;
}

uint64_t ws_machine_mark(const struct ws_machine *machine)
{
    return machine->cpu.state.begun;
}

static void request_report(struct ws_machine *machine, uint8_t vector)
{
    struct ws_event event = {
        .kind = WS_EVENT_REQUEST,
        .mark = machine->cpu.state.begun,
        .linear = ws_machine_eip_linear(machine),
        .which = vector,
        .cpl = (uint8_t)ws_machine_cpl(machine),
    };
    ws__machine_report(machine, &event);
}

void ws_machine_interrupt(struct ws_machine *machine, uint8_t vector)
{
    const struct ws__act act = {.mark = machine->cpu.state.begun, .kind = WS__ACT_INTERRUPT, .where = vector};
    ws__act_note(machine, &act);
    machine->cpu.state.pending[vector / 32] |= 1u << vector % 32;
    ws__cpu_attend(&machine->cpu);
    request_report(machine, vector);
}

void ws_machine_nmi(struct ws_machine *machine)
{
    const struct ws__act act = {.mark = machine->cpu.state.begun, .kind = WS__ACT_NMI};
    ws__act_note(machine, &act);
    machine->cpu.state.nmi_pending = true;
    ws__cpu_attend(&machine->cpu);
    request_report(machine, WS_VECTOR_NMI);
}
