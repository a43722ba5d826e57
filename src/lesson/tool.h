/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a compiler, an assembler or a linker on what a student handed in.
 */
#ifndef WS_LESSON_TOOL_H
#define WS_LESSON_TOOL_H

#include <stdbool.h>

#include <worldswitch/buffer.h>

enum { WS__TOOL_WORDS = 96, WS__TOOL_WORD = 160, WS__TOOL_FOLDER = 200 };

/* A command line; zero: an empty one. */
struct ws__tool {
    char word[WS__TOOL_WORDS][WS__TOOL_WORD];
    unsigned words;
    bool full; /* a word did not fit: it will not be run */
};

/* Append words, separated by blanks; append one word. */
void ws__tool_words(struct ws__tool *tool, const char *words);
void ws__tool_word(struct ws__tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum ws__tool_result { WS__TOOL_DONE, WS__TOOL_FAILED, WS__TOOL_MISSING, WS__TOOL_HOST };

/* Run it in that folder, by bubblewrap if `wrapped`, and append what it says, made fit for people, as far as it is not
 * too much. */
enum ws__tool_result ws__tool_run(const struct ws__tool *tool, const char *folder, bool wrapped,
                                  struct ws_buffer *said);

/* Does bubblewrap work here?  Then tools see the system's own folders and the one that they work in only. */
bool ws__tool_wrapped(void);

#endif
