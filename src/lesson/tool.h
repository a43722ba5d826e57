/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a compiler, an assembler or a linker on what a student handed in.
 */
#ifndef WS_LESSON_TOOL_H
#define WS_LESSON_TOOL_H

#include <stdbool.h>

#include <worldswitch/buffer.h>

enum { WS__TOOL_WORDS = 128, WS__TOOL_WORD = 160, WS__TOOL_FOLDER = 200 };

/* A command line; zero: an empty one. */
struct ws__tool {
    char word[WS__TOOL_WORDS][WS__TOOL_WORD];
    unsigned words;
    bool full; /* a word did not fit: it will not be run */
};

/* Append words, separated by blanks; append one word. */
void ws__tool_words(struct ws__tool *tool, const char *words);
void ws__tool_word(struct ws__tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What keeps a tool from other files.  Landlock forbids the mounts that bubblewrap makes: it is one or the other.  With
 * either, a tool sees what confine.h says and the folder that it works in; with bubblewrap it also has no network, and
 * sees no other process. */
enum ws__tool_walls { WS__TOOL_NO_WALLS, WS__TOOL_LANDLOCK, WS__TOOL_BUBBLEWRAP };

enum ws__tool_result { WS__TOOL_DONE, WS__TOOL_FAILED, WS__TOOL_MISSING, WS__TOOL_HOST };

/* Run it in that folder, and append what it says, made fit for people, as far as it is not too much. */
enum ws__tool_result ws__tool_run(const struct ws__tool *tool, const char *folder, enum ws__tool_walls walls,
                                  struct ws_buffer *said);

/* Do they work here?  They are tried. */
bool ws__tool_walls_work(enum ws__tool_walls walls);
/* The best that work.  They are looked for once. */
enum ws__tool_walls ws__tool_walls(void);

/* What each tool may use, in words: "5 s of a processor, 1 GiB of memory, ...". */
void ws__tool_limits(struct ws_buffer *out);

#endif
