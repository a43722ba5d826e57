/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports in the formats that graders read.  None says when it was written, or how long anything took: the same
 * submissions give the same bytes.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "front/json.h"
#include "lesson/fold.h"
#include "lesson/graded.h"

enum { COLUMNS = 80, INDENT = 8, NAME_COLUMNS = 24 };

/* What failed, and where to look. */
static void failure_append(struct ws_buffer *out, const struct ws__graded_result *result)
{
    ws_buffer_printf(out, "%s", ws_buffer_text(&result->explanation));
    if (result->placed)
        ws_buffer_printf(out, " (at mark %llu)", (unsigned long long)result->mark);
}

/* -- text ---------------------------------------------------------------------------------------------- */

static void text_submission(const struct ws__graded *graded, struct ws_buffer *out)
{
    static const char *const state[] = {"passed", "not passed", "could not be judged"};
    ws_buffer_printf(out, "\n%s: %u of %u, %s\n", graded->name, graded->points, graded->most, state[graded->state]);
    if (graded->state == WS__GRADED_ERROR)
        ws__fold(out, ws_buffer_text(&graded->message), INDENT, COLUMNS);
    for (size_t i = 0; i < graded->results; i++) {
        struct ws_buffer why = WS_BUFFER_INIT;
        const struct ws__graded_result *result = &graded->result[i];
        if (result->passed)
            continue;
        ws_buffer_printf(out, "    %s (%u of %u)\n", ws_buffer_text(&result->name), result->points, result->most);
        failure_append(&why, result);
        ws__fold(out, ws_buffer_text(&why), INDENT, COLUMNS);
        out->failed |= why.failed;
        ws_buffer_release(&why);
    }
}

static void text_write(const struct ws__class *class, struct ws_buffer *out)
{
    unsigned count[3] = {0};
    for (size_t i = 0; i < class->count; i++)
        count[class->graded[i].state]++;
    ws_buffer_printf(out, "%s: %zu submissions, %u passed, %u not passed, %u could not be judged\n\n", class->lesson,
                     class->count, count[WS__GRADED_PASSED], count[WS__GRADED_FAILED], count[WS__GRADED_ERROR]);
    for (size_t i = 0; i < class->count; i++)
        ws_buffer_printf(out, "%-*s %3u of %3u\n", NAME_COLUMNS, class->graded[i].name, class->graded[i].points,
                         class->graded[i].most);
    for (size_t i = 0; i < class->count; i++)
        text_submission(&class->graded[i], out);
}

/* -- JUnit's XML --------------------------------------------------------------------------------------- */

/* In an attribute or between tags; control characters are gone already, line ends aside. */
static void xml_append(struct ws_buffer *out, const char *text)
{
    for (; *text; text++) {
        const char *escape = *text == '&'    ? "&amp;"
                             : *text == '<'  ? "&lt;"
                             : *text == '>'  ? "&gt;"
                             : *text == '"'  ? "&quot;"
                             : *text == '\n' ? "&#10;"
                                             : NULL;
        if (escape)
            ws_buffer_printf(out, "%s", escape);
        else
            ws_buffer_append(out, text, 1);
    }
}

static void junit_case(const struct ws__class *class, const char *name, const char *kind, const char *message,
                       struct ws_buffer *out)
{
    ws_buffer_printf(out, "    <testcase classname=\"%s\" name=\"", class->lesson);
    xml_append(out, name);
    if (!kind) {
        ws_buffer_printf(out, "\" time=\"0\"/>\n");
        return;
    }
    ws_buffer_printf(out, "\" time=\"0\">\n      <%s type=\"%s\" message=\"", kind,
                     strcmp(kind, "error") != 0 ? "expectation" : "submission");
    xml_append(out, message);
    ws_buffer_printf(out, "\"/>\n    </testcase>\n");
}

static void junit_suite(const struct ws__class *class, const struct ws__graded *graded, struct ws_buffer *out)
{
    size_t failures = 0, errors = graded->state == WS__GRADED_ERROR;
    for (size_t i = 0; i < graded->results; i++)
        failures += !graded->result[i].passed;
    ws_buffer_printf(out, "  <testsuite name=\"");
    xml_append(out, graded->name);
    ws_buffer_printf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"0\">\n",
                     graded->results + errors, failures, errors);
    ws_buffer_printf(out, "    <properties>\n      <property name=\"points\" value=\"%u\"/>\n", graded->points);
    ws_buffer_printf(out, "      <property name=\"max\" value=\"%u\"/>\n    </properties>\n", graded->most);
    for (size_t i = 0; i < graded->results; i++) {
        struct ws_buffer why = WS_BUFFER_INIT;
        const struct ws__graded_result *result = &graded->result[i];
        failure_append(&why, result);
        junit_case(class, ws_buffer_text(&result->name), result->passed ? NULL : "failure", ws_buffer_text(&why), out);
        out->failed |= why.failed;
        ws_buffer_release(&why);
    }
    if (errors)
        junit_case(class, class->file, "error", ws_buffer_text(&graded->message), out);
    ws_buffer_printf(out, "  </testsuite>\n");
}

static void junit_write(const struct ws__class *class, struct ws_buffer *out)
{
    size_t tests = 0, failures = 0, errors = 0;
    for (size_t i = 0; i < class->count; i++) {
        const struct ws__graded *graded = &class->graded[i];
        errors += graded->state == WS__GRADED_ERROR;
        tests += graded->results + (graded->state == WS__GRADED_ERROR);
        for (size_t j = 0; j < graded->results; j++)
            failures += !graded->result[j].passed;
    }
    ws_buffer_printf(out,
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"%s\" tests=\"%zu\" "
                     "failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"0\">\n",
                     class->lesson, tests, failures, errors);
    for (size_t i = 0; i < class->count; i++)
        junit_suite(class, &class->graded[i], out);
    ws_buffer_printf(out, "</testsuites>\n");
}

/* -- TAP 14 -------------------------------------------------------------------------------------------- */

/* A description: "#" would begin a directive. */
static void tap_append(struct ws_buffer *out, const char *text)
{
    for (; *text; text++)
        if (*text == '\n')
            ws_buffer_append(out, " ", 1);
        else
            ws_buffer_printf(out, strchr("#\\", *text) ? "\\%c" : "%c", *text);
}

/* A block of YAML with one text, in double quotes. */
static void tap_diagnostic(struct ws_buffer *out, const char *text)
{
    ws_buffer_printf(out, "  ---\n  message: \"");
    for (; *text; text++)
        if (*text == '\n')
            ws_buffer_printf(out, "\\n");
        else
            ws_buffer_printf(out, strchr("\"\\", *text) ? "\\%c" : "%c", *text);
    ws_buffer_printf(out, "\"\n  ...\n");
}

static void tap_line(struct ws_buffer *out, size_t number, bool passed, const char *submission, const char *name,
                     const char *message)
{
    ws_buffer_printf(out, "%sok %zu - ", passed ? "" : "not ", number);
    tap_append(out, submission);
    ws_buffer_printf(out, ": ");
    tap_append(out, name);
    ws_buffer_printf(out, "\n");
    if (!passed)
        tap_diagnostic(out, message);
}

static void tap_write(const struct ws__class *class, struct ws_buffer *out)
{
    size_t count = 0, number = 0;
    for (size_t i = 0; i < class->count; i++)
        count += class->graded[i].results + (class->graded[i].state == WS__GRADED_ERROR);
    ws_buffer_printf(out, "TAP version 14\n1..%zu\n", count);
    for (size_t i = 0; i < class->count; i++) {
        const struct ws__graded *graded = &class->graded[i];
        for (size_t j = 0; j < graded->results; j++) {
            struct ws_buffer why = WS_BUFFER_INIT;
            failure_append(&why, &graded->result[j]);
            tap_line(out, ++number, graded->result[j].passed, graded->name, ws_buffer_text(&graded->result[j].name),
                     ws_buffer_text(&why));
            out->failed |= why.failed;
            ws_buffer_release(&why);
        }
        if (graded->state == WS__GRADED_ERROR)
            tap_line(out, ++number, false, graded->name, class->file, ws_buffer_text(&graded->message));
    }
}

/* -- JSON for one submission --------------------------------------------------------------------------- */

/* A test as both graders have it; they differ in the names of fields. */
struct test {
    const char *name, *message;
    unsigned points, most;
    bool passed;
};

typedef void test_fill(struct ws__json *json, const struct ws__class *class, size_t number, const struct test *test);

/* Append a list of all results, or of the one error. */
static void tests_append(struct ws__json *json, const struct ws__class *class, test_fill *fill)
{
    const struct ws__graded *graded = &class->graded[0];
    json_t *list = ws__json_list(json, "tests");
    bool error = graded->state == WS__GRADED_ERROR;
    for (size_t i = 0; i < graded->results + error; i++) {
        struct ws__json record = ws__json_begin(NULL);
        struct ws_buffer why = WS_BUFFER_INIT;
        struct test test = {class->file, ws_buffer_text(&graded->message), 0, graded->most, false};
        if (i < graded->results) {
            const struct ws__graded_result *result = &graded->result[i];
            if (!result->passed)
                failure_append(&why, result);
            test = (struct test){ws_buffer_text(&result->name), ws_buffer_text(&why), result->points, result->most,
                                 result->passed};
        }
        fill(&record, class, i + 1, &test);
        record.failed |= why.failed;
        ws_buffer_release(&why);
        ws__json_list_record(json, list, record);
    }
}

static void gradescope_test(struct ws__json *json, const struct ws__class *class, size_t number,
                            const struct test *test)
{
    char label[24];
    (void)class;
    snprintf(label, sizeof label, "%zu", number);
    ws__json_number(json, "score", test->points);
    ws__json_number(json, "max_score", test->most);
    ws__json_text(json, "status", test->passed ? "passed" : "failed");
    ws__json_text(json, "name", test->name);
    ws__json_text(json, "number", label);
    ws__graded_text(json, "output", test->message);
    ws__json_text(json, "output_format", "text");
    ws__json_text(json, "visibility", "visible");
}

static void gradescope_write(const struct ws__class *class, struct ws_buffer *out)
{
    struct ws__json json = ws__json_begin(NULL);
    ws__json_number(&json, "score", class->graded[0].points);
    ws__json_text(&json, "output", class->lesson);
    ws__json_text(&json, "output_format", "text");
    ws__json_text(&json, "visibility", "visible");
    tests_append(&json, class, gradescope_test);
    ws__json_write(&json, out);
}

static void github_test(struct ws__json *json, const struct ws__class *class, size_t number, const struct test *test)
{
    (void)number;
    ws__json_text(json, "name", test->name);
    ws__json_text(json, "status",
                  test->passed                                 ? "pass"
                  : class->graded[0].state == WS__GRADED_ERROR ? "error"
                                                               : "fail");
    ws__json_number(json, "score", test->points);
    ws__graded_text(json, "message", test->message);
    ws__json_text(json, "test_code", "");
    ws__json_text(json, "filename", class->file);
    ws__json_number(json, "line_no", 0);
    ws__json_number(json, "duration", 0);
}

static void github_write(const struct ws__class *class, struct ws_buffer *out)
{
    static const char *const state[] = {"pass", "fail", "error"};
    struct ws__json json = ws__json_begin(NULL);
    ws__json_number(&json, "version", 1);
    ws__json_text(&json, "status", state[class->graded[0].state]);
    ws__json_number(&json, "max_score", class->graded[0].most);
    tests_append(&json, class, github_test);
    ws__json_write(&json, out);
}

const struct ws__writer ws__writers[WS__WRITERS] = {
    {"text", false, text_write},    {"junit", false, junit_write},
    {"tap", false, tap_write},      {"gradescope", true, gradescope_write},
    {"github", true, github_write},
};
