/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of `grade` share: which submissions there are, and writing a report.
 */
#ifndef WS_CLI_GRADE_H
#define WS_CLI_GRADE_H

#include <stddef.h>

#include <worldswitch/buffer.h>

#include "front/output.h"
#include "lesson/graded.h"

struct ws__options;

/* -- grade_find.c -------------------------------------------------------------------------------------- */

/* One submission.  Both texts are owned. */
struct ws__entry {
    char *path;
    char *name; /* fit for people */
};

/* Ascending by name.  Owned. */
struct ws__entries {
    struct ws__entry *entry;
    size_t count;
    size_t passed_over;            /* files that are no submissions */
    struct ws_buffer passed_names; /* of the first of them */
};

/* What there is in `word`, a file, or a folder, of a lab whose file is called `file`.  It complains of files that it
 * passes over.  WS__EXIT_DONE, or an exit status after having complained.  Whatever it answers, release it. */
int ws__entries_find(struct ws__entries *out, const char *word, const char *file);
/* Whose submission is it?  Its folder's name, or its file's without the ending.  WS__EXIT_DONE, or WS__EXIT_USAGE after
 * having complained: there is no name, or it is too long. */
int ws__entry_student(const struct ws__entry *entry, const char *file, char out[WS__STUDENT]);
/* Is it a folder without the lab's file?  Then `why` becomes what is there instead. */
bool ws__entry_missing(const struct ws__entry *entry, const char *file, struct ws_buffer *why);
void ws__entries_release(struct ws__entries *entries);

/* A number made of all names and all contents; and one of a lab's files, its text and its solution aside, and of what
 * chooses its variant.  WS_OK, WS_NO_MEMORY, WS_BAD_FILE. */
enum ws_status ws__entries_hash(const struct ws__entries *entries, uint64_t *out);
enum ws_status ws__lab_hash(const struct ws__lessons *lessons, const struct ws__lesson *lesson, const char *variant,
                            uint64_t *out);

/* -- cmd_grade.c --------------------------------------------------------------------------------------- */

/* Is there a report in that format for so many submissions?  WS__EXIT_DONE, or WS__EXIT_USAGE after having
 * complained. */
int ws__grade_report_fits(const struct ws__options *options, size_t count);
/* Append the report that was asked for. */
void ws__grade_report(const struct ws__options *options, const struct ws__class_head *head,
                      const struct ws__graded *graded, size_t count, struct ws_buffer *out);

/* -- grade_merge.c ------------------------------------------------------------------------------------- */

/* Join the files that were written by --report records.  Returns the exit status. */
int ws__grade_merge(const struct ws__options *options);

#endif
