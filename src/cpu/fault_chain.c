/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeping the chain.
 */
#include "cpu/fault_chain.h"

#include <assert.h>
#include <string.h>

static void fault_report(struct ws__cpu *cpu, const struct ws_fault *fault, uint64_t mark)
{
    if (!(cpu->run.listening & WS_EVENT_MASK(FAULT_CHAIN)))
        return;
    struct ws_event event = {
        .kind = WS_EVENT_FAULT_CHAIN,
        .mark = mark,
        .linear = fault->linear,
        .which = fault->vector,
        .before = fault->eip,
        .error_code = fault->error_code,
        .cr2 = fault->cr2,
        .has_error_code = fault->has_error_code,
        .cpl = fault->cpl,
        .origin = fault->origin,
        .reason = fault->reason,
    };
    cpu->client.event(cpu->client.context, &event);
}

void ws__fault_chain_add(struct ws__fault_chain *chain, const struct ws__delivery *d, const struct ws__raise *raise,
                         uint32_t linear, uint32_t cr2)
{
    bool page_fault = raise->vector == WS_VECTOR_PF && raise->origin == WS_ORIGIN_EXCEPTION;
    assert(chain->faults < WS_FAULTS);
    struct ws_fault *fault = &chain->fault[chain->faults++];
    *fault = (struct ws_fault){
        .eip = raise->fault_eip,
        .linear = linear,
        .cr2 = page_fault ? cr2 : 0,
        .error_code = raise->error_code,
        .vector = raise->vector,
        .origin = raise->origin,
        .has_error_code = ws__delivery_has_error_code(raise),
        .cpl = (uint8_t)d->cpl,
        .reason = raise->reason,
    };
    fault_report(d->cpu, fault, chain->mark);
}

void ws__fault_chain_end(const struct ws__fault_chain *chain, struct ws__cpu *cpu, const struct ws__raise *raise)
{
    struct ws_halt *halt = &cpu->state.halt;
    ws__cpu_halt(cpu, WS_HALT_TRIPLE_FAULT, raise->vector);
    halt->origin = raise->origin;
    halt->has_error_code = ws__delivery_has_error_code(raise);
    halt->error_code = raise->error_code;
    halt->faults = chain->faults;
    memcpy(halt->fault, chain->fault, chain->faults * sizeof chain->fault[0]);
}
