/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit: go through the rules after each switch of a run, and say which were broken, where, and why
 * each of them is a rule.
 */
#include <stdlib.h>
#include <string.h>

#include "front/json.h"
#include "front/system.h"

/* Of one rule. */
struct tally {
    const struct ws_audit_rule *rule;
    uint64_t judged;
    uint64_t broken;
};

static const struct ws_audit_rule *rule_find(const char *name)
{
    const struct ws_audit_rule *rule = ws_audit_rules();
    while (rule->name && strcmp(rule->name, name) != 0)
        rule++;
    return rule;
}

static struct tally tally_of(const struct ws_audit *audit, size_t index)
{
    struct tally tally = {&ws_audit_rules()[index], ws_audit_judged(audit, index), 0};
    for (size_t i = 0; i < ws_audit_findings(audit); i++)
        tally.broken += !strcmp(ws_audit_finding(audit, i)->rule, tally.rule->name);
    return tally;
}

/* -- formats ----------------------------------------------------------------------------------- */

static void cited(struct ws_buffer *out, const struct ws_audit_rule *rule)
{
    ws_buffer_printf(out, "    %s", rule->explanation);
    if (*rule->citation)
        ws_buffer_printf(out, " [%s]", rule->citation);
    ws_buffer_printf(out, "\n");
}

static void finding_text(struct ws_buffer *out, const struct ws_finding *finding)
{
    ws_buffer_printf(out, "%10llu  %s: %s\n", (unsigned long long)finding->mark, finding->rule, finding->text);
    cited(out, rule_find(finding->rule));
}

static void rule_text(struct ws_buffer *out, const struct tally *tally)
{
    ws_buffer_printf(out, "%-20s  %-7s  %8llu  %6llu\n", tally->rule->name,
                     ws_crossing_kind_name((enum ws_crossing_kind)tally->rule->kind), (unsigned long long)tally->judged,
                     (unsigned long long)tally->broken);
    cited(out, tally->rule);
}

static void finding_csv(struct ws_buffer *out, const struct ws_finding *finding)
{
    ws_buffer_printf(out, "%llu,%s\n", (unsigned long long)finding->mark, finding->rule);
}

static void finding_json(struct ws_buffer *out, const struct ws_finding *finding)
{
    const struct ws_audit_rule *rule = rule_find(finding->rule);
    struct ws__json json = ws__json_begin("finding");
    ws__json_number(&json, "at", finding->mark);
    ws__json_text(&json, "rule", finding->rule);
    ws__json_text(&json, "text", finding->text);
    ws__json_text(&json, "explanation", rule->explanation);
    ws__json_text(&json, "citation", rule->citation);
    ws__json_write(&json, out);
}

static void rule_json(struct ws_buffer *out, const struct tally *tally)
{
    struct ws__json json = ws__json_begin("rule");
    ws__json_text(&json, "rule", tally->rule->name);
    ws__json_text(&json, "kind", ws_crossing_kind_name((enum ws_crossing_kind)tally->rule->kind));
    ws__json_number(&json, "judged", tally->judged);
    ws__json_number(&json, "broken", tally->broken);
    ws__json_text(&json, "explanation", tally->rule->explanation);
    ws__json_text(&json, "citation", tally->rule->citation);
    ws__json_write(&json, out);
}

/* By enum ws__format. */
static const struct {
    void (*finding)(struct ws_buffer *out, const struct ws_finding *finding);
    void (*rule)(struct ws_buffer *out, const struct tally *tally);
    const char *findings_head, *rules_head;
} format[] = {
    {finding_text, rule_text, "", "\nrule                  switch     judged  broken\n"},
    {finding_json, rule_json, "", ""},
    {finding_csv, NULL, "at,rule\n", ""},
};

/* "1 world switch" */
static void count_write(struct ws_buffer *out, uint64_t count, const char *what, const char *one, const char *many)
{
    ws_buffer_printf(out, "%llu %s%s", (unsigned long long)count, what, count == 1 ? one : many);
}

static void counts_write(const struct ws_audit *audit, struct ws_buffer *out)
{
    uint64_t threads = ws_audit_thread_switches(audit);
    count_write(out, ws_audit_switches(audit), "world switch", "", "es");
    ws_buffer_printf(out, " and ");
    count_write(out, ws_audit_context_switches(audit), "context switch", "", "es");
    if (threads)
        ws_buffer_printf(out, ", %llu between threads", (unsigned long long)threads);
    ws_buffer_printf(out, ", ");
    count_write(out, ws_audit_findings(audit), "finding", "", "s");
    ws_buffer_printf(out, "\n");
}

static void audit_write(const struct ws__system *system, const struct ws__options *options, struct ws_buffer *out)
{
    const struct ws_audit *audit = system->audit;
    size_t findings = ws_audit_findings(audit);
    ws_buffer_printf(out, "%s", format[options->format].findings_head);
    for (size_t i = 0; i < findings; i++)
        format[options->format].finding(out, ws_audit_finding(audit, i));
    if (options->format == WS__FORMAT_TEXT)
        counts_write(audit, out);
    if (options->quiet || !format[options->format].rule)
        return;
    ws_buffer_printf(out, "%s", format[options->format].rules_head);
    for (size_t i = 0; ws_audit_rules()[i].name; i++) {
        struct tally tally = tally_of(audit, i);
        format[options->format].rule(out, &tally);
    }
}

/* -- the command ------------------------------------------------------------------------------- */

int ws__cmd_audit(const struct ws__options *options)
{
    struct ws__system system;
    struct ws__output output;
    int result = ws__system_open(&system, options, true, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    enum ws_status status = ws_audit_thorough(system.audit);
    if (status != WS_OK)
        result = ws__complain_status(status, "audit");
    else
        result = ws__output_open(&output, options->output);
    if (result == WS__EXIT_DONE) {
        ws__system_run(&system, options, &output, false);
        ws_audit_finish(system.audit);
        audit_write(&system, options, &output.pending);
        bool wanting = ws_audit_findings(system.audit) > 0 || system.contradicted;
        result = ws__system_finish(&system, &output, wanting ? WS__EXIT_WANTING : WS__EXIT_DONE);
        if (result != WS__EXIT_HOST)
            result = ws__system_halt_tell(&system, options, result);
    }
    ws__system_close(&system);
    return result;
}
