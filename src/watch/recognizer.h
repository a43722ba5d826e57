/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recognizer: events in, crossings out.  It knows no machine, so that tests can feed it made-up events.
 */
#ifndef WS_WATCH_RECOGNIZER_H
#define WS_WATCH_RECOGNIZER_H

#include <stdbool.h>
#include <stdint.h>

#include "watch/calls.h"
#include "watch/threads.h"

/* CR3 was written: this may become a crossing. */
struct ws__candidate {
    bool open;
    size_t depth;      /* routines being executed when it opened, the one that wrote CR3 included */
    size_t last_depth; /* the same at the last privileged change */
    uint64_t begin;    /* of the routine that wrote CR3 first */
    uint64_t cr3_mark; /* the last write to CR3 */
    uint32_t cr3_linear;
    uint64_t deadline; /* when it is decided by the stack */
    uint32_t eflags_between;
    uint32_t tables;            /* table registers loaded since */
    uint64_t last_mark;         /* behind the last write to a control or table register */
    struct ws_registers last;   /* and the registers there */
    struct ws_registers before; /* at `begin` */
};

struct ws__recognizer {
    struct ws__calls calls;
    struct ws__candidate candidate;
    uint64_t flush_mark; /* behind the last change of CR4.PGE or CR0.PG; 0 if there was none */
    bool by_thread;      /* the last crossing was one between threads, and left CR3 as it was: */
    uint32_t last_cr3;
    struct ws__threads threads;
    struct ws__thread *from, *to; /* of the last crossing; `to` NULL: not known */
};

/* The kinds of events it wants. */
#define WS__RECOGNIZER_EVENTS                                                                                      \
    (WS_EVENT_MASK(CONTROL_REGISTER) | WS_EVENT_MASK(TABLE_LOAD) | WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN) | \
     WS_EVENT_MASK(CALL) | WS_EVENT_MASK(RET) | WS_EVENT_MASK(JUMP))

/* Forget what calls and open candidates tell; threads stay. */
void ws__recognizer_clear(struct ws__recognizer *recognizer);

/* Take an event.  Returns true when a crossing has ended by it; then *out is filled, but for its names, and without the
 * two categories of the address space. */
bool ws__recognizer_feed(struct ws__recognizer *recognizer, const struct ws_event *event, const struct ws__sight *sight,
                         struct ws_crossing *out);

/* A hardware task switch happened; `before` are the registers that it saved. */
bool ws__recognizer_task(struct ws__recognizer *recognizer, const struct ws_event *event, const struct ws__sight *sight,
                         const struct ws_registers *before, struct ws_crossing *out);

/* As ws__watcher_stack_is_nobodys(), under the registers of a sight. */
bool ws__recognizer_stack_is_nobodys(const struct ws__recognizer *recognizer, const struct ws__sight *sight,
                                     uint32_t esp);

/* The code that wrote CR3 is left, and no handler has interrupted it: the crossing ends here, if one was open. */
bool ws__recognizer_leave(struct ws__recognizer *recognizer, const struct ws__sight *sight, struct ws_crossing *out);

/* Decide about an open candidate by the stack alone: the one that `esp` points to. */
bool ws__recognizer_settle(struct ws__recognizer *recognizer, const struct ws__sight *sight, uint32_t esp,
                           struct ws_crossing *out);

#endif
