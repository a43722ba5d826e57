/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A long job cut into parts, which may be done on many machines: the option --shard, and the files that --merge joins.
 * Such a file has a record of JSON in each line; the first one says which part of what it is.
 */
#ifndef WS_FRONT_PARTS_H
#define WS_FRONT_PARTS_H

#include <stdbool.h>

#include <jansson.h>

/* "2/8": the second of eight parts; NULL is "1/1".  WS__EXIT_DONE, or WS__EXIT_USAGE after having complained. */
int ws__parts_parse(const char *text, unsigned *shard, unsigned *shards);

struct ws__parts_line {
    const char *path;
    unsigned long number; /* from 1 */
    const char *hint;     /* what files there should be */
};

/* Complain of a line: it is no record of ours, or it does not belong to the parts before it.  Both return
 * WS__EXIT_USAGE. */
int ws__parts_refuse(const struct ws__parts_line *line, const char *what);
int ws__parts_differ(const struct ws__parts_line *line, const char *what);

/* Called with each record of a file, which is borrowed; answers an exit status. */
typedef int ws__parts_take(void *context, json_t *record, const struct ws__parts_line *line);

/* Read a file.  Of a part that was cut off in its last line that record is missing, and no more.  WS__EXIT_DONE, or an
 * exit status after having complained. */
int ws__parts_read(const char *path, const char *hint, ws__parts_take *take, void *context);

#endif
