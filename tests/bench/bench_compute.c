/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A loop of arithmetic and memory accesses: what counting instructions costs when nothing else happens.
 */
#include <stdio.h>

#include "bench/loops.h"

enum { ROUNDS = 16000000 /* so many that starting does not count */ };

int main(void)
{
    double speed[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        struct ws_machine *machine = bench_compute_new(ROUNDS);
        struct bench_bare *bare = bench_bare_new(machine);
        double begin = bench_now();
        ws_machine_run(machine, 0);
        double ours = bench_now() - begin;
        double theirs = bench_bare_run(bare);
        speed[i] = (double)ws_machine_mark(machine) / ours / 1e6;
        ratio[i] = theirs / ours;
        bench_bare_free(bare);
        ws_machine_free(machine);
    }
    printf("compute loop: %.1f million instructions/s, %.3f of bare Unicorn (medians of %d)\n",
           bench_median(speed, BENCH_ROUNDS), bench_median(ratio, BENCH_ROUNDS), BENCH_ROUNDS);
    return 0;
}
