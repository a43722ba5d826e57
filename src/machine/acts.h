/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done to a machine from outside once it runs: an interrupt is asked for, memory is written.
 *
 * Each act has its mark, so that a run which is had again gets it again, at the same boundary between two instructions.
 * Snapshots and saved states know how many had been done; the acts themselves stay.  Going back to an earlier state
 * therefore brings them again, as it brings the serial port's input.  A new act ends that: the run takes another way
 * from there.
 */
#ifndef WS_MACHINE_ACTS_H
#define WS_MACHINE_ACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/machine.h>

enum ws__act_kind { WS__ACT_WRITE, WS__ACT_INTERRUPT, WS__ACT_NMI, WS__ACT_REGISTER, WS__ACT_KINDS };

struct ws__act {
    uint64_t mark;
    uint32_t kind;     /* enum ws__act_kind */
    uint32_t where;    /* WRITE: a physical address.  INTERRUPT: a vector.  REGISTER: enum ws_register */
    const void *bytes; /* WRITE; REGISTER: the four bytes of the value */
    size_t size;
};

/* A machine's own list. */
struct ws__acts {
    struct ws__act *act; /* owned, and so are their bytes; by mark */
    size_t count;
    uint64_t done; /* so many of them; it goes back with the machine, and is no part of ws_machine_hash() */
};

/* register_set.c: may it get this value?  As ws_machine_register_set(). */
enum ws_status ws__register_check(enum ws_register which, uint32_t value);

/* Note an act that is being done, in a machine that has executed something; in another, it is no act.  What was
 * to come on the old way is forgotten.  Without memory, the machine fails. */
void ws__act_note(struct ws_machine *machine, const struct ws__act *act);
/* Do those that are due at this mark.  true: there was one. */
bool ws__acts_do(struct ws_machine *machine);
/* How far the machine may run before the next one; at most `instructions`, of which 0 means no limit. */
uint64_t ws__acts_room(const struct ws_machine *machine, uint64_t instructions);
void ws__acts_release(struct ws__acts *acts);

/* For a branch of a run: move the list to *out, as it is, and go on with a copy of the first `count` acts.  WS_OK, or
 * WS_NO_MEMORY: nothing was moved. */
enum ws_status ws__acts_set_aside(struct ws_machine *machine, uint64_t count, struct ws__acts *out);
/* How many were done by now. */
uint64_t ws__acts_done(const struct ws_machine *machine);
/* The inverse; what was done in the branch is forgotten.  How many were done, the caller's snapshot says. */
void ws__acts_put_back(struct ws_machine *machine, struct ws__acts *acts);

/* For recordings: the index-th act.  Borrowed until the next one is noted.  false: there is none. */
bool ws__machine_act_get(const struct ws_machine *machine, size_t index, struct ws__act *out);
/* Have it done again, by a machine that has executed nothing.  In the order of marks; the bytes are copied.
 * WS_OK, WS_BAD_ARGUMENT (the order; a mark 0; an unknown kind; a place that is not in RAM; a value that its register
 * cannot have), WS_NO_MEMORY. */
enum ws_status ws__machine_act_at(struct ws_machine *machine, const struct ws__act *act);

#endif
