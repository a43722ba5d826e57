/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results, collected and told. */
#include "lesson/report.h"

#include <stdlib.h>
#include <string.h>

#include "lesson/fold.h"

enum { COLUMNS = 80, INDENT = 8 };

void ws__report_release(struct ws__report *report)
{
    for (size_t i = 0; i < report->results; i++) {
        ws_buffer_release(&report->result[i].name);
        ws_buffer_release(&report->result[i].explanation);
    }
    free(report->result);
    ws_buffer_release(&report->printed);
    if (report->session)
        ws_session_release(report->session);
    free(report->session);
    *report = (struct ws__report){0};
}

struct ws__result *ws__report_add(struct ws__report *report)
{
    struct ws__result *grown = realloc(report->result, (report->results + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    report->result = grown;
    grown[report->results] = (struct ws__result){0};
    return &grown[report->results++];
}

unsigned ws__report_points(const struct ws__report *report)
{
    unsigned points = 0;
    for (size_t i = 0; i < report->results; i++)
        points += report->result[i].passed ? report->result[i].points : 0;
    return points;
}

unsigned ws__report_most(const struct ws__report *report)
{
    unsigned points = 0;
    for (size_t i = 0; i < report->results; i++)
        points += report->result[i].points;
    return points;
}

bool ws__report_passed(const struct ws__report *report)
{
    for (size_t i = 0; i < report->results; i++)
        if (!report->result[i].passed)
            return false;
    return report->results > 0;
}

static void result_text(const struct ws__result *result, struct ws_buffer *out)
{
    ws_buffer_printf(out, "%-6s  %s (%u of %u)\n", result->passed ? "ok" : "NOT OK", ws_buffer_text(&result->name),
                     result->passed ? result->points : 0, result->points);
    if (result->passed || !result->explanation.size)
        return;
    ws__fold(out, ws_buffer_text(&result->explanation), INDENT, COLUMNS);
    if (result->placed)
        ws_buffer_printf(out, "%*sat mark %llu\n", INDENT, "", (unsigned long long)result->mark);
}

void ws__report_text(const struct ws__report *report, struct ws_buffer *out)
{
    ws_buffer_append(out, report->printed.data, report->printed.size);
    for (size_t i = 0; i < report->results; i++)
        result_text(&report->result[i], out);
    ws_buffer_printf(out, "%u of %u points\n", ws__report_points(report), ws__report_most(report));
}
