/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two guests that several benchmarks run: a loop that computes, and two worlds that do nothing but switch.  Both
 * end by writing port 0xf4.
 */
#ifndef TESTS_BENCH_LOOPS_H
#define TESTS_BENCH_LOOPS_H

#include <worldswitch/lab.h>

#include "bench/bench.h"

/* A loop of arithmetic and memory accesses, six instructions a round. */
struct ws_machine *bench_compute_new(uint32_t rounds);

/* Two worlds that switch to each other through the 45 instructions of the cross page, there and back `trips` times.
 * The caller frees the lab. */
struct ws_lab *bench_loopers_new(uint32_t trips);

#endif
