/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lint: run a guest, and say what the manual forbids and has not failed yet.
 */
#include <worldswitch/lint.h>

#include "front/json.h"
#include "front/system.h"

enum { LIMIT = 50000000 }; /* instructions, unless --max-insns says another number */

/* -- formats ----------------------------------------------------------------------------------- */

static void finding_text(struct ws_buffer *out, const struct ws_lint_finding *finding)
{
    enum ws_lint_rule rule = (enum ws_lint_rule)finding->rule;
    ws_buffer_printf(out, "%10llu  %s: %s\n    %s [%s]\n", (unsigned long long)finding->mark, ws_lint_name(rule),
                     finding->text, ws_lint_explanation(rule), finding->citation);
}

static void finding_json(struct ws_buffer *out, const struct ws_lint_finding *finding)
{
    enum ws_lint_rule rule = (enum ws_lint_rule)finding->rule;
    struct ws__json json = ws__json_begin("finding");
    ws__json_number(&json, "at", finding->mark);
    ws__json_text(&json, "rule", ws_lint_name(rule));
    ws__json_text(&json, "text", finding->text);
    ws__json_text(&json, "explanation", ws_lint_explanation(rule));
    ws__json_text(&json, "citation", finding->citation);
    ws__json_write(&json, out);
}

static void finding_csv(struct ws_buffer *out, const struct ws_lint_finding *finding)
{
    ws_buffer_printf(out, "%llu,%s\n", (unsigned long long)finding->mark,
                     ws_lint_name((enum ws_lint_rule)finding->rule));
}

/* By enum ws__format. */
static const struct {
    void (*finding)(struct ws_buffer *out, const struct ws_lint_finding *finding);
    const char *head;
} format[] = {{finding_text, ""}, {finding_json, ""}, {finding_csv, "at,rule\n"}};

static void lint_write(const struct ws_lint *lint, const struct ws__system *system, const struct ws__options *options,
                       struct ws_buffer *out)
{
    size_t findings = ws_lint_findings(lint);
    ws_buffer_printf(out, "%s", format[options->format].head);
    for (size_t i = 0; i < findings; i++)
        format[options->format].finding(out, ws_lint_finding(lint, i));
    if (options->format == WS__FORMAT_TEXT && !options->quiet)
        ws_buffer_printf(out, "%zu finding%s in %llu instructions\n", findings, findings == 1 ? "" : "s",
                         (unsigned long long)ws_machine_mark(system->machine));
}

/* -- the command ------------------------------------------------------------------------------- */

static int run(struct ws__system *system, struct ws_lint *lint, const struct ws__options *options)
{
    struct ws__output output;
    int result = ws__output_open(&output, options->output);
    if (result != WS__EXIT_DONE)
        return result;
    ws__system_run(system, options, &output, false);
    ws_lint_finish(lint);
    lint_write(lint, system, options, &output.pending);
    bool wanting = ws_lint_findings(lint) > 0 || system->contradicted;
    return ws__system_finish(system, &output, wanting ? WS__EXIT_WANTING : WS__EXIT_DONE);
}

int ws__cmd_lint(const struct ws__options *options)
{
    struct ws__options bounded = *options;
    struct ws__system system;
    struct ws_lint *lint = NULL;
    if (!bounded.max_instructions)
        bounded.max_instructions = LIMIT;
    int result = ws__system_open(&system, &bounded, false, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    enum ws_status status = ws_lint_new(&lint, system.machine);
    result = status == WS_OK ? run(&system, lint, &bounded) : ws__complain_status(status, "lint");
    ws_lint_free(lint);
    ws__system_close(&system);
    return result;
}
