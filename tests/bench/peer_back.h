/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One step back under QEMU and gdb: QEMU records the run, replays it, and gdb's reverse-stepi goes back.
 */
#ifndef TESTS_BENCH_PEER_BACK_H
#define TESTS_BENCH_PEER_BACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Seconds of each of `count` single steps back, from where the run of a multiboot image comes to `linear` for the first
 * time.  false: this QEMU or gdb cannot; a message says why. */
bool bench_peer_back(const char *qemu, const char *gdb, const char *image, uint32_t linear, double *seconds,
                     size_t count);

#endif
