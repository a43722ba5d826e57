/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compute loop with segments that are not flat, and with breakpoints that are never met: what
 * checks cost, against the same loop with flat segments and none.
 */
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"

enum { CODE = 0x1000, GDT = 0x1800, GDT_POINTER = 0x1900, DATA = 0x2000, ROUNDS = 400000 };

/* What stands in front of the loop. */
static const struct variant {
    const char *name;
    uint8_t size;
    uint8_t code[16];
    uint32_t client; /* where the client sets a breakpoint; 0: nowhere */
} variants[] = {
    {"all segments flat", 0, {0}, 0},
    {"fs is null and not used", 4, {0x31, 0xc0, 0x8e, 0xe0}, 0},                    /* xor; mov %eax, %fs */
    {"ds has a limit", 7, {0xb8, 0x10, 0, 0, 0, 0x8e, 0xd8}, 0},                    /* mov $0x10; mov %eax, %ds */
    {"ds ends in the page in use", 7, {0xb8, 0x20, 0, 0, 0, 0x8e, 0xd8}, 0},        /* mov $0x20; mov %eax, %ds */
    {"cs has a limit", 7, {0xea, 0, 0, 0, 0, 0x18, 0}, 0},                          /* ljmp $0x18, $loop */
    {"a breakpoint on an instruction", 8, {0xb8, 1, 0, 0, 0, 0x0f, 0x23, 0xf8}, 0}, /* mov $1; mov %eax, %dr7 */
    {"a breakpoint of the client", 0, {0}, CODE + 0x7ff},
    {"a breakpoint on data", 8, {0xb8, 1, 0, 0x0f, 0, 0x0f, 0x23, 0xf8}, 0}, /* mov $0xf0001; .. */
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

/* clang-format off */
static const uint8_t loop[] = {
    0xbf, DATA & 0xff, DATA >> 8, 0x00, 0x00,                        /*     mov  $DATA, %edi */
    0xb9, ROUNDS & 0xff, ROUNDS >> 8 & 0xff, ROUNDS >> 16 & 0xff, 0, /*     mov  $ROUNDS, %ecx */
    0x01, 0xc8,                                                      /* 1:  add  %ecx, %eax */
    0x31, 0xd0,                                                      /*     xor  %edx, %eax */
    0x89, 0x07,                                                      /*     mov  %eax, (%edi) */
    0x03, 0x17,                                                      /*     add  (%edi), %edx */
    0x49,                                                            /*     dec  %ecx */
    0x75, 0xf5,                                                      /*     jnz  1b */
    0xe6, 0xf4, 0xf4,                                                /*     out  %al, $0xf4; hlt */
};
/* clang-format on */

/* 0x10: data of 1 MiB; 0x18: code of 1 MiB; 0x20: data up to the middle of the page at DATA */
static const uint64_t gdt[] = {0, 0x00cf9b000000ffff, 0x004f93000000ffff, 0x004f9b000000ffff, 0x00409300000027ff};
static const uint8_t gdt_pointer[] = {sizeof gdt - 1, 0, GDT & 0xff, GDT >> 8, 0, 0};
static const uint8_t gdt_load[] = {0x0f, 0x01, 0x15, GDT_POINTER & 0xff, GDT_POINTER >> 8, 0, 0};

static struct ws_machine *machine_make(const struct variant *variant)
{
    struct ws_machine *machine;
    uint8_t code[64];
    size_t begin = sizeof gdt_load + variant->size;
    memcpy(code, gdt_load, sizeof gdt_load);
    memcpy(code + sizeof gdt_load, variant->code, variant->size);
    if (variant->code[0] == 0xea) { /* the jump's target */
        uint16_t target = (uint16_t)(CODE + begin);
        memcpy(code + sizeof gdt_load + 1, &target, sizeof target);
    }
    memcpy(code + begin, loop, sizeof loop);
    bench_expect(ws_machine_new(&machine, NULL), "machine");
    bench_expect(ws_machine_write_phys(machine, GDT, gdt, sizeof gdt), "GDT");
    bench_expect(ws_machine_write_phys(machine, GDT_POINTER, gdt_pointer, sizeof gdt_pointer), "GDTR");
    bench_expect(ws_machine_write_phys(machine, CODE, code, begin + sizeof loop), "code");
    bench_expect(ws_machine_start(machine, CODE, 0, 0), "start");
    if (variant->client)
        bench_expect(ws_machine_break_add(machine, variant->client), "breakpoint");
    return machine;
}

static double variant_run(const struct variant *variant)
{
    struct ws_machine *machine = machine_make(variant);
    double begin = bench_now();
    ws_machine_run(machine, 0);
    double seconds = bench_now() - begin;
    if (ws_machine_mark(machine) < 6u * ROUNDS) {
        fprintf(stderr, "%s: the loop was not run to its end\n", variant->name);
        seconds = 0;
    }
    ws_machine_free(machine);
    return seconds;
}

int main(void)
{
    double ratio[VARIANTS][BENCH_ROUNDS];
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        double flat = variant_run(&variants[0]);
        for (int v = 0; v < VARIANTS; v++)
            ratio[v][i] = flat / variant_run(&variants[v]);
    }
    for (int v = 0; v < VARIANTS; v++)
        printf("%s: %.3f of the speed with flat segments (median of %d)\n", variants[v].name,
               bench_median(ratio[v], BENCH_ROUNDS), BENCH_ROUNDS);
    return 0;
}
