/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports for the systems that courses use, as their documentation has the fields.  Each holds one submission.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "front/json.h"
#include "lesson/fold.h"
#include "lesson/writers.h"

/* Append a list of the tests; `fill` knows the fields' names. */
typedef void test_fill(struct ws__json *json, const struct ws__class *class, size_t number,
                       const struct ws__test *test);

static void tests_append(struct ws__json *json, const struct ws__class *class, test_fill *fill)
{
    const struct ws__graded *graded = &class->graded[0];
    json_t *list = ws__json_list(json, "tests");
    for (size_t i = 0; i < ws__tests(graded); i++) {
        struct ws__json record = ws__json_begin(NULL);
        struct ws__test test = ws__test_get(class, graded, i);
        fill(&record, class, i + 1, &test);
        record.failed |= test.message.failed;
        ws_buffer_release(&test.message);
        ws__json_list_record(json, list, record);
    }
}

/* A text that may have several lines; it is fit for people. */
static void lines_set(struct ws__json *json, const char *field, const char *text)
{
    json->failed |= json_object_set_new(json->object, field, json_string(text)) < 0;
}

/* The part of the points that was reached, from 0 to 1. */
static void share_set(struct ws__json *json, const char *field, const struct ws__graded *graded)
{
    double share = graded->most ? (double)graded->points / graded->most : graded->state == WS__GRADED_PASSED;
    json->failed |= json_object_set_new(json->object, field, json_real(share)) < 0;
}

/* -- Gradescope: results.json ---------------------------------------------------------------------------- */

static void gradescope_test(struct ws__json *json, const struct ws__class *class, size_t number,
                            const struct ws__test *test)
{
    char label[24];
    (void)class;
    snprintf(label, sizeof label, "%zu", number);
    ws__json_number(json, "score", test->points);
    ws__json_number(json, "max_score", test->most);
    ws__json_text(json, "status", test->passed ? "passed" : "failed");
    ws__json_text(json, "name", test->name);
    ws__json_text(json, "name_format", "text");
    ws__json_text(json, "number", label);
    lines_set(json, "output", ws_buffer_text(&test->message));
    ws__json_text(json, "output_format", "text");
    ws__json_text(json, "visibility", "visible");
}

void ws__write_gradescope(const struct ws__class *class, struct ws_buffer *out)
{
    struct ws__json json = ws__json_begin(NULL);
    ws__json_number(&json, "score", class->graded[0].points);
    ws__json_text(&json, "output", class->head->lesson);
    ws__json_text(&json, "output_format", "text");
    ws__json_text(&json, "visibility", "visible");
    tests_append(&json, class, gradescope_test);
    ws__json_write(&json, out);
}

/* -- PrairieLearn: results.json -------------------------------------------------------------------------- */

/* Points are shown only if every test has both. */
static void prairielearn_test(struct ws__json *json, const struct ws__class *class, size_t number,
                              const struct ws__test *test)
{
    (void)class, (void)number;
    ws__json_text(json, "name", test->name);
    ws__json_number(json, "points", test->points);
    ws__json_number(json, "max_points", test->most);
    lines_set(json, "message", ws_buffer_text(&test->message));
}

/* What does not become a program is no attempt: `gradable` says so, and nothing is charged for it. */
void ws__write_prairielearn(const struct ws__class *class, struct ws_buffer *out)
{
    const struct ws__graded *graded = &class->graded[0];
    struct ws__json json = ws__json_begin(NULL);
    bool gradable = graded->state != WS__GRADED_ERROR;
    ws__json_flag(&json, "gradable", gradable);
    if (gradable) {
        share_set(&json, "score", graded);
        tests_append(&json, class, prairielearn_test);
    } else {
        json_t *list = ws__json_list(&json, "format_errors");
        json.failed |= json_array_append_new(list, json_string(ws_buffer_text(&graded->message))) < 0;
    }
    ws__json_write(&json, out);
}

/* -- GitHub Classroom: what its reporter reads, before base64 -------------------------------------------- */

/* The reporter prints messages to its log.  There a line that begins with "::" is a command to the runner, and so is
 * "##[" anywhere: no line but the first begins with what a student may have written, and the other form is broken. */
static void github_message(struct ws__json *json, const char *text)
{
    struct ws_buffer quiet = WS_BUFFER_INIT;
    for (; *text; text++)
        if (*text == '\n')
            ws_buffer_printf(&quiet, "\n| ");
        else if (!strncmp(text, "##[", 3))
            ws_buffer_printf(&quiet, "# ");
        else
            ws_buffer_append(&quiet, text, 1);
    json->failed |= quiet.failed;
    lines_set(json, "message", ws_buffer_text(&quiet));
    ws_buffer_release(&quiet);
}

static void github_test(struct ws__json *json, const struct ws__class *class, size_t number,
                        const struct ws__test *test)
{
    (void)number;
    ws__json_text(json, "name", test->name);
    ws__json_text(json, "status", test->passed ? "pass" : test->error ? "error" : "fail");
    ws__json_number(json, "score", test->points);
    github_message(json, ws_buffer_text(&test->message));
    ws__json_text(json, "test_code", "");
    ws__json_text(json, "filename", class->head->file);
    ws__json_number(json, "line_no", 0);
    ws__json_number(json, "duration", 0);
}

void ws__write_github(const struct ws__class *class, struct ws_buffer *out)
{
    static const char *const state[] = {"pass", "fail", "error"};
    struct ws__json json = ws__json_begin(NULL);
    ws__json_number(&json, "version", 1);
    ws__json_text(&json, "status", state[class->graded[0].state]);
    ws__json_number(&json, "max_score", class->graded[0].most);
    tests_append(&json, class, github_test);
    ws__json_write(&json, out);
}

/* -- Autolab: a text, and two lines of JSON behind it ---------------------------------------------------- */

/* A stage of tests.  They are an object: so that no two have one name, each begins with its number. */
static void autolab_stage(struct ws__json *json, const struct ws__class *class, const char *stage)
{
    const struct ws__graded *graded = &class->graded[0];
    struct ws__json tests = ws__json_begin(NULL);
    for (size_t i = 0; i < ws__tests(graded); i++) {
        struct ws__json record = ws__json_begin(NULL);
        struct ws__test test = ws__test_get(class, graded, i);
        struct ws_buffer name = WS_BUFFER_INIT;
        ws_buffer_printf(&name, "%zu. %s", i + 1, test.name);
        ws__json_flag(&record, "passed", test.passed);
        if (!test.passed)
            lines_set(&record, "hint", ws_buffer_text(&test.message));
        tests.failed |= record.failed || name.failed || test.message.failed;
        tests.failed |= json_object_set_new(tests.object, ws_buffer_text(&name), record.object) < 0;
        ws_buffer_release(&name);
        ws_buffer_release(&test.message);
    }
    json->failed |= tests.failed;
    json->failed |= json_object_set_new(json->object, stage, tests.object) < 0;
}

/* The lab's folder is the name of the problem: the course's set-up must call it so. */
void ws__write_autolab(const struct ws__class *class, struct ws_buffer *out)
{
    struct ws__json shown = ws__json_begin(NULL), result = ws__json_begin(NULL), scores = ws__json_begin(NULL);
    ws__write_text(class, out);
    ws__json_text(&shown, "_presentation", "semantic");
    ws__json_list_text(&shown, ws__json_list(&shown, "stages"), "Checks");
    autolab_stage(&shown, class, "Checks");
    ws__json_write(&shown, out);
    ws__json_number(&scores, class->head->lesson, class->graded[0].points);
    result.failed |= scores.failed;
    result.failed |= json_object_set_new(result.object, "scores", scores.object) < 0;
    ws__json_write(&result, out);
}

/* -- Moodle's CodeRunner: a combinator template grader's output ------------------------------------------ */

static json_t *coderunner_row(const struct ws__test *test)
{
    char points[32];
    snprintf(points, sizeof points, "%u of %u", test->points, test->most);
    return json_pack("[isss]", test->passed, test->name, points, ws_buffer_text(&test->message));
}

/* The columns are "%s": CodeRunner escapes what stands in them.  What stands before the table is HTML. */
void ws__write_coderunner(const struct ws__class *class, struct ws_buffer *out)
{
    const struct ws__graded *graded = &class->graded[0];
    struct ws__json json = ws__json_begin(NULL);
    struct ws_buffer html = WS_BUFFER_INIT;
    share_set(&json, "fraction", graded);
    if (graded->state == WS__GRADED_ERROR) {
        ws_buffer_printf(&html, "<p>This could not be judged:</p><pre>");
        ws__escaped(&html, ws_buffer_text(&graded->message), ws__escape_xml);
        ws_buffer_printf(&html, "</pre>");
    } else {
        ws_buffer_printf(&html, "<p>%u of %u points</p>", graded->points, graded->most);
    }
    lines_set(&json, "prologuehtml", ws_buffer_text(&html));
    json_t *list = graded->results ? ws__json_list(&json, "testresults") : NULL;
    if (list)
        json.failed |=
            json_array_append_new(list, json_pack("[ssss]", "iscorrect", "Check", "Points", "Explanation")) < 0;
    for (size_t i = 0; i < graded->results; i++) {
        struct ws__test test = ws__test_get(class, graded, i);
        json.failed |= test.message.failed || json_array_append_new(list, coderunner_row(&test)) < 0;
        ws_buffer_release(&test.message);
    }
    if (list)
        json.failed |= json_object_set_new(json.object, "columnformats", json_pack("[sss]", "%s", "%s", "%s")) < 0;
    json.failed |= html.failed;
    ws_buffer_release(&html);
    ws__json_write(&json, out);
}

/* -- Moodle's VPL: lines --------------------------------------------------------------------------------- */

/* Within a block a line that begins with "-" is a heading, and one with ">" is shown as it stands.  All that a student
 * may have written is behind such a ">", so that it can neither end the block nor give a grade. */
static void vpl_quote(struct ws_buffer *out, const char *text)
{
    struct ws_buffer folded = WS_BUFFER_INIT;
    ws__fold(&folded, text, 1, WS__REPORT_COLUMNS - 2);
    for (const char *line = ws_buffer_text(&folded); *line;) {
        size_t bytes = strcspn(line, "\n");
        ws_buffer_printf(out, ">%.*s\n", (int)bytes, line);
        line += bytes + (line[bytes] == '\n');
    }
    out->failed |= folded.failed;
    ws_buffer_release(&folded);
}

void ws__write_vpl(const struct ws__class *class, struct ws_buffer *out)
{
    const struct ws__graded *graded = &class->graded[0];
    ws_buffer_printf(out, "<|--\n");
    for (size_t i = 0; i < ws__tests(graded); i++) {
        struct ws__test test = ws__test_get(class, graded, i);
        ws_buffer_printf(out, "-%s: %s (%u of %u)\n", test.passed ? "ok" : "NOT OK", test.name, test.points, test.most);
        if (!test.passed)
            vpl_quote(out, ws_buffer_text(&test.message));
        out->failed |= test.message.failed;
        ws_buffer_release(&test.message);
    }
    ws_buffer_printf(out, "--|>\nGrade :=>>%u\n", graded->points);
}
