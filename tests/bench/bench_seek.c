/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What recording costs, and what going to a mark costs: a guest that computes and writes all over
 * a megabyte, gone to at random, each state compared with a run that was never recorded.
 *
 * WS_BENCH_INSTRUCTIONS and WS_BENCH_SEEKS in the environment make it longer: 100000000 and 1000
 * are what was asked for.  With WS_BENCH_LINUX, a Linux kernel, and WS_BENCH_INITRD, its initial RAM disk, it is that
 * kernel's boot that is recorded and gone to; the kernel has the command line of WS_BENCH_APPEND.
 *
 * QEMU and GDB in the environment are programs: if both are there, a step back of theirs is measured beside ours, from
 * the end of 30 million instructions of one guest (top_builddir: where it is).
 */
#include <stdio.h>
#include <stdlib.h>

#include <worldswitch/image.h>
#include <worldswitch/timeline.h>

#include "bench/bench.h"
#include "bench/peer_back.h"
#include "timeline/internal.h"

/*   0: mov %eax, 0x200000(,%ebx,4);  6: imul $1664525, %eax;  add $1013904223, %eax;
 *      mov %eax, %ebx;  shr $14, %ebx;  jmp 0 */
static const uint8_t guest[] = {
    0x89, 0x04, 0x9d, 0x00, 0x00, 0x20, 0x00, 0x69, 0xc0, 0x0d, 0x66, 0x19, 0x00,
    0x05, 0x5f, 0xf3, 0x6e, 0x3c, 0x89, 0xc3, 0xc1, 0xeb, 0x0e, 0xeb, 0xe7,
};

static uint64_t wanted(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : otherwise;
}

static void file_read(const char *path, struct ws_buffer *out)
{
    bench_expect(ws_file_read(path, 1 << 30, out), path);
}

static struct ws_machine *linux_make(const char *path)
{
    const struct ws_machine_options options = {.memory_bytes = 256 << 20};
    const char *initrd = getenv("WS_BENCH_INITRD"), *line = getenv("WS_BENCH_APPEND");
    struct ws_buffer kernel = WS_BUFFER_INIT, disk = WS_BUFFER_INIT;
    struct ws_machine *machine;
    file_read(path, &kernel);
    if (initrd)
        file_read(initrd, &disk);
    const struct ws_boot_module module = {ws_buffer_text(&disk), disk.size, NULL};
    const struct ws_boot_options boot = {line ? line : "", &module, initrd ? 1 : 0};
    bench_expect(ws_machine_new(&machine, &options), "machine");
    bench_expect(ws_image_boot(machine, kernel.data, kernel.size, &boot, NULL, NULL), path);
    ws_buffer_release(&kernel);
    ws_buffer_release(&disk);
    return machine;
}

static struct ws_machine *machine_make(void)
{
    const char *kernel = getenv("WS_BENCH_LINUX");
    if (kernel)
        return linux_make(kernel);
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

/* The hashes of a machine without a timeline, at these ascending marks. */
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
    printf("%s: median %.2f ms, 99th percentile %.2f ms, worst %.2f ms\n", what, at_percent(seconds, count, 50) * 1e3,
           at_percent(seconds, count, 99) * 1e3, seconds[count - 1] * 1e3);
}

/* Go to each, in random order, and a step back from there. */
static unsigned seeks_measure(struct ws_timeline *timeline, struct ws_machine *machine, const uint64_t *mark,
                              const uint64_t *hash, size_t count)
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

/* -- a step back, beside QEMU with gdb ----------------------------------------------------------------- */

enum { PEER_STEPS = 3 };

static struct ws_machine *peer_machine_make(const char *path)
{
    struct ws_machine *machine;
    struct ws_buffer file = WS_BUFFER_INIT;
    bench_expect(ws_file_read(path, 1 << 20, &file), path);
    bench_expect(ws_machine_new(&machine, NULL), "machine");
    bench_expect(ws_image_load(machine, file.data, file.size, "", NULL, NULL), path);
    ws_buffer_release(&file);
    return machine;
}

static double back_measure(struct ws_timeline *timeline)
{
    double begin = bench_now();
    ws_timeline_step(timeline, -1);
    return bench_now() - begin;
}

/* As many steps, from the guest's last instruction on, which is at *linear; returns the seconds of the one before, the
 * first after the whole run. */
static double our_back(const char *path, uint32_t *linear, double seconds[PEER_STEPS])
{
    struct ws_timeline *timeline;
    struct ws_machine *machine = peer_machine_make(path);
    bench_expect(ws_timeline_new(&timeline, machine, NULL), "timeline");
    ws_timeline_end(timeline);
    double first = back_measure(timeline);
    *linear = ws_machine_eip_linear(machine);
    for (unsigned i = 0; i < PEER_STEPS; i++)
        seconds[i] = back_measure(timeline);
    ws_timeline_free(timeline);
    ws_machine_free(machine);
    return first;
}

static void back_compare(void)
{
    const char *qemu = getenv("QEMU"), *gdb = getenv("GDB"), *folder = getenv("top_builddir");
    double ours[PEER_STEPS], theirs[PEER_STEPS], ratio[PEER_STEPS];
    uint32_t linear;
    char path[512];
    if (!qemu || !*qemu || !gdb || !*gdb) {
        printf("one step back under QEMU with gdb: not compared, QEMU and GDB do not both name a program\n");
        return;
    }
    snprintf(path, sizeof path, "%s/guest/tests/bench/guest/compute.elf", folder ? folder : ".");
    double first = our_back(path, &linear, ours);
    if (!bench_peer_back(qemu, gdb, path, linear, theirs, PEER_STEPS))
        return;
    for (unsigned i = 0; i < PEER_STEPS; i++)
        ratio[i] = theirs[i] / ours[i];
    printf("one step back after 30 million instructions: the first %.3f ms, then %.3f; QEMU with gdb %.0f ms, %.0f "
           "times as long (medians of %d)\n",
           first * 1e3, bench_median(ours, PEER_STEPS) * 1e3, bench_median(theirs, PEER_STEPS) * 1e3,
           bench_median(ratio, PEER_STEPS), PEER_STEPS);
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
    printf("recording: %.2f of the speed without, over %llu instructions; snapshots hold %.1f MiB\n", bare / recorded,
           (unsigned long long)instructions, (double)timeline->history.bytes / (1 << 20));
    unsigned wrong = seeks_measure(timeline, machine, mark, hash, count);
    printf("%zu random marks: %u with another state than in a run that was not recorded\n", count, wrong);
    printf("snapshots hold %.1f MiB of %.1f\n", (double)timeline->history.bytes / (1 << 20),
           (double)timeline->history.limit / (1 << 20));
    ws_timeline_free(timeline);
    ws_machine_free(machine);
    back_compare();
    free(mark);
    free(hash);
    return wrong != 0;
}
