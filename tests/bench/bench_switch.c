/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two worlds that do nothing but switch to each other, through the 45 instructions of the cross
 * page: with the machine alone, with a watcher, with an audit; next to the same RAM on bare Unicorn.
 */
#include <stdio.h>

#include <worldswitch/worldswitch.h>

#include "bench/loops.h"

enum company { ALONE, WATCHED, AUDITED, COMPANIES };

/* So many that translating and starting do not count. */
static const uint32_t trips[COMPANIES] = {50000, 20000, 4000};

/* Seconds that the run takes; the number of instructions in *mark. */
static double lab_run(struct ws_lab *lab, enum company company, uint64_t *mark)
{
    struct ws_machine *machine = ws_lab_machine(lab);
    struct ws_watcher *watcher = NULL;
    struct ws_audit *audit = NULL;
    if (company >= WATCHED)
        bench_expect(ws_watcher_new(&watcher, machine), "watcher");
    if (company >= AUDITED)
        bench_expect(ws_audit_new(&audit, machine, watcher), "audit");
    double begin = bench_now();
    ws_machine_run(machine, 0);
    double seconds = bench_now() - begin;
    *mark = ws_machine_mark(machine);
    ws_audit_free(audit);
    ws_watcher_free(watcher);
    return seconds;
}

int main(void)
{
    static const char *const name[COMPANIES] = {"alone", "with a watcher", "with watcher and audit"};
    for (int company = ALONE; company < COMPANIES; company++) {
        double switches[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
        uint64_t mark = 0;
        for (int i = 0; i < BENCH_ROUNDS; i++) {
            struct ws_lab *lab = bench_loopers_new(trips[company]);
            struct bench_bare *bare = bench_bare_new(ws_lab_machine(lab));
            double ours = lab_run(lab, (enum company)company, &mark);
            ratio[i] = bench_bare_run(bare) / ours;
            switches[i] = 2.0 * trips[company] / ours / 1e3;
            bench_bare_free(bare);
            ws_lab_free(lab);
        }
        printf("%u world switches, %s: %.0f thousand/s, %.3f of bare Unicorn, %llu instructions (medians of %d)\n",
               2 * trips[company], name[company], bench_median(switches, BENCH_ROUNDS),
               bench_median(ratio, BENCH_ROUNDS), (unsigned long long)mark, BENCH_ROUNDS);
    }
    return 0;
}
