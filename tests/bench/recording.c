/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What recording costs: a guest that computes and one that does nothing but switch worlds, each on bare Unicorn, on
 * our machine, and on our machine with a timeline that takes its snapshots.  A person at the visualizer has a watcher
 * besides, which learns of each crossing; that is measured, too.
 */
#include "bench/recording.h"

#include <stdio.h>

#include "bench/loops.h"
#include "timeline/internal.h"

enum { ROUNDS = 16000000, TRIPS = 50000 };

/* A guest that is ready to run. */
struct guest {
    struct ws_machine *machine;
    struct ws_lab *lab; /* NULL: the machine stands alone */
};

enum company { ALONE, RECORDED, WATCHED, RECORDED_WATCHED, COMPANIES };

struct bench {
    const char *name;
    struct guest (*make)(void);
    double wanted; /* of bare Unicorn's speed, recorded */
};

/* How it went. */
struct result {
    double seconds;
    uint64_t instructions;
    uint64_t bytes; /* that the timeline holds */
    uint64_t limit;
    size_t snapshots;
};

static struct guest compute_make(void)
{
    return (struct guest){.machine = bench_compute_new(ROUNDS)};
}

static struct guest loopers_make(void)
{
    struct ws_lab *lab = bench_loopers_new(TRIPS);
    return (struct guest){.machine = ws_lab_machine(lab), .lab = lab};
}

static const struct bench benches[] = {
    {"compute loop", compute_make, 0.7},
    {"switch-bound run", loopers_make, 0.8},
};

static void guest_free(const struct guest *guest)
{
    if (guest->lab)
        ws_lab_free(guest->lab);
    else
        ws_machine_free(guest->machine);
}

static struct result recorded_run(struct ws_machine *machine, struct ws_watcher *watcher)
{
    struct ws_timeline *timeline;
    struct result result;
    double begin = bench_now();
    bench_expect(ws_timeline_new(&timeline, machine, watcher), "timeline");
    ws_timeline_end(timeline);
    result.seconds = bench_now() - begin;
    result.bytes = timeline->history.bytes;
    result.limit = timeline->history.limit;
    result.snapshots = timeline->history.count;
    ws_timeline_free(timeline);
    return result;
}

static struct result company_run(const struct bench *bench, enum company company)
{
    struct guest guest = bench->make();
    struct ws_watcher *watcher = NULL;
    struct result result = {0};
    if (company >= WATCHED)
        bench_expect(ws_watcher_new(&watcher, guest.machine), "watcher");
    if (company == RECORDED || company == RECORDED_WATCHED) {
        result = recorded_run(guest.machine, watcher);
    } else {
        double begin = bench_now();
        ws_machine_run(guest.machine, 0);
        result.seconds = bench_now() - begin;
    }
    result.instructions = ws_machine_mark(guest.machine);
    ws_watcher_free(watcher);
    guest_free(&guest);
    return result;
}

static double bare_run(const struct bench *bench)
{
    struct guest guest = bench->make();
    struct bench_bare *bare = bench_bare_new(guest.machine);
    double seconds = bench_bare_run(bare);
    bench_bare_free(bare);
    guest_free(&guest);
    return seconds;
}

static void bench_print(const struct bench *bench)
{
    double bare[COMPANIES][BENCH_ROUNDS], kept[2][BENCH_ROUNDS];
    struct result result[COMPANIES];
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        double theirs = bare_run(bench);
        for (int company = ALONE; company < COMPANIES; company++) {
            result[company] = company_run(bench, (enum company)company);
            bare[company][i] = theirs / result[company].seconds;
        }
        kept[0][i] = result[ALONE].seconds / result[RECORDED].seconds;
        kept[1][i] = result[WATCHED].seconds / result[RECORDED_WATCHED].seconds;
    }
    const struct result *last = &result[RECORDED];
    printf("%s, %llu instructions, recorded: %.3f of bare Unicorn (wanted: %.1f), which the machine alone runs at "
           "%.3f of; %.3f of the machine alone\n",
           bench->name, (unsigned long long)last->instructions, bench_median(bare[RECORDED], BENCH_ROUNDS),
           bench->wanted, bench_median(bare[ALONE], BENCH_ROUNDS), bench_median(kept[0], BENCH_ROUNDS));
    printf("  with a watcher: %.3f of bare Unicorn, %.3f of the watched machine (medians of %d)\n",
           bench_median(bare[RECORDED_WATCHED], BENCH_ROUNDS), bench_median(kept[1], BENCH_ROUNDS), BENCH_ROUNDS);
    printf("  %zu snapshots hold %.1f MiB of %.0f\n", last->snapshots, (double)last->bytes / (1 << 20),
           (double)last->limit / (1 << 20));
}

void bench_recording(void)
{
    for (unsigned i = 0; i < sizeof benches / sizeof benches[0]; i++)
        bench_print(&benches[i]);
}
