/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why crossings were made: by which vector the CPU came into the kernel that made them, and, in the hosted system, what
 * the VMM wanted of the host.
 *
 * For each address space the vectors are remembered whose handlers have not returned.  When a crossing ends, the
 * innermost one of the space that it left is its cause.  It is a vector of that space, however often the space was left
 * and entered again in between, for a process that waits in the kernel does not lose its place on its stack.
 */
#ifndef WS_TUI_CAUSES_H
#define WS_TUI_CAUSES_H

#include <worldswitch/crossing.h>
#include <worldswitch/view.h>

enum { WS__CAUSE_SPACES = 64, WS__CAUSE_DEPTH = 8 };

/* Handlers that are being executed in an address space, the innermost last. */
struct ws__entries {
    uint32_t cr3;
    unsigned depth;
    struct ws_event event[WS__CAUSE_DEPTH];
};

struct ws__causes {
    struct ws_machine *machine; /* borrowed, as the watcher is */
    struct ws_watcher *watcher;
    bool hosted;
    bool failed; /* memory ran out: some are missing */
    struct ws__entries space[WS__CAUSE_SPACES];
    size_t spaces;
    struct ws_view_cause *cause; /* owned; in the order of the crossings */
    size_t count;
    size_t capacity;
};

/* Begin to listen.  `hosted`: the mailbox means what the hosted system's VMM means.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__causes_init(struct ws__causes *causes, struct ws_machine *machine, struct ws_watcher *watcher,
                               bool hosted);
void ws__causes_release(struct ws__causes *causes);

/* Know those of crossings that began before this mark, from another list. */
void ws__causes_copy(struct ws__causes *causes, const struct ws__causes *from, uint64_t mark);

/* Watching begins anew, elsewhere. */
void ws__causes_anew(struct ws__causes *causes);

#endif
