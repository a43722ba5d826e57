/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the timeline asks of a watcher when it goes back.
 */
#ifndef WS_WATCH_WATCHER_H
#define WS_WATCH_WATCHER_H

#include <worldswitch/buffer.h>
#include <worldswitch/crossing.h>

/* A watcher of the same machine that knows the names which `watcher` knew at the machine's mark, and begins to watch
 * there: for a branch of the run.  Threads are numbered anew.  The caller owns *out.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__watcher_branch(struct ws_watcher **out, const struct ws_watcher *watcher);

/* While it is held, the watcher ignores all events and keeps what it knows.  So a machine can go back and execute again
 * what the watcher has seen: held from the restoring until the machine stands at the mark where the holding began, the
 * watcher sees a run without a seam. */
void ws__watcher_hold(struct ws_watcher *watcher, bool held);

/* The number of the thread that runs, as crossings will have it. */
uint32_t ws__watcher_thread(const struct ws_watcher *watcher);

/* Is it known that this thread never goes on, since its stack was made another's? */
bool ws__watcher_thread_has_ended(const struct ws_watcher *watcher, uint32_t number);

/* CR3 was written, and ESP was not loaded since: is it an address of the left process, so that what is pushed there
 * goes into memory of the entered one, and not below the place where that one was left?  `esp`: before the push. */
bool ws__watcher_stack_is_nobodys(const struct ws_watcher *watcher, uint32_t esp);

bool ws__watcher_held(const struct ws_watcher *watcher);

/* Has the guest a name for that page directory, and are whose it was still there?  As ws__names_given() and
 * ws__names_gone() say, with the table as it is mapped under these registers, or on either side of a crossing. */
bool ws__watcher_named(const struct ws_watcher *watcher, uint32_t cr3);
bool ws__watcher_lost(const struct ws_watcher *watcher, const struct ws_registers *registers, uint32_t cr3);
bool ws__watcher_gone(const struct ws_watcher *watcher, const struct ws_crossing *crossing, uint32_t cr3);

/* Has a world this name, as far as was told or seen?  `all`, if it is not NULL, gets the names that there are, with
 * commas between. */
bool ws__watcher_knows(const struct ws_watcher *watcher, const char *world, struct ws_buffer *all);
/* May worlds that are not known yet have names that nobody could guess? */
bool ws__watcher_may_learn(const struct ws_watcher *watcher);

#endif
