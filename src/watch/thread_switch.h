/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A return that matches no call, while CR3 has stayed: does another thread go on? */
#ifndef WS_WATCH_THREAD_SWITCH_H
#define WS_WATCH_THREAD_SWITCH_H

#include "watch/threads.h"

/* The routine that this return ends, as far as is known; NULL: none. */
const struct ws__frame *ws__routine_of(const struct ws__calls *calls, const struct ws_event *event);

/* Where the thread that runs can go on: the routines that have not returned, from the innermost to the one that a
 * vector entered.  How many there are; `place` has room for WS__PLACES. */
unsigned ws__places_left(const struct ws__calls *calls, const struct ws_physical *memory, struct ws__place *place);

/* The rule of crossing.h. */
bool ws__is_thread_switch(const struct ws__calls *calls, struct ws__threads *threads, const struct ws_event *event,
                          const struct ws__sight *sight);

/* The same of a jump, as longjmp() ends with, also where CR3 was written meanwhile: ESP was loaded in front of it, it
 * had been kept in memory, and the stack is not the one of the routine that jumps. */
bool ws__is_thread_jump(const struct ws__calls *calls, const struct ws__threads *threads, const struct ws_event *event,
                        const struct ws__sight *sight);

/* An iret to ring 3, where CR3 was written meanwhile: does the process that was interrupted go on, with another
 * program? */
bool ws__is_exec(const struct ws__calls *calls, const struct ws__threads *threads, const struct ws_event *event,
                 const struct ws__sight *sight);

#endif
