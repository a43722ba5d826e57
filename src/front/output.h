/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where results go: standard output or a file, with every way in which that can fail.
 *
 * SIGINT (Ctrl-C), SIGTERM and SIGHUP are held back while an output is open, and taken when it is asked for or while a
 * write waits: what was written so far stays whole, and no handler has to know about it.
 */
#ifndef WS_FRONT_OUTPUT_H
#define WS_FRONT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

#include "front/whole_file.h"

struct ws__output {
    int descriptor;
    const char *path;           /* of the file, borrowed; NULL for standard output */
    struct ws__whole_file file; /* if there is a path */
    struct ws_buffer pending;   /* not written yet */
    bool closed;                /* no process reads it any more (EPIPE): write nothing, say nothing, stop */
    bool interrupted;           /* Ctrl-C */
    bool nothing;               /* the command has no result: a file that was there stays as it was */
    bool enough;                /* the command has all that it wants from the run */
    int error;                  /* errno of the first failure of writing; 0 */
    enum ws_status failure;     /* of what was to be written; it is no result then */
};

/* Open `path` for writing, NULL or "-" for standard output.  Returns WS__EXIT_DONE, or an exit status after having
 * complained. */
int ws__output_open(struct ws__output *output, const char *path);

/* What is to be written cannot be made, for lack of memory say.  The first status that is not WS_OK stays: closing
 * complains about it, and leaves no file. */
void ws__output_fail(struct ws__output *output, enum ws_status status);

/* Append to output->pending with ws_buffer_...(); this writes it when it is much, or when asked to. */
void ws__output_flush(struct ws__output *output);
void ws__output_relax(struct ws__output *output);

/* Has the user asked to stop, or the command enough, or can no more be written?  Ask now and then. */
bool ws__output_done(struct ws__output *output);

/* Does such a signal wait?  It stays, for whoever asks the output. */
bool ws__output_asked(void);

/* Wait until this descriptor can be read.  false: the user has asked to stop. */
bool ws__output_wait(struct ws__output *output, int readable);

/* Write the rest and close.  Returns `status`, or what the output has to say: that it failed (and complains), or that
 * it was interrupted. */
int ws__output_close(struct ws__output *output, int status);

/* Finish what was printed by printf(), without a struct ws__output.  A full disk must not pass for success: returns
 * WS__EXIT_DONE, or WS__EXIT_HOST after having complained. */
int ws__output_printed(void);

#endif
