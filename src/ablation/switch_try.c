/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trials of a switch of another author's kernel: which there are, and each of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ablation/ablation.h"
#include "ablation/switch.h"

/* -- the cases --------------------------------------------------------------------------------- */

/* Before each instruction of a passage, and behind the last. */
static size_t boundaries(const struct ws__switch_passage *passage)
{
    size_t count = (size_t)(passage->end - passage->begin) + 1;
    return count < WS__SWITCH_BOUNDARIES ? count : WS__SWITCH_BOUNDARIES;
}

static unsigned storms(const struct ws__switch *learned)
{
    unsigned most = learned->passages < WS__SWITCH_STORMS ? learned->passages : WS__SWITCH_STORMS;
    return learned->has_vector ? most : 0;
}

size_t ws__switch_cases(const struct ws__switch *learned, unsigned kinds)
{
    size_t cases = kinds & WS_ABLATION_MASK(REMOVE) ? learned->steps : 0;
    for (unsigned way = 0; kinds & WS_ABLATION_MASK(INTERRUPT) && way < storms(learned); way++)
        cases += boundaries(&learned->passage[way]);
    return cases;
}

bool ws__switch_case_get(const struct ws__switch *learned, unsigned kinds, size_t index, struct ws_ablation_case *out)
{
    if (kinds & WS_ABLATION_MASK(REMOVE)) {
        *out = (struct ws_ablation_case){.kind = WS_ABLATION_REMOVE, .instruction = (uint16_t)(index + 1)};
        if (index < learned->steps)
            return true;
        index -= learned->steps;
    }
    for (unsigned way = 0; kinds & WS_ABLATION_MASK(INTERRUPT) && way < storms(learned); way++) {
        size_t count = boundaries(&learned->passage[way]);
        *out = (struct ws_ablation_case){
            .kind = WS_ABLATION_INTERRUPT, .instruction = (uint16_t)(index + 1), .way = (uint8_t)way};
        if (index < count)
            return true;
        index -= count;
    }
    return false;
}

uint64_t ws__switch_fingerprint(const struct ws__switch *learned)
{
    uint64_t hash = learned->sound.output ^ learned->sound.halt.mark << 1;
    for (unsigned i = 0; i < learned->steps; i++) {
        const struct ws_instruction *one = &learned->step[i].instruction;
        for (unsigned byte = 0; byte < one->size; byte++)
            hash = (hash ^ one->bytes[byte]) * 0x100000001b3u;
    }
    return hash;
}

/* -- words ------------------------------------------------------------------------------------- */

static uint64_t cause_of(const struct ws__switch *learned, const struct ws_ablation_case *tried)
{
    return tried->kind == WS_ABLATION_REMOVE ? learned->step[tried->instruction - 1].mark[0]
                                             : learned->passage[tried->way].begin + tried->instruction - 1;
}

void ws__switch_describe(const struct ws__switch *learned, const struct ws_ablation_case *tried,
                         struct ws_ablation_verdict *out)
{
    *out = (struct ws_ablation_verdict){.cause = cause_of(learned, tried)};
    if (tried->kind == WS_ABLATION_REMOVE) {
        const struct ws_instruction *one = &learned->step[tried->instruction - 1].instruction;
        snprintf(out->text, sizeof out->text, "%s", one->text);
        snprintf(out->explanation, sizeof out->explanation, "without it, at 0x%08x", one->linear);
        return;
    }
    const struct ws__switch_passage *passage = &learned->passage[tried->way];
    snprintf(out->text, sizeof out->text, "(%s to %s)", passage->from, passage->to);
    snprintf(out->explanation, sizeof out->explanation, "interrupt %u is asked for at mark %llu", learned->vector,
             (unsigned long long)out->cause);
}

static void append(struct ws_ablation_verdict *verdict, const char *separator, const struct ws_buffer *words)
{
    size_t used = strlen(verdict->explanation);
    if (words->size)
        snprintf(verdict->explanation + used, sizeof verdict->explanation - used, "%s%s", separator,
                 ws_buffer_text(words));
}

static void distance_say(struct ws_ablation_verdict *verdict, const struct ws_buffer *words)
{
    size_t used = strlen(verdict->explanation);
    uint64_t distance = verdict->at >= verdict->cause ? verdict->at - verdict->cause : 0;
    snprintf(verdict->explanation + used, sizeof verdict->explanation - used,
             "; so at mark %llu, %llu instruction%s on, %s", (unsigned long long)verdict->at,
             (unsigned long long)distance, distance == 1 ? "" : "s", ws_buffer_text(words));
}

/* -- a trial ----------------------------------------------------------------------------------- */

static enum ws_status change_make(const struct ws__switch *learned, const struct ws_ablation_case *tried,
                                  struct ws__observed *observed, struct ws__guest *guest)
{
    uint64_t mark = cause_of(learned, tried);
    uint8_t nop[WS_INSTRUCTION_BYTES];
    if (mark)
        ws_machine_run(guest->machine, mark);
    if (tried->kind == WS_ABLATION_INTERRUPT) {
        observed->vector = learned->vector;
        observed->asked = mark;
        ws_machine_interrupt(guest->machine, learned->vector);
        return WS_OK;
    }
    /* Until now the instruction was not executed; now its page is mapped. */
    const struct ws_instruction *one = &learned->step[tried->instruction - 1].instruction;
    ws__nop_put(nop, one->size);
    return ws_machine_write(guest->machine, one->linear, nop, one->size);
}

static void storm_judge(const struct ws__switch *learned, const struct ws__observed *observed,
                        struct ws_ablation_verdict *out, struct ws_buffer *words)
{
    struct ws_buffer served = WS_BUFFER_INIT;
    ws__observed_judge_storm(&learned->sound, &learned->calm, observed, out, words);
    if (observed->served == UINT64_MAX && learned->calm.served != UINT64_MAX && !out->detected) {
        ws__by_add(out, "not-served");
        out->at = observed->halt.mark;
        ws_buffer_printf(words, "the interrupt has not been served");
    }
    if (observed->served == UINT64_MAX)
        ws_buffer_printf(&served, "it waits for ever, with interrupts off");
    else if (observed->served == out->cause)
        ws_buffer_printf(&served, "it comes at once, at 0x%08x", observed->served_linear);
    else
        ws_buffer_printf(&served, "it waits until mark %llu, 0x%08x", (unsigned long long)observed->served,
                         observed->served_linear);
    append(out, "; ", &served);
    words->failed |= served.failed;
    ws_buffer_release(&served);
    out->as_expected = !out->detected;
}

static enum ws_status trial_judge(const struct ws__switch *learned, const struct ws_ablation_case *tried,
                                  const struct ws__observed *observed, struct ws_ablation_verdict *out)
{
    struct ws_buffer words = WS_BUFFER_INIT;
    enum ws_status status = WS_OK;
    out->halt = observed->halt;
    if (tried->kind == WS_ABLATION_INTERRUPT)
        storm_judge(learned, observed, out, &words);
    else
        ws__observed_compare(&learned->sound, observed, out, &words);
    if (out->detected)
        distance_say(out, &words);
    else if (tried->kind == WS_ABLATION_REMOVE)
        status = ws__switch_survive(learned, &learned->step[tried->instruction - 1], out, &words);
    if (tried->kind == WS_ABLATION_REMOVE) {
        out->as_expected = true; /* it was noticed, or it is known why not */
        if (!out->detected)
            append(out, ": ", &words);
    }
    if (status == WS_OK && words.failed)
        status = WS_NO_MEMORY;
    ws_buffer_release(&words);
    return status;
}

enum ws_status ws__switch_try(const struct ws__switch *learned, const struct ws_ablation_case *tried,
                              struct ws_ablation_verdict *out)
{
    struct ws__observed *observed = calloc(1, sizeof *observed);
    struct ws__guest guest;
    if (!observed)
        return WS_NO_MEMORY;
    ws__switch_describe(learned, tried, out);
    enum ws_status status = learned->maker->open(learned->maker->context, true, &guest);
    if (status == WS_OK) {
        status = ws__observe_begin(observed, &guest);
        if (status == WS_OK)
            status = change_make(learned, tried, observed, &guest);
        if (status == WS_OK)
            status = ws__observe_run(observed, &guest, ws__switch_limit(learned));
        learned->maker->close(&guest);
    }
    if (status == WS_OK)
        status = trial_judge(learned, tried, observed, out);
    ws__observed_release(observed);
    free(observed);
    return status;
}
