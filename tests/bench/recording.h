/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_BENCH_RECORDING_H
#define TESTS_BENCH_RECORDING_H

/* Measure and print what recording costs: beside bare Unicorn, and beside the same machine without it. */
void bench_recording(void);

#endif
