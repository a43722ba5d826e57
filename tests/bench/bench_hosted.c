/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted system: how fast it runs, how often it switches and traps, and where its instructions go.  If QEMU is set
 * in the environment, the same image is run there; its timer is the wall clock, so what sleeps here at no cost
 * sleeps there for real.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <worldswitch/worldswitch.h>

#include "bench/bench.h"

enum place { HOST, SWITCH, VMM, VM, PLACES };

static const char *const place_name[PLACES] = {"host", "switch", "VMM", "VM"};

struct account {
    uint64_t instructions[PLACES];
    uint64_t since; /* mark up to which they are accounted for */
    enum place now;
    unsigned long switches, traps, forwarded;
};

static struct ws_machine *boot(void)
{
    struct ws_machine *machine;
    size_t bytes;
    const void *disk = ws_hosted_disk(&bytes);
    bench_expect(ws_machine_new(&machine, NULL), "machine");
    bench_expect(ws_hosted_boot(machine, NULL), "boot");
    bench_expect(ws_machine_disk_attach_memory(machine, disk, bytes), "disk");
    return machine;
}

static void move(struct account *account, uint64_t mark, enum place to)
{
    account->instructions[account->now] += mark - account->since;
    account->since = mark;
    account->now = to;
}

/* From the VM to the VMM, and back with the iret to an outer ring. */
static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct account *account = context;
    if (account->now == VM && event->kind == WS_EVENT_VECTOR) {
        account->traps += event->origin != WS_ORIGIN_EXTERNAL;
        account->forwarded += event->origin == WS_ORIGIN_EXTERNAL;
        move(account, ws_machine_mark(machine), VMM);
    } else if (account->now == VMM && event->kind == WS_EVENT_RETURN && event->which != 0) {
        move(account, ws_machine_mark(machine), VM);
    }
}

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct account *account = context;
    if (crossing->kind != WS_CROSSING_WORLD)
        return;
    account->switches++;
    move(account, crossing->begin, SWITCH);
    move(account, crossing->end, account->switches % 2 ? VMM : HOST);
}

static void account_make(struct account *account)
{
    struct ws_machine *machine = boot();
    struct ws_watcher *watcher;
    bench_expect(ws_watcher_new(&watcher, machine), "watcher");
    bench_expect(ws_watcher_listen(watcher, crossing_take, account), "listen");
    bench_expect(ws_machine_listen(machine, WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN), event_take, account),
                 "listen");
    ws_machine_run(machine, 0);
    move(account, ws_machine_mark(machine), HOST);
    ws_watcher_free(watcher);
    ws_machine_free(machine);
}

/* The median of some runs without a watcher. */
static double run_alone(void)
{
    double seconds[BENCH_ROUNDS];
    for (unsigned round = 0; round < BENCH_ROUNDS; round++) {
        struct ws_machine *machine = boot();
        double begin = bench_now();
        ws_machine_run(machine, 0);
        seconds[round] = bench_now() - begin;
        ws_machine_free(machine);
    }
    return bench_median(seconds, BENCH_ROUNDS);
}

static void report(const struct account *account, double seconds)
{
    uint64_t all = account->since;
    printf("the hosted system: %.1f million instructions in %.2f s, %.1f million/s\n", (double)all / 1e6, seconds,
           (double)all / 1e6 / seconds);
    printf("  world switches   %8lu  %9.0f/s\n", account->switches, (double)account->switches / seconds);
    printf("  the VM's traps   %8lu  %9.0f/s\n", account->traps, (double)account->traps / seconds);
    printf("  interrupts forwarded to the host  %lu\n", account->forwarded);
    for (unsigned place = 0; place < PLACES; place++)
        printf("  %-7s %10llu instructions  %5.1f %%\n", place_name[place],
               (unsigned long long)account->instructions[place],
               100.0 * (double)account->instructions[place] / (double)all);
}

/* The image and the disk as files, in the current folder. */
static void qemu_report(const char *qemu)
{
    static const char image[] = "bench_hosted.elf", disk[] = "bench_hosted.img";
    size_t image_bytes, disk_bytes;
    const void *image_content = ws_hosted_image(&image_bytes), *disk_content = ws_hosted_disk(&disk_bytes);
    char command[600];
    bench_expect(ws_file_write(image, image_content, image_bytes), image);
    bench_expect(ws_file_write(disk, disk_content, disk_bytes), disk);
    snprintf(command, sizeof command,
             "%.200s -kernel %s -drive file=%s,format=raw,if=ide -display none -monitor none -serial null "
             "-no-reboot -device isa-debug-exit,iobase=0xf4 </dev/null >/dev/null 2>&1",
             qemu, image, disk);
    double begin = bench_now();
    int status = system(command);
    printf("QEMU, the same image: %.2f s from its start to its end, status %d\n", bench_now() - begin,
           status < 0 ? status : status >> 8);
    unlink(image);
    unlink(disk);
}

int main(void)
{
    static struct account account;
    const char *qemu = getenv("QEMU");
    account_make(&account);
    report(&account, run_alone());
    if (qemu && *qemu)
        qemu_report(qemu);
    return 0;
}
