/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cases of an ablation, in their fixed order, and the run that knows what is right.
 */
#include "ablation/ablation.h"

#include <stdlib.h>
#include <string.h>

const char *ws_ablation_name(enum ws_ablation_kind kind)
{
    static const char *const name[] = {
#define WS_ABLATION_TEXT_ROW(name, text, meaning) text,
        WS_ABLATION_TABLE(WS_ABLATION_TEXT_ROW)
#undef WS_ABLATION_TEXT_ROW
    };
    return name[kind];
}

const char *ws_ablation_survival_name(enum ws_ablation_survival survival)
{
    static const char *const name[] = {
#define WS_ABLATION_SURVIVAL_ROW(name, text, meaning) text,
        WS_ABLATION_SURVIVAL_TABLE(WS_ABLATION_SURVIVAL_ROW)
#undef WS_ABLATION_SURVIVAL_ROW
    };
    return name[survival];
}

/* -- the cases --------------------------------------------------------------------------------- */

static unsigned step_bits(unsigned number)
{
    struct ws_cross_step step;
    return ws_cross_step_get(number, &step) ? step.size * 8u : 0;
}

/* Before each instruction, and behind the last. */
enum { BOUNDARIES = WS_CROSS_INSTRUCTIONS + 1 };

static size_t kind_cases(unsigned kind)
{
    size_t bits = 0;
    switch (kind) {
    case WS_ABLATION_REMOVE:
        return WS_CROSS_INSTRUCTIONS;
    case WS_ABLATION_SWAP:
        return WS_CROSS_INSTRUCTIONS - 1;
    case WS_ABLATION_BIT:
        for (unsigned number = 1; number <= WS_CROSS_INSTRUCTIONS; number++)
            bits += step_bits(number);
        return bits;
    default:
        return (size_t)BOUNDARIES * WS__STORM_WAYS;
    }
}

size_t ws_ablation_cases(const struct ws_ablation *ablation, unsigned kinds)
{
    size_t cases = 0;
    (void)ablation;
    for (unsigned kind = 0; kind < WS_ABLATION_KINDS; kind++)
        if (kinds >> kind & 1)
            cases += kind_cases(kind);
    return cases;
}

static struct ws_ablation_case case_make(unsigned kind, size_t index)
{
    struct ws_ablation_case made = {.kind = (uint8_t)kind, .instruction = (uint16_t)(index + 1)};
    if (kind == WS_ABLATION_BIT) {
        for (made.instruction = 1; index >= step_bits(made.instruction); made.instruction++)
            index -= step_bits(made.instruction);
        made.bit = (uint8_t)index;
    } else if (ws__is_storm(made.kind)) {
        made.instruction = (uint16_t)(index % BOUNDARIES + 1);
        made.way = (uint8_t)(index / BOUNDARIES);
    }
    return made;
}

bool ws_ablation_case_get(const struct ws_ablation *ablation, unsigned kinds, size_t index,
                          struct ws_ablation_case *out)
{
    (void)ablation;
    for (unsigned kind = 0; kind < WS_ABLATION_KINDS; kind++) {
        size_t cases = kinds >> kind & 1 ? kind_cases(kind) : 0;
        if (index < cases) {
            *out = case_make(kind, index);
            return true;
        }
        index -= cases;
    }
    return false;
}

/* FNV-1a: of the code, and of what the sound run says and when it ends. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size--)
        hash = (hash ^ *at++) * 0x100000001b3u;
    return hash;
}

uint64_t ws_ablation_fingerprint(const struct ws_ablation *ablation)
{
    uint64_t hash = hash_bytes(0xcbf29ce484222325u, ws_cross_page(), WS_CROSS_CONTEXTS_OFFSET);
    hash = hash_bytes(hash, ablation->serial.data, ablation->serial.size);
    hash = hash_bytes(hash, &ablation->halt.mark, sizeof ablation->halt.mark);
    return ablation->tlb ? hash_bytes(hash, &ablation->tlb, sizeof ablation->tlb) : hash;
}

/* -- what is right ----------------------------------------------------------------------------- */

static enum ws_status sound_keep(struct ws_ablation *ablation, struct ws__trial *trial)
{
    size_t bytes;
    const char *serial = ws_machine_serial(trial->machine, &bytes);
    ws_buffer_append(&ablation->serial, serial, bytes);
    memcpy(ablation->passage, trial->passage, sizeof ablation->passage);
    ablation->passages = trial->passages;
    ablation->halt = *ws_machine_halt(trial->machine);
    bool sound = !ws_audit_findings(trial->audit) && !trial->mishaps && ablation->halt.reason == WS_HALT_EXIT &&
                 !ablation->halt.exit_value && ablation->passages > WS__STORM_WAYS;
    if (ablation->serial.failed)
        return WS_NO_MEMORY;
    if (ws_machine_failure(trial->machine) != WS_OK)
        return ws_machine_failure(trial->machine);
    return sound ? WS_OK : WS_HALTED;
}

enum ws_status ws_ablation_new(struct ws_ablation **out, enum ws_tlb tlb)
{
    struct ws__trial trial;
    struct ws_ablation *ablation = calloc(1, sizeof *ablation);
    *out = NULL;
    if (!ablation)
        return WS_NO_MEMORY;
    ablation->tlb = tlb;
    enum ws_status status = ws__trial_open(&trial, tlb);
    if (status == WS_OK) {
        ws__trial_run(&trial, ablation, NULL);
        status = sound_keep(ablation, &trial);
        ws__trial_close(&trial);
    }
    if (status == WS_OK)
        *out = ablation;
    else
        ws_ablation_free(ablation);
    return status;
}

void ws_ablation_free(struct ws_ablation *ablation)
{
    if (!ablation)
        return;
    ws_buffer_release(&ablation->serial);
    free(ablation);
}

/* -- trying ------------------------------------------------------------------------------------ */

static enum ws_status change_make(struct ws__trial *trial, const struct ws_ablation_case *tried)
{
    uint8_t code[WS_CROSS_CONTEXTS_OFFSET];
    uint32_t phys;
    if (ws__is_storm(tried->kind))
        return ws_lab_storm_prepare(trial->lab);
    if (!ws__trial_phys(trial, ws_lab_system_first(trial->lab), WS_CROSS_LINEAR, &phys))
        return WS_NOT_MAPPED;
    ws__change_code(tried, code);
    return ws_machine_write_phys(trial->machine, phys, code, sizeof code);
}

/* Where translations are kept, the boot world's switch stays as it is: only behind it is there a world whose global
 * pages can be left behind. */
static enum ws_status later_begin(struct ws__trial *trial, const struct ws_ablation *ablation,
                                  const struct ws_ablation_case *tried)
{
    if (ablation->tlb == WS_TLB_KEEP && !ws__is_storm(tried->kind))
        ws_machine_run(trial->machine, ablation->passage[0].end + 1);
    return ws_machine_failure(trial->machine);
}

enum ws_status ws_ablation_try(const struct ws_ablation *ablation, const struct ws_ablation_case *tried,
                               struct ws_ablation_verdict *out)
{
    struct ws__trial trial;
    enum ws_status status = ws__trial_open(&trial, ablation->tlb);
    if (status != WS_OK)
        return status;
    status = later_begin(&trial, ablation, tried);
    if (status == WS_OK)
        status = change_make(&trial, tried);
    if (status == WS_OK) {
        ws__trial_run(&trial, ablation, tried);
        status = ws_ablation_describe(ablation, tried, out);
    }
    if (status == WS_OK)
        status = ws__trial_judge(&trial, ablation, tried, out);
    ws__trial_close(&trial);
    return status;
}
