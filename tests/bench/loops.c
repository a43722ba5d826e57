/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/loops.h"

#include <string.h>

#include <worldswitch/worldswitch.h>

/* -- a loop that computes ------------------------------------------------------------------------------ */

enum { CODE = 0x1000 };

static const uint8_t compute[] = {
    0xbf, 0x00, 0x20, 0x00, 0x00, /*     mov  $0x2000, %edi */
    0xb9, 0,    0,    0,    0,    /*     mov  $rounds, %ecx */
    0x01, 0xc8,                   /* 1:  add  %ecx, %eax */
    0x31, 0xd0,                   /*     xor  %edx, %eax */
    0x89, 0x07,                   /*     mov  %eax, (%edi) */
    0x03, 0x17,                   /*     add  (%edi), %edx */
    0x49,                         /*     dec  %ecx */
    0x75, 0xf5,                   /*     jnz  1b */
    0xe6, 0xf4, 0xf4,             /*     out  %al, $0xf4; hlt */
};

struct ws_machine *bench_compute_new(uint32_t rounds)
{
    struct ws_machine *machine;
    bench_expect(ws_machine_new(&machine, NULL), "machine");
    bench_expect(ws_machine_write_phys(machine, CODE, compute, sizeof compute), "code");
    bench_expect(ws_machine_write_phys(machine, CODE + 6, &rounds, sizeof rounds), "rounds");
    bench_expect(ws_machine_start(machine, CODE, 0, 0), "start");
    return machine;
}

/* -- two worlds that switch ---------------------------------------------------------------------------- */

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
        0xb9, 0,    0,    0, 0,       /*  0      mov   $trips, %ecx */
        0x68, 0,    0,    0, 0,       /*  5  1:  push  $to */
        0x68, 0,    0,    0, 0,       /* 10      push  $from */
        0x9a, 0,    0,    0, 0, 0, 0, /* 15      lcall $kernel_code, $cross */
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

struct ws_lab *bench_loopers_new(uint32_t trips)
{
    struct ws_lab *lab;
    struct looper host, vmm;
    bench_expect(ws_lab_new(&lab, NULL), "lab");
    bench_expect(ws_world_new(lab, &(struct ws_world_options){.name = "host"}, &host.world), "host");
    bench_expect(ws_world_new(lab, &(struct ws_world_options){.name = "vmm"}, &vmm.world), "vmm");
    host.code = ws_world_kernel_linear(host.world) + 0x200000;
    vmm.code = ws_world_kernel_linear(vmm.world) + 0x200000;
    looper_load(&host, &vmm, trips);
    looper_load(&vmm, &host, UINT32_MAX);
    bench_expect(ws_lab_load(lab, host.world), "load");
    return lab;
}
