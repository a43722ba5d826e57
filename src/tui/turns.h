/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose turn it is in a VMM's world: the VMM's in ring 0, and that of its virtual machine outside of it.  The time
 * strip has a lane for each.
 */
#ifndef WS_TUI_TURNS_H
#define WS_TUI_TURNS_H

#include <worldswitch/view.h>

struct ws__turns {
    struct ws_machine *machine; /* borrowed */
    struct ws_watcher *watcher; /* borrowed: while it is held, what comes was heard before, or belongs to a branch */
    bool failed;                /* memory ran out: some are missing */
    struct ws_view_turn *turn;  /* owned; by mark */
    size_t count;
    size_t capacity;
};

/* Begin to listen.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__turns_init(struct ws__turns *turns, struct ws_machine *machine, struct ws_watcher *watcher);
void ws__turns_release(struct ws__turns *turns);
/* Know those before this mark, from another list. */
void ws__turns_copy(struct ws__turns *turns, const struct ws__turns *from, uint64_t mark);
/* Watching begins anew, elsewhere. */
void ws__turns_anew(struct ws__turns *turns);

#endif
