/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A loop of arithmetic and memory accesses: what counting instructions costs when nothing else happens.
 */
#include <stdio.h>

#include "bench/bench.h"

enum { CODE = 0x1000, INSTRUCTIONS_A_ROUND = 6, ROUNDS = 16000000 /* so many that starting does not count */ };

static const uint8_t code[] = {
    0xbf, 0x00, 0x20, 0x00, 0x00,       /*     mov  $0x2000, %edi */
    0xb9, ROUNDS & 0xff, ROUNDS >> 8 & 0xff, ROUNDS >> 16 & 0xff, 0, /* mov $ROUNDS, %ecx */
    0x01, 0xc8,                         /* 1:  add  %ecx, %eax */
    0x31, 0xd0,                         /*     xor  %edx, %eax */
    0x89, 0x07,                         /*     mov  %eax, (%edi) */
    0x03, 0x17,                         /*     add  (%edi), %edx */
    0x49,                               /*     dec  %ecx */
    0x75, 0xf5,                         /*     jnz  1b */
    0xe6, 0xf4, 0xf4,                   /*     out  %al, $0xf4; hlt */
};

static struct ws_machine *machine_make(void)
{
    struct ws_machine *machine;
    bench_expect(ws_machine_new(&machine, NULL), "machine");
    bench_expect(ws_machine_write_phys(machine, CODE, code, sizeof code), "code");
    bench_expect(ws_machine_start(machine, CODE, 0, 0), "start");
    return machine;
}

int main(void)
{
    double speed[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        struct ws_machine *machine = machine_make();
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
