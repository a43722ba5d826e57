/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person at the visualizer waits for: the first screen, a recorded step, a step back; and what recording a run
 * costs.
 */
#include <stdio.h>

#include <worldswitch/lab.h>

#include "bench/bench.h"
#include "bench/recording.h"
#include "tui/viewer.h"

enum { STEPS = 10000, BACK = 200 };

struct times {
    double first_screen; /* seconds, from nothing at all */
    double step;         /* seconds each, registers read after it */
    double bare_step;    /* the same on Unicorn alone, without recording */
    double back;
};

static double step_measure(struct ws_timeline *timeline, struct ws_machine *machine)
{
    struct ws_registers registers;
    double begin = bench_now();
    for (unsigned at = 0; at < STEPS; at++) {
        ws_timeline_step(timeline, 1);
        ws_machine_registers(machine, &registers);
    }
    return (bench_now() - begin) / STEPS;
}

static double back_measure(struct ws_timeline *timeline)
{
    double begin = bench_now();
    for (unsigned at = 0; at < BACK; at++)
        ws_timeline_step(timeline, -1);
    return (bench_now() - begin) / BACK;
}

static double screen_measure(struct ws_lab **lab, struct ws_watcher **watcher, struct ws__viewer **viewer)
{
    struct ws_rows rows;
    double begin = bench_now();
    bench_expect(ws_lab_system_new(lab, NULL), "laboratory");
    bench_expect(ws_watcher_new(watcher, ws_lab_machine(*lab)), "watcher");
    struct ws_tui_options options = {
        .machine = ws_lab_machine(*lab),
        .watcher = *watcher,
        .symbols = ws_lab_symbols(*lab),
    };
    bench_expect(ws__viewer_new(viewer, &options), "viewer");
    ws__viewer_arrive(*viewer);
    ws_rows_init(&rows, WS_SCREEN_WIDTH, false);
    ws_view_screen(&rows, &(*viewer)->state);
    ws_rows_release(&rows);
    return bench_now() - begin;
}

static struct times measure(void)
{
    struct ws_lab *lab;
    struct ws_watcher *watcher;
    struct ws__viewer *viewer;
    struct times times;
    times.first_screen = screen_measure(&lab, &watcher, &viewer);
    struct ws_machine *machine = ws_lab_machine(lab);
    /* Bare Unicorn copies all RAM, which touches it; a timeline's machine has more sense. */
    struct ws_lab *other;
    bench_expect(ws_lab_system_new(&other, NULL), "laboratory");
    struct bench_bare *bare = bench_bare_new(ws_lab_machine(other));
    times.step = step_measure(viewer->timeline, machine);
    times.bare_step = bench_bare_step(bare, STEPS) / STEPS;
    times.back = back_measure(viewer->timeline);
    bench_bare_free(bare);
    ws_lab_free(other);
    ws__viewer_free(viewer);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
    return times;
}

int main(void)
{
    double screen[BENCH_ROUNDS], step[BENCH_ROUNDS], ratio[BENCH_ROUNDS], back[BENCH_ROUNDS];
    for (int at = 0; at < BENCH_ROUNDS; at++) {
        struct times times = measure();
        screen[at] = times.first_screen * 1e3;
        step[at] = 1 / times.step;
        ratio[at] = times.bare_step / times.step;
        back[at] = times.back * 1e3;
    }
    printf("first screen: %.1f ms from nothing (wanted: 200 at most)\n", bench_median(screen, BENCH_ROUNDS));
    printf("recorded stepping: %.0f steps/s with registers read at each (wanted: 100000), %.3f of "
           "bare Unicorn, which records nothing\n",
           bench_median(step, BENCH_ROUNDS), bench_median(ratio, BENCH_ROUNDS));
    printf("one step back: %.2f ms (medians of %d)\n", bench_median(back, BENCH_ROUNDS), BENCH_ROUNDS);
    bench_recording();
    return 0;
}
