/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts from outside the CPU, and the sleep of `hlt` that they end.
 *
 * There are three sources.  If several wait, the NMI goes first, then the vectors that ws_machine_interrupt() asked
 * for, then the interrupt controller's line.
 *
 * SDM 3A §6.3 "Sources of Interrupts"; §6.8 "Enabling and Disabling Interrupts".
 */
#include "cpu/cpu.h"

#include <assert.h>

/* -- what waits -------------------------------------------------------------------------------- */

static bool asked_find(const struct ws__cpu_state *state, uint8_t *vector)
{
    for (unsigned i = 0; i < 8; i++) {
        if (state->pending[i]) {
            *vector = (uint8_t)(32 * i + (unsigned)__builtin_ctz(state->pending[i]));
            return true;
        }
    }
    return false;
}

static bool line_is_high(const struct ws__cpu_client *client)
{
    return client->interrupt_line && client->interrupt_line(client->context);
}

bool ws__interrupt_waits(const struct ws__cpu *cpu)
{
    uint8_t vector;
    return cpu->state.nmi_pending || asked_find(&cpu->state, &vector) || line_is_high(&cpu->client);
}

bool ws__interrupt_comes(const struct ws__cpu *cpu)
{
    uint8_t vector;
    if (cpu->state.nmi_pending && !cpu->state.nmi_blocked)
        return true;
    return (asked_find(&cpu->state, &vector) || line_is_high(&cpu->client)) &&
           ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_IF;
}

/* After `sti` or `mov ss`, the next boundary takes no interrupt: the shadow.  SDM 3A §6.8.3 "Masking Exceptions and
 * Interrupts When Switching Stacks" */
bool ws__interrupt_ready(const struct ws__cpu *cpu)
{
    return cpu->state.shadow != cpu->state.begun && ws__interrupt_comes(cpu);
}

/* -- delivery ---------------------------------------------------------------------------------- */

/* Take the interrupt that goes first; it does not wait any more.  Returns its vector. */
static uint8_t interrupt_take(struct ws__cpu *cpu)
{
    struct ws__cpu_state *state = &cpu->state;
    uint8_t vector;
    if (state->nmi_pending && !state->nmi_blocked) {
        state->nmi_pending = false;
        state->nmi_blocked = true; /* SDM 3A §6.7.1 "Handling Multiple NMIs" */
        return WS_VECTOR_NMI;
    }
    if (asked_find(state, &vector)) {
        state->pending[vector / 32] &= ~(1u << vector % 32);
        return vector;
    }
    return cpu->client.interrupt_acknowledge(cpu->client.context);
}

void ws__interrupt_deliver(struct ws__cpu *cpu)
{
    assert(ws__interrupt_ready(cpu));
    uint32_t eip = ws__engine_get(cpu->engine, WS_EIP);
    struct ws__raise raise = {
        .raised = true,
        .vector = interrupt_take(cpu),
        .origin = WS_ORIGIN_EXTERNAL,
        .return_eip = eip,
        .fault_eip = eip,
    };
    ws__cpu_attend(cpu);
    cpu->state.asleep = false;
    ws__deliver(cpu, &raise);
}

/* -- sleep ------------------------------------------------------------------------------------- */

/* The CPU sleeps, so nothing happens before the chips' next deadline: let time jump there. */
static void time_jump(struct ws__cpu *cpu)
{
    uint64_t time = ws__cpu_time(cpu);
    if (cpu->run.deadline > time)
        cpu->state.skipped += cpu->run.deadline - time;
    cpu->client.advance(cpu->client.context);
}

bool ws__sleep_is_final(struct ws__cpu *cpu)
{
    bool open = ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_IF;
    if (ws__interrupt_ready(cpu) || (open && cpu->run.deadline != UINT64_MAX))
        return false;
    ws__cpu_halt(cpu, open ? WS_HALT_ASLEEP : WS_HALT_STOPPED, 0);
    return true;
}

bool ws__sleep_ends(struct ws__cpu *cpu)
{
    while (!ws__interrupt_ready(cpu)) {
        if (ws__sleep_is_final(cpu))
            return false;
        time_jump(cpu);
    }
    return true;
}

void ws__sleep_reconsider(struct ws__cpu *cpu)
{
    uint32_t reason = cpu->state.halt.reason;
    bool asleep = reason == WS_HALT_ASLEEP || reason == WS_HALT_STOPPED;
    if ((asleep && ws__interrupt_ready(cpu)) || (reason == WS_HALT_LIMIT && cpu->state.begun < cpu->run.limit))
        cpu->state.halt = (struct ws_halt){0};
}
