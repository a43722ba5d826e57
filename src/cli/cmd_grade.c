/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grade: check many submissions, each in a process of its own, and write one report.
 *
 * SUBMISSIONS is a file; a folder that holds the lab's file; or a folder of such files and folders.
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/printable.h"
#include "front/options.h"
#include "front/workers.h"
#include "lesson/build.h"
#include "lesson/graded.h"
#include "lesson/tool.h"

/* Instructions are limited by the labs; this is for a check that hangs on the host. */
enum { PROCESSOR_SECONDS = 300 };

/* One submission. */
struct entry {
    char *path;
    char *name; /* fit for people */
};

struct grading {
    const struct ws__options *options;
    struct ws__lessons lessons;
    size_t lesson; /* its index */
    struct ws_buffer file;
    unsigned most;
    struct entry *entry;
    size_t entries;
    struct ws__graded *graded;
    struct ws__output output;
    bool failed; /* there was no memory for a record */
    char student[WS__STUDENT];
};

/* -- what there is to grade ---------------------------------------------------------------------------- */

static bool entry_add(struct grading *grading, const char *path, const char *name)
{
    struct ws_buffer shown = WS_BUFFER_INIT;
    struct entry *grown = realloc(grading->entry, (grading->entries + 1) * sizeof *grown);
    if (!grown)
        return false;
    grading->entry = grown;
    ws__printable_append(&shown, name, strlen(name));
    bool good = !shown.failed;
    grown[grading->entries] = (struct entry){strdup(path), ws_buffer_detach(&shown)};
    good &= grown[grading->entries].path && grown[grading->entries].name;
    grading->entries++;
    return good;
}

static int entries_order(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : strcmp(left->path, right->path);
}

static bool is_folder(const char *path)
{
    struct stat there;
    return stat(path, &there) == 0 && S_ISDIR(there.st_mode);
}

/* Does the name end as the lab's file does: ".s"? */
static bool ending_fits(const struct grading *grading, const char *name)
{
    const char *wanted = strrchr(ws_buffer_text(&grading->file), '.'), *ending = strrchr(name, '.');
    return wanted && ending && ending != name && !strcmp(wanted, ending);
}

/* The path FOLDER/NAME, or FOLDER/NAME/FILE if that is a folder.  A symbolic link may lead to another student's work:
 * it is an entry itself, and will be refused.  false: no memory. */
static bool member_add(struct grading *grading, const char *folder, const char *name)
{
    struct ws_buffer path = WS_BUFFER_INIT;
    struct stat there = {.st_mode = 0};
    bool good = true;
    ws_buffer_printf(&path, "%s/%s", folder, name);
    if (lstat(ws_buffer_text(&path), &there) == 0 && S_ISDIR(there.st_mode)) {
        ws_buffer_printf(&path, "/%s", ws_buffer_text(&grading->file));
        good = entry_add(grading, ws_buffer_text(&path), name);
    } else if (S_ISLNK(there.st_mode) || ending_fits(grading, name)) {
        good = entry_add(grading, ws_buffer_text(&path), name);
    }
    good &= !path.failed;
    ws_buffer_release(&path);
    return good;
}

static int folder_read(struct grading *grading, const char *path)
{
    DIR *entries = opendir(path);
    bool good = true;
    if (!entries) {
        ws__complain(NULL, "cannot read \"%s\": %s", path, strerror(errno));
        return WS__EXIT_USAGE;
    }
    for (const struct dirent *entry; good && (entry = readdir(entries));)
        if (entry->d_name[0] != '.')
            good = member_add(grading, path, entry->d_name);
    closedir(entries);
    return good ? WS__EXIT_DONE : ws__complain_status(WS_NO_MEMORY, path);
}

static int entries_find(struct grading *grading, const char *path)
{
    struct ws_buffer inside = WS_BUFFER_INIT;
    struct stat there;
    int result = WS__EXIT_DONE;
    if (lstat(path, &there) < 0) {
        ws__complain(NULL, "cannot read \"%s\": %s", path, strerror(errno));
        return WS__EXIT_USAGE;
    }
    ws_buffer_printf(&inside, "%s/%s", path, ws_buffer_text(&grading->file));
    if (is_folder(path) && lstat(ws_buffer_text(&inside), &there) < 0)
        result = folder_read(grading, path);
    else if (!entry_add(grading, is_folder(path) ? ws_buffer_text(&inside) : path, path))
        result = ws__complain_status(WS_NO_MEMORY, path);
    ws_buffer_release(&inside);
    if (result == WS__EXIT_DONE && !grading->entries) {
        ws__complain("a submission is a file, or a folder with that file in it", "there is no \"%s\" in \"%s\"",
                     ws_buffer_text(&grading->file), path);
        result = WS__EXIT_USAGE;
    }
    if (result == WS__EXIT_DONE)
        qsort(grading->entry, grading->entries, sizeof *grading->entry, entries_order);
    return result;
}

/* -- grading ------------------------------------------------------------------------------------------- */

/* Whose variant it is judged by.  A file's ending is not part of a name. */
static const char *student_of(struct grading *grading, size_t job)
{
    const char *name = grading->entry[job].name, *slash = strrchr(name, '/');
    if (!grading->options->students)
        return grading->options->student ? grading->options->student : "";
    name = slash ? slash + 1 : name;
    snprintf(grading->student, sizeof grading->student, "%.*s",
             (int)(ending_fits(grading, name) ? strrchr(name, '.') - name : (ptrdiff_t)strlen(name)), name);
    return grading->student;
}

/* In a process of its own: nothing of another submission is there. */
static bool submission_judge(void *context, size_t job, struct ws_buffer *answer)
{
    struct grading *grading = context;
    struct ws__lesson lesson;
    struct ws_buffer text = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    const struct ws__report *report = NULL;
    enum ws__verdict verdict = WS__VERDICT_UNBUILT;
    enum ws_status status =
        ws__lesson_open(&lesson, &grading->lessons, grading->lesson, student_of(grading, job), &why);
    if (status != WS_OK)
        return false; /* it was opened before: there is no memory */
    status = ws__source_read(grading->entry[job].path, &text, &why);
    if (status == WS_NO_MEMORY)
        return false;
    if (status == WS_OK)
        verdict = ws__lesson_check(&lesson, ws_buffer_text(&text), text.size, &report, &why);
    if (verdict == WS__VERDICT_NO_MEMORY)
        return false;
    ws__graded_write(verdict, report, &why, grading->most, answer);
    return !answer->failed; /* the process ends: all else goes with it */
}

static void answer_take(void *context, size_t job, const struct ws__answer *answer)
{
    struct grading *grading = context;
    struct ws__graded *graded = &grading->graded[job];
    if (answer->died_of)
        ws__graded_died(graded, answer->died_of, grading->most);
    else if (!ws__graded_read(graded, &answer->bytes))
        grading->failed = true;
}

static int all_grade(struct grading *grading)
{
    const struct ws__workers workers = {
        .work = submission_judge,
        .take = answer_take,
        .context = grading,
        .at_once = grading->options->jobs ? (unsigned)grading->options->jobs : ws__workers_count(),
        .processor_seconds = PROCESSOR_SECONDS,
    };
    grading->graded = calloc(grading->entries, sizeof *grading->graded);
    if (!grading->graded)
        return ws__complain_status(WS_NO_MEMORY, "grade");
    for (size_t i = 0; i < grading->entries; i++)
        grading->graded[i].name = grading->entry[i].name;
    int result = ws__workers_run(&workers, 0, 1, grading->entries, &grading->output);
    if (grading->failed)
        ws__output_fail(&grading->output, WS_NO_MEMORY);
    return result;
}

static int report_write(struct grading *grading)
{
    int result = all_grade(grading);
    const struct ws__class class = {
        .lesson = grading->lessons.name[grading->lesson],
        .file = ws_buffer_text(&grading->file),
        .graded = grading->graded,
        .count = grading->entries,
    };
    if (result == WS__EXIT_DONE && !grading->output.interrupted)
        ws__writers[grading->options->report].write(&class, &grading->output.pending);
    grading->output.nothing = result != WS__EXIT_DONE || grading->output.interrupted;
    return result;
}

/* -- the command --------------------------------------------------------------------------------------- */

static int lesson_know(struct grading *grading)
{
    struct ws__lesson lesson = {.minutes = 0};
    struct ws_buffer why = WS_BUFFER_INIT;
    int result = ws__lessons_open(&grading->lessons);
    if (result == WS__EXIT_DONE)
        result = ws__lessons_named(&grading->lessons, grading->options->lesson, &grading->lesson);
    if (result != WS__EXIT_DONE)
        return result;
    enum ws_status status = ws__lesson_open(&lesson, &grading->lessons, grading->lesson, "", &why);
    ws_buffer_printf(&grading->file, "%s", ws_buffer_text(&lesson.file));
    grading->most = lesson.points;
    if (grading->file.failed)
        status = WS_NO_MEMORY;
    if (status == WS_BAD_ARGUMENT && why.size) {
        ws__complain(NULL, "%s", ws_buffer_text(&why));
        result = WS__EXIT_USAGE;
    } else if (status != WS_OK) {
        result = ws__complain_status(status, "the lab");
    }
    ws_buffer_release(&why);
    ws__lesson_release(&lesson);
    return result;
}

static int options_check(const struct ws__options *options)
{
    if (!options->lesson || options->words != 1) {
        ws__complain("such as: worldswitch grade handed-in --lesson 3", "name the lab, and one file or folder");
        return WS__EXIT_USAGE;
    }
    if (!options->unconfined && !ws__tool_wrapped()) {
        ws__complain("install bubblewrap; or --unconfined: sources are judged, and tools have limits, all the same",
                     "what is handed in cannot be confined here: bubblewrap does not work");
        return WS__EXIT_HOST;
    }
    return WS__EXIT_DONE;
}

static void grading_release(struct grading *grading)
{
    for (size_t i = 0; i < grading->entries; i++) {
        if (grading->graded)
            ws__graded_release(&grading->graded[i]);
        free(grading->entry[i].path);
        free(grading->entry[i].name);
    }
    free(grading->entry);
    free(grading->graded);
    ws_buffer_release(&grading->file);
}

int ws__cmd_grade(const struct ws__options *options)
{
    struct grading grading = {.options = options};
    int result = options_check(options);
    if (result == WS__EXIT_DONE)
        result = lesson_know(&grading);
    if (result == WS__EXIT_DONE)
        result = entries_find(&grading, options->word[0]);
    if (result == WS__EXIT_DONE && ws__writers[options->report].one && grading.entries != 1) {
        ws__complain("name one of them", "a report for %s holds one submission, and here are %zu",
                     ws__writers[options->report].name, grading.entries);
        result = WS__EXIT_USAGE;
    }
    if (result == WS__EXIT_DONE)
        result = ws__output_open(&grading.output, options->output);
    if (result == WS__EXIT_DONE)
        result = ws__output_close(&grading.output, report_write(&grading));
    grading_release(&grading);
    return result;
}
