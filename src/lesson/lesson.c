/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One lab: what it says of itself, its starter, its check. */
#include "lesson/lesson.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/image.h>

#include "lesson/lua/script.h"

enum { SOLUTION_BYTES = 1 << 20 };

void ws__lesson_path(const struct ws__lesson *lesson, const char *name, char out[WS__LESSON_PATH])
{
    if (snprintf(out, WS__LESSON_PATH, "%s/%s", lesson->folder, name) >= WS__LESSON_PATH)
        *out = 0;
}

/* -- opening ------------------------------------------------------------------------------------------- */

static enum ws_status script_run(struct ws__lesson *lesson, const char *path, struct ws_buffer *why)
{
    errno = 0;
    enum ws_status status = ws__script_run(lesson->script, path, NULL, 0, why);
    if (status == WS_BAD_FILE)
        ws_buffer_printf(why, "cannot read \"%s\": %s", path, strerror(errno));
    return status;
}

static enum ws_status number_read(struct ws__lesson *lesson, const char *name, unsigned *out, struct ws_buffer *why)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    enum ws_status status = ws__script_text(lesson->script, name, &text, why);
    *out = (unsigned)strtoul(ws_buffer_text(&text), NULL, 10);
    ws_buffer_release(&text);
    return status;
}

static enum ws_status facts_read(struct ws__lesson *lesson, struct ws_buffer *why)
{
    enum ws_status status = ws__script_text(lesson->script, "title", &lesson->title, why);
    if (status == WS_OK)
        status = ws__script_text(lesson->script, "file", &lesson->file, why);
    if (status == WS_OK)
        status = ws__script_list(lesson->script, "blank", lesson->blank, WS__LESSON_BLANKS, &lesson->blanks, why);
    if (status == WS_OK)
        status = number_read(lesson, "minutes", &lesson->minutes, why);
    if (status == WS_OK)
        status = number_read(lesson, "points", &lesson->points, why);
    if (status == WS_OK && (!lesson->title.size || !lesson->file.size)) {
        ws_buffer_printf(why, "\"%s/lesson.lua\" lacks a title, or does not say which file is handed in", lesson->name);
        status = WS_BAD_ARGUMENT;
    }
    return status;
}

/* A name as a seed: FNV-1a, of Fowler, Noll and Vo.  Without a name it is 1. */
static uint64_t seed_of(const char *student)
{
    uint64_t seed = 0xcbf29ce484222325;
    for (const char *at = student; *at; at++)
        seed = (seed ^ (uint8_t)*at) * 0x100000001b3;
    return *student ? seed : 1;
}

static void facts_release(struct ws__lesson *lesson)
{
    ws_buffer_release(&lesson->title);
    ws_buffer_release(&lesson->file);
    for (size_t i = 0; i < lesson->blanks; i++)
        ws_buffer_release(&lesson->blank[i]);
    lesson->blanks = 0;
}

enum ws_status ws__lesson_turn(struct ws__lesson *lesson, const struct ws__lessons *lessons, const char *student,
                               struct ws_buffer *why)
{
    char path[WS__LESSON_PATH];
    ws__lesson_path(lesson, "lesson.lua", path);
    facts_release(lesson);
    ws__script_reseed(lesson->script, seed_of(student));
    enum ws_status status = ws__script_set_text(lesson->script, "student", student);
    for (size_t i = 0; i < WS__LESSON_SHARED && status == WS_OK; i++)
        status = script_run(lesson, lessons->shared[i], why);
    if (status == WS_OK)
        status = script_run(lesson, path, why);
    return status == WS_OK ? facts_read(lesson, why) : status;
}

enum ws_status ws__lesson_open(struct ws__lesson *out, const struct ws__lessons *lessons, size_t index,
                               const char *student, struct ws_buffer *why)
{
    *out = (struct ws__lesson){.minutes = 0};
    snprintf(out->name, sizeof out->name, "%s", lessons->name[index]);
    if (snprintf(out->folder, sizeof out->folder, "%s/%s", lessons->folder, out->name) >= WS__LESSON_PATH)
        return WS_BAD_FILE;
    enum ws_status status = ws__script_new(&out->script, WS__SCRIPT_CLOSED, seed_of(student));
    return status == WS_OK ? ws__lesson_turn(out, lessons, student, why) : status;
}

void ws__lesson_release(struct ws__lesson *lesson)
{
    ws__script_free(lesson->script);
    facts_release(lesson);
    *lesson = (struct ws__lesson){.minutes = 0};
}

enum ws_status ws__lesson_prepare(struct ws__lesson *lesson, struct ws_buffer *why)
{
    return ws__script_prepare(lesson->script, why);
}

bool ws__lesson_asks(const struct ws__lesson *lesson)
{
    return !strcmp(ws_buffer_text(&lesson->file), "answers.txt");
}

/* -- the starter --------------------------------------------------------------------------------------- */

enum ws_status ws__lesson_starter(const struct ws__lesson *lesson, struct ws_buffer *out, struct ws_buffer *why)
{
    char name[WS__LESSON_NAME + 16], path[WS__LESSON_PATH];
    struct ws_buffer solution = WS_BUFFER_INIT;
    if (ws__lesson_asks(lesson))
        return ws__script_text(lesson->script, "sheet", out, why);
    snprintf(name, sizeof name, "solution/%s", ws_buffer_text(&lesson->file));
    ws__lesson_path(lesson, name, path);
    enum ws_status status = ws_file_read(path, SOLUTION_BYTES, &solution);
    if (status == WS_OK) {
        status = ws__regions_blank(&solution, lesson->blank, lesson->blanks, out, why);
    } else if (status == WS_BAD_FILE) {
        snprintf(name, sizeof name, "starter/%s", ws_buffer_text(&lesson->file));
        ws__lesson_path(lesson, name, path);
        errno = 0;
        status = ws_file_read(path, SOLUTION_BYTES, out);
        if (status == WS_BAD_FILE)
            ws_buffer_printf(why, "cannot read \"%s\": %s", path, strerror(errno));
    }
    ws_buffer_release(&solution);
    return status;
}

enum ws_status ws__lesson_handouts(const struct ws__lesson *lesson, struct ws__handout out[WS__LESSON_HANDOUTS],
                                   size_t *count, struct ws_buffer *why)
{
    return ws__script_files(lesson->script, "handouts", out, count, why);
}

/* -- the check ----------------------------------------------------------------------------------------- */

enum ws__verdict ws__lesson_check(struct ws__lesson *lesson, const char *text, size_t bytes,
                                  const struct ws__report **report, struct ws_buffer *why)
{
    const struct ws__submission submission = {lesson->folder, ws_buffer_text(&lesson->file), text, bytes};
    enum ws_status status;
    enum ws__build_result built = ws__script_check(lesson->script, &submission, &status, why);
    *report = ws__script_report(lesson->script);
    if (built == WS__BUILD_REFUSED)
        return WS__VERDICT_UNBUILT;
    if (built == WS__BUILD_NO_TOOL)
        return WS__VERDICT_NO_TOOL;
    if (built == WS__BUILD_HOST || status == WS_NO_MEMORY)
        return WS__VERDICT_NO_MEMORY;
    if (status != WS_OK)
        return WS__VERDICT_BROKEN;
    return ws__report_passed(*report) ? WS__VERDICT_PASSED : WS__VERDICT_WANTING;
}
