/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grade: check many submissions, each in a process of its own, and write one report.
 *
 * SUBMISSIONS is a file; a folder that holds the lab's file; or a folder of such files and folders.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/grade.h"
#include "front/options.h"
#include "front/parts.h"
#include "front/workers.h"
#include "lesson/build.h"
#include "lesson/tool.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* Instructions are limited by the labs; this is for a check that hangs on the host. */
enum { PROCESSOR_SECONDS = 300 };
/* And this is for one that collects without an end.  A lab takes some tens of MiB. */
#define MEMORY_BYTES ((size_t)2 << 30)
enum { ITS_OWN_KIB = 1 << 20 }; /* with so much in use, it is this submission's own doing that there is no more */

struct grading {
    const struct ws__options *options;
    struct ws__lessons lessons;
    struct ws__lesson lesson;
    struct ws_buffer file;
    unsigned most;
    struct ws__prints handed_out; /* what does not make two submissions alike */
    bool answers;                 /* to questions: the right ones are alike */
    struct ws__entries entries;
    struct ws__class_head head;
    struct ws__graded *graded; /* by number; those of other parts are empty */
    struct ws__output output;
    bool failed; /* there was no memory for a record */
    char student[WS__STUDENT];
};

/* -- grading ------------------------------------------------------------------------------------------- */

/* Whose variant it is judged by. */
static const char *student_of(struct grading *grading, size_t job)
{
    if (!grading->options->students)
        return grading->options->student ? grading->options->student : "";
    ws__entry_student(&grading->entries.entry[job], ws_buffer_text(&grading->file), grading->student);
    return grading->student;
}

/* Has each of them a name to choose a variant by? */
static int students_know(struct grading *grading)
{
    int result = WS__EXIT_DONE;
    for (size_t i = 0; grading->options->students && i < grading->entries.count && result == WS__EXIT_DONE; i++)
        result = ws__entry_student(&grading->entries.entry[i], ws_buffer_text(&grading->file), grading->student);
    return result;
}

/* What its source has of its own. */
static void prints_take(const struct grading *grading, const struct ws_buffer *text, struct ws__graded *graded)
{
    if (grading->answers)
        return;
    ws__prints_of(&graded->prints, ws_buffer_text(&grading->file), ws_buffer_text(text), text->size);
    ws__prints_without(&graded->prints, &grading->handed_out);
}

/* There is no memory: because this process has taken so much, or because the host has none for any of them? */
static bool took_all_memory(void)
{
    struct rusage used;
    return getrusage(RUSAGE_SELF, &used) == 0 && used.ru_maxrss > ITS_OWN_KIB;
}

/* In a process of its own: nothing of another submission is there. */
static bool submission_judge(void *context, size_t job, struct ws_buffer *answer)
{
    struct grading *grading = context;
    struct ws__lesson *lesson = &grading->lesson;
    struct ws_buffer text = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    struct ws__graded graded = {.number = job};
    const struct ws__report *report = NULL;
    enum ws__verdict verdict = WS__VERDICT_UNBUILT;
    enum ws_status status = ws__lesson_turn(lesson, &grading->lessons, student_of(grading, job), &why);
    if (status != WS_OK)
        return false; /* it was read before: there is no memory */
    status = ws__source_read(grading->entries.entry[job].path, &text, &why);
    if (status == WS_NO_MEMORY)
        return false;
    if (status == WS_OK) {
        prints_take(grading, &text, &graded);
        verdict = ws__lesson_check(lesson, ws_buffer_text(&text), text.size, &report, &why);
    }
    ws_buffer_printf(&graded.name, "%s", grading->entries.entry[job].name);
    if (status != WS_OK) {
        ws__entry_missing(&grading->entries.entry[job], ws_buffer_text(&grading->file), &why);
        if (!ws__graded_unread(&graded, &why, grading->most))
            return false;
    } else if (verdict == WS__VERDICT_NO_MEMORY) {
        ws__lesson_release(lesson);
        if (!took_all_memory() || !ws__graded_too_large(&graded, grading->most))
            return false;
    } else if (!ws__graded_judged(&graded, verdict, report, &why, grading->most)) {
        return false;
    }
    ws__graded_write(&graded, answer);
    return !answer->failed; /* the process ends: all else goes with it */
}

static void answer_take(void *context, size_t job, const struct ws__answer *answer)
{
    struct grading *grading = context;
    struct ws__graded *graded = &grading->graded[job];
    if (answer->died_of) {
        graded->number = job;
        ws_buffer_printf(&graded->name, "%s", grading->entries.entry[job].name);
        ws__graded_died(graded, answer->died_of, grading->most);
        grading->failed |= graded->name.failed || graded->message.failed;
    } else {
        json_t *record = json_loadb(answer->bytes.data, answer->bytes.size, 0, NULL);
        grading->failed |= !record || !ws__graded_read(graded, record);
        json_decref(record);
    }
}

/* WS__EXIT_DONE; or complain of the lab.  `why` is released. */
static int lesson_complain(enum ws_status status, struct ws_buffer *why)
{
    int result = WS__EXIT_DONE;
    if (status != WS_OK)
        result = ws__complain_why(status, "the lab", why);
    ws_buffer_release(why);
    return result;
}

/* Once for all: each submission's process begins as a copy of this one. */
static int lesson_prepare(struct grading *grading)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    enum ws_status status = ws__lesson_prepare(&grading->lesson, &why);
    if (!ws__output_done(&grading->output))
        return lesson_complain(status, &why);
    ws_buffer_release(&why);
    return WS__EXIT_DONE; /* the user does not want to know any more */
}

static int all_grade(struct grading *grading)
{
    const struct ws__class_head *head = &grading->head;
    char room[WS__TOOL_FOLDER];
    const struct ws__workers workers = {
        .work = submission_judge,
        .take = answer_take,
        .context = grading,
        .at_once = grading->options->jobs ? (unsigned)grading->options->jobs : ws__workers_count(),
        .processor_seconds = PROCESSOR_SECONDS,
        .memory_bytes = MEMORY_BYTES,
    };
    grading->graded = calloc(head->count, sizeof *grading->graded);
    if (!grading->graded)
        return ws__complain_status(WS_NO_MEMORY, "grade");
    if (!ws__build_room_make(room)) {
        ws__complain("TMPDIR names another place", "cannot make a folder to work in: %s", strerror(errno));
        return WS__EXIT_HOST;
    }
    int result = lesson_prepare(grading);
    if (result == WS__EXIT_DONE)
        result = ws__workers_run(&workers, head->shard - 1, head->shards, head->count, &grading->output);
    ws__build_room_remove(room);
    if (grading->failed)
        ws__output_fail(&grading->output, WS_NO_MEMORY);
    return result;
}

/* -- the report ---------------------------------------------------------------------------------------- */

int ws__grade_report_fits(const struct ws__options *options, size_t count)
{
    if (!ws__writers[options->report].one || count == 1)
        return WS__EXIT_DONE;
    ws__complain("name one of them, such as: worldswitch grade handed-in/anna",
                 "a report for %s holds one submission, and here are %zu", ws__writers[options->report].name, count);
    return WS__EXIT_USAGE;
}

void ws__grade_report(const struct ws__options *options, const struct ws__class_head *head,
                      const struct ws__graded *graded, size_t count, struct ws_buffer *out)
{
    const struct ws__class class = {
        .head = head,
        .graded = graded,
        .count = count,
        .ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
    };
    ws__writers[options->report].write(&class, out);
}

/* Those of this part only, side by side. */
static size_t graded_gather(struct grading *grading)
{
    size_t count = 0;
    for (size_t i = grading->head.shard - 1; i < grading->head.count; i += grading->head.shards, count++) {
        struct ws__graded one = grading->graded[i];
        grading->graded[i] = (struct ws__graded){.number = 0};
        grading->graded[count] = one;
    }
    return count;
}

static int report_write(struct grading *grading)
{
    int result = all_grade(grading);
    if (result == WS__EXIT_DONE && !grading->output.interrupted)
        ws__grade_report(grading->options, &grading->head, grading->graded, graded_gather(grading),
                         &grading->output.pending);
    grading->output.nothing = result != WS__EXIT_DONE || grading->output.interrupted;
    return result;
}

/* -- the command --------------------------------------------------------------------------------------- */

/* What is known of the lab before any submission is. */
static enum ws_status lesson_look(struct grading *grading, const struct ws__lesson *lesson)
{
    struct ws_buffer starter = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    const char *file = ws_buffer_text(&lesson->file);
    struct ws__class_head *head = &grading->head;
    const struct ws__options *options = grading->options;
    const char *variant = options->students ? "each its own" : options->student ? options->student : "";
    enum ws_status status = ws__lab_hash(&grading->lessons, lesson, variant, &head->lab);
    grading->most = lesson->points;
    grading->answers = ws__lesson_asks(lesson);
    ws_buffer_printf(&grading->file, "%s", file);
    snprintf(head->lesson, sizeof head->lesson, "%s", lesson->name);
    snprintf(head->file, sizeof head->file, "%s", file);
    snprintf(head->version, sizeof head->version, "%s", PACKAGE_VERSION);
    if (status == WS_OK && ws__lesson_starter(lesson, &starter, &why) == WS_OK)
        ws__prints_all(&grading->handed_out, file, ws_buffer_text(&starter), starter.size);
    if (grading->file.failed || starter.failed || why.failed || grading->handed_out.failed)
        status = WS_NO_MEMORY;
    ws_buffer_release(&starter);
    ws_buffer_release(&why);
    return status;
}

static int lesson_know(struct grading *grading)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    size_t index;
    int result = ws__lessons_open(&grading->lessons);
    if (result == WS__EXIT_DONE)
        result = ws__lessons_named(&grading->lessons, grading->options->lesson, &index);
    if (result != WS__EXIT_DONE)
        return result;
    enum ws_status status = ws__lesson_open(&grading->lesson, &grading->lessons, index, "", &why);
    if (status == WS_OK)
        status = lesson_look(grading, &grading->lesson);
    return lesson_complain(status, &why);
}

static int submissions_know(struct grading *grading)
{
    struct ws__class_head *head = &grading->head;
    int result = ws__entries_find(&grading->entries, grading->options->word[0], ws_buffer_text(&grading->file));
    if (result == WS__EXIT_DONE)
        result = students_know(grading);
    if (result != WS__EXIT_DONE)
        return result;
    head->count = grading->entries.count;
    enum ws_status status = ws__entries_hash(&grading->entries, &head->submissions);
    if (status != WS_OK)
        return ws__complain_status(status, grading->options->word[0]);
    return ws__grade_report_fits(grading->options, head->count);
}

static int options_check(const struct ws__options *options)
{
    if (!options->lesson || options->words != 1) {
        ws__complain("such as: worldswitch grade handed-in --lesson 3", "name the lab, and one file or folder");
        return WS__EXIT_USAGE;
    }
    if (options->student && options->students) {
        ws__complain("leave one of them away", "--student names one variant for all, --students one for each");
        return WS__EXIT_USAGE;
    }
    if (options->student && strlen(options->student) >= WS__STUDENT) {
        ws__complain("give it a name of at most 63 bytes", "\"%s\" is too long for a student's name", options->student);
        return WS__EXIT_USAGE;
    }
    if (options->shard && strcmp(ws__writers[options->report].name, "records") != 0) {
        ws__complain("add --report records -o FILE; then --merge writes the report",
                     "--shard: a part of a class is no report");
        return WS__EXIT_USAGE;
    }
    if (ws__tool_walls() == WS__TOOL_NO_WALLS && !options->unconfined) {
        ws__complain("install bubblewrap; or --unconfined: sources are judged, and tools have limits, all the same",
                     "what is handed in cannot be confined here: neither bubblewrap nor Landlock works");
        return WS__EXIT_HOST;
    }
    return WS__EXIT_DONE;
}

static void grading_release(struct grading *grading)
{
    for (size_t i = 0; grading->graded && i < grading->head.count; i++)
        ws__graded_release(&grading->graded[i]);
    free(grading->graded);
    ws__lesson_release(&grading->lesson);
    ws__entries_release(&grading->entries);
    ws__prints_release(&grading->handed_out);
    ws_buffer_release(&grading->file);
}

int ws__cmd_grade(const struct ws__options *options)
{
    struct grading grading = {.options = options};
    if (options->merge)
        return ws__grade_merge(options);
    int result = options_check(options);
    if (result == WS__EXIT_DONE)
        result = ws__parts_parse(options->shard, &grading.head.shard, &grading.head.shards);
    if (result == WS__EXIT_DONE)
        result = lesson_know(&grading);
    if (result == WS__EXIT_DONE)
        result = submissions_know(&grading);
    if (result == WS__EXIT_DONE)
        result = ws__output_open(&grading.output, options->output);
    if (result == WS__EXIT_DONE)
        result = ws__output_close(&grading.output, report_write(&grading));
    grading_release(&grading);
    return result;
}
