/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Labs: where they are, what is in them, what a student does with them.
 *
 * A lab is a folder NN-name: lesson.md (the text), lesson.lua (title, file, regions to blank, questions, check), and
 * what the check wants besides.  solution/FILE is there in the sources, and where instructors have installed it; else
 * there is starter/FILE, which was made of it.
 */
#ifndef WS_LESSON_LESSON_H
#define WS_LESSON_LESSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

#include "lesson/report.h"

struct ws__script;

enum {
    WS__LESSONS_MOST = 100,
    WS__LESSON_PATH = 1024,
    WS__LESSON_NAME = 64,
    WS__LESSON_BLANKS = 32,
    WS__STUDENT = 64,
    WS__LESSON_HANDOUTS = 32,
    WS__LESSON_SHARED = 5
};

/* The labs that there are. */
struct ws__lessons {
    char folder[WS__LESSON_PATH];
    char name[WS__LESSONS_MOST][WS__LESSON_NAME]; /* "03-write-a-context-switch", ascending */
    size_t count;
    bool no_memory; /* to look for them */
    /* What is run before each, common.lua first: in that folder, or with the program. */
    char shared[WS__LESSON_SHARED][WS__LESSON_PATH];
};

/* Find them: in $WS_LESSONS, beside the program, or where they are installed.  WS__EXIT_DONE, or an exit status after
 * having complained: there are none in `out->folder`, which is the last one of these; or this copy has no Lua. */
int ws__lessons_open(struct ws__lessons *out);
/* The index of the lab that a user calls so: its number, or its folder's name.  As above. */
int ws__lessons_named(const struct ws__lessons *lessons, const char *word, size_t *index);

/* What lesson.lua says.  Everything is owned. */
struct ws__lesson {
    char folder[WS__LESSON_PATH];
    char name[WS__LESSON_NAME];
    struct ws_buffer title;
    struct ws_buffer file; /* what a student hands in: "switch.s", "answers.txt" */
    struct ws_buffer blank[WS__LESSON_BLANKS];
    size_t blanks;
    unsigned minutes, points;
    struct ws__script *script;
};

/* Read one, in the variant of that student: a short text, or "" for the one that everybody has.  WS_OK, WS_NO_MEMORY,
 * WS_UNSUPPORTED (there is no Lua), WS_BAD_FILE, WS_BAD_ARGUMENT; `why` gets one line.  Whatever it answers, release
 * it. */
enum ws_status ws__lesson_open(struct ws__lesson *out, const struct ws__lessons *lessons, size_t index,
                               const char *student, struct ws_buffer *why);
void ws__lesson_release(struct ws__lesson *lesson);

/* Let the lab do what its checks need of it whoever handed in: its function prepare(), if it has one.  What that keeps
 * with once() is there for each process that is forked later.  As above. */
enum ws_status ws__lesson_prepare(struct ws__lesson *lesson, struct ws_buffer *why);
/* Read it again, in the variant of another student; what was prepared stays.  As above. */
enum ws_status ws__lesson_turn(struct ws__lesson *lesson, const struct ws__lessons *lessons, const char *student,
                               struct ws_buffer *why);

/* Does it ask?  Then answers are handed in. */
bool ws__lesson_asks(const struct ws__lesson *lesson);

/* The path of a file of the lab, "" if it does not fit. */
void ws__lesson_path(const struct ws__lesson *lesson, const char *name, char out[WS__LESSON_PATH]);

/* Make what a student begins with.  As above. */
enum ws_status ws__lesson_starter(const struct ws__lesson *lesson, struct ws_buffer *out, struct ws_buffer *why);

/* A file that a student gets besides. */
struct ws__handout {
    struct ws_buffer name;
    struct ws_buffer bytes;
};

/* Make them, in the order of their names.  *out is the caller's.  As above. */
enum ws_status ws__lesson_handouts(const struct ws__lesson *lesson, struct ws__handout out[WS__LESSON_HANDOUTS],
                                   size_t *count, struct ws_buffer *why);

/* Blank regions of a source: what stands between "region: NAME {" and its "}" goes, and "your code here" comes; the
 * comment with the name stays, for it says what to do.  WS_OK, WS_NO_MEMORY; WS_BAD_ARGUMENT: one of them is not there,
 * or has no end. */
enum ws_status ws__regions_blank(const struct ws_buffer *source, const struct ws_buffer *blank, size_t blanks,
                                 struct ws_buffer *out, struct ws_buffer *why);

/* How a check ended. */
enum ws__verdict {
    WS__VERDICT_PASSED,
    WS__VERDICT_WANTING,  /* see the report */
    WS__VERDICT_UNBUILT,  /* it does not assemble, compile or link: `why` says more, in several lines */
    WS__VERDICT_BROKEN,   /* the lab itself is wrong: `why` */
    WS__VERDICT_NO_TOOL,  /* there is no compiler here */
    WS__VERDICT_NO_MEMORY /* or no room for files */
};

/* Check a submission, whose text the caller has read.  *report is borrowed as long as the lesson. */
enum ws__verdict ws__lesson_check(struct ws__lesson *lesson, const char *text, size_t bytes,
                                  const struct ws__report **report, struct ws_buffer *why);

#endif
