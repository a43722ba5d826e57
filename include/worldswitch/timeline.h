/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timeline: a machine's run that can be visited at any mark, in both directions.
 *
 *   start                         now                    frontier
 *   |----o-------o-------o----o----|-----------------------|
 *        snapshots, denser near now                        as far as the run has ever been
 *
 * Forwards means: let the guest execute. Backwards means: restore the nearest snapshot before the
 * place and execute again from there. The machine is deterministic, so a mark that is visited twice
 * shows the same state twice, the serial output included.
 *
 * What was seen once is remembered: crossings stay in the list when the machine goes back, and are
 * not seen twice.
 */
#ifndef WORLDSWITCH_TIMELINE_H
#define WORLDSWITCH_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/crossing.h>
#include <worldswitch/event.h>
#include <worldswitch/machine.h>
#include <worldswitch/session.h>
#include <worldswitch/status.h>

struct ws_timeline;

/* How a journey ended. */
enum ws_seek {
    WS_SEEK_THERE,       /* at the place that was asked for */
    WS_SEEK_START,       /* the place lies before the start: nothing was changed */
    WS_SEEK_NONE,        /* there is no such place in that direction, looking back: nothing was changed */
    WS_SEEK_END,         /* there is none ahead: at the end of the run, where the guest halted */
    WS_SEEK_BREAKPOINT,  /* at a breakpoint, which came first */
    WS_SEEK_BOUND,       /* at the mark that ws_timeline_bound() sets: the place, if there is one, lies farther ahead */
    WS_SEEK_INTERRUPTED, /* at the mark where the caller's ws_timeline_asked interrupted it */
    WS_SEEK_NO_MEMORY    /* the host has no memory left; somewhere on the way */
};

/*
 * Begin a timeline where the machine stands now. The machine and the watcher are borrowed until
 * ws_timeline_free(). The watcher must have watched since before the machine's first instruction;
 * NULL: crossings are not known. From now on only the timeline may run the machine.
 * WS_OK or WS_NO_MEMORY.
 */
enum ws_status ws_timeline_new(struct ws_timeline **out, struct ws_machine *machine, struct ws_watcher *watcher);
/* The caller has run the machine forward from where the timeline left it: take note of that, and a snapshot if one
 * is due.  Without a watcher only.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_timeline_arrive(struct ws_timeline *timeline);
/* The machine stays at the mark where it is. NULL is allowed. */
void ws_timeline_free(struct ws_timeline *timeline);

/* How much memory snapshots may take, WS_TIMELINE_BYTES if the caller does not say; two are kept in any case.
 * With less, going back takes longer. */
enum { WS_TIMELINE_BYTES = 256 << 20 };
void ws_timeline_limit(struct ws_timeline *timeline, uint64_t bytes);

/*
 * Use a session's checkpoints on the way to places that are far from every snapshot; the machine is
 * that of ws_session_machine(), has not run, and gets no input from elsewhere.  The session is
 * borrowed.  A checkpoint that is damaged is not used: the way is longer then, and the state the same.
 * A journey that jumps over a part of the run that was never executed sees no crossings in it.  They are
 * known from one mark on, ws_timeline_watched(); a journey to a crossing in front of it watches the
 * whole run first, from the start to the frontier.
 * WS_OK, or WS_BAD_ARGUMENT (the start is not mark 0).
 */
enum ws_status ws_timeline_checkpoints(struct ws_timeline *timeline, const struct ws_session *session);
/* From this mark to the frontier, all crossings are known. */
uint64_t ws_timeline_watched(const struct ws_timeline *timeline);
/* Watch from the start to the frontier, if it was not done; the machine stands anywhere then.
 * WS_SEEK_THERE, WS_SEEK_INTERRUPTED (the frontier is where it was interrupted), WS_SEEK_NO_MEMORY. */
enum ws_seek ws_timeline_watch_all(struct ws_timeline *timeline);
/* Called now and then during a long journey; true interrupts it. */
typedef bool ws_timeline_asked(void *context, uint64_t mark);

/* Be called when watching begins anew, elsewhere: what a listener has pieced together from the events
 * so far does not go on. */
void ws_timeline_on_anew(struct ws_timeline *timeline, void (*anew)(void *context), void *context);

void ws_timeline_interruptible(struct ws_timeline *timeline, ws_timeline_asked *asked, void *context);

/* Journeys to what may never come, the end or an event, go at most so many instructions on from where they begin, or to
 * the frontier and one instruction on if that is farther; journeys to a mark are not bounded.  0, as at first: they go
 * on until they are interrupted.  For branches: what was changed may let the guest run for ever. */
void ws_timeline_bound(struct ws_timeline *timeline, uint64_t instructions);

/* WS_NO_MEMORY: there was none for something that the timeline must remember, such as a crossing, and no journey
 * arrives any more.  Else WS_OK. */
enum ws_status ws_timeline_failure(const struct ws_timeline *timeline);

/* The marks: of the beginning, now, and the farthest that was ever reached. */
uint64_t ws_timeline_start(const struct ws_timeline *timeline);
uint64_t ws_timeline_mark(const struct ws_timeline *timeline);
uint64_t ws_timeline_frontier(const struct ws_timeline *timeline);

/* -- journeys ---------------------------------------------------------------------------------- */

/* Go to a mark. */
enum ws_seek ws_timeline_seek(struct ws_timeline *timeline, uint64_t mark);
/* Go `count` instructions forward or, if it is negative, back.  All or nothing when it is back. */
enum ws_seek ws_timeline_step(struct ws_timeline *timeline, int64_t count);
/* Go where the guest halts.  A guest that runs for ever must be interrupted, or bounded. */
enum ws_seek ws_timeline_end(struct ws_timeline *timeline);

/* Forward by one instruction; what it calls, or what handles it, counts as a part of it. */
enum ws_seek ws_timeline_over(struct ws_timeline *timeline);
enum ws_seek ws_timeline_over_back(struct ws_timeline *timeline);
/* Behind the return that ends the routine, handler or crossing that is being executed. */
enum ws_seek ws_timeline_finish(struct ws_timeline *timeline);
/* Back to its first instruction; from there, to the first instruction of the one around it. */
enum ws_seek ws_timeline_finish_back(struct ws_timeline *timeline);

/* -- events ------------------------------------------------------------------------------------ */

/* What to look for: an event of one of the kinds (WS_EVENT_MASK bits) that `match` accepts. `match`
 * may read the machine, which shows the state behind the event. */
struct ws_query {
    uint32_t kinds;
    bool (*match)(void *context, struct ws_machine *machine, const struct ws_event *event);
    void *context;
};

/* Go to the next or previous mark at which such an event is about to happen; not the one where the
 * machine stands. */
enum ws_seek ws_timeline_next(struct ws_timeline *timeline, const struct ws_query *query);
enum ws_seek ws_timeline_previous(struct ws_timeline *timeline, const struct ws_query *query);

/* -- changes ----------------------------------------------------------------------------------- */

enum ws_watch_kind {
    WS_WATCH_REGISTER, /* any: GDTR's base, say, for "when did the table change" */
    WS_WATCH_MEMORY    /* physical memory: a page table entry, a descriptor, a variable */
};

enum { WS_WATCH_BYTES = 64 };

/* A value whose changes are looked for. */
struct ws_watch {
    uint8_t kind;  /* enum ws_watch_kind */
    uint8_t which; /* REGISTER: enum ws_register */
    uint8_t bytes; /* MEMORY: how many, from 1 to WS_WATCH_BYTES */
    uint32_t phys; /* MEMORY: from where on */
};

/* Go to the instruction that changes it next, or changed it last, not the one where the machine
 * stands; what the delivery of a vector changes counts for the instruction before it.  Breakpoints
 * stop the way forward only.  WS_SEEK_NONE also if there is no such value. */
enum ws_seek ws_timeline_next_change(struct ws_timeline *timeline, const struct ws_watch *watch);
enum ws_seek ws_timeline_previous_change(struct ws_timeline *timeline, const struct ws_watch *watch);

/* -- crossings --------------------------------------------------------------------------------- */

/* The crossings that were seen so far, in their order, those after the present mark too. Borrowed
 * until the next journey. */
const struct ws_crossing *ws_timeline_crossings(const struct ws_timeline *timeline, size_t *count);

/* Go to the first instruction of the next or previous crossing; `world_only`: of the next world
 * switch. */
enum ws_seek ws_timeline_next_crossing(struct ws_timeline *timeline, bool world_only);
enum ws_seek ws_timeline_previous_crossing(struct ws_timeline *timeline, bool world_only);

/* -- branches ---------------------------------------------------------------------------------- */

/*
 * What if?  A branch is a timeline of the same machine that has the recorded run's past up to the present mark, and
 * goes on otherwise from there.  The machine stands a little earlier then, so that the caller can listen to the
 * branch's watcher, which begins to watch there.  Then the caller seeks ws_timeline_parting(), and changes memory or a
 * register, by ws_machine_write(), ws_machine_write_phys() or ws_machine_register_set().  These changes belong to their
 * mark, in the branch and nowhere else: going back and forth in it shows the same states again.  Who changes something
 * at an earlier mark than the branch has come to makes a branch of the branch.
 *
 *   recorded   |-----------------o------------------------|
 *   branch     |- - - - - - - - -\x_______________|
 *
 * The watcher knows the names that were known by then.  Breakpoints move to the branch.  Until ws_timeline_return()
 * only the branch may run the machine.
 * WS_OK; WS_INTERRUPTED or WS_NO_MEMORY: there is no branch, and the machine stands where it stood.
 */
enum ws_status ws_timeline_branch(struct ws_timeline **out, struct ws_timeline *recorded);
/* The mark from which on it may be another run. */
uint64_t ws_timeline_parting(const struct ws_timeline *branch);
/* Borrowed until ws_timeline_return(); NULL if the recorded run has none. */
struct ws_watcher *ws_timeline_watcher(const struct ws_timeline *timeline);
/* Free a branch, and put the machine back to where it was when the branch began: exactly the same state.  Nobody
 * listens to its watcher any more. */
void ws_timeline_return(struct ws_timeline *branch);

/* -- breakpoints ------------------------------------------------------------------------------- */

/* Set a breakpoint, or remove it if it is there. Journeys that look for something stop there in
 * both directions, and so does walk; seek, step and end do not.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_timeline_break_toggle(struct ws_timeline *timeline, uint32_t linear);
/* All of them, in the order in which they were set.  Borrowed until the next toggle. */
const uint32_t *ws_timeline_breaks(const struct ws_timeline *timeline, size_t *count);

enum ws_break_kind {
    WS_BREAK_EVENT,   /* an instruction about to do such a thing: deliver a vector, write CR3 */
    WS_BREAK_CHANGE,  /* an instruction about to change a value */
    WS_BREAK_WORLD,   /* the first instruction in a world, behind a world switch */
    WS_BREAK_CROSSING /* the first instruction of a crossing */
};

enum { WS_TIMELINE_BREAKS = 16, WS_BREAK_TEXT = 64 };

/* A condition at which journeys stop as at a breakpoint. */
struct ws_break {
    uint8_t kind;              /* enum ws_break_kind */
    bool any;                  /* EVENT: whatever its `which`.  CROSSING: of whatever kind */
    uint32_t kinds;            /* EVENT: WS_EVENT_MASK bits */
    uint32_t value;            /* EVENT: its `which`.  CROSSING: enum ws_crossing_kind */
    struct ws_watch watch;     /* CHANGE */
    char world[WS_NAME_BYTES]; /* WORLD; "vmm" is any of vmm1, vmm2 and so on */
    char text[WS_BREAK_TEXT];  /* what the person calls it */
};

/* Another condition.  WS_OK; WS_BAD_ARGUMENT: there are WS_TIMELINE_BREAKS, or no such value can be watched. */
enum ws_status ws_timeline_condition_add(struct ws_timeline *timeline, const struct ws_break *wanted);
/* Remove the index-th. */
void ws_timeline_condition_remove(struct ws_timeline *timeline, size_t index);
/* All of them, in their order.  Borrowed until one is added or removed. */
const struct ws_break *ws_timeline_conditions(const struct ws_timeline *timeline, size_t *count);
/* At which of them the last journey stopped that said WS_SEEK_BREAKPOINT; NULL: at a breakpoint with an address. */
const struct ws_break *ws_timeline_condition_met(const struct ws_timeline *timeline);

/* Go so many instructions forward, but not over a breakpoint. */
enum ws_seek ws_timeline_walk(struct ws_timeline *timeline, uint64_t count);

#endif
