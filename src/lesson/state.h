/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a student is with a lab.  It stands in a small file in the folder where she works.
 */
#ifndef WS_LESSON_STATE_H
#define WS_LESSON_STATE_H

#include <stdbool.h>

#include <worldswitch/status.h>

#include "lesson/lesson.h"

#define WS__STATE_FILE ".worldswitch-lesson"

struct ws__state {
    char lesson[WS__LESSON_NAME]; /* "": nothing was started there */
    unsigned hints;               /* that were shown */
    unsigned points, most;        /* of the last check; most 0: there was none */
    unsigned best;                /* the most points of all checks */
    char student[WS__STUDENT];    /* whose variant it is; "": nobody's */
};

/* Read that of a folder; a file that is not there, or damaged, is an empty state. */
void ws__state_read(struct ws__state *out, const char *folder);
/* WS_OK, or WS_BAD_FILE (errno says why). */
enum ws_status ws__state_write(const struct ws__state *state, const char *folder);

#endif
