/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ablate: what would happen without this instruction?  Each trial runs in a process of its own.
 */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/cross.h>

#include "cli/ablate.h"
#include "front/json.h"
#include "front/options.h"
#include "front/parts.h"
#include "front/workers.h"

enum { PROCESSOR_SECONDS = 60 };

/* A campaign at work. */
struct work {
    const struct ws__options *options;
    const struct ws__subject *subject;
    struct ws__campaign campaign;
    struct ws__output output;
};

/* -- the campaign ------------------------------------------------------------------------------ */

int ws__campaign_init(struct ws__campaign *campaign, const struct ws__campaign_head *head)
{
    *campaign = (struct ws__campaign){.head = *head};
    campaign->verdict = calloc(head->cases, sizeof *campaign->verdict);
    return campaign->verdict ? WS__EXIT_DONE : ws__complain_status(WS_NO_MEMORY, "ablate");
}

void ws__campaign_release(struct ws__campaign *campaign)
{
    for (size_t i = 0; campaign->verdict && i < campaign->head.cases; i++)
        json_decref(campaign->verdict[i]);
    free(campaign->verdict);
}

static bool is_of_shard(const struct ws__campaign_head *head, size_t index)
{
    return index % head->shards == head->shard - 1;
}

void ws__campaign_flush(struct ws__campaign *campaign, const struct ws__options *options, struct ws__output *output,
                        bool all)
{
    for (; campaign->written < campaign->head.cases; campaign->written++) {
        const json_t *verdict = campaign->verdict[campaign->written];
        if (verdict)
            ws__verdict_write(&output->pending, options->format, options->quiet, verdict);
        else if (!all && is_of_shard(&campaign->head, campaign->written))
            break;
    }
    ws__output_flush(output);
}

int ws__campaign_finish(const struct ws__campaign *campaign, const struct ws__options *options,
                        struct ws__output *output)
{
    struct ws__tally tally = {0};
    bool wanting = false;
    for (size_t i = 0; i < campaign->head.cases; i++)
        if (campaign->verdict[i])
            ws__tally_add(&tally, campaign->verdict[i]);
    for (unsigned kind = 0; kind < WS_ABLATION_KINDS; kind++)
        wanting |= tally.unexpected[kind] > 0;
    if (options->format == WS__FORMAT_TEXT && !options->quiet)
        ws__words_write(&output->pending, campaign);
    if (options->format == WS__FORMAT_TEXT)
        ws__tally_write(&output->pending, &tally);
    return wanting ? WS__EXIT_WANTING : WS__EXIT_DONE;
}

/* -- a trial ----------------------------------------------------------------------------------- */

static bool trial_work(void *context, size_t index, struct ws_buffer *answer)
{
    struct work *work = context;
    struct ws_ablation_verdict verdict;
    struct ws_ablation_case tried;
    const struct ws__subject *subject = work->subject;
    if (!subject->case_get(subject->of, work->campaign.head.kinds, index, &tried) ||
        subject->try_one(subject->of, &tried, &verdict) != WS_OK)
        return false;
    json_t *record = ws__ablation_record(index, &tried, &verdict);
    ws__json_line(record, answer);
    json_decref(record);
    return !answer->failed;
}

/* The trial's process did not live to tell: that was noticed, too. */
static json_t *death_record(const struct work *work, size_t index, int signal_number)
{
    struct ws_ablation_verdict verdict;
    struct ws_ablation_case tried;
    const struct ws__subject *subject = work->subject;
    if (!subject->case_get(subject->of, work->campaign.head.kinds, index, &tried) ||
        subject->describe(subject->of, &tried, &verdict) != WS_OK)
        return NULL;
    bool slow = signal_number == SIGXCPU;
    bool storm = tried.kind == WS_ABLATION_INTERRUPT || tried.kind == WS_ABLATION_NMI;
    size_t said = strlen(verdict.explanation);
    verdict.detected = true;
    verdict.as_expected = !storm;
    verdict.by_count = 1;
    snprintf(verdict.by[0], sizeof verdict.by[0], "%s", slow ? "too-slow" : "emulator-died");
    snprintf(verdict.explanation + said, sizeof verdict.explanation - said, ". But %s (signal %d): where is not known",
             slow ? "the emulator did not come to an end" : "the emulator itself gave up", signal_number);
    return ws__ablation_record(index, &tried, &verdict);
}

static void trial_take(void *context, size_t index, const struct ws__answer *answer)
{
    struct work *work = context;
    json_error_t error;
    json_t *record = answer->died_of ? death_record(work, index, answer->died_of)
                                     : json_loadb(answer->bytes.data, answer->bytes.size, 0, &error);
    if (!record)
        work->output.pending.failed = true;
    work->campaign.verdict[index] = record;
    ws__campaign_flush(&work->campaign, work->options, &work->output, false);
}

/* -- the command ------------------------------------------------------------------------------- */

static unsigned kinds_of(const struct ws__options *options)
{
    unsigned kinds = WS_ABLATION_MASK(REMOVE);
    if (options->pairs)
        kinds |= WS_ABLATION_MASK(SWAP);
    if (options->bits)
        kinds |= WS_ABLATION_MASK(BIT);
    if (options->storm)
        kinds |= WS_ABLATION_MASK(INTERRUPT) | WS_ABLATION_MASK(NMI);
    return kinds;
}

static int campaign_run(struct work *work)
{
    const struct ws__campaign_head *head = &work->campaign.head;
    struct ws__workers workers = {
        .work = trial_work,
        .take = trial_take,
        .context = work,
        .at_once = work->options->jobs ? (unsigned)work->options->jobs : ws__workers_count(),
        .processor_seconds = PROCESSOR_SECONDS,
    };
    ws__campaign_write(&work->output.pending, work->options->format, head);
    ws__output_flush(&work->output); /* or each process would have it, too */
    int result = ws__workers_run(&workers, head->shard - 1, head->shards, head->cases, &work->output);
    ws__campaign_flush(&work->campaign, work->options, &work->output, true);
    return result == WS__EXIT_DONE ? ws__campaign_finish(&work->campaign, work->options, &work->output) : result;
}

int ws__campaign_make(const struct ws__options *options, const struct ws__subject *subject,
                      const struct ws__campaign_head *head)
{
    struct work work = {.options = options, .subject = subject};
    int result = ws__campaign_init(&work.campaign, head);
    if (result == WS__EXIT_DONE)
        result = ws__output_open(&work.output, options->output);
    if (result == WS__EXIT_DONE)
        result = ws__output_close(&work.output, campaign_run(&work));
    ws__campaign_release(&work.campaign);
    return result;
}

/* -- the laboratory's switch -------------------------------------------------------------------- */

/* All cases, or those of one instruction. */
struct laboratory {
    struct ws_ablation *ablation;
    unsigned instruction; /* 0: all */
};

static bool case_get(const void *of, unsigned kinds, size_t index, struct ws_ablation_case *out)
{
    const struct laboratory *laboratory = of;
    if (!laboratory->instruction)
        return ws_ablation_case_get(laboratory->ablation, kinds, index, out);
    for (size_t i = 0; ws_ablation_case_get(laboratory->ablation, kinds, i, out); i++)
        if (out->instruction == laboratory->instruction && index-- == 0)
            return true;
    return false;
}

static enum ws_status describe(const void *of, const struct ws_ablation_case *tried, struct ws_ablation_verdict *out)
{
    const struct laboratory *laboratory = of;
    return ws_ablation_describe(laboratory->ablation, tried, out);
}

static enum ws_status try_one(const void *of, const struct ws_ablation_case *tried, struct ws_ablation_verdict *out)
{
    const struct laboratory *laboratory = of;
    return ws_ablation_try(laboratory->ablation, tried, out);
}

/* The instruction whose number was given; 0: none was, so all are tried. */
static int instruction_parse(const struct ws__options *options, unsigned *instruction)
{
    char *end;
    *instruction = 0;
    if (!options->words)
        return WS__EXIT_DONE;
    unsigned long number = strtoul(options->word[0], &end, 10);
    *instruction = (unsigned)number;
    if (!options->shard && options->words == 1 && !*end && number >= 1 && number <= WS_CROSS_INSTRUCTIONS)
        return WS__EXIT_DONE;
    ws__complain("such as: worldswitch ablate 25", "name one instruction, from 1 to %d, and no --shard",
                 WS_CROSS_INSTRUCTIONS);
    return WS__EXIT_USAGE;
}

static int ablate(const struct ws__options *options)
{
    struct laboratory laboratory;
    const struct ws__subject subject = {
        .of = &laboratory, .case_get = case_get, .describe = describe, .try_one = try_one};
    struct ws__campaign_head head = {.kinds = kinds_of(options)};
    struct ws_ablation_case tried;
    int result = ws__parts_parse(options->shard, &head.shard, &head.shards);
    if (result == WS__EXIT_DONE)
        result = instruction_parse(options, &laboratory.instruction);
    if (result != WS__EXIT_DONE)
        return result;
    enum ws_status status = ws_ablation_new(&laboratory.ablation, (enum ws_tlb)options->tlb);
    if (status != WS_OK)
        return ws__complain_status(status, "the laboratory");
    while (case_get(&laboratory, head.kinds, head.cases, &tried))
        head.cases++;
    head.fingerprint = ws_ablation_fingerprint(laboratory.ablation);
    result = ws__campaign_make(options, &subject, &head);
    ws_ablation_free(laboratory.ablation);
    return result;
}

int ws__cmd_ablate(const struct ws__options *options)
{
    if (options->merge)
        return ws__ablate_merge(options);
    if (options->switch_routine)
        return ws__ablate_switch(options);
    if (options->words && !isdigit((unsigned char)*options->word[0])) {
        ws__complain(
            "name the routine that switches: --switch SYMBOL; a number names one of the 45; --merge joins files",
            "which switch of \"%s\"?", options->word[0]);
        return WS__EXIT_USAGE;
    }
    return ablate(options);
}
