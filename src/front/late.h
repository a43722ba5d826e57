/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose world is it?  For a run without a watcher, because that is faster.
 *
 * Worlds without a name are numbered as they appear, so the answer needs the run's past.  It can be had again: a run is
 * the same each time.  A switch between worlds loads CR3, and GDTR or IDTR, within a few instructions.  A guest does so
 * a few times while it boots, or at each world switch.  In the first case, the past is run again when the caller asks
 * for a world, up to the last time; in the second case, the run goes back to its start once, and is watched from then
 * on.
 */
#ifndef WS_FRONT_LATE_H
#define WS_FRONT_LATE_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/machine.h>

struct ws__system;

/* What is needed to go back; all zero: the caller will not ask for a world, or a watcher watches already. */
struct ws__late {
    struct ws_snapshot *start; /* owned */
    uint64_t tables, space;    /* the marks of the last loads of GDTR or IDTR, and of CR3, with paging on */
    uint64_t nears;            /* how often the two were near each other */
    uint64_t mark;             /* of the last time */
    bool again;                /* the run is being executed again: what it sends was sent before */
};

/* Be ready to answer; of a machine that has not run.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__late_begin(struct ws__system *system);

/* Between two slices of the run: have it watched, if it switches worlds.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__late_look(struct ws__system *system);

/* The world that the machine is in, borrowed as long as the system.  WS_OK, or what the machine failed with; then there
 * is no name. */
enum ws_status ws__late_world(struct ws__system *system, const char **world);

void ws__late_end(struct ws__system *system);

#endif
