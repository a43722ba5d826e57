/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the viewer hears of one run while it goes on: of the recorded run, or of a branch.
 */
#ifndef WS_TUI_HEARD_H
#define WS_TUI_HEARD_H

#include "tui/causes.h"
#include "tui/paged.h"
#include "tui/paths.h"
#include "tui/pushed.h"
#include "tui/turns.h"

struct ws__heard {
    struct ws__paths paths;
    struct ws__causes causes;
    struct ws__pushed pushed;
    struct ws__turns turns;
    struct ws__paged paged;
};

/* Begin to listen to the machine and to its watcher.  *out is the caller's to free, also behind a failure; it may be
 * NULL then.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__heard_new(struct ws__heard **out, struct ws_machine *machine, struct ws_watcher *watcher,
                             bool hosted);
void ws__heard_free(struct ws__heard *heard);

/* Know what another one has heard up to this mark. */
void ws__heard_copy(struct ws__heard *heard, const struct ws__heard *from, uint64_t mark);
/* Watching begins anew, elsewhere. */
void ws__heard_anew(struct ws__heard *heard);
/* Did memory run out?  Then something is missing. */
bool ws__heard_failed(const struct ws__heard *heard);

#endif
