/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a submission when it was graded: one record, from which every format is written.
 *
 * A record is a line of JSON from the moment it exists: it crosses a pipe from the process that judged, may cross a
 * network in a file, and is only then made into a report.
 */
#ifndef WS_LESSON_GRADED_H
#define WS_LESSON_GRADED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <worldswitch/buffer.h>

#include "lesson/alike.h"
#include "lesson/lesson.h"

/* How a submission fared. */
enum ws__graded_state {
    WS__GRADED_PASSED,
    WS__GRADED_FAILED,
    WS__GRADED_ERROR, /* it could not be judged: it does not become a program, or it took the check down with it */
    WS__GRADED_STATES
};

/* One expectation; see struct ws__result.  Texts are owned, and fit for people. */
struct ws__graded_result {
    struct ws_buffer name;
    struct ws_buffer explanation;
    unsigned points, most;
    bool passed;
    bool placed;
    uint64_t mark;
};

/* Everything is owned; texts are fit for people. */
struct ws__graded {
    size_t number; /* which of the class it is, from 0 */
    struct ws_buffer name;
    enum ws__graded_state state;
    struct ws_buffer message; /* ERROR: why */
    unsigned points, most;
    struct ws__graded_result *result;
    size_t results;
    struct ws__prints prints; /* of its source, without those of what was handed out; see alike.h */
};

void ws__graded_release(struct ws__graded *graded);

/* A check of a submission ended so.  `most`: the lab's points.  false: there is no memory. */
bool ws__graded_judged(struct ws__graded *out, enum ws__verdict verdict, const struct ws__report *report,
                       const struct ws_buffer *why, unsigned most);
/* There is no such file, or it cannot be read: `why`. */
bool ws__graded_unread(struct ws__graded *out, const struct ws_buffer *why, unsigned most);
/* It used more memory than it may. */
bool ws__graded_too_large(struct ws__graded *out, unsigned most);
/* The process that judged it died. */
void ws__graded_died(struct ws__graded *out, int signal, unsigned most);

/* Append it as a record, or set out->failed. */
void ws__graded_write(const struct ws__graded *graded, struct ws_buffer *out);
/* false: it is no such record, or there is no memory. */
bool ws__graded_read(struct ws__graded *out, const json_t *record);

/* -- the class ------------------------------------------------------------------------------------------- */

/* What all parts of a class must agree on, and which part this is. */
struct ws__class_head {
    char lesson[WS__LESSON_NAME]; /* "03-write-a-context-switch" */
    char file[WS__LESSON_NAME];   /* "switch.s" */
    char version[WS__LESSON_NAME];
    uint64_t lab;         /* a number made of the lab's files */
    uint64_t submissions; /* another one, of what was handed in */
    size_t count;         /* submissions in all parts */
    unsigned shard;       /* from 1 */
    unsigned shards;
};

void ws__class_head_write(const struct ws__class_head *head, struct ws_buffer *out);
bool ws__class_head_read(struct ws__class_head *out, const json_t *record);

/* What a report is written from: records in the order of their numbers, which is that of their names. */
struct ws__class {
    const struct ws__class_head *head;
    const struct ws__graded *graded;
    size_t count;
    bool ascii; /* draw with nothing else */
};

/* A format.  Its name stands in the option --report. */
struct ws__writer {
    const char *name;
    bool one; /* the format holds one submission */
    void (*write)(const struct ws__class *class, struct ws_buffer *out);
};

/* The table of formats, in the order of that option's words. */
enum { WS__WRITERS = 13 };
extern const struct ws__writer ws__writers[WS__WRITERS];

#endif
