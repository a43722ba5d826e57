/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program says when something is wrong, and what it exits with then.
 */
#ifndef WS_FRONT_COMPLAIN_H
#define WS_FRONT_COMPLAIN_H

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

/* What the program exits with; see also ws_halt_exit_status(). */
enum ws__exit {
    WS__EXIT_DONE = 0,
    WS__EXIT_USAGE = 2,        /* bad usage or unreadable input */
    WS__EXIT_HOST = 10,        /* memory, file, terminal */
    WS__EXIT_WANTING = 12,     /* checked and found wanting */
    WS__EXIT_INTERRUPTED = 130 /* Ctrl-C; what was done so far has been written */
};

/* One line on standard error, "worldswitch: " in front; then, if `hint` is not NULL, another one with what to do.  What
 * would not print is shown as "\x1b"; very long lines are cut. */
void ws__complain(const char *hint, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same about a file that could not be read, for errno's reason if that is not 0.  Returns WS__EXIT_USAGE, or
 * WS__EXIT_HOST if there was no memory for it. */
int ws__complain_unread(enum ws_status status, const char *path);

/* The same about a status; returns the exit status that belongs to it. */
int ws__complain_status(enum ws_status status, const char *what);

/* The same about a status whose reason may stand in `why`.  A reason that is cut, for there was no memory, is not told:
 * the status is WS_NO_MEMORY then. */
int ws__complain_why(enum ws_status status, const char *what, const struct ws_buffer *why);

/* The same, with the name of the file in front of the reason. */
int ws__complain_file(enum ws_status status, const char *path, const struct ws_buffer *why);

#endif
