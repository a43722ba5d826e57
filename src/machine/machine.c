/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine: its parts, how they are wired, and how it starts.
 */
#include <worldswitch/machine.h>

#include <stdlib.h>
#include <string.h>

#include "base/zeros.h"
#include "machine/board.h"
#include "run/run.h"

enum { MEMORY_DEFAULT = 32 << 20, MEMORY_LEAST = 1 << 20, MEMORY_MOST = 1 << 30 };
enum { IPS_LEAST = 1000 };

/* -- life -------------------------------------------------------------------------------------- */

enum ws_status ws_machine_new(struct ws_machine **out, const struct ws_machine_options *options)
{
    static const struct ws_machine_options none = {0};
    const struct ws_machine_options *o = options ? options : &none;
    uint32_t bytes = o->memory_bytes ? o->memory_bytes : MEMORY_DEFAULT;
    *out = NULL;
    if (bytes < MEMORY_LEAST || bytes > MEMORY_MOST || bytes % WS_PAGE_BYTES != 0 || (o->ips && o->ips < IPS_LEAST) ||
        o->tlb > WS_TLB_KEEP)
        return WS_BAD_ARGUMENT;
    struct ws_machine *machine = calloc(1, sizeof *machine);
    if (!machine)
        return WS_NO_MEMORY;
    enum ws_status status = WS_NO_MEMORY;
    machine->ram = ws__zeros_new(bytes);
    if (!machine->ram)
        goto fail;
    machine->ram_bytes = bytes;
    machine->serial_sink = o->serial;
    machine->serial_context = o->serial_context;
    ws__board_init(machine, o->ips ? o->ips : WS__IPS_DEFAULT);
    struct ws__cpu_client client;
    ws__board_client(machine, &client);
    status = ws__cpu_init(&machine->cpu, machine->ram, bytes, &client, o->tlb == WS_TLB_KEEP);
    if (status)
        goto fail;
    if (o->max_instructions)
        machine->cpu.run.limit = o->max_instructions;
    ws__board_settle(machine);
    *out = machine;
    return WS_OK;

fail:
    ws_machine_free(machine);
    return status;
}

void ws_machine_free(struct ws_machine *machine)
{
    if (!machine)
        return;
    ws__cpu_release(&machine->cpu);
    ws__machine_observers_release(machine);
    ws__serial_release(&machine->serial);
    for (int i = 0; i < WS__INPUT_PORTS; i++)
        ws__input_release(&machine->input[i]);
    ws__acts_release(&machine->acts);
    ws__disk_release(&machine->disk);
    ws__ram_copy_release(machine->ram_copy);
    ws__zeros_free(machine->ram, machine->ram_bytes);
    free(machine);
}

/* -- building ---------------------------------------------------------------------------------- */

bool ws__memory_has(const struct ws_machine *machine, uint32_t phys, size_t bytes)
{
    return phys <= machine->ram_bytes && bytes <= machine->ram_bytes - phys;
}

void ws__memory_store(struct ws_machine *machine, uint32_t phys, const void *bytes, size_t size)
{
    memcpy(machine->ram + phys, bytes, size);
    ws__frames_written(&machine->cpu, phys, (uint32_t)size);
}

enum ws_status ws_machine_write_phys(struct ws_machine *machine, uint32_t phys, const void *bytes, size_t size)
{
    if (!ws__memory_has(machine, phys, size))
        return WS_BAD_ARGUMENT;
    if (size == 0)
        return WS_OK;
    const struct ws__act act = {machine->cpu.state.begun, WS__ACT_WRITE, phys, bytes, size};
    ws__act_note(machine, &act);
    ws__memory_store(machine, phys, bytes, size);
    return WS_OK;
}

enum ws_status ws_machine_write(struct ws_machine *machine, uint32_t linear, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    while (size) {
        struct ws_translation walk;
        size_t here = WS_PAGE_BYTES - linear % WS_PAGE_BYTES;
        if (here > size)
            here = size;
        if (!ws_machine_translate(machine, linear, WS_ACCESS_READ, false, &walk) ||
            ws_machine_write_phys(machine, walk.phys, from, here) != WS_OK)
            return WS_NOT_MAPPED;
        linear += (uint32_t)here;
        from += here;
        size -= here;
    }
    return WS_OK;
}
