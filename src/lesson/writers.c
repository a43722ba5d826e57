/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports for people and for build servers, and the table of all formats. */
#include "lesson/writers.h"

#include <stdio.h>
#include <string.h>

#include "lesson/fold.h"

enum { NAME_COLUMNS = 24 };

/* -- what the formats share ------------------------------------------------------------------------------ */

size_t ws__tests(const struct ws__graded *graded)
{
    return graded->results + (graded->state == WS__GRADED_ERROR);
}

struct ws__test ws__test_get(const struct ws__class *class, const struct ws__graded *graded, size_t number)
{
    if (number == graded->results) {
        struct ws__test test = {.name = class->head->file, .most = graded->most, .error = true};
        ws_buffer_printf(&test.message, "%s", ws_buffer_text(&graded->message));
        return test;
    }
    const struct ws__graded_result *result = &graded->result[number];
    struct ws__test test = {
        .name = ws_buffer_text(&result->name),
        .points = result->points,
        .most = result->most,
        .passed = result->passed,
    };
    if (result->passed)
        return test;
    ws_buffer_printf(&test.message, "%s", ws_buffer_text(&result->explanation));
    if (result->placed)
        ws_buffer_printf(&test.message, "%s(at mark %llu)", test.message.size ? " " : "",
                         (unsigned long long)result->mark);
    return test;
}

void ws__escaped(struct ws_buffer *out, const char *text, const char *(*escape)(char))
{
    for (; *text; text++) {
        const char *instead = escape(*text);
        if (instead)
            ws_buffer_printf(out, "%s", instead);
        else
            ws_buffer_append(out, text, 1);
    }
}

const char *ws__escape_xml(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\n':
        return "&#10;";
    default:
        return NULL;
    }
}

/* -- text ------------------------------------------------------------------------------------------------ */

static void test_explain(struct ws_buffer *out, struct ws__test *test, unsigned indent)
{
    ws__fold(out, ws_buffer_text(&test->message), indent, WS__REPORT_COLUMNS);
    out->failed |= test->message.failed;
    ws_buffer_release(&test->message);
}

static void text_submission(const struct ws__class *class, const struct ws__graded *graded, struct ws_buffer *out)
{
    static const char *const state[] = {"passed", "not passed", "could not be judged"};
    ws_buffer_printf(out, "\n%s: %u of %u, %s\n", ws_buffer_text(&graded->name), graded->points, graded->most,
                     state[graded->state]);
    for (size_t i = 0; i < ws__tests(graded); i++) {
        struct ws__test test = ws__test_get(class, graded, i);
        if (!test.passed && !test.error)
            ws_buffer_printf(out, "    %s (%u of %u)\n", test.name, test.points, test.most);
        if (!test.passed)
            test_explain(out, &test, WS__REPORT_INDENT);
    }
}

void ws__write_text(const struct ws__class *class, struct ws_buffer *out)
{
    unsigned count[WS__GRADED_STATES] = {0};
    for (size_t i = 0; i < class->count; i++)
        count[class->graded[i].state]++;
    ws_buffer_printf(out, "%s: %zu submission%s, %u passed, %u not passed, %u could not be judged\n\n",
                     class->head->lesson, class->count, class->count == 1 ? "" : "s", count[WS__GRADED_PASSED],
                     count[WS__GRADED_FAILED], count[WS__GRADED_ERROR]);
    for (size_t i = 0; i < class->count; i++)
        ws_buffer_printf(out, "%-*s %3u of %3u\n", NAME_COLUMNS, ws_buffer_text(&class->graded[i].name),
                         class->graded[i].points, class->graded[i].most);
    for (size_t i = 0; i < class->count; i++)
        text_submission(class, &class->graded[i], out);
}

/* -- records, from which every other format can be written later ----------------------------------------- */

void ws__write_records(const struct ws__class *class, struct ws_buffer *out)
{
    ws__class_head_write(class->head, out);
    for (size_t i = 0; i < class->count; i++)
        ws__graded_write(&class->graded[i], out);
}

/* -- as xv6's gradelib.py prints ------------------------------------------------------------------------- */

void ws__write_gradelib(const struct ws__class *class, struct ws_buffer *out)
{
    const struct ws__graded *graded = &class->graded[0];
    for (size_t i = 0; i < ws__tests(graded); i++) {
        struct ws__test test = ws__test_get(class, graded, i);
        ws_buffer_printf(out, "== Test %s == %s: %s\n", test.name, test.name, test.passed ? "OK" : "FAIL");
        test_explain(out, &test, 4);
    }
    ws_buffer_printf(out, "Score: %u/%u\n", graded->points, graded->most);
}

/* -- JUnit's XML ----------------------------------------------------------------------------------------- */

/* How many tests, of all kinds, of which kinds. */
struct tally {
    size_t tests, failures, errors;
};

static void tally_add(struct tally *tally, const struct ws__graded *graded)
{
    tally->tests += ws__tests(graded);
    tally->errors += graded->state == WS__GRADED_ERROR;
    for (size_t i = 0; i < graded->results; i++)
        tally->failures += !graded->result[i].passed;
}

static void junit_case(const struct ws__class *class, struct ws__test *test, struct ws_buffer *out)
{
    const char *kind = test->error ? "error" : "failure";
    ws_buffer_printf(out, "    <testcase classname=\"%s\" name=\"", class->head->lesson);
    ws__escaped(out, test->name, ws__escape_xml);
    if (test->passed) {
        ws_buffer_printf(out, "\" time=\"0\"/>\n");
        return;
    }
    ws_buffer_printf(out, "\" time=\"0\">\n      <%s type=\"%s\" message=\"", kind,
                     test->error ? "submission" : "expectation");
    ws__escaped(out, ws_buffer_text(&test->message), ws__escape_xml);
    ws_buffer_printf(out, "\"/>\n    </testcase>\n");
    out->failed |= test->message.failed;
    ws_buffer_release(&test->message);
}

static void junit_suite(const struct ws__class *class, const struct ws__graded *graded, struct ws_buffer *out)
{
    struct tally tally = {0};
    tally_add(&tally, graded);
    ws_buffer_printf(out, "  <testsuite name=\"");
    ws__escaped(out, ws_buffer_text(&graded->name), ws__escape_xml);
    ws_buffer_printf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"0\">\n", tally.tests,
                     tally.failures, tally.errors);
    ws_buffer_printf(out, "    <properties>\n      <property name=\"points\" value=\"%u\"/>\n", graded->points);
    ws_buffer_printf(out, "      <property name=\"max\" value=\"%u\"/>\n    </properties>\n", graded->most);
    for (size_t i = 0; i < ws__tests(graded); i++) {
        struct ws__test test = ws__test_get(class, graded, i);
        junit_case(class, &test, out);
    }
    ws_buffer_printf(out, "  </testsuite>\n");
}

void ws__write_junit(const struct ws__class *class, struct ws_buffer *out)
{
    struct tally tally = {0};
    for (size_t i = 0; i < class->count; i++)
        tally_add(&tally, &class->graded[i]);
    ws_buffer_printf(out,
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"%s\" tests=\"%zu\" "
                     "failures=\"%zu\" errors=\"%zu\" time=\"0\">\n",
                     class->head->lesson, tally.tests, tally.failures, tally.errors);
    for (size_t i = 0; i < class->count; i++)
        junit_suite(class, &class->graded[i], out);
    ws_buffer_printf(out, "</testsuites>\n");
}

/* -- TAP 14 ---------------------------------------------------------------------------------------------- */

/* A description: "#" would begin a directive. */
static const char *escape_tap(char c)
{
    return c == '\n' ? " " : c == '#' ? "\\#" : c == '\\' ? "\\\\" : NULL;
}

/* In a block of YAML, in double quotes. */
static const char *escape_yaml(char c)
{
    return c == '\n' ? "\\n" : c == '"' ? "\\\"" : c == '\\' ? "\\\\" : NULL;
}

static void tap_test(size_t number, const struct ws__graded *graded, struct ws__test *test, struct ws_buffer *out)
{
    ws_buffer_printf(out, "%sok %zu - ", test->passed ? "" : "not ", number);
    ws__escaped(out, ws_buffer_text(&graded->name), escape_tap);
    ws_buffer_printf(out, ": ");
    ws__escaped(out, test->name, escape_tap);
    ws_buffer_printf(out, "\n");
    if (test->passed)
        return;
    ws_buffer_printf(out, "  ---\n  message: \"");
    ws__escaped(out, ws_buffer_text(&test->message), escape_yaml);
    ws_buffer_printf(out, "\"\n  ...\n");
    out->failed |= test->message.failed;
    ws_buffer_release(&test->message);
}

void ws__write_tap(const struct ws__class *class, struct ws_buffer *out)
{
    size_t count = 0, number = 0;
    for (size_t i = 0; i < class->count; i++)
        count += ws__tests(&class->graded[i]);
    ws_buffer_printf(out, "TAP version 14\n1..%zu\n", count);
    for (size_t i = 0; i < class->count; i++)
        for (size_t j = 0; j < ws__tests(&class->graded[i]); j++) {
            struct ws__test test = ws__test_get(class, &class->graded[i], j);
            tap_test(++number, &class->graded[i], &test, out);
        }
}

/* -- the table ------------------------------------------------------------------------------------------- */

const struct ws__writer ws__writers[WS__WRITERS] = {
    {"text", false, ws__write_text},
    {"class", false, ws__write_class},
    {"csv", false, ws__write_csv},
    {"records", false, ws__write_records},
    {"junit", false, ws__write_junit},
    {"tap", false, ws__write_tap},
    {"gradescope", true, ws__write_gradescope},
    {"prairielearn", true, ws__write_prairielearn},
    {"github", true, ws__write_github},
    {"autolab", true, ws__write_autolab},
    {"coderunner", true, ws__write_coderunner},
    {"vpl", true, ws__write_vpl},
    {"gradelib", true, ws__write_gradelib},
};
