/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Others that run a guest which says B and E: bare Unicorn, and QEMU.
 */
#ifndef TESTS_BENCH_PEERS_H
#define TESTS_BENCH_PEERS_H

#include "bench/bench.h"

/* When the guest said them; 0: it did not. */
struct bench_marks {
    double begin;
    double end;
};

/* A ws_serial_sink; `marks` is a struct bench_marks. */
void bench_mark_take(void *marks, uint8_t byte);

/* From B to E; without both, the program ends with a message about `who`. */
double bench_marks_seconds(const struct bench_marks *marks, const char *who);

/* Unicorn alone, from RAM and registers that the machine has at mark 0.  Its serial port is always ready, and
 * asks for IRQ 4 when its transmitter's interrupt is turned on; nothing else answers.  An interrupt is three
 * words pushed and a gate read, without any check. */
void bench_peer_bare(const struct ws_machine *machine, struct bench_marks *marks);

/* QEMU, by its program's name, with a multiboot image. */
void bench_peer_qemu(const char *program, const char *image, struct bench_marks *marks);

#endif
