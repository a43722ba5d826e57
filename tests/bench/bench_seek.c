/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What recording costs, and what going to a mark costs: a guest that computes and writes all over
 * a megabyte, gone to at random, each state compared with a run that was never recorded.
 *
 * WS_BENCH_INSTRUCTIONS and WS_BENCH_SEEKS in the environment make it longer: 100000000 and 1000
 * are what was asked for.
 */
#include <stdio.h>
#include <stdlib.h>

#include <worldswitch/image.h>
#include <worldswitch/timeline.h>

#include "bench/bench.h"
#include "timeline/internal.h"

/*   0: mov %eax, 0x200000(,%ebx,4);  6: imul $1664525, %eax;  add $1013904223, %eax;
 *      mov %eax, %ebx;  shr $14, %ebx;  jmp 0 */
static const uint8_t guest[] = {
    0x89, 0x04, 0x9d, 0x00, 0x00, 0x20, 0x00, 0x69, 0xc0, 0x0d, 0x66, 0x19, 0x00, 0x05, 0x5f, 0xf3,
    0x6e, 0x3c, 0x89, 0xc3, 0xc1, 0xeb, 0x0e, 0xeb, 0xe7,
};

static uint64_t wanted(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : otherwise;
}

static struct ws_machine *machine_make(void)
{
    struct ws_machine *machine;
    bench_expect(ws_machine_new(&machine, NULL), "machine");
    bench_expect(ws_image_load_flat(machine, guest, sizeof guest, 0x100000, NULL), "guest");
    return machine;
}

static double bare_run(uint64_t instructions)
{
    struct ws_machine *machine = machine_make();
    double begin = bench_now();
    ws_machine_run(machine, instructions);
    double seconds = bench_now() - begin;
    ws_machine_free(machine);
    return seconds;
}

static int ascending(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;
    return one < two ? -1 : one > two;
}

static uint64_t chance(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return *state >> 20;
}

/* The hashes of a machine that nobody records, at these ascending marks. */
static void hashes_take(const uint64_t *mark, uint64_t *hash, size_t count)
{
    struct ws_machine *machine = machine_make();
    for (size_t i = 0; i < count; i++) {
        if (mark[i] > ws_machine_mark(machine))
            ws_machine_run(machine, mark[i] - ws_machine_mark(machine));
        hash[i] = ws_machine_hash(machine);
    }
    ws_machine_free(machine);
}

static double at_percent(const double *sorted, size_t count, unsigned percent)
{
    return sorted[(count - 1) * percent / 100];
}

static int ascending_time(const void *a, const void *b)
{
    double one = *(const double *)a, two = *(const double *)b;
    return one < two ? -1 : one > two;
}

static void times_print(const char *what, double *seconds, size_t count)
{
    qsort(seconds, count, sizeof *seconds, ascending_time);
    printf("%s: median %.2f ms, 99th percentile %.2f ms, worst %.2f ms\n", what,
           at_percent(seconds, count, 50) * 1e3, at_percent(seconds, count, 99) * 1e3,
           seconds[count - 1] * 1e3);
}

/* Go to each, in random order, and a step back from there. */
static unsigned seeks_measure(struct ws_timeline *timeline, struct ws_machine *machine,
                              const uint64_t *mark, const uint64_t *hash, size_t count)
{
    double *seek = calloc(count, sizeof *seek), *back = calloc(count, sizeof *back);
    uint64_t state = 7;
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++) {
        size_t which = chance(&state) % count;
        double begin = bench_now();
        ws_timeline_seek(timeline, mark[which]);
        seek[i] = bench_now() - begin;
        wrong += ws_machine_hash(machine) != hash[which];
        begin = bench_now();
        ws_timeline_step(timeline, -1);
        back[i] = bench_now() - begin;
    }
    times_print("seek", seek, count);
    times_print("one step back from there", back, count);
    free(seek);
    free(back);
    return wrong;
}

int main(void)
{
    uint64_t instructions = wanted("WS_BENCH_INSTRUCTIONS", 10000000), state = 1;
    size_t count = wanted("WS_BENCH_SEEKS", 200);
    uint64_t *mark = calloc(count, sizeof *mark), *hash = calloc(count, sizeof *hash);
    for (size_t i = 0; i < count; i++)
        mark[i] = 1 + chance(&state) % (instructions - 1);
    qsort(mark, count, sizeof *mark, ascending);
    hashes_take(mark, hash, count);

    struct ws_timeline *timeline;
    struct ws_machine *machine = machine_make();
    double bare = bare_run(instructions);
    bench_expect(ws_timeline_new(&timeline, machine, NULL), "timeline");
    double begin = bench_now();
    ws_timeline_seek(timeline, instructions);
    double recorded = bench_now() - begin;
    printf("recording: %.2f of the speed without, over %llu instructions; snapshots hold %.1f MiB\n",
           bare / recorded, (unsigned long long)instructions, (double)timeline->history.bytes / (1 << 20));
    unsigned wrong = seeks_measure(timeline, machine, mark, hash, count);
    printf("%zu random marks: %u with another state than in a run that was not recorded\n", count, wrong);
    printf("snapshots hold %.1f MiB of %.1f\n", (double)timeline->history.bytes / (1 << 20),
           (double)timeline->history.limit / (1 << 20));
    ws_timeline_free(timeline);
    ws_machine_free(machine);
    free(mark);
    free(hash);
    return wrong != 0;
}
