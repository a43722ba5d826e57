/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the timeline's files share.
 */
#ifndef WS_TIMELINE_INTERNAL_H
#define WS_TIMELINE_INTERNAL_H

#include <worldswitch/timeline.h>

#include "machine/acts.h"

enum {
    WS__SNAPSHOTS = 192,            /* kept at most */
    WS__SNAPSHOT_SPACING = 500000,  /* instructions between two of them, at least */
    WS__SNAPSHOT_A_PAGE = 8192,     /* for each page that the next one has to copy */
    WS__SNAPSHOT_DENSE = 100,       /* and near a place that was gone to; */
    WS__SNAPSHOT_DENSE_PAGE = 2048, /* for each such page, too */
    WS__PIECE = 65536               /* instructions between two questions whether to interrupt */
};

/* Snapshots in ascending order of their marks. The first one is the start and is never given up. */
struct ws__history {
    struct ws_snapshot *snapshot[WS__SNAPSHOTS];
    size_t count;
    uint64_t bytes; /* that they hold, pages that several share counted once */
    uint64_t limit; /* for that */
};

void ws__history_release(struct ws__history *history);
/* Share those of another one up to `mark`; there is none yet. */
void ws__history_share(struct ws__history *history, const struct ws__history *from, uint64_t mark);
/* The last snapshot at or before `mark`, or NULL. */
const struct ws_snapshot *ws__history_before(const struct ws__history *history, uint64_t mark);
/* Save the machine as it is now.  When there are too many, the one that helps least is given up. */
enum ws_status ws__history_add(struct ws__history *history, struct ws_machine *machine);

/* breaks.c: conditions, and a look for them. */
struct ws__conditions {
    struct ws_break row[WS_TIMELINE_BREAKS];
    size_t count;
    uint64_t departed;                                 /* the mark where the journey began: one there does not count */
    bool looking;                                      /* the rest holds something */
    bool last;                                         /* look for the last one; else stop at the first */
    uint64_t from, below;                              /* the marks that count */
    uint64_t now;                                      /* before the instruction that is being executed */
    uint8_t value[WS_TIMELINE_BREAKS][WS_WATCH_BYTES]; /* CHANGE: before that instruction */
    bool found;
    uint64_t mark;
    size_t met; /* which of them; `count`: none */
};

struct ws_timeline {
    struct ws_machine *machine; /* borrowed */
    struct ws_watcher *watcher; /* borrowed; may be NULL */
    struct ws__history history;
    uint64_t start;
    uint64_t frontier;
    uint64_t watched;                 /* from here on */
    const struct ws_session *session; /* with checkpoints; borrowed; may be NULL */
    size_t checkpoints;               /* that are good, as far as is known */
    uint64_t worth;                   /* so many instructions a checkpoint must save */
    void (*anew)(void *context);
    void *anew_context;
    ws_timeline_asked *asked;
    void *asked_context;
    uint64_t unasked;             /* instructions since the last question */
    uint64_t bound;               /* instructions that a journey to what may never come takes; 0: any number */
    struct ws_crossing *crossing; /* owned */
    size_t crossings;
    size_t crossing_capacity;
    bool stop_at_crossing; /* a crossing that is recorded stops the machine */
    bool failed;           /* there was no memory for what must be remembered */
    uint32_t *breakpoint;  /* owned */
    size_t breakpoints;
    size_t breakpoint_capacity;
    struct ws__conditions conditions;

    /* of a branch */
    struct ws_timeline *recorded; /* borrowed: it waits meanwhile.  NULL: this is no branch */
    struct ws_snapshot *parting;  /* owned: the machine as it was there */
    struct ws__acts acts;         /* owned: those of the run that waits */
};

/* How a run ended. */
enum ws__run {
    WS__RUN_THERE,      /* at the target */
    WS__RUN_STOPPED,    /* a listener stopped it */
    WS__RUN_BREAKPOINT, /* at a breakpoint, other than where it began */
    WS__RUN_HALTED,
    WS__RUN_BOUND, /* at the mark behind which the caller does not want to look */
    WS__RUN_INTERRUPTED,
    WS__RUN_FAILED
};

/* Let the machine execute up to `target`, saving snapshots on the way. `breaks`: breakpoints stop
 * it. */
enum ws__run ws__timeline_run(struct ws_timeline *timeline, uint64_t target, bool breaks);

/* The same without conditions. */
enum ws__run ws__timeline_run_plain(struct ws_timeline *timeline, uint64_t target, bool breaks);

/* A journey to what may never come begins here: the mark where it is given up.  UINT64_MAX: it is not. */
uint64_t ws__timeline_horizon(const struct ws_timeline *timeline);
/* Let the machine execute up to there, with breakpoints if there are any.  Never THERE: that is BOUND. */
enum ws__run ws__timeline_run_on(struct ws_timeline *timeline, uint64_t horizon);

/* breaks.c: are there breakpoints or conditions? */
bool ws__breaks_any(const struct ws_timeline *timeline);
/* A journey that breakpoints may stop begins here. */
void ws__breaks_depart(struct ws_timeline *timeline);
/* As ws__timeline_run_plain() with breakpoints, but conditions end it, too: the machine stands at one then. */
enum ws__run ws__breaks_run(struct ws_timeline *timeline, uint64_t target);
/* Look for conditions from `from` on and before `below`, while others run the machine; `last`: for the last one,
 * without stopping.  false: there is no memory. */
bool ws__breaks_look(struct ws_timeline *timeline, uint64_t from, uint64_t below, bool last);
void ws__breaks_looked(struct ws_timeline *timeline);
/* A crossing was recorded. */
void ws__breaks_crossing(struct ws_timeline *timeline, const struct ws_crossing *crossing);
/* change.c: read a value; is there such a value? */
void ws__watch_read(const struct ws_watch *watch, const struct ws_machine *machine, uint8_t out[WS_WATCH_BYTES]);
bool ws__watch_is_valid(const struct ws_watch *watch, const struct ws_machine *machine);

/* If it is time to ask whether to go on, ask; true: no.  Journeys of many short ways ask between them. */
bool ws__timeline_interrupted(struct ws_timeline *timeline);

/* Restore the last snapshot at or before `mark`, or a checkpoint that is much nearer, and no more.
 * Returns the mark where the machine stands then. */
uint64_t ws__timeline_rewind(struct ws_timeline *timeline, uint64_t mark);

/* checkpoint.c: is there a checkpoint at or before `mark` that saves much, compared with running
 * from `from`? */
bool ws__checkpoint_saves(const struct ws_timeline *timeline, uint64_t from, uint64_t mark);
/* Go to it.  false: there is none, or none that is good; the machine stands anywhere. */
bool ws__checkpoint_land(struct ws_timeline *timeline, uint64_t from, uint64_t mark);

/* A crossing was seen: a ws_crossing_listener; the context is the timeline. */
void ws__timeline_crossing_take(void *context, const struct ws_crossing *crossing);

/* Say a run's end in a journey's terms. */
enum ws_seek ws__timeline_seek_of(enum ws__run run);

/* Go to a mark where the run has been before.  Other than for ws_timeline_seek(), it does not matter whether the guest
 * has ended just there.  THERE, INTERRUPTED or NO_MEMORY. */
enum ws_seek ws__timeline_return(struct ws_timeline *timeline, uint64_t mark);

/* Journeys that need the nesting of routines also see these. */
#define WS__NESTING_EVENTS (WS_EVENT_MASK(CALL) | WS_EVENT_MASK(RET) | WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN))

/* What lies behind, looked for backwards from `from` down to `floor`: the last mark before `from`
 * at which `query` (may be NULL) matches or a breakpoint stands. *breakpoint says which. Leaves the
 * machine anywhere. */
enum ws__run ws__timeline_scan_back(struct ws_timeline *timeline, const struct ws_query *query, uint64_t from,
                                    uint64_t floor, uint64_t *found, bool *any, bool *breakpoint);

#endif
