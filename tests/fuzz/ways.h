/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run is one run: the ways in which a guest can be run, all of which must give equal states at equal marks.
 */
#ifndef TESTS_FUZZ_WAYS_H
#define TESTS_FUZZ_WAYS_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/machine.h>

enum { WAYS_MARKS = 12 };

/* What a run comes to: the state at some marks, in one order. */
struct course {
    uint64_t seed;
    uint64_t mark[WAYS_MARKS]; /* ascending; the last is the end */
    uint64_t hash[WAYS_MARKS];
    unsigned count;  /* of hashes: the guest may have halted in front of the other marks */
    bool interrupts; /* at some of the marks, interrupts come */
};

/* Two machines with the same program, and snapshots of both at its beginning. */
struct stage {
    struct ws_machine *machine, *other;
    struct ws_snapshot *start, *other_start;
};

/* Choose marks below `instructions`, and take the states there by single steps. */
void course_take(struct course *course, const struct stage *stage, uint64_t seed, uint64_t instructions);

/* Run in all other ways.  Returns the name of the first that comes to another state, and the number of the mark in
 * *at; or NULL. */
const char *course_compare(const struct course *course, const struct stage *stage, unsigned *at);

#endif
