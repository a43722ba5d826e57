/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of a source stands in another one, too.
 *
 * A source is cut into tokens: comments and blanks go, names of labels and variables become one token, numbers are the
 * same however they are spelled.  Runs of tokens are hashed, and some of the hashes, chosen by winnowing (Schleimer,
 * Wilkerson, Aiken: Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003), are kept: its prints.  A run
 * that two sources have in common, and that is long enough, gives a print that both have, wherever it stands.
 *
 * Registers stay as they are.  In the few instructions of a lab, which of them a student takes is much of what is her
 * own.
 */
#ifndef WS_LESSON_ALIKE_H
#define WS_LESSON_ALIKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WS__PRINT_TOKENS = 12,  /* in a run: an instruction and a half */
    WS__PRINT_WINDOW = 6,   /* runs of which one is kept */
    WS__PRINTS_LEAST = 4,   /* a source with fewer has too little of its own to be compared */
    WS__ALIKE_PERCENT = 80, /* what is worth a look */
};

/* Prints, ascending, each once; zero: none.  Owned. */
struct ws__prints {
    uint32_t *print;
    size_t count;
    bool failed; /* there was no memory for all of them */
};

void ws__prints_release(struct ws__prints *prints);

/* Append; in any order, until they are sorted. */
void ws__prints_add(struct ws__prints *prints, uint32_t print);
void ws__prints_sort(struct ws__prints *prints);

/* The prints of a source whose name is `name`: "switch.s", "switch.c". */
void ws__prints_of(struct ws__prints *out, const char *name, const char *text, size_t bytes);
/* All hashes of it, without choosing: what was handed out, to be taken away. */
void ws__prints_all(struct ws__prints *out, const char *name, const char *text, size_t bytes);
void ws__prints_without(struct ws__prints *prints, const struct ws__prints *other);

/* In percent: what both have, of what each has, on average.  0 if one of them has too few. */
unsigned ws__prints_alike(const struct ws__prints *left, const struct ws__prints *right);

#endif
