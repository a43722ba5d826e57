/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The benchmarks' common parts.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <unicorn/unicorn.h>

double bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *value, size_t count)
{
    qsort(value, count, sizeof *value, compare);
    return value[count / 2];
}

void bench_expect(enum ws_status status, const char *what)
{
    if (!status)
        return;
    fprintf(stderr, "%s: %s\n", what, ws_status_text(status));
    exit(1);
}

struct bench_bare {
    uc_engine *uc;
    uint8_t *ram;
};

static void out_hook(uc_engine *uc, uint32_t port, int bytes, uint32_t value, void *context)
{
    (void)bytes;
    (void)value;
    (void)context;
    if (port == 0xf4)
        uc_emu_stop(uc);
}

static void bare_expect(uc_err error, const char *what)
{
    if (error == UC_ERR_OK)
        return;
    fprintf(stderr, "bare Unicorn: %s: %s\n", what, uc_strerror(error));
    exit(1);
}

struct bench_bare *bench_bare_new(const struct ws_machine *machine)
{
    struct ws_physical memory = ws_machine_memory(machine);
    struct bench_bare *bare = calloc(1, sizeof *bare);
    struct ws_registers registers;
    uc_hook hook;
    ws_machine_registers(machine, &registers);
    bare->ram = aligned_alloc(WS_PAGE_BYTES, memory.bytes);
    memcpy(bare->ram, memory.ram, memory.bytes);
    bare_expect(uc_open(UC_ARCH_X86, UC_MODE_32, &bare->uc), "open");
    bare_expect(uc_ctl_exits_enable(bare->uc), "exits");
    bare_expect(uc_mem_map_ptr(bare->uc, 0, memory.bytes, UC_PROT_ALL, bare->ram), "map");
    bare_expect(uc_hook_add(bare->uc, &hook, UC_HOOK_INSN, (void *)out_hook, NULL, 1, 0, UC_X86_INS_OUT), "hook");
    uc_reg_write(bare->uc, UC_X86_REG_EIP, &registers.value[WS_EIP]);
    uc_reg_write(bare->uc, UC_X86_REG_EAX, &registers.value[WS_EAX]);
    uc_reg_write(bare->uc, UC_X86_REG_EBX, &registers.value[WS_EBX]);
    return bare;
}

static uint32_t bare_eip(const struct bench_bare *bare)
{
    uint32_t eip;
    uc_reg_read(bare->uc, UC_X86_REG_EIP, &eip);
    return eip;
}

double bench_bare_run(struct bench_bare *bare)
{
    double begin = bench_now();
    bare_expect(uc_emu_start(bare->uc, bare_eip(bare), 0, 0, 0), "run");
    return bench_now() - begin;
}

double bench_bare_step(struct bench_bare *bare, uint64_t count)
{
    double begin = bench_now();
    for (uint64_t i = 0; i < count; i++) {
        uint32_t value;
        bare_expect(uc_emu_start(bare->uc, bare_eip(bare), 0, 0, 1), "step");
        for (int id = UC_X86_REG_EAX; id <= UC_X86_REG_ESP; id++)
            uc_reg_read(bare->uc, id, &value);
    }
    return bench_now() - begin;
}

void bench_bare_free(struct bench_bare *bare)
{
    uc_close(bare->uc);
    free(bare->ram);
    free(bare);
}
