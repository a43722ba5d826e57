/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts in Lua, with the library as the table `worldswitch`.  lessons/API.md says what is in it.
 *
 * An open script is the user's own: it has all of Lua's libraries.  A closed one is a lab's check: it has string,
 * table, math, utf8 and what of the basic functions neither reads files nor loads code.  It gives the same results each
 * time: math.random() counts from the seed, pairs() goes in the order of the keys, and print() goes to the report.
 */
#ifndef WS_LESSON_LUA_SCRIPT_H
#define WS_LESSON_LUA_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

#include "lesson/build.h"
#include "lesson/report.h"

enum ws__script_kind { WS__SCRIPT_OPEN, WS__SCRIPT_CLOSED };

struct ws__script;
struct ws__quiz_question;

/* Lua's version, as "5.4.4"; "" if this copy was built without it.  A constant. */
const char *ws__script_version(void);

/* Make a script's surroundings.  WS_OK, WS_NO_MEMORY; WS_UNSUPPORTED: this copy was built without Lua. */
enum ws_status ws__script_new(struct ws__script **out, enum ws__script_kind kind, uint64_t seed);
void ws__script_free(struct ws__script *script);

/* Have a closed script's math.random() count from another seed. */
void ws__script_reseed(struct ws__script *script, uint64_t seed);

/*
 * Read and run a file; its words are its arguments, and the table `arg`, as the program lua has it.
 * WS_OK; WS_NO_MEMORY; WS_BAD_FILE (errno says why); WS_BAD_ARGUMENT: the script is wrong, or failed, and `why` gets
 * one line: FILE:LINE: what is wrong.
 */
enum ws_status ws__script_run(struct ws__script *script, const char *path, char *const *words, unsigned count,
                              struct ws_buffer *why);

/* A global variable, or what a global function returns, as a text; a list of texts.  What is not there is empty.
 * As ws__script_run(). */
enum ws_status ws__script_text(struct ws__script *script, const char *name, struct ws_buffer *out,
                               struct ws_buffer *why);
enum ws_status ws__script_list(struct ws__script *script, const char *name, struct ws_buffer *out, size_t most,
                               size_t *count, struct ws_buffer *why);

/* Give a global variable a text.  WS_OK, WS_NO_MEMORY. */
enum ws_status ws__script_set_text(struct ws__script *script, const char *name, const char *text);

/* Call the global function prepare(), if there is one, and release what it made and did not keep: machines are large.
 * As ws__script_run(). */
enum ws_status ws__script_prepare(struct ws__script *script, struct ws_buffer *why);

struct ws__handout;
/* The files that a global function returns: a table of names and their bytes.  In the order of the names; *out is the
 * caller's.  If there is no such function, they are none.  As ws__script_run(). */
enum ws_status ws__script_files(struct ws__script *script, const char *name, struct ws__handout *out, size_t *count,
                                struct ws_buffer *why);

/* What a lab's check is called with.  All is borrowed. */
struct ws__submission {
    const char *folder; /* the lab's */
    const char *name;   /* "switch.s" */
    const char *text;
    size_t bytes;
};

/* Call the script's function check().  If the submission could not be built, the result says how, and `why` what the
 * tools said; else *status is as of ws__script_run(). */
enum ws__build_result ws__script_check(struct ws__script *script, const struct ws__submission *submission,
                                       enum ws_status *status, struct ws_buffer *why);

/* Call the script's function quiz() with a question's number and how often that was tried, math.random() counting from
 * the seed, and read what it returns into an empty *out.  As ws__script_run(); also WS_NOT_FOUND: there is no such
 * function.  The caller releases *out in any case. */
enum ws_status ws__script_quiz(struct ws__script *script, uint64_t seed, size_t number, unsigned attempt,
                               struct ws__quiz_question *out, struct ws_buffer *why);

/* What its calls of expect() have collected so far.  Borrowed. */
const struct ws__report *ws__script_report(const struct ws__script *script);

#endif
