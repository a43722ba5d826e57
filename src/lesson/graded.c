/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of graded submissions, between the process that judges and the one that writes. */
#include "lesson/graded.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "front/json.h"

enum { LINES_MOST = 4000, RESULTS_MOST = 1000, PRINTS_MOST = 1 << 18, COUNT_MOST = 1 << 20, POINTS_MOST = 1 << 20 };

void ws__graded_release(struct ws__graded *graded)
{
    for (size_t i = 0; i < graded->results; i++) {
        ws_buffer_release(&graded->result[i].name);
        ws_buffer_release(&graded->result[i].explanation);
    }
    free(graded->result);
    ws_buffer_release(&graded->name);
    ws_buffer_release(&graded->message);
    ws__prints_release(&graded->prints);
    *graded = (struct ws__graded){.number = 0};
}

/* Append a text of several lines, each made fit for people. */
static void lines_append(struct ws_buffer *out, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        const char *newline = memchr(text + at, '\n', bytes - at);
        size_t line = newline ? (size_t)(newline - text) - at : bytes - at;
        ws__printable_append(out, text + at, line);
        if (newline)
            ws_buffer_append(out, "\n", 1);
        at += line + 1;
    }
}

/* The same; a very long one is cut. */
static void lines_make(struct ws_buffer *out, const char *text, size_t bytes)
{
    size_t end = bytes > LINES_MOST ? LINES_MOST : bytes;
    while (end < bytes && end && ((unsigned char)text[end] & 0xc0) == 0x80) /* not within a character */
        end--;
    lines_append(out, text, end);
    if (end < bytes)
        ws_buffer_printf(out, " ...");
}

/* -- making ---------------------------------------------------------------------------------------------- */

/* Why a submission could not be judged. */
static const char *error_text(enum ws__verdict verdict)
{
    return verdict == WS__VERDICT_UNBUILT   ? "it does not become a program: "
           : verdict == WS__VERDICT_BROKEN  ? "the lab's check failed: "
           : verdict == WS__VERDICT_NO_TOOL ? "there is no compiler for the guest's code here"
                                            : "the host has no memory left, or no room for files";
}

static bool result_make(struct ws__graded_result *out, const struct ws__result *result)
{
    *out = (struct ws__graded_result){
        .points = result->passed ? result->points : 0,
        .most = result->points,
        .passed = result->passed,
        .placed = result->placed,
        .mark = result->mark,
    };
    ws__printable_append(&out->name, ws_buffer_text(&result->name), result->name.size);
    if (!result->passed)
        lines_make(&out->explanation, ws_buffer_text(&result->explanation), result->explanation.size);
    return !out->name.failed && !out->explanation.failed;
}

bool ws__graded_judged(struct ws__graded *out, enum ws__verdict verdict, const struct ws__report *report,
                       const struct ws_buffer *why, unsigned most)
{
    bool judged = verdict == WS__VERDICT_PASSED || verdict == WS__VERDICT_WANTING, good = true;
    out->state = !judged ? WS__GRADED_ERROR : verdict == WS__VERDICT_PASSED ? WS__GRADED_PASSED : WS__GRADED_FAILED;
    out->most = judged ? ws__report_most(report) : most;
    if (!judged) {
        ws_buffer_printf(&out->message, "%s", error_text(verdict));
        lines_make(&out->message, ws_buffer_text(why), why->size);
        return !out->message.failed && !why->failed;
    }
    out->points = ws__report_points(report);
    out->result = calloc(report->results + 1, sizeof *out->result);
    for (; out->result && out->results < report->results; out->results++)
        good &= result_make(&out->result[out->results], &report->result[out->results]);
    return good && out->result;
}

bool ws__graded_unread(struct ws__graded *out, const struct ws_buffer *why, unsigned most)
{
    out->state = WS__GRADED_ERROR;
    out->most = most;
    lines_make(&out->message, ws_buffer_text(why), why->size);
    return !out->message.failed && !why->failed;
}

bool ws__graded_too_large(struct ws__graded *out, unsigned most)
{
    out->state = WS__GRADED_ERROR;
    out->most = most;
    ws_buffer_printf(&out->message, "the check used too much memory, and was ended");
    return !out->message.failed;
}

void ws__graded_died(struct ws__graded *out, int signal, unsigned most)
{
    out->state = WS__GRADED_ERROR;
    out->most = most;
    if (signal == SIGXCPU || signal == SIGKILL)
        ws_buffer_printf(&out->message, "the check used too much processor time, and was ended");
    else
        ws_buffer_printf(&out->message, "the check died of signal %d", signal);
}

/* -- writing --------------------------------------------------------------------------------------------- */

/* A text that is fit for people already, line ends in it included. */
static void lines_write(struct ws__json *json, const char *field, const struct ws_buffer *text)
{
    json->failed |= text->failed || json_object_set_new(json->object, field, json_string(ws_buffer_text(text))) < 0;
}

static void result_write(struct ws__json *json, json_t *list, const struct ws__graded_result *result)
{
    struct ws__json record = ws__json_begin(NULL);
    lines_write(&record, "name", &result->name);
    lines_write(&record, "explanation", &result->explanation);
    ws__json_number(&record, "most", result->most);
    ws__json_flag(&record, "passed", result->passed);
    ws__json_flag(&record, "placed", result->placed);
    ws__json_number(&record, "mark", result->mark);
    ws__json_list_record(json, list, record);
}

void ws__graded_write(const struct ws__graded *graded, struct ws_buffer *out)
{
    struct ws__json json = ws__json_begin("submission");
    ws__json_number(&json, "number", graded->number);
    lines_write(&json, "name", &graded->name);
    ws__json_number(&json, "state", graded->state);
    ws__json_number(&json, "most", graded->most);
    lines_write(&json, "message", &graded->message);
    json_t *list = ws__json_list(&json, "results");
    for (size_t i = 0; i < graded->results; i++)
        result_write(&json, list, &graded->result[i]);
    list = ws__json_list(&json, "prints");
    for (size_t i = 0; i < graded->prints.count; i++)
        json.failed |= json_array_append_new(list, json_integer(graded->prints.print[i])) < 0;
    json.failed |= graded->prints.failed;
    ws__json_write(&json, out);
}

/* -- reading: what comes from a file may be anything ----------------------------------------------------- */

/* A whole number up to `most`; it, if it is one. */
static bool number_get(const json_t *json, const char *field, uint64_t most, uint64_t *out)
{
    const json_t *number = json_object_get(json, field);
    *out = (uint64_t)json_integer_value(number);
    return json_is_integer(number) && json_integer_value(number) >= 0 && *out <= most;
}

static bool text_get(const json_t *json, const char *field, bool lines, struct ws_buffer *out)
{
    const json_t *text = json_object_get(json, field);
    if (!json_is_string(text))
        return false;
    (lines ? lines_append : ws__printable_append)(out, json_string_value(text), json_string_length(text));
    return !out->failed;
}

static bool result_read(struct ws__graded_result *out, const json_t *json)
{
    uint64_t most;
    bool good = text_get(json, "name", false, &out->name) && text_get(json, "explanation", true, &out->explanation) &&
                number_get(json, "most", POINTS_MOST, &most) && number_get(json, "mark", INT64_MAX, &out->mark);
    out->passed = json_is_true(json_object_get(json, "passed"));
    out->placed = json_is_true(json_object_get(json, "placed"));
    out->most = good ? (unsigned)most : 0;
    out->points = out->passed ? out->most : 0;
    return good;
}

static bool results_read(struct ws__graded *out, const json_t *list)
{
    size_t count = json_array_size(list);
    bool good = json_is_array(list) && count <= RESULTS_MOST;
    out->result = good ? calloc(count + 1, sizeof *out->result) : NULL;
    for (size_t i = 0; out->result && i < count; i++) {
        good &= result_read(&out->result[out->results++], json_array_get(list, i));
        out->points += out->result[i].points;
    }
    return good && out->result;
}

static bool prints_read(struct ws__prints *out, const json_t *list)
{
    const json_t *print;
    size_t i;
    if (!json_is_array(list) || json_array_size(list) > PRINTS_MOST)
        return false;
    json_array_foreach(list, i, print) ws__prints_add(out, (uint32_t)json_integer_value(print));
    ws__prints_sort(out);
    return !out->failed;
}

static bool is_of_type(const json_t *record, const char *type)
{
    const char *is = json_string_value(json_object_get(record, "type"));
    return is && !strcmp(is, type);
}

bool ws__graded_read(struct ws__graded *out, const json_t *record)
{
    uint64_t number, state, most;
    *out = (struct ws__graded){.number = 0};
    if (!is_of_type(record, "submission") || !number_get(record, "number", COUNT_MOST, &number) ||
        !number_get(record, "state", WS__GRADED_STATES - 1, &state) || !number_get(record, "most", POINTS_MOST, &most))
        return false;
    out->number = (size_t)number;
    out->state = (enum ws__graded_state)state;
    out->most = (unsigned)most;
    return text_get(record, "name", false, &out->name) && text_get(record, "message", true, &out->message) &&
           results_read(out, json_object_get(record, "results")) &&
           prints_read(&out->prints, json_object_get(record, "prints"));
}

/* -- the class ------------------------------------------------------------------------------------------- */

static void hash_write(struct ws__json *json, const char *field, uint64_t hash)
{
    char text[sizeof "0123456789abcdef"];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    ws__json_text(json, field, text);
}

void ws__class_head_write(const struct ws__class_head *head, struct ws_buffer *out)
{
    struct ws__json json = ws__json_begin("class");
    ws__json_text(&json, "version", head->version);
    ws__json_text(&json, "lesson", head->lesson);
    ws__json_text(&json, "file", head->file);
    hash_write(&json, "lab", head->lab);
    hash_write(&json, "submissions", head->submissions);
    ws__json_number(&json, "count", head->count);
    ws__json_number(&json, "shard", head->shard);
    ws__json_number(&json, "shards", head->shards);
    ws__json_write(&json, out);
}

/* A name of few characters: it goes into reports as it is. */
static bool word_get(const json_t *record, const char *field, char out[WS__LESSON_NAME])
{
    const char *text = json_string_value(json_object_get(record, field));
    size_t length = text ? strlen(text) : 0;
    if (!length || length >= WS__LESSON_NAME ||
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-") != length)
        return false;
    strcpy(out, text);
    return true;
}

static bool hash_get(const json_t *record, const char *field, uint64_t *out)
{
    const char *text = json_string_value(json_object_get(record, field));
    *out = text ? strtoull(text, NULL, 16) : 0;
    return text != NULL;
}

bool ws__class_head_read(struct ws__class_head *out, const json_t *record)
{
    uint64_t count, shard, shards;
    *out = (struct ws__class_head){.count = 0};
    if (!is_of_type(record, "class") || !word_get(record, "version", out->version) ||
        !word_get(record, "lesson", out->lesson) || !word_get(record, "file", out->file) ||
        !hash_get(record, "lab", &out->lab) || !hash_get(record, "submissions", &out->submissions) ||
        !number_get(record, "count", COUNT_MOST, &count) || !number_get(record, "shard", COUNT_MOST, &shard) ||
        !number_get(record, "shards", COUNT_MOST, &shards))
        return false;
    out->count = (size_t)count;
    out->shard = (unsigned)shard;
    out->shards = (unsigned)shards;
    return count && shard && shard <= shards;
}
