/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats' functions, for their table, and what they share.
 *
 * None says when it was written, or how long anything took: the same submissions give the same bytes.
 *
 * What a student has written may be quoted in names and explanations.  They are fit for people already: no control
 * characters but line ends.  Each format sees to the rest: that no such text is taken for the grader's own.
 */
#ifndef WS_LESSON_WRITERS_H
#define WS_LESSON_WRITERS_H

#include "lesson/graded.h"

enum { WS__REPORT_COLUMNS = 80, WS__REPORT_INDENT = 8 };

typedef void ws__write(const struct ws__class *class, struct ws_buffer *out);

/* writers.c: for people, and for build servers */
ws__write ws__write_text, ws__write_records, ws__write_gradelib, ws__write_junit, ws__write_tap;
/* writers_class.c: for the instructor */
ws__write ws__write_class, ws__write_csv;
/* writers_learn.c: for systems that courses use */
ws__write ws__write_gradescope, ws__write_prairielearn, ws__write_github, ws__write_autolab, ws__write_coderunner,
    ws__write_vpl;

/* A submission as a list of tests, for formats that know nothing else: its results, or one that stands for all if it
 * could not be judged.  Everything is borrowed but `message`. */
struct ws__test {
    const char *name;
    struct ws_buffer message; /* what failed, and where to look; owned */
    unsigned points, most;
    bool passed, error;
};

size_t ws__tests(const struct ws__graded *graded);
/* The caller releases test.message. */
struct ws__test ws__test_get(const struct ws__class *class, const struct ws__graded *graded, size_t number);

/* Append a text; `escape` says what stands for a character, NULL: itself. */
void ws__escaped(struct ws_buffer *out, const char *text, const char *(*escape)(char));
/* For XML and HTML, in an attribute or between tags. */
const char *ws__escape_xml(char c);

#endif
