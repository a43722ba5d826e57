/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The paths that were seen, of interrupts and requests, with the mark from which on each step is
 * known: so the same mark shows the same path, whatever else has been visited.
 */
#ifndef WS_TUI_PATHS_H
#define WS_TUI_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include <worldswitch/forward.h>

struct ws__paths {
    struct ws_machine *machine; /* borrowed */
    struct ws_watcher *watcher; /* borrowed */
    struct ws_forward *forward;
    struct ws_forward_path *path; /* owned; in the order in which they became known */
    size_t count;
    size_t capacity;
    bool failed; /* memory ran out: later ones are not known */
};

/* Watch from now on.  `paths` stays where it is.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__paths_init(struct ws__paths *paths, struct ws_machine *machine, struct ws_watcher *watcher);
void ws__paths_release(struct ws__paths *paths);
/* Know those that `from` saw whole before this mark. */
void ws__paths_copy(struct ws__paths *paths, const struct ws__paths *from, uint64_t mark);
/* Forget all and watch from now on, elsewhere in the run. */
void ws__paths_anew(void *paths);

/* Fill *out with the last path of that kind that was known at `mark`, with the steps that were known
 * then; of interrupts, the disk's before all others.  Returns how many there were of its sort; 0:
 * none, and *out is empty. */
uint64_t ws__paths_last(const struct ws__paths *paths, enum ws_forward_kind kind, uint64_t mark,
                        struct ws_forward_path *out);

#endif
