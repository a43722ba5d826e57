/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a submission when it was graded: one record, from which every format is written.
 */
#ifndef WS_LESSON_GRADED_H
#define WS_LESSON_GRADED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>

#include "lesson/lesson.h"

/* How a submission fared. */
enum ws__graded_state {
    WS__GRADED_PASSED,
    WS__GRADED_FAILED,
    WS__GRADED_ERROR /* it could not be judged: it does not become a program, or it took the check down with it */
};

struct ws__json;

/* One expectation; see struct ws__result.  Texts are owned, and fit for people. */
struct ws__graded_result {
    struct ws_buffer name;
    struct ws_buffer explanation;
    unsigned points, most;
    bool passed;
    bool placed;
    uint64_t mark;
};

struct ws__graded {
    const char *name; /* of the submission; borrowed */
    enum ws__graded_state state;
    struct ws_buffer message; /* ERROR: why; owned */
    unsigned points, most;
    struct ws__graded_result *result; /* owned */
    size_t results;
};

void ws__graded_release(struct ws__graded *graded);

/* Append what a check ended with, as a line that ws__graded_read() understands.  `most`: the lab's points. */
void ws__graded_write(enum ws__verdict verdict, const struct ws__report *report, const struct ws_buffer *why,
                      unsigned most, struct ws_buffer *out);
/* false: it is no such line, or there is no memory. */
bool ws__graded_read(struct ws__graded *out, const struct ws_buffer *line);
/* It has no such line: the process that judged it died. */
void ws__graded_died(struct ws__graded *out, int signal, unsigned most);

/* Add a text of several lines to a record, each made fit for people. */
void ws__graded_text(struct ws__json *json, const char *field, const char *text);

/* What a report is written from: records in the order of their names. */
struct ws__class {
    const char *lesson; /* "03-write-a-context-switch" */
    const char *file;   /* "switch.s" */
    struct ws__graded *graded;
    size_t count;
};

/* name; write it */
struct ws__writer {
    const char *name;
    bool one; /* the format holds one submission */
    void (*write)(const struct ws__class *class, struct ws_buffer *out);
};

/* The table of formats, in the order of the option --report. */
#define WS__WRITER_WORDS "text|junit|tap|gradescope|github"
enum { WS__WRITERS = 5 };
extern const struct ws__writer ws__writers[WS__WRITERS];

#endif
