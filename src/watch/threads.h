/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is who among threads: a thread that was left is known by the places at which it can go on.
 *
 * A place is a word of memory that holds an address to return to.  That is exact: no other thread can go on there, and
 * what overwrites the word ends it.  In ring 3 the stack is the thread's own, so its page directory, ESP and EIP are
 * the place; for a task of the hardware, its selector is.
 */
#ifndef WS_WATCH_THREADS_H
#define WS_WATCH_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/halt.h>
#include <worldswitch/paging.h>
#include <worldswitch/registers.h>

#include "watch/calls.h"

enum ws__place_kind {
    WS__PLACE_NONE,
    WS__PLACE_STACK, /* where: physical, of the word with the return address */
    WS__PLACE_NEAR,  /* where: physical, of some word in the stack */
    WS__PLACE_JUMP,  /* where: physical, the stack pointer with which a jump goes on there */
    WS__PLACE_USER,  /* where: CR3 and ESP */
    WS__PLACE_TASK   /* where: the base of the GDT, and the selector of its TSS */
};

struct ws__place {
    uint64_t where;
    uint64_t moved;  /* the place's other address, if one that a call has pushed was moved for an iret; 0: none */
    uint32_t linear; /* of the next instruction */
    uint8_t kind;    /* enum ws__place_kind */
};

enum { WS__PLACES = 8, WS__THREADS = 256, WS__NO_THREAD = WS__THREADS, WS__VAIN_ROWS = 16 };

struct ws__thread {
    unsigned number; /* from 1, in the order of appearance; 0: the row is free */
    bool entered;    /* a switch has entered it; else it ran when the first one was seen */
    bool ended;      /* its first place was made another's: it never goes on */
    uint32_t cr3;    /* when it was left */
    uint64_t left;   /* the mark at which it was left last */
    unsigned places; /* while it does not run */
    struct ws__place place[WS__PLACES];
    struct ws__place first;      /* where it was entered first */
    uint64_t top;                /* the highest place in its stack that was seen, physical */
    uint32_t loaded;             /* the CR3 that it has written for itself, and gone on with; 0: none */
    uint32_t task;               /* of Linux: its task's linear address; 0: not known */
    char process[WS_NAME_BYTES]; /* in which it was entered from another process; "" if that is not known */
};

/* A return for which memory was looked through in vain, so many times. */
struct ws__vain {
    uint32_t linear;
    unsigned times;
};

/* All zero: no thread is known. */
struct ws__threads {
    struct ws__thread thread[WS__THREADS];
    unsigned numbers;
    bool is_known; /* it is known who runs: */
    unsigned running;
    struct ws__vain vain[WS__VAIN_ROWS]; /* by address */
};

/* The place behind a return or a jump, under the registers after it.  Without an event, a jump that was not seen has
 * ended the switch: somewhere in the stack of whom it has entered. */
struct ws__place ws__place_entered(const struct ws_event *event, const struct ws__sight *sight);
struct ws__place ws__place_task(const struct ws_registers *registers, uint16_t selector);
/* The place at which the routine of this frame goes on when it returns. */
struct ws__place ws__place_left(const struct ws__frame *frame, const struct ws_physical *memory);

/* The thread that was left at this place; WS__NO_THREAD: none is known. */
unsigned ws__threads_find(const struct ws__threads *threads, const struct ws__place *place);

/* A switch: the running thread is left, with these places; the one of `entered` runs, a new one if it is not known.
 * The rows of both; `from` is a new one, too, if it was not known who runs. */
void ws__threads_switch(struct ws__threads *threads, uint64_t mark, const struct ws__place *left, unsigned places,
                        const struct ws__place *entered, struct ws__thread **from, struct ws__thread **to);

/* Does the running thread go on at this place, as far up in its stack as it was seen? */
bool ws__threads_run_at(const struct ws__threads *threads, const struct ws__place *place);

/* Can it still go on, as far as can be told? */
bool ws__thread_is_alive(const struct ws__thread *thread, const struct ws_physical *memory);

#endif
