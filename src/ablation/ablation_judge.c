/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was noticed of a change, and how to say it to a person.
 */
#include "ablation/ablation.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <worldswitch/exception.h>

/* -- who noticed ------------------------------------------------------------------------------- */

void ws__by_add(struct ws_ablation_verdict *verdict, const char *who)
{
    for (unsigned i = 0; i < verdict->by_count; i++)
        if (!strcmp(verdict->by[i], who))
            return;
    if (verdict->by_count < WS_ABLATION_BY)
        snprintf(verdict->by[verdict->by_count++], WS_ABLATION_WORD, "%s", who);
    verdict->detected = true;
}

static void at_note(struct ws_ablation_verdict *verdict, uint64_t mark)
{
    if (!verdict->at || mark < verdict->at)
        verdict->at = mark;
}

uint64_t ws__halt_mark(const struct ws_halt *halt)
{
    bool began = halt->reason == WS_HALT_TRIPLE_FAULT && halt->origin != WS_ORIGIN_EXTERNAL;
    return halt->mark - began;
}

/* "#GP(0x0028)", as the manual writes an error code. */
static void mishap_name(const struct ws__mishap *mishap, char *out, size_t bytes)
{
    const struct ws_exception_info *info = ws_vector_info(mishap->vector, (enum ws_origin)mishap->origin);
    if (!*info->mnemonic)
        snprintf(out, bytes, "vector %u", mishap->vector);
    else if (mishap->has_error_code)
        snprintf(out, bytes, "%s(0x%04x)", info->mnemonic, mishap->error_code);
    else
        snprintf(out, bytes, "%s", info->mnemonic);
}

/* "#GP"; "vector 128" if it is no exception. */
static void by_vector(struct ws_ablation_verdict *verdict, uint8_t vector, uint8_t origin)
{
    struct ws__mishap bare = {.vector = vector, .origin = origin};
    char name[WS_ABLATION_WORD];
    mishap_name(&bare, name, sizeof name);
    ws__by_add(verdict, name);
}

static void mishaps_count(const struct ws__trial *trial, struct ws_ablation_verdict *verdict)
{
    for (unsigned i = 0; i < trial->mishaps; i++) {
        by_vector(verdict, trial->mishap[i].vector, trial->mishap[i].origin);
        at_note(verdict, trial->mishap[i].mark);
    }
}

/* Does it say that the switch was left in its midst?  What the audit makes of the rest is a
 * consequence. */
static bool finding_is_last(const struct ws_finding *finding)
{
    return !strcmp(finding->rule, "undisturbed") || !strcmp(finding->rule, "ends");
}

/* The finding to be told: the first. */
static const struct ws_finding *findings_count(const struct ws__trial *trial, struct ws_ablation_verdict *verdict)
{
    const struct ws_finding *first = NULL;
    for (size_t i = 0; i < ws_audit_findings(trial->audit); i++) {
        const struct ws_finding *finding = ws_audit_finding(trial->audit, i);
        bool ends = !strcmp(finding->rule, "ends");
        ws__by_add(verdict, finding->rule);
        at_note(verdict, ends ? ws__halt_mark(&verdict->halt) : finding->mark);
        if (!first || finding->mark < first->mark)
            first = finding;
        if (finding_is_last(finding))
            break;
    }
    return first;
}

static bool says_the_same(const struct ws__trial *trial, const struct ws_ablation *ablation)
{
    size_t bytes;
    const char *serial = ws_machine_serial(trial->machine, &bytes);
    return bytes == ablation->serial.size && !memcmp(serial, ablation->serial.data, bytes);
}

/* How the run ended, and what it said. */
static void outcome_count(const struct ws__trial *trial, const struct ws_ablation *ablation,
                          struct ws_ablation_verdict *verdict)
{
    const struct ws_halt *halt = &verdict->halt;
    bool before = verdict->detected;
    if (halt->reason == WS_HALT_TRIPLE_FAULT) {
        by_vector(verdict, halt->vector, halt->origin);
        ws__by_add(verdict, "triple-fault");
    } else if (halt->reason == WS_HALT_LIMIT) {
        ws__by_add(verdict, "limit");
    } else if (halt->reason != WS_HALT_EXIT || halt->exit_value) {
        ws__by_add(verdict, "exit");
    }
    if (!says_the_same(trial, ablation))
        ws__by_add(verdict, "output");
    if (verdict->detected && (!before || halt->reason == WS_HALT_TRIPLE_FAULT))
        at_note(verdict, ws__halt_mark(halt));
}

/* A storm's one interrupt must have been served, once. */
static void served_count(const struct ws__trial *trial, struct ws_ablation_verdict *verdict)
{
    if (ws_lab_storm_served(trial->lab) == 1)
        return;
    ws__by_add(verdict, "not-served");
    at_note(verdict, verdict->halt.mark);
}

/* -- saying it --------------------------------------------------------------------------------- */

enum ws_status ws__step_text(unsigned number, const uint8_t *code, struct ws_instruction *out)
{
    struct ws_disasm *disasm;
    struct ws_cross_step step;
    memset(out, 0, sizeof *out);
    if (!ws_cross_step_get(number, &step))
        return WS_OK;
    enum ws_status status = ws_disasm_new(&disasm);
    if (status != WS_OK)
        return status;
    uint32_t offset = step.linear - WS_CROSS_LINEAR;
    ws_disasm_one(disasm, code + offset, WS_INSTRUCTION_BYTES, step.linear, true, WS_SYNTAX_ATT, out);
    ws_disasm_free(disasm);
    return WS_OK;
}

static void text_append(char *text, size_t bytes, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void text_append(char *text, size_t bytes, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, bytes - used, format, arguments);
    va_end(arguments);
}

#define SAY(...) text_append(verdict->explanation, sizeof verdict->explanation, __VA_ARGS__)

static enum ws_status change_say(const struct ws_ablation_case *tried, struct ws_ablation_verdict *verdict)
{
    struct ws_instruction one, two, changed;
    struct ws_cross_step step = {.without = ""};
    uint8_t code[WS_CROSS_CONTEXTS_OFFSET];
    unsigned number = tried->instruction;
    ws_cross_step_get(number, &step);
    enum ws_status status = ws__step_text(number, ws_cross_page(), &one);
    snprintf(verdict->text, sizeof verdict->text, "%s", one.text);
    switch (tried->kind) {
    case WS_ABLATION_REMOVE:
        SAY("without instruction %u: %s", number, step.without);
        break;
    case WS_ABLATION_SWAP:
        if (status == WS_OK)
            status = ws__step_text(number + 1, ws_cross_page(), &two);
        if (status != WS_OK)
            break;
        text_append(verdict->text, sizeof verdict->text, " / %s", two.text);
        SAY("with instruction %u executed behind %u", number, number + 1);
        break;
    case WS_ABLATION_BIT:
        ws__change_code(tried, code);
        if (status == WS_OK)
            status = ws__step_text(number, code, &changed);
        if (status != WS_OK)
            break;
        text_append(verdict->text, sizeof verdict->text, " -> %s", changed.text);
        SAY("with bit %u of instruction %u inverted, it is \"%s\"", tried->bit, number, changed.text);
        break;
    default:
        if (number > WS_CROSS_INSTRUCTIONS)
            snprintf(verdict->text, sizeof verdict->text, "(behind the last)");
        SAY("%s %s instruction %u", tried->kind == WS_ABLATION_NMI ? "an NMI" : "an interrupt",
            number > WS_CROSS_INSTRUCTIONS ? "behind" : "before",
            number > WS_CROSS_INSTRUCTIONS ? WS_CROSS_INSTRUCTIONS : number);
    }
    return status;
}

enum ws_status ws_ablation_describe(const struct ws_ablation *ablation, const struct ws_ablation_case *tried,
                                    struct ws_ablation_verdict *out)
{
    memset(out, 0, sizeof *out);
    unsigned passage = ws__is_storm(tried->kind) ? 1u + tried->way : ablation->tlb == WS_TLB_KEEP;
    out->cause = ablation->passage[passage].begin + tried->instruction - 1;
    enum ws_status status = change_say(tried, out);
    if (ws__is_storm(tried->kind))
        text_append(out->explanation, sizeof out->explanation, ", %s to %s", ablation->passage[passage].from,
                    ablation->passage[passage].to);
    return status;
}

/* In which world switch it was noticed. */
static void where_say(const struct ws__trial *trial, const struct ws_ablation *ablation,
                      struct ws_ablation_verdict *verdict)
{
    unsigned index = 0;
    while (index < trial->passages && trial->passage[index].end < verdict->at)
        index++;
    if (index < ablation->passages)
        SAY(", %llu instruction%s later, in world switch %u (%s to %s)",
            (unsigned long long)(verdict->at - verdict->cause), verdict->at - verdict->cause == 1 ? "" : "s", index + 1,
            ablation->passage[index].from, ablation->passage[index].to);
}

static const struct ws__mishap *mishap_at(const struct ws__trial *trial, uint64_t mark)
{
    for (unsigned i = 0; i < trial->mishaps; i++)
        if (trial->mishap[i].mark == mark)
            return &trial->mishap[i];
    return NULL;
}

/* The instruction of the switch that stands where something went wrong, "the CPU" elsewhere. */
static void culprit_say(struct ws_ablation_verdict *verdict, uint32_t linear)
{
    struct ws_cross_step step;
    if (!ws_cross_step_at_linear(linear, &step)) {
        SAY("the CPU");
        return;
    }
    verdict->at_instruction = step.number;
    SAY("instruction %u", step.number);
}

static void triple_fault_say(struct ws_ablation_verdict *verdict)
{
    const struct ws_halt *halt = &verdict->halt;
    struct ws__mishap last = {.vector = halt->vector,
                              .origin = halt->origin,
                              .error_code = halt->error_code,
                              .has_error_code = halt->has_error_code};
    char name[WS_ABLATION_WORD];
    mishap_name(&last, name, sizeof name);
    culprit_say(verdict, halt->eip);
    if (halt->origin == WS_ORIGIN_EXTERNAL)
        SAY(" is interrupted (%s)", name);
    else
        SAY(" raises %s", name);
    SAY(", and no handler can be entered: triple fault");
}

/* The CPU's translations of the left world are told of, too, if something else was noticed first in the same switch. */
static void globals_say(const struct ws__trial *trial, const struct ws_finding *told,
                        struct ws_ablation_verdict *verdict)
{
    for (size_t i = 0; i < ws_audit_findings(trial->audit); i++) {
        const struct ws_finding *finding = ws_audit_finding(trial->audit, i);
        if (finding != told && finding->mark == told->mark && !strcmp(finding->rule, "no-global-left"))
            SAY("; and %s", finding->text);
    }
}

static void noticed_say(const struct ws__trial *trial, const struct ws_ablation *ablation,
                        const struct ws_finding *finding, struct ws_ablation_verdict *verdict)
{
    const struct ws_halt *halt = &verdict->halt;
    const struct ws__mishap *mishap = mishap_at(trial, verdict->at);
    char name[WS_ABLATION_WORD];
    SAY(". It shows at mark %llu", (unsigned long long)verdict->at);
    where_say(trial, ablation, verdict);
    SAY(": ");
    if (mishap) {
        mishap_name(mishap, name, sizeof name);
        culprit_say(verdict, mishap->linear);
        SAY(" raises %s", name);
    } else if (halt->reason == WS_HALT_TRIPLE_FAULT && verdict->at == ws__halt_mark(halt)) {
        triple_fault_say(verdict);
    } else if (finding && finding->mark == verdict->at) {
        SAY("the rule \"%s\" is broken: %s", finding->rule, finding->text);
        globals_say(trial, finding, verdict);
    } else {
        SAY("%s",
            !strcmp(verdict->by[0], "not-served") ? "the interrupt was not served once" : ws_halt_text(halt->reason));
    }
}

enum ws_status ws__trial_judge(struct ws__trial *trial, const struct ws_ablation *ablation,
                               const struct ws_ablation_case *tried, struct ws_ablation_verdict *verdict)
{
    bool storm = ws__is_storm(tried->kind);
    const char *harmless, *fails = ws__change_fails(tried);
    enum ws_status status = ws__change_harmless(tried, &harmless);
    verdict->halt = *ws_machine_halt(trial->machine);
    const struct ws_finding *finding = findings_count(trial, verdict);
    mishaps_count(trial, verdict);
    outcome_count(trial, ablation, verdict);
    if (storm)
        served_count(trial, verdict);
    verdict->as_expected = storm ? !verdict->detected || fails : verdict->detected || harmless;
    if (verdict->detected) {
        noticed_say(trial, ablation, finding, verdict);
        if (storm && fails)
            SAY("; known: %s", fails);
    } else if (storm) {
        SAY(": served once, and the run goes on as ever");
    } else {
        SAY(": nothing is noticed; %s", harmless ? harmless : "no reason is known");
    }
    return status == WS_OK ? ws_machine_failure(trial->machine) : status;
}
