/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded sessions: begun and written by `run --record`, opened by every command that takes a
 * guest.
 */
#ifndef WS_FRONT_RECORD_H
#define WS_FRONT_RECORD_H

#include <worldswitch/session.h>

#include "front/system.h"

/* Is it a session's name, "F.wsr" or "F.wsr@MARK"? */
bool ws__record_is(const char *image);

/* Open options->image, which is one, into `system`: its machine and symbols; with @MARK, the session
 * ends there.  Returns WS__EXIT_DONE, or an exit status after having complained. */
int ws__record_open(struct ws__system *system, const struct ws__options *options,
                    const struct ws_machine_options *machine_options);

/* Leave away the checkpoints behind that mark: the run does not come there. */
void ws__record_cut(struct ws_session *session, uint64_t end);

/* Begin to record what was opened.  Returns as above. */
int ws__record_begin(struct ws__system *system, const struct ws__options *options);
/* The run is over: write options->record.  Returns `status`, or an exit status after having complained. */
int ws__record_end(struct ws__system *system, const struct ws__options *options, int status);
/* The same for a run that the user has visited as far as `frontier`. */
int ws__record_end_visited(struct ws__system *system, const struct ws__options *options, uint64_t frontier);

/* How far to run in one piece from the machine's mark: `slice` instructions at most; 0: the session
 * ends here. */
uint64_t ws__record_slice(const struct ws__system *system, uint64_t slice);
/* A piece was run: take or compare a hash.  false: the run is not the recorded one, which was
 * complained about. */
bool ws__record_look(struct ws__system *system);

/* Run a session up to `mark` in a machine of its own, from the last checkpoint on if that saves much, and compare.
 * Returns as ws__record_open(), or WS__EXIT_WANTING after having complained. */
int ws__record_verify(const struct ws_session *session, uint64_t mark);

#endif
