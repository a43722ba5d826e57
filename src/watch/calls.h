/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shadow call stack: which routines are being executed, as calls, returns and vectors tell.
 */
#ifndef WS_WATCH_CALLS_H
#define WS_WATCH_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/crossing.h>
#include <worldswitch/event.h>
#include <worldswitch/paging.h>
#include <worldswitch/registers.h>

enum {
    WS__FRAMES = 128, /* the deepest nesting that is remembered; beyond it, the outermost are forgotten */
    WS__NO_FRAME = WS__FRAMES,
    WS__STACK_JUMP = 256, /* so far below a return address, a return may be a jump */
    WS__STACK_NEAR = 8192 /* two stack pointers closer than this may belong to one stack */
};

/* The machine as a listener sees it behind an event. */
struct ws__sight {
    uint64_t mark;           /* of the instruction that comes next */
    uint32_t linear;         /* where that one is */
    uint32_t stack_base;     /* linear address of ESP 0 */
    struct ws_resume resume; /* CALL, VECTOR: what was pushed */
    struct ws_registers registers;
    struct ws_physical memory;
};

/* A routine that was entered and has not returned. */
struct ws__frame {
    uint64_t begin;        /* the mark before its first instruction */
    uint64_t excluded;     /* instructions of handlers that came and returned meanwhile */
    uint32_t stack_linear; /* of the return address, or of what the vector pushed */
    uint32_t esp;          /* the same, as ESP holds it */
    uint32_t linear;       /* of its first instruction */
    struct ws_resume resume;
    struct ws_registers registers; /* before its first instruction */
    bool delivery;                 /* entered by a vector, left by iret */
};

struct ws__calls {
    struct ws__frame frame[WS__FRAMES];
    size_t count;
    uint32_t esp; /* behind the last event */
};

/* CALL or VECTOR happened. */
void ws__calls_enter(struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight);

/* RET or RETURN happened: the index of the routine that has properly returned by it, or WS__NO_FRAME. */
size_t ws__calls_find(const struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight);

/* Forget the frame at `index` and all inside it, since it returned. */
void ws__calls_leave(struct ws__calls *calls, size_t index, uint64_t mark);

/* A near return that matches no call happened.  Did the innermost routine put another address in place of its return
 * address, to jump there?  Compilers do so against Spectre ("retpoline").  Then that routine is over, and forgotten. */
bool ws__calls_jump(struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight);

/* The same event: forget routines whose return addresses lie just below the place that it returned from.  They were
 * called only to fill the CPU's predictor of returns, and their addresses were taken off the stack. */
void ws__calls_abandoned_drop(struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight);

/* A return or a jump happened, has another stack been loaded since
 * the last event?  ESP is not near the one of that event, and instructions of the routine in front of this one load ESP
 * from memory, or from another register than EBP.  They are not known by their beginnings, so this may say yes without
 * need. */
bool ws__stack_is_loaded(const struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight);

/* Is the stack at `linear` under `then` the same memory under `now`? */
bool ws__stack_is_same(const struct ws_physical *memory, const struct ws_registers *then,
                       const struct ws_registers *now, uint32_t linear);

#endif
