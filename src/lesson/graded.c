/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of graded submissions, between the process that judges and the one that writes. */
#include "lesson/graded.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "front/json.h"

enum { MESSAGE_MOST = 4000 };

void ws__graded_release(struct ws__graded *graded)
{
    for (size_t i = 0; i < graded->results; i++) {
        ws_buffer_release(&graded->result[i].name);
        ws_buffer_release(&graded->result[i].explanation);
    }
    free(graded->result);
    ws_buffer_release(&graded->message);
    *graded = (struct ws__graded){.name = graded->name};
}

void ws__graded_text(struct ws__json *json, const char *field, const char *text)
{
    struct ws_buffer shown = WS_BUFFER_INIT;
    while (*text) {
        size_t bytes = strcspn(text, "\n");
        ws__printable_append(&shown, text, bytes);
        if (text[bytes])
            ws_buffer_append(&shown, "\n", 1);
        text += bytes + (text[bytes] == '\n');
    }
    json->failed |= shown.failed || json_object_set_new(json->object, field, json_string(ws_buffer_text(&shown))) < 0;
    ws_buffer_release(&shown);
}

/* -- writing ------------------------------------------------------------------------------------------- */

static void result_write(struct ws__json *json, json_t *list, const struct ws__result *result)
{
    struct ws__json record = ws__json_begin(NULL);
    ws__json_text(&record, "name", ws_buffer_text(&result->name));
    ws__graded_text(&record, "explanation", ws_buffer_text(&result->explanation));
    ws__json_number(&record, "most", result->points);
    ws__json_flag(&record, "passed", result->passed);
    ws__json_flag(&record, "placed", result->placed);
    ws__json_number(&record, "mark", result->mark);
    ws__json_list_record(json, list, record);
}

/* Why a submission could not be judged. */
static const char *error_text(enum ws__verdict verdict)
{
    return verdict == WS__VERDICT_UNBUILT   ? "it does not become a program: "
           : verdict == WS__VERDICT_BROKEN  ? "the lab's check failed: "
           : verdict == WS__VERDICT_NO_TOOL ? "there is no compiler for the guest's code here"
                                            : "the host has no memory left, or no room for files";
}

void ws__graded_write(enum ws__verdict verdict, const struct ws__report *report, const struct ws_buffer *why,
                      unsigned most, struct ws_buffer *out)
{
    struct ws__json json = ws__json_begin(NULL);
    bool judged = verdict == WS__VERDICT_PASSED || verdict == WS__VERDICT_WANTING;
    struct ws_buffer message = WS_BUFFER_INIT;
    if (!judged)
        ws_buffer_printf(&message, "%s%.*s", error_text(verdict), MESSAGE_MOST, ws_buffer_text(why));
    ws__json_number(&json, "state",
                    judged ? verdict == WS__VERDICT_PASSED ? WS__GRADED_PASSED : WS__GRADED_FAILED : WS__GRADED_ERROR);
    ws__json_number(&json, "most", judged ? ws__report_most(report) : most);
    ws__graded_text(&json, "message", ws_buffer_text(&message));
    json_t *list = ws__json_list(&json, "results");
    for (size_t i = 0; judged && i < report->results; i++)
        result_write(&json, list, &report->result[i]);
    json.failed |= message.failed;
    ws_buffer_release(&message);
    ws__json_write(&json, out);
}

/* -- reading ------------------------------------------------------------------------------------------- */

static void text_get(const json_t *json, const char *field, struct ws_buffer *out)
{
    const char *text = json_string_value(json_object_get(json, field));
    ws_buffer_printf(out, "%s", text ? text : "");
}

static unsigned number_get(const json_t *json, const char *field)
{
    return (unsigned)json_integer_value(json_object_get(json, field));
}

static bool result_read(struct ws__graded_result *out, const json_t *json)
{
    text_get(json, "name", &out->name);
    text_get(json, "explanation", &out->explanation);
    out->most = number_get(json, "most");
    out->passed = json_is_true(json_object_get(json, "passed"));
    out->points = out->passed ? out->most : 0;
    out->placed = json_is_true(json_object_get(json, "placed"));
    out->mark = (uint64_t)json_integer_value(json_object_get(json, "mark"));
    return !out->name.failed && !out->explanation.failed;
}

static bool record_read(struct ws__graded *out, const json_t *json)
{
    const json_t *list = json_object_get(json, "results");
    size_t count = json_array_size(list);
    bool good = json_is_array(list);
    out->state = (enum ws__graded_state)number_get(json, "state");
    out->most = number_get(json, "most");
    text_get(json, "message", &out->message);
    out->result = calloc(count + 1, sizeof *out->result);
    for (size_t i = 0; out->result && i < count; i++) {
        good &= result_read(&out->result[out->results++], json_array_get(list, i));
        out->points += out->result[i].points;
    }
    return good && out->result && !out->message.failed;
}

bool ws__graded_read(struct ws__graded *out, const struct ws_buffer *line)
{
    json_t *json = json_loadb(ws_buffer_text(line), line->size, 0, NULL);
    *out = (struct ws__graded){.name = out->name};
    bool good = json && record_read(out, json);
    json_decref(json);
    return good;
}

void ws__graded_died(struct ws__graded *out, int signal, unsigned most)
{
    *out = (struct ws__graded){.name = out->name, .state = WS__GRADED_ERROR, .most = most};
    if (signal == SIGXCPU || signal == SIGKILL)
        ws_buffer_printf(&out->message, "the check used too much processor time, and was ended");
    else
        ws_buffer_printf(&out->message, "the check died of signal %d", signal);
}
