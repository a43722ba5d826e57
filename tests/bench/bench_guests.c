/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guests of tests/bench/guest, each on our machine, on QEMU and on bare Unicorn in turn: seconds from the B
 * that they say to the E.
 *
 * Environment: QEMU, the program; absent or empty, nothing is measured with it.  top_builddir.
 *
 * Bare Unicorn has no interrupts: what is measured is the least that a program must do that has only it,
 * see peers.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include <worldswitch/image.h>

#include "bench/peers.h"

enum { ROUNDS = 5 };

static const struct {
    const char *name;
    const char *what;
    double thousands; /* of them, from B to E */
} rows[] = {
    {"compute", "instructions of a loop of 6", 30000},
    {"matrix", "instructions of a matrix product", 37606},
    {"checksum", "instructions of a CRC-32, 53 between two branches", 55575},
    {"ports", "port accesses", 800},
    {"interrupts", "interrupts", 100},
};

static struct ws_machine *machine_make(const char *path, struct bench_marks *marks)
{
    struct ws_machine_options options = {.serial = bench_mark_take, .serial_context = marks};
    struct ws_machine *machine;
    struct ws_buffer file = WS_BUFFER_INIT;
    bench_expect(ws_file_read(path, 1 << 20, &file), path);
    bench_expect(ws_machine_new(&machine, &options), "machine");
    bench_expect(ws_image_load(machine, file.data, file.size, "", NULL, NULL), path);
    ws_buffer_release(&file);
    return machine;
}

static double bare_seconds(const struct ws_machine *machine)
{
    struct bench_marks marks = {0};
    bench_peer_bare(machine, &marks);
    return bench_marks_seconds(&marks, "bare Unicorn");
}

static double our_seconds(struct ws_machine *machine, const struct bench_marks *marks)
{
    ws_machine_run(machine, 0);
    return bench_marks_seconds(marks, "our machine");
}

static double qemu_seconds(const char *qemu, const char *path)
{
    struct bench_marks marks = {0};
    bench_peer_qemu(qemu, path, &marks);
    return bench_marks_seconds(&marks, "QEMU");
}

static void row_measure(unsigned row, const char *qemu)
{
    double speed[ROUNDS], bare[ROUNDS], peer[ROUNDS];
    const char *folder = getenv("top_builddir");
    char path[512];
    snprintf(path, sizeof path, "%s/guest/tests/bench/guest/%s.elf", folder ? folder : ".", rows[row].name);
    for (int i = 0; i < ROUNDS; i++) {
        struct bench_marks marks = {0};
        struct ws_machine *machine = machine_make(path, &marks);
        double theirs = bare_seconds(machine), ours = our_seconds(machine, &marks);
        speed[i] = rows[row].thousands / ours;
        bare[i] = theirs / ours;
        peer[i] = qemu ? qemu_seconds(qemu, path) / ours : 0;
        ws_machine_free(machine);
    }
    printf("%s: %.0f thousand/s, %.3f of bare Unicorn, ", rows[row].what, bench_median(speed, ROUNDS),
           bench_median(bare, ROUNDS));
    if (qemu)
        printf("%.3f of QEMU", bench_median(peer, ROUNDS));
    else
        printf("no QEMU here");
    printf(" (medians of %d)\n", ROUNDS);
}

int main(void)
{
    const char *qemu = getenv("QEMU");
    for (unsigned row = 0; row < sizeof rows / sizeof rows[0]; row++)
        row_measure(row, qemu && *qemu ? qemu : NULL);
    return 0;
}
