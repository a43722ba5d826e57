/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Since when paging is on.  Before that there are no address spaces, and so no worlds: the time strip knows by it where
 * the first world begins.
 */
#ifndef WS_TUI_PAGED_H
#define WS_TUI_PAGED_H

#include <stdint.h>

#include <worldswitch/status.h>

struct ws_machine;
struct ws_watcher;

struct ws__paged {
    struct ws_machine *machine; /* borrowed */
    struct ws_watcher *watcher; /* borrowed: while it is held, what comes was heard before, or belongs to a branch */
    uint64_t since;             /* the mark; 0: it was not seen */
};

/* Begin to listen.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__paged_init(struct ws__paged *paged, struct ws_machine *machine, struct ws_watcher *watcher);
void ws__paged_release(struct ws__paged *paged);
/* Know what another one has seen before this mark. */
void ws__paged_copy(struct ws__paged *paged, const struct ws__paged *from, uint64_t mark);
/* Watching begins anew, elsewhere. */
void ws__paged_anew(struct ws__paged *paged);

#endif
