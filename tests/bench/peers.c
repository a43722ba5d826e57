/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Others that run the same guest.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench/peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicorn/unicorn.h>

void bench_mark_take(void *context, uint8_t byte)
{
    struct bench_marks *marks = context;
    if (byte == 'B')
        marks->begin = bench_now();
    if (byte == 'E')
        marks->end = bench_now();
}

double bench_marks_seconds(const struct bench_marks *marks, const char *who)
{
    if (marks->begin != 0 && marks->end > marks->begin)
        return marks->end - marks->begin;
    fprintf(stderr, "%s: the guest did not come to its end\n", who);
    exit(1);
}

/* -- bare Unicorn ------------------------------------------------------------------------------ */

enum { COM1 = 0x3f8, LINE_STATUS = COM1 + 5, READY = 0x60, ENABLE = COM1 + 1, TRANSMITTER = 2, EXIT = 0xf4 };
enum { VECTOR = 0x24 };

struct bare {
    uc_engine *uc;
    uint8_t *ram;
    struct bench_marks *marks;
    bool asked; /* for an interrupt */
};

static void expect(uc_err error, const char *what)
{
    if (error == UC_ERR_OK)
        return;
    fprintf(stderr, "bare Unicorn: %s: %s\n", what, uc_strerror(error));
    exit(1);
}

static uint32_t port_in(uc_engine *uc, uint32_t port, int bytes, void *context)
{
    (void)uc;
    (void)bytes;
    (void)context;
    return port == LINE_STATUS ? READY : 0xff;
}

static void port_out(uc_engine *uc, uint32_t port, int bytes, uint32_t value, void *context)
{
    struct bare *bare = context;
    (void)bytes;
    if (port == COM1)
        bench_mark_take(bare->marks, (uint8_t)value);
    bare->asked = port == ENABLE && value & TRANSMITTER;
    if (bare->asked || port == EXIT)
        uc_emu_stop(uc);
}

static uint32_t get(const struct bare *bare, int id)
{
    uint32_t value = 0;
    uc_reg_read(bare->uc, id, &value);
    return value;
}

static void put(const struct bare *bare, int id, uint32_t value)
{
    uc_reg_write(bare->uc, id, &value);
}

/* The frame, flags and the handler's address; flat segments and one ring. */
static void interrupt_enter(struct bare *bare)
{
    uint32_t frame[] = {get(bare, UC_X86_REG_EIP), get(bare, UC_X86_REG_CS), get(bare, UC_X86_REG_EFLAGS)};
    uint32_t esp = get(bare, UC_X86_REG_ESP) - (uint32_t)sizeof frame;
    uc_x86_mmr idt = {0};
    uint16_t gate[4];
    uc_reg_read(bare->uc, UC_X86_REG_IDTR, &idt);
    memcpy(gate, bare->ram + idt.base + 8 * VECTOR, sizeof gate);
    memcpy(bare->ram + esp, frame, sizeof frame);
    put(bare, UC_X86_REG_ESP, esp);
    put(bare, UC_X86_REG_EFLAGS, frame[2] & ~(uint32_t)WS_EFLAGS_IF);
    put(bare, UC_X86_REG_EIP, (uint32_t)gate[3] << 16 | gate[0]);
}

static void bare_open(struct bare *bare, const struct ws_machine *machine)
{
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws_registers registers;
    uc_hook hook;
    ws_machine_registers(machine, &registers);
    bare->ram = aligned_alloc(WS_PAGE_BYTES, memory.bytes);
    memcpy(bare->ram, memory.ram, memory.bytes);
    expect(uc_open(UC_ARCH_X86, UC_MODE_32, &bare->uc), "open");
    expect(uc_ctl_exits_enable(bare->uc), "exits");
    expect(uc_mem_map_ptr(bare->uc, 0, memory.bytes, UC_PROT_ALL, bare->ram), "map");
    expect(uc_hook_add(bare->uc, &hook, UC_HOOK_INSN, (void *)port_in, bare, 1, 0, UC_X86_INS_IN), "hook");
    expect(uc_hook_add(bare->uc, &hook, UC_HOOK_INSN, (void *)port_out, bare, 1, 0, UC_X86_INS_OUT), "hook");
    put(bare, UC_X86_REG_EIP, registers.value[WS_EIP]);
}

void bench_peer_bare(const struct ws_machine *machine, struct bench_marks *marks)
{
    struct bare bare = {.marks = marks};
    bare_open(&bare, machine);
    do {
        if (bare.asked)
            interrupt_enter(&bare);
        bare.asked = false;
        expect(uc_emu_start(bare.uc, get(&bare, UC_X86_REG_EIP), 0, 0, 0), "run");
    } while (bare.asked);
    uc_close(bare.uc);
    free(bare.ram);
}

/* -- QEMU -------------------------------------------------------------------------------------- */

void bench_peer_qemu(const char *program, const char *image, struct bench_marks *marks)
{
    char command[1024];
    snprintf(command, sizeof command,
             "exec '%s' -kernel '%s' -display none -monitor none -serial stdio -no-reboot "
             "-device isa-debug-exit,iobase=0xf4 < /dev/null 2> /dev/null",
             program, image);
    FILE *output = popen(command, "r");
    if (!output) {
        perror(program);
        exit(1);
    }
    setvbuf(output, NULL, _IONBF, 0);
    for (int byte; (byte = getc(output)) != EOF;)
        bench_mark_take(marks, (uint8_t)byte);
    pclose(output);
}
