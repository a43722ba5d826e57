/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the timeline asks of a watcher when it goes back.
 */
#ifndef WS_WATCH_WATCHER_H
#define WS_WATCH_WATCHER_H

#include <worldswitch/crossing.h>

/* While it is held, the watcher ignores all events and keeps what it knows.  So a machine can go back and execute again
 * what the watcher has seen: held from the restoring until the machine stands at the mark where the holding began, the
 * watcher sees a run without a seam. */
void ws__watcher_hold(struct ws_watcher *watcher, bool held);

bool ws__watcher_held(const struct ws_watcher *watcher);

/* Has the guest a name for that page directory, and are whose it was still there?  As ws__names_given() and
 * ws__names_gone() say; the table is looked for on both sides of the crossing. */
bool ws__watcher_knows(const struct ws_watcher *watcher, uint32_t cr3);
bool ws__watcher_gone(const struct ws_watcher *watcher, const struct ws_crossing *crossing, uint32_t cr3);

#endif
