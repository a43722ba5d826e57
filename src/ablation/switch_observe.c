/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be seen of a run from outside, and in what two runs differ.  A nop in the place of an instruction takes the
 * same mark, so equal runs are equal to the mark, and the first difference says where it shows.
 */
#include <stdlib.h>
#include <string.h>

#include <worldswitch/exception.h>

#include "ablation/ablation.h"
#include "ablation/switch.h"

enum { SCREEN_PHYS = 0xb8000 };

/* -- looking ----------------------------------------------------------------------------------- */

static void vector_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__observed *observed = context;
    (void)machine;
    if (event->origin == WS_ORIGIN_EXTERNAL) {
        if (event->which == observed->vector && observed->served == UINT64_MAX && event->mark >= observed->asked) {
            observed->served = event->mark;
            observed->served_linear = event->linear;
        }
        return;
    }
    if (event->origin != WS_ORIGIN_EXCEPTION || observed->exceptions == WS__SEEN)
        return;
    observed->exception[observed->exceptions++] = (struct ws__seen_exception){
        .mark = event->mark,
        .linear = event->linear,
        .error_code = event->error_code,
        .cr2 = event->cr2,
        .vector = (uint8_t)event->which,
        .has_error_code = event->has_error_code,
        .reason = event->reason,
    };
}

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct ws__observed *observed = context;
    if (observed->crossings == WS__SEEN)
        return;
    struct ws__switch_passage *seen = &observed->crossing[observed->crossings++];
    *seen = (struct ws__switch_passage){.begin = crossing->begin, .end = crossing->end, .kind = crossing->kind};
    memcpy(seen->from, crossing->from, sizeof seen->from);
    memcpy(seen->to, crossing->to, sizeof seen->to);
}

enum ws_status ws__observe_begin(struct ws__observed *observed, struct ws__guest *guest)
{
    observed->asked = observed->served = UINT64_MAX;
    enum ws_status status = ws_machine_listen(guest->machine, WS_EVENT_MASK(VECTOR), vector_take, observed);
    return status == WS_OK ? ws_watcher_listen(guest->watcher, crossing_take, observed) : status;
}

enum ws_status ws__observe_run(struct ws__observed *observed, struct ws__guest *guest, uint64_t limit)
{
    size_t bytes;
    uint64_t now = ws_machine_mark(guest->machine);
    if (!limit || now < limit)
        ws_machine_run(guest->machine, limit ? limit - now : 0);
    ws_audit_finish(guest->audit);
    ws_watcher_settle(guest->watcher);
    observed->halt = *ws_machine_halt(guest->machine);
    if (observed->halt.reason == WS_HALT_NONE) {
        observed->halt.reason = WS_HALT_LIMIT;
        observed->halt.mark = ws_machine_mark(guest->machine);
    }
    observed->output = ws_machine_part_hash(guest->machine, WS_PART_OUTPUT);
    observed->disk = ws_machine_part_hash(guest->machine, WS_PART_DISK);
    const char *said = ws_machine_serial(guest->machine, &bytes);
    for (size_t i = 0; i < bytes; i++)
        observed->letters[(uint8_t)said[i]]++;
    /* A machine without memory there has no screen: then all are zero. */
    (void)ws_machine_read_phys(guest->machine, SCREEN_PHYS, observed->screen, sizeof observed->screen);
    observed->findings = ws_audit_findings(guest->audit);
    observed->finding = calloc(observed->findings + 1, sizeof *observed->finding);
    if (!observed->finding)
        return WS_NO_MEMORY;
    for (size_t i = 0; i < observed->findings; i++)
        observed->finding[i] = *ws_audit_finding(guest->audit, i);
    return ws_machine_failure(guest->machine);
}

void ws__observed_release(struct ws__observed *observed)
{
    free(observed->finding);
    observed->finding = NULL;
}

/* -- comparing --------------------------------------------------------------------------------- */

/* The first difference is told. */
struct first {
    struct ws_ablation_verdict *verdict;
    struct ws_buffer *words;
};

/* By whom it was noticed, at which mark.  Returns the buffer for words if it is the first; NULL: it is not. */
static struct ws_buffer *notice(struct first *first, const char *who, uint64_t mark)
{
    struct ws_ablation_verdict *verdict = first->verdict;
    bool earlier = !verdict->detected || mark < verdict->at;
    ws__by_add(verdict, who);
    if (!earlier)
        return NULL;
    verdict->at = mark;
    ws_buffer_clear(first->words);
    return first->words;
}

static void exception_notice(struct first *first, const struct ws__seen_exception *seen)
{
    const struct ws_exception_info *info = ws_vector_info(seen->vector, WS_ORIGIN_EXCEPTION);
    struct ws_buffer *words = notice(first, info->mnemonic, seen->mark);
    if (!words)
        return;
    ws_buffer_printf(words, "the instruction at 0x%08x raises %s", seen->linear, info->mnemonic);
    if (seen->has_error_code)
        ws_buffer_printf(words, "(0x%04x)", seen->error_code);
    ws_buffer_printf(words, ": ");
    ws_reason_append(words, &seen->reason);
}

static void exceptions_compare(const struct ws__observed *sound, const struct ws__observed *observed,
                               struct first *first)
{
    for (unsigned i = 0; i < observed->exceptions; i++) {
        const struct ws__seen_exception *is = &observed->exception[i], *was = &sound->exception[i];
        if (i < sound->exceptions && is->mark == was->mark && is->vector == was->vector)
            continue;
        exception_notice(first, is);
        return;
    }
}

static void findings_compare(const struct ws__observed *sound, const struct ws__observed *observed, struct first *first)
{
    for (size_t i = 0; i < observed->findings; i++) {
        const struct ws_finding *is = &observed->finding[i], *was = &sound->finding[i];
        if (i < sound->findings && is->mark == was->mark && !strcmp(is->rule, was->rule))
            continue;
        struct ws_buffer *words = notice(first, is->rule, is->mark);
        if (words)
            ws_buffer_printf(words, "the rule \"%s\" is broken: %s", is->rule, is->text);
        return;
    }
}

static bool passage_is(const struct ws__switch_passage *one, const struct ws__switch_passage *other)
{
    return one->begin == other->begin && one->end == other->end && one->kind == other->kind &&
           !strcmp(one->from, other->from) && !strcmp(one->to, other->to);
}

static void crossings_compare(const struct ws__observed *sound, const struct ws__observed *observed,
                              struct first *first)
{
    unsigned i = 0;
    while (i < sound->crossings && i < observed->crossings && passage_is(&sound->crossing[i], &observed->crossing[i]))
        i++;
    if (i == sound->crossings && i == observed->crossings)
        return;
    const struct ws__switch_passage *was = i < sound->crossings ? &sound->crossing[i] : NULL;
    const struct ws__switch_passage *is = i < observed->crossings ? &observed->crossing[i] : NULL;
    uint64_t mark = was && is ? (was->end < is->end ? was->end : is->end) : was ? was->end : is->end;
    struct ws_buffer *words = notice(first, "switches", mark);
    if (!words)
        return;
    if (was && is && was->kind == is->kind && !strcmp(was->from, is->from) && !strcmp(was->to, is->to))
        ws_buffer_printf(words, "the %s switch from %s to %s is from mark %llu to %llu, not from %llu to %llu",
                         ws_crossing_kind_name(was->kind), was->from, was->to, (unsigned long long)is->begin,
                         (unsigned long long)is->end, (unsigned long long)was->begin, (unsigned long long)was->end);
    else if (was)
        ws_buffer_printf(words, "the %s switch from %s to %s does not come", ws_crossing_kind_name(was->kind),
                         was->from, was->to);
    else
        ws_buffer_printf(words, "a %s switch from %s to %s comes, which was not to come",
                         ws_crossing_kind_name(is->kind), is->from, is->to);
}

/* A limit is a limit wherever it is reached. */
static bool ends_alike(const struct ws__observed *one, const struct ws__observed *other)
{
    const struct ws_halt *a = &one->halt, *b = &other->halt;
    return a->reason == b->reason && a->exit_value == b->exit_value &&
           (a->reason != WS_HALT_TRIPLE_FAULT || a->mark == b->mark);
}

static void end_compare(const struct ws__observed *sound, const struct ws__observed *observed, struct first *first)
{
    static const char *const who[WS_HALT_COUNT] = {
        [WS_HALT_TRIPLE_FAULT] = "triple-fault", [WS_HALT_LIMIT] = "limit", [WS_HALT_EXIT] = "exit"};
    const struct ws_halt *halt = &observed->halt;
    if (ends_alike(sound, observed))
        return;
    struct ws_buffer *words = notice(first, who[halt->reason] ? who[halt->reason] : "end", ws__halt_mark(halt));
    if (!words)
        return;
    ws_buffer_printf(words, "%s", ws_halt_text(halt->reason));
    if (halt->reason == WS_HALT_EXIT)
        ws_buffer_printf(words, ", with the value %u", halt->exit_value);
    if (halt->faults && halt->reason == WS_HALT_TRIPLE_FAULT) {
        const struct ws_fault *fault = &halt->fault[0];
        ws_buffer_printf(words, ", first by %s at 0x%08x: ",
                         ws_vector_info(fault->vector, (enum ws_origin)fault->origin)->mnemonic, fault->linear);
        ws_reason_append(words, &fault->reason);
    }
}

static bool says_the_same(const struct ws__observed *one, const struct ws__observed *other)
{
    return one->output == other->output && one->disk == other->disk &&
           !memcmp(one->screen, other->screen, sizeof one->screen);
}

void ws__observed_compare(const struct ws__observed *sound, const struct ws__observed *observed,
                          struct ws_ablation_verdict *verdict, struct ws_buffer *words)
{
    struct first first = {verdict, words};
    exceptions_compare(sound, observed, &first);
    findings_compare(sound, observed, &first);
    crossings_compare(sound, observed, &first);
    end_compare(sound, observed, &first);
    if (!says_the_same(sound, observed)) {
        struct ws_buffer *said = notice(&first, "output", ws__halt_mark(&observed->halt));
        if (said)
            ws_buffer_printf(said, "at its end the guest has said something else");
    }
}

/* -- storms ------------------------------------------------------------------------------------ */

static bool has_rule(const struct ws__observed *observed, const char *rule)
{
    for (size_t i = 0; i < observed->findings; i++)
        if (!strcmp(observed->finding[i].rule, rule))
            return true;
    return false;
}

static unsigned exceptions_of(const struct ws__observed *observed, uint8_t vector)
{
    unsigned count = 0;
    for (unsigned i = 0; i < observed->exceptions; i++)
        count += observed->exception[i].vector == vector;
    return count;
}

bool ws__observed_is_calm(const struct ws__observed *sound, const struct ws__observed *calm)
{
    for (unsigned i = 0; i < calm->exceptions; i++)
        if (!exceptions_of(sound, calm->exception[i].vector))
            return false;
    return ends_alike(sound, calm);
}

void ws__observed_judge_storm(const struct ws__observed *sound, const struct ws__observed *calm,
                              const struct ws__observed *observed, struct ws_ablation_verdict *verdict,
                              struct ws_buffer *words)
{
    struct first first = {verdict, words};
    bool ended = observed->halt.reason != WS_HALT_LIMIT;
    for (unsigned i = 0; i < observed->exceptions && !verdict->detected; i++) {
        uint8_t vector = observed->exception[i].vector;
        if (!exceptions_of(sound, vector) && !exceptions_of(calm, vector))
            exception_notice(&first, &observed->exception[i]);
    }
    for (size_t i = 0; i < observed->findings; i++) {
        const struct ws_finding *is = &observed->finding[i];
        struct ws_buffer *said =
            has_rule(sound, is->rule) || has_rule(calm, is->rule) ? NULL : notice(&first, is->rule, is->mark);
        if (said)
            ws_buffer_printf(said, "the rule \"%s\" is broken: %s", is->rule, is->text);
    }
    if (!ends_alike(calm, observed))
        end_compare(sound, observed, &first);
    /* An interrupt may change whose turn it is, but not what all of them say together. */
    if (ended && !verdict->detected && memcmp(sound->letters, observed->letters, sizeof sound->letters) != 0 &&
        memcmp(calm->letters, observed->letters, sizeof calm->letters) != 0) {
        struct ws_buffer *said = notice(&first, "output", ws__halt_mark(&observed->halt));
        if (said)
            ws_buffer_printf(said, "at its end the guest has said something else");
    }
}
