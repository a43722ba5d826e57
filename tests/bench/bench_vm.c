/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What work costs a kernel in the virtual machine, against the same kernel bare: instructions, and seconds.
 *
 * guest/costs.S does one kind of work, so often as its disk says.  Each run is made twice, once with more of it; the
 * difference is what that much more costs, without beginning, translating and ending.  In the virtual machine the
 * instructions of the VMM count, too, and those of its host: tests/vmm/stage.c, whose disk is memory.
 *
 * Environment: top_builddir.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <worldswitch/image.h>

#include "bench/bench.h"

enum { ROUNDS = 3, SECTORS = 8, SECTOR_BYTES = 512, MORE = 5 /* times as often */, IPS = 100000000 };

/* In the order of guest/costs.S. */
static const struct work {
    const char *name;
    uint32_t times;
} works[] = {
    {"compute loop, 6 instructions", 400000},
    {"cli and sti, translated", 50000},
    {"cli and sti, trapped and emulated", 2000},
    {"pushf and popf, translated", 50000},
    {"call and ret", 50000},
    {"system call, from ring 3 and back", 1000},
    {"page-table entry, invlpg, access", 500},
    {"context switch: CR3, access", 500},
    {"port of a chip, read", 2000},
    {"disk, a sector written", 20},
};
enum { WORKS = sizeof works / sizeof works[0] };

struct cost {
    double instructions, seconds;
};

/* Seconds that the processor has worked for this program: other programs do not count. */
static double processor_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The files of the build. */
static struct ws_buffer kernel, stage, vmm;

static void file_read(struct ws_buffer *out, const char *name)
{
    const char *build = getenv("top_builddir");
    char path[512];
    snprintf(path, sizeof path, "%s/guest/%s.elf", build ? build : ".", name);
    bench_expect(ws_file_read(path, 1 << 20, out), path);
}

/* A disk that asks for that work. */
static void disk_make(uint8_t disk[SECTORS * SECTOR_BYTES], unsigned work, uint32_t times)
{
    memset(disk, 0, SECTORS * SECTOR_BYTES);
    disk[0] = (uint8_t)work;
    memcpy(disk + 1, &times, sizeof times);
}

static struct ws_machine *bare_new(const uint8_t *disk)
{
    const struct ws_machine_options options = {.ips = IPS};
    struct ws_machine *machine;
    bench_expect(ws_machine_new(&machine, &options), "machine");
    bench_expect(ws_image_load(machine, kernel.data, kernel.size, "", NULL, NULL), "the kernel");
    bench_expect(ws_machine_disk_attach_memory(machine, disk, SECTORS * SECTOR_BYTES), "disk");
    return machine;
}

static struct ws_machine *vm_new(const uint8_t *disk)
{
    const struct ws_machine_options options = {.ips = IPS};
    const struct ws_boot_module modules[] = {
        {vmm.data, vmm.size, NULL}, {kernel.data, kernel.size, NULL}, {disk, SECTORS * SECTOR_BYTES, NULL}};
    const struct ws_boot_options boot = {.module = modules, .modules = 3};
    struct ws_machine *machine;
    bench_expect(ws_machine_new(&machine, &options), "machine");
    bench_expect(ws_image_boot(machine, stage.data, stage.size, &boot, NULL, NULL), "the stage");
    return machine;
}

typedef struct ws_machine *maker(const uint8_t *disk);

static struct cost run(maker *make, unsigned work, uint32_t times)
{
    uint8_t disk[SECTORS * SECTOR_BYTES];
    struct cost cost;
    disk_make(disk, work, times);
    struct ws_machine *machine = make(disk);
    double begin = processor_now();
    ws_machine_run(machine, 0);
    cost.seconds = processor_now() - begin;
    cost.instructions = (double)ws_machine_mark(machine);
    if (ws_machine_halt(machine)->reason != WS_HALT_EXIT || ws_machine_halt(machine)->exit_value != 16) {
        fprintf(stderr, "%s: the kernel did not come to its end\n", works[work].name);
        exit(1);
    }
    ws_machine_free(machine);
    return cost;
}

/* Of one piece of work. */
static struct cost measure(maker *make, unsigned work)
{
    double seconds[ROUNDS];
    struct cost more = {0};
    double pieces = (MORE - 1.0) * works[work].times;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct cost once = run(make, work, works[work].times);
        more = run(make, work, MORE * works[work].times);
        seconds[i] = (more.seconds - once.seconds) / pieces;
        more.instructions = (more.instructions - once.instructions) / pieces;
    }
    return (struct cost){more.instructions, bench_median(seconds, ROUNDS)};
}

int main(void)
{
    file_read(&kernel, "tests/bench/guest/costs");
    file_read(&stage, "tests/vmm/stage");
    file_read(&vmm, "hosted/vmm");
    printf("%-34s  %21s  %21s  %7s\n%-34s  %12s %8s  %12s %8s  %7s\n", "", "instructions", "nanoseconds", "VM", "",
           "bare", "VM", "bare", "VM", "slower");
    for (unsigned work = 0; work < WORKS; work++) {
        struct cost bare = measure(bare_new, work), vm = measure(vm_new, work);
        printf("%-34s  %12.2f %8.1f  %12.1f %8.0f  %6.1fx\n", works[work].name, bare.instructions, vm.instructions,
               bare.seconds * 1e9, vm.seconds * 1e9, vm.seconds / bare.seconds);
    }
    ws_buffer_release(&kernel);
    ws_buffer_release(&stage);
    ws_buffer_release(&vmm);
    return 0;
}
