/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I/O ports, and memory that is no RAM: accesses go to the chips.  Those of ports are reported to clients that listen.
 */
#include "cpu/cpu.h"
#include "cpu/debug.h"

static void port_report(struct ws__cpu *cpu, uint16_t port, unsigned bytes, uint32_t value, bool write)
{
    if (!(cpu->run.listening & WS_EVENT_MASK(IO)))
        return;
    struct ws_event event = {
        .kind = WS_EVENT_IO,
        .mark = cpu->state.begun - 1,
        .linear = (uint32_t)cpu->last.linear,
        .which = port,
        .after = value,
        .cpl = (uint8_t)ws__engine_cpl(cpu->engine),
        .bytes = (uint8_t)bytes,
        .write = write,
    };
    cpu->client.event(cpu->client.context, &event);
}

uint32_t ws__cpu_port_read(void *context, uint16_t port, unsigned bytes)
{
    struct ws__cpu *cpu = context;
    ws__debug_port_watch(cpu, port, bytes);
    uint32_t value = cpu->client.port_read(cpu->client.context, port, bytes);
    port_report(cpu, port, bytes, value, false);
    return value;
}

void ws__cpu_port_write(void *context, uint16_t port, unsigned bytes, uint32_t value)
{
    struct ws__cpu *cpu = context;
    ws__debug_port_watch(cpu, port, bytes);
    cpu->client.port_write(cpu->client.context, port, bytes, value);
    port_report(cpu, port, bytes, value, true);
}

/* -- memory ------------------------------------------------------------------------------------ */

/* Chips in memory are 32 bits wide: an access of eight bytes is two. */
enum { WIDEST = 4 };

uint64_t ws__cpu_memory_read(void *context, uint32_t phys, unsigned bytes)
{
    const struct ws__cpu *cpu = context;
    uint64_t value = cpu->client.memory_read(cpu->client.context, phys, bytes < WIDEST ? bytes : WIDEST);
    if (bytes > WIDEST)
        value |= (uint64_t)cpu->client.memory_read(cpu->client.context, phys + WIDEST, WIDEST) << 32;
    return value;
}

void ws__cpu_memory_write(void *context, uint32_t phys, unsigned bytes, uint64_t value)
{
    const struct ws__cpu *cpu = context;
    cpu->client.memory_write(cpu->client.context, phys, bytes < WIDEST ? bytes : WIDEST, (uint32_t)value);
    if (bytes > WIDEST)
        cpu->client.memory_write(cpu->client.context, phys + WIDEST, WIDEST, (uint32_t)(value >> 32));
}

bool ws__cpu_has_local_apic(const struct ws__cpu *cpu)
{
    return cpu->client.local_apic && cpu->client.local_apic(cpu->client.context);
}
