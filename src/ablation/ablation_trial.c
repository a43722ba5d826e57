/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of the laboratory under the audit, and what is seen of it.
 */
#include "ablation/ablation.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/exception.h>

static void passage_take(void *context, const struct ws_crossing *crossing)
{
    struct ws__trial *trial = context;
    if (trial->over || crossing->kind != WS_CROSSING_WORLD || trial->passages == WS__TRIAL_SWITCHES)
        return;
    struct ws__passage *passage = &trial->passage[trial->passages++];
    snprintf(passage->from, sizeof passage->from, "%s", crossing->from);
    snprintf(passage->to, sizeof passage->to, "%s", crossing->to);
    passage->begin = crossing->begin;
    passage->end = crossing->end;
    passage->eflags = crossing->before.value[WS_EFLAGS];
}

static void mishap_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__trial *trial = context;
    (void)machine;
    if (event->origin == WS_ORIGIN_EXTERNAL || trial->mishaps == WS__TRIAL_FAULTS ||
        event->linear - WS_CROSS_LINEAR >= WS_CROSS_BYTES)
        return;
    trial->over = true;
    trial->mishap[trial->mishaps++] = (struct ws__mishap){
        .mark = event->mark,
        .linear = event->linear,
        .vector = (uint8_t)event->which,
        .origin = event->origin,
        .error_code = event->error_code,
        .has_error_code = event->has_error_code,
    };
}

static enum ws_status trial_watch(struct ws__trial *trial)
{
    enum ws_status status = ws_watcher_new(&trial->watcher, trial->machine);
    if (status == WS_OK)
        status = ws_audit_new(&trial->audit, trial->machine, trial->watcher);
    if (status == WS_OK)
        status = ws_watcher_name_symbols(trial->watcher, ws_lab_symbols(trial->lab));
    if (status == WS_OK)
        status = ws_audit_lab(trial->audit, trial->lab);
    if (status == WS_OK)
        status = ws_watcher_listen(trial->watcher, passage_take, trial);
    if (status == WS_OK)
        status = ws_machine_listen(trial->machine, WS_EVENT_MASK(VECTOR), mishap_take, trial);
    return status;
}

enum ws_status ws__trial_open(struct ws__trial *trial, enum ws_tlb tlb)
{
    struct ws_machine_options options = {.max_instructions = WS__TRIAL_LIMIT, .tlb = tlb};
    memset(trial, 0, sizeof *trial);
    enum ws_status status = ws_lab_system_new(&trial->lab, &options);
    if (status != WS_OK)
        return status;
    trial->machine = ws_lab_machine(trial->lab);
    status = trial_watch(trial);
    if (status != WS_OK)
        ws__trial_close(trial);
    return status;
}

void ws__trial_close(struct ws__trial *trial)
{
    ws_audit_free(trial->audit);
    ws_watcher_free(trial->watcher);
    ws_lab_free(trial->lab);
}

bool ws__trial_phys(const struct ws__trial *trial, const struct ws_world *world, uint32_t linear, uint32_t *phys)
{
    struct ws_registers registers = {.value = {[WS_CR0] = WS_CR0_PG | WS_CR0_PE}};
    struct ws_physical memory = ws_machine_memory(trial->machine);
    struct ws_translation walk;
    registers.value[WS_CR3] = ws_world_cr3(world);
    if (!ws_page_walk(&walk, &memory, &registers, linear, WS_ACCESS_READ, false))
        return false;
    *phys = walk.phys;
    return true;
}

void ws__trial_run(struct ws__trial *trial, const struct ws_ablation *ablation, const struct ws_ablation_case *tried)
{
    if (tried && ws__is_storm(tried->kind)) {
        /* Up to here it is the sound run, so its marks are right. */
        uint64_t mark = ablation->passage[1 + tried->way].begin + tried->instruction - 1;
        ws_machine_run(trial->machine, mark);
        if (tried->kind == WS_ABLATION_NMI)
            ws_machine_nmi(trial->machine);
        else
            ws_machine_interrupt(trial->machine, WS_STORM_VECTOR);
    }
    ws_machine_run(trial->machine, 0);
    trial->over = true;
    ws_audit_finish(trial->audit);
}
