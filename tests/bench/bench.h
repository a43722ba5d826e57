/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the benchmarks share: a clock, medians, and bare Unicorn to measure against.
 *
 * A benchmark prints ratios of two things measured in turn in one run, since machines differ and drift.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include <worldswitch/machine.h>

enum { BENCH_ROUNDS = 7 };

/* Seconds of a clock that only goes forward. */
double bench_now(void);

/* The middle one of `count` values; sorts them. */
double bench_median(double *value, size_t count);

/* End the program with a message if `status` is not WS_OK. */
void bench_expect(enum ws_status status, const char *what);

/* The same guest on Unicorn alone: RAM and registers as the machine has them at mark 0, and no hook
 * but one that ends the run when the guest writes port 0xf4. */
struct bench_bare;
struct bench_bare *bench_bare_new(const struct ws_machine *machine);
/* Run until the guest ends it; returns seconds. */
double bench_bare_run(struct bench_bare *bare);
/* Execute `count` instructions one at a time, reading all general registers after each; returns
 * seconds. */
double bench_bare_step(struct bench_bare *bare, uint64_t count);
void bench_bare_free(struct bench_bare *bare);

#endif
