/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why has nobody noticed?  A guest with the instruction and one without it run beside each other, from mark to mark,
 * and their states are compared: registers, all of memory, chips.
 *
 * What the instruction itself leaves different is where it begins.  If it is never different, it had nothing to do.  As
 * long as nothing else becomes different, no other instruction has made anything of it, so none has read it.
 */
#include <stdlib.h>

#include "ablation/ablation.h"
#include "ablation/switch.h"

/* Two runs at one mark. */
struct pair {
    struct ws__guest with, without;
    struct ws__differ_except except; /* the code that was changed */
    struct ws__differ now, own;      /* different now; made different by the instruction itself */
    uint64_t executions;             /* looked at */
    uint64_t different;              /* after so many of them something was different */
    uint64_t mark;                   /* where both stand */
    uint64_t end;                    /* of the run */
};

/* -- running both ------------------------------------------------------------------------------ */

static void pair_run(struct pair *pair, uint64_t mark)
{
    if (mark > pair->mark) {
        ws_machine_run(pair->with.machine, mark - pair->mark);
        ws_machine_run(pair->without.machine, mark - pair->mark);
    }
    pair->mark = mark;
}

static void pair_compare(struct pair *pair)
{
    ws__differ_find(&pair->now, pair->with.machine, pair->without.machine, &pair->except);
}

/* Both before the instruction's first execution, one without it. */
static enum ws_status pair_change(struct pair *pair, const struct ws__switch_step *step)
{
    uint8_t nop[WS_INSTRUCTION_BYTES];
    const struct ws_instruction *one = &step->instruction;
    pair_run(pair, step->mark[0]);
    for (unsigned i = 0; i < one->size; i++) {
        struct ws_translation walk;
        if (!ws_machine_translate(pair->with.machine, one->linear + i, WS_ACCESS_READ, false, &walk))
            return WS_NOT_MAPPED;
        pair->except.phys[pair->except.count++] = walk.phys;
    }
    ws__nop_put(nop, one->size);
    return ws_machine_write(pair->without.machine, one->linear, nop, one->size);
}

/* -- where it spreads -------------------------------------------------------------------------- */

struct spread {
    uint64_t mark;   /* before the instruction that has read it */
    uint32_t linear; /* where that is; 0: it is not known */
    uint64_t place;  /* that became different by it */
    struct ws_snapshot *with, *without;
};

static bool is_beyond(const struct pair *pair)
{
    return ws__differ_beyond(&pair->now, &pair->own) != UINT64_MAX || pair->now.more;
}

/* Something has become different between pair->mark, which `spread` keeps, and `mark`: where first? */
static void spread_find(struct pair *pair, struct spread *spread, uint64_t sound, uint64_t beyond)
{
    while (beyond - sound > 1) {
        uint64_t middle = sound + (beyond - sound) / 2;
        ws_snapshot_restore(spread->with, pair->with.machine);
        ws_snapshot_restore(spread->without, pair->without.machine);
        pair->mark = ws_snapshot_mark(spread->with);
        pair_run(pair, middle);
        pair_compare(pair);
        if (is_beyond(pair))
            beyond = middle;
        else
            sound = middle;
    }
    ws_snapshot_restore(spread->with, pair->with.machine);
    ws_snapshot_restore(spread->without, pair->without.machine);
    pair->mark = ws_snapshot_mark(spread->with);
    pair_run(pair, sound);
    spread->linear = ws_machine_eip_linear(pair->with.machine);
    pair_run(pair, beyond);
    pair_compare(pair);
    spread->mark = sound;
    spread->place = ws__differ_beyond(&pair->now, &pair->own);
}

/* Run both to `mark`, in growing strides, since most differences spread soon or never.  true: it has spread.  *status:
 * WS_OK or WS_NO_MEMORY. */
static bool spread_run(struct pair *pair, uint64_t mark, struct spread *spread, enum ws_status *status)
{
    for (uint64_t stride = 1; pair->mark < mark; stride *= 4) {
        uint64_t next = mark - pair->mark < stride ? mark : pair->mark + stride, from = pair->mark;
        *status = ws_snapshot_take(&spread->with, pair->with.machine);
        if (*status == WS_OK)
            *status = ws_snapshot_take(&spread->without, pair->without.machine);
        if (*status != WS_OK)
            return false;
        pair_run(pair, next);
        pair_compare(pair);
        bool beyond = is_beyond(pair);
        if (beyond)
            spread_find(pair, spread, from, next);
        ws_snapshot_free(spread->with);
        ws_snapshot_free(spread->without);
        spread->with = spread->without = NULL;
        if (beyond)
            return true;
        if (!pair->now.count) { /* all alike again: until the next execution they stay so */
            pair_run(pair, mark);
            return false;
        }
    }
    return false;
}

/* -- saying it --------------------------------------------------------------------------------- */

static void instruction_say(const struct ws_machine *machine, uint32_t linear, struct ws_buffer *words)
{
    uint8_t code[WS_INSTRUCTION_BYTES] = {0};
    struct ws_instruction one;
    struct ws_disasm *disasm;
    if (ws_disasm_new(&disasm) != WS_OK) {
        words->failed = true;
        return;
    }
    (void)ws_machine_read(machine, linear, code, sizeof code); /* what is not mapped stays zero */
    ws_disasm_one(disasm, code, sizeof code, linear, true, WS_SYNTAX_ATT, &one);
    ws_buffer_printf(words, "\"%s\" at 0x%08x", one.text, linear);
    ws_disasm_free(disasm);
}

static void same_say(const struct pair *pair, const struct ws__switch_step *step, struct ws_buffer *words)
{
    ws_buffer_printf(words, "nothing was different that this instruction switches: ");
    if (pair->executions < step->times)
        ws_buffer_printf(words, "the first %llu of %llu times", (unsigned long long)pair->executions,
                         (unsigned long long)step->times);
    else
        ws_buffer_printf(words, "each of the %llu times", (unsigned long long)step->times);
    ws_buffer_printf(words, " that it was executed, registers and memory were the same behind it without it");
}

static void unread_say(const struct pair *pair, struct ws_buffer *words)
{
    ws_buffer_printf(words, "; no later code reads it to any effect, for nothing else ever comes out differently: ");
    if (!pair->now.count) {
        ws_buffer_printf(words, "what was different has been written over");
        return;
    }
    ws_buffer_printf(words, "at mark %llu, where the run was looked at last, ", (unsigned long long)pair->mark);
    ws__differ_say(words, pair->now.place[0], pair->with.machine, pair->without.machine);
}

static void untold_say(const struct pair *pair, const struct spread *spread, struct ws_buffer *words)
{
    if (spread->linear) {
        ws_buffer_printf(words, "; it is read, first by ");
        instruction_say(pair->with.machine, spread->linear, words);
        ws_buffer_printf(words, ", mark %llu, behind which ", (unsigned long long)spread->mark);
        ws__differ_say(words, spread->place, pair->with.machine, pair->without.machine);
    }
    ws_buffer_printf(words, "; but nothing that the run says or does depends on it");
}

/* -- deciding ---------------------------------------------------------------------------------- */

/* The machines stand before an execution.  What is different behind it, and was not before, it has made itself. */
static void execution_look(struct pair *pair, struct ws_buffer *words)
{
    uint64_t mark = pair->mark;
    pair_run(pair, mark + 1);
    pair_compare(pair);
    pair->executions++;
    uint64_t place = ws__differ_beyond(&pair->now, &pair->own);
    if (place != UINT64_MAX && !pair->own.count) {
        ws_buffer_printf(words, "behind it, at mark %llu, ", (unsigned long long)mark + 1);
        ws__differ_say(words, place, pair->with.machine, pair->without.machine);
    }
    pair->different += place != UINT64_MAX;
    ws__differ_join(&pair->own, &pair->now);
}

static enum ws_status survive_decide(struct pair *pair, const struct ws__switch_step *step,
                                     struct ws_ablation_verdict *verdict, struct ws_buffer *words)
{
    struct spread spread = {.place = UINT64_MAX};
    enum ws_status status = WS_OK;
    uint64_t times = step->times > WS__SWITCH_TIMES ? WS__SWITCH_TIMES - 1 : step->times;
    bool spreads = false;
    for (uint64_t i = 0; i < times && !spreads && status == WS_OK; i++) {
        uint64_t next = i + 1 < times ? step->mark[i + 1] : pair->end;
        execution_look(pair, words);
        spreads = ws__differ_has_eip(&pair->own);
        if (spreads)
            spread = (struct spread){.mark = step->mark[i], .place = UINT64_MAX};
        else
            spreads = spread_run(pair, next, &spread, &status);
    }
    if (spreads) {
        verdict->survival = WS_ABLATION_SURVIVES_UNTOLD;
        untold_say(pair, &spread, words);
    } else if (!pair->different) {
        verdict->survival = WS_ABLATION_SURVIVES_SAME;
        same_say(pair, step, words);
    } else {
        verdict->survival = WS_ABLATION_SURVIVES_UNREAD;
        unread_say(pair, words);
    }
    return status;
}

enum ws_status ws__switch_survive(const struct ws__switch *learned, const struct ws__switch_step *step,
                                  struct ws_ablation_verdict *verdict, struct ws_buffer *words)
{
    const struct ws__guest_maker *maker = learned->maker;
    struct pair *pair = calloc(1, sizeof *pair);
    if (!pair)
        return WS_NO_MEMORY;
    /* Behind the last execution that is known, nothing is known. */
    pair->end = step->times > WS__SWITCH_TIMES ? step->mark[WS__SWITCH_TIMES - 1] : learned->sound.halt.mark;
    enum ws_status status = maker->open(maker->context, false, &pair->with);
    if (status != WS_OK) {
        free(pair);
        return status;
    }
    status = maker->open(maker->context, false, &pair->without);
    if (status == WS_OK) {
        status = pair_change(pair, step);
        if (status == WS_OK)
            status = survive_decide(pair, step, verdict, words);
        maker->close(&pair->without);
    }
    maker->close(&pair->with);
    free(pair);
    return status;
}
