/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frames that gates have pushed, for the stack panel.  Each vector is remembered with the place of its frame in
 * RAM; an iret from that place takes it.  So it is known of a frame at each mark whether it is still open, however that
 * mark was reached.
 */
#ifndef WS_TUI_PUSHED_H
#define WS_TUI_PUSHED_H

#include <stddef.h>

#include <worldswitch/view.h>

#include "view/slots.h"

struct ws__push {
    struct ws_view_frame view;
    uint32_t phys;                /* of its lowest slot */
    uint8_t bytes[4 * WS__SLOTS]; /* that were pushed: of `int`, EIP is not that of the event */
    uint64_t taken;               /* the mark of the iret that took it; UINT64_MAX: none has */
};

struct ws__pushed {
    struct ws_machine *machine; /* borrowed */
    struct ws_watcher *watcher; /* borrowed: while it is held, what comes was heard before, or belongs to a branch */
    bool failed;                /* memory ran out: some are missing */
    struct ws__push *frame;     /* owned; by mark.  Of many, the last ones are kept */
    size_t count;
    size_t capacity;
};

/* Begin to listen.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__pushed_init(struct ws__pushed *frames, struct ws_machine *machine, struct ws_watcher *watcher);
void ws__pushed_release(struct ws__pushed *frames);

/* Know those that were pushed before this mark, from another list. */
void ws__pushed_copy(struct ws__pushed *frames, const struct ws__pushed *from, uint64_t mark);

/* Watching begins anew, elsewhere. */
void ws__pushed_anew(struct ws__pushed *frames);

/* Fill state->frame for the instant that `state` shows. */
void ws__pushed_capture(const struct ws__pushed *frames, struct ws_view_state *state);

#endif
