/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests as text: what a person types in line mode, and what a script holds.
 */
#ifndef WS_TUI_TYPED_H
#define WS_TUI_TYPED_H

#include <stdbool.h>

#include "tui/viewer.h"

/* Do what a line asks for: a key ("w", "PgDn"), a request's name ("step back"), both with a number in front of them
 * ("40s", "3 step back"), and what a prompt wants behind it: ":1000", "/vector=14", "m a", "walk c0000000".  If a
 * prompt is open, the line answers it; an empty one gives it up.  A line that is no request is a command (command.h).
 * What went wrong is viewer->message. */
void ws__typed_line(struct ws__viewer *viewer, const char *line);

enum { WS__TIMES_MOST = 1000000 };

/* Press a key so often, until there is something to say: an end, a breakpoint. */
void ws__typed_repeat(struct ws__viewer *viewer, const char *key, unsigned long times);

/* Do what a line asks for that is a request.  false: it is none. */
bool ws__typed_request(struct ws__viewer *viewer, const char *line);

/* Press keys as a script writes them: "w s s <PgDn> :1000<Enter>".  Blanks between keys mean nothing; behind a prompt's
 * key, all characters up to <Enter> are the prompt's.  Stops when the person would have left.  Returns NULL, or the
 * place of a "<" that begins no key's name. */
const char *ws__typed_keys(struct ws__viewer *viewer, const char *keys);

#endif
