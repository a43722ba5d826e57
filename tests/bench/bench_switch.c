/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two worlds that do nothing but switch to each other, through the 45 instructions of the cross
 * page: with the machine alone, with a watcher, with an audit; next to the same RAM on bare Unicorn.
 */
#include <stdio.h>
#include <string.h>

#include <worldswitch/worldswitch.h>

#include "bench/bench.h"

enum company { ALONE, WATCHED, AUDITED, COMPANIES };

/* So many that translating and starting do not count. */
static const uint32_t trips[COMPANIES] = {50000, 20000, 4000};

/* A world whose code calls the cross page some times, or for ever. */
struct looper {
    struct ws_world *world;
    uint32_t code; /* linear */
};

static void word_put(uint8_t *at, uint32_t word)
{
    memcpy(at, &word, sizeof word);
}

static void looper_load(const struct looper *from, const struct looper *to, uint32_t count)
{
    uint8_t code[] = {
        0xb9, 0, 0, 0, 0,             /*  0      mov   $trips, %ecx */
        0x68, 0, 0, 0, 0,             /*  5  1:  push  $to */
        0x68, 0, 0, 0, 0,             /* 10      push  $from */
        0x9a, 0, 0, 0, 0, 0, 0,       /* 15      lcall $kernel_code, $cross */
        0x83, 0xc4, 0x08,             /* 22      add   $8, %esp */
        0x49,                         /* 25      dec   %ecx */
        0x75, 0xe9,                   /* 26      jnz   1b */
        0xe6, 0xf4, 0xf4,             /* 28      out   %al, $0xf4; hlt */
    };
    uint16_t selector = ws_world_selector(from->world, WS_SELECTOR_KERNEL_CODE);
    struct ws_registers registers;
    word_put(code + 1, count);
    word_put(code + 6, ws_world_context(to->world));
    word_put(code + 11, ws_world_context(from->world));
    word_put(code + 16, WS_CROSS_LINEAR);
    memcpy(code + 20, &selector, sizeof selector);
    bench_expect(ws_world_map(from->world, from->code, WS_PAGE_BYTES, 0), "map");
    bench_expect(ws_world_load(from->world, from->code, code, sizeof code), "load");
    ws_world_registers(from->world, &registers);
    registers.value[WS_EIP] = from->code;
    registers.value[WS_EFLAGS] &= ~(uint32_t)WS_EFLAGS_IF;
    bench_expect(ws_world_set_registers(from->world, &registers), "registers");
}

static struct ws_lab *lab_make(enum company company)
{
    struct ws_lab *lab;
    struct looper host, vmm;
    bench_expect(ws_lab_new(&lab, NULL), "lab");
    bench_expect(ws_world_new(lab, &(struct ws_world_options){.name = "host"}, &host.world), "host");
    bench_expect(ws_world_new(lab, &(struct ws_world_options){.name = "vmm"}, &vmm.world), "vmm");
    host.code = ws_world_kernel_linear(host.world) + 0x200000;
    vmm.code = ws_world_kernel_linear(vmm.world) + 0x200000;
    looper_load(&host, &vmm, trips[company]);
    looper_load(&vmm, &host, UINT32_MAX);
    bench_expect(ws_lab_load(lab, host.world), "load");
    return lab;
}

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
            struct ws_lab *lab = lab_make((enum company)company);
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
