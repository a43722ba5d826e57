/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a boot loader leaves in the CPU's registers.
 */
#include <worldswitch/machine.h>

#include "machine/board.h"
#include "machine/firmware.h"

/* Where QEMU's loader leaves ESP.  A guest has to make a stack of its own, but those that never do run there: with
 * ESP 0 they would push where no memory is. */
enum { LOADER_STACK = 0x6f08 };

enum ws_status ws_machine_start(struct ws_machine *machine, uint32_t eip, uint32_t eax, uint32_t ebx)
{
    if (machine->cpu.state.begun)
        return WS_BAD_ARGUMENT;
    ws__engine_set(machine->cpu.engine, WS_EIP, eip);
    ws__engine_set(machine->cpu.engine, WS_ESP, LOADER_STACK);
    ws__engine_set(machine->cpu.engine, WS_EAX, eax);
    ws__engine_set(machine->cpu.engine, WS_EBX, ebx);
    return WS_OK;
}

/* -- Linux ------------------------------------------------------------------------------------- */

enum { LINUX_CS = 0x10, LINUX_DS = 0x18 };

static enum ws_status linux_segments_load(struct ws_machine *machine)
{
    static const enum ws_register data[] = {WS_DS, WS_ES, WS_FS, WS_GS};
    static const struct ws_descriptor flat_code = {.limit = UINT32_MAX,
                                                   .type = WS_TYPE_CODE | WS_TYPE_READABLE | WS_TYPE_ACCESSED,
                                                   .present = true,
                                                   .big = true,
                                                   .granular = true};
    static const struct ws_descriptor flat_data = {.limit = UINT32_MAX,
                                                   .type = WS_TYPE_WRITABLE | WS_TYPE_ACCESSED,
                                                   .present = true,
                                                   .big = true,
                                                   .granular = true};
    uint8_t gdt[LINUX_DS + WS_DESCRIPTOR_BYTES] = {0};
    struct ws__engine *engine = machine->cpu.engine;
    ws_descriptor_encode(gdt + LINUX_CS, &flat_code);
    ws_descriptor_encode(gdt + LINUX_DS, &flat_data);
    ws__engine_table_set(engine, WS_GDTR_BASE, WS__LOADER_GDT, sizeof gdt - 1);
    ws__engine_enter(engine, LINUX_CS, &flat_code, LINUX_DS, &flat_data);
    for (size_t i = 0; i < sizeof data / sizeof *data; i++)
        ws__engine_load(engine, data[i], LINUX_DS, &flat_data);
    return ws_machine_write_phys(machine, WS__LOADER_GDT, gdt, sizeof gdt);
}

enum ws_status ws_machine_start_linux(struct ws_machine *machine, uint32_t eip, uint32_t zero_page)
{
    enum ws_status status = ws_machine_start(machine, eip, 0, 0);
    if (status != WS_OK)
        return status;
    ws__engine_set(machine->cpu.engine, WS_ESI, zero_page);
    return linux_segments_load(machine);
}
