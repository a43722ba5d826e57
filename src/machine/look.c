/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking at a machine without disturbing it.
 */
#include <string.h>

#include <worldswitch/machine.h>

#include "machine/board.h"
#include "unicorn/record.h"

void ws_machine_registers(const struct ws_machine *machine, struct ws_registers *out)
{
    ws__cpu_registers(&machine->cpu, out);
}

enum ws_tlb ws_machine_tlb(const struct ws_machine *machine)
{
    return machine->cpu.kept.entry ? WS_TLB_KEEP : WS_TLB_COHERENT;
}

uint64_t ws_machine_page_attributes(const struct ws_machine *machine)
{
    return ws__engine_page_attributes(machine->cpu.engine);
}

unsigned ws_machine_cpl(const struct ws_machine *machine)
{
    return ws__engine_cpl(machine->cpu.engine);
}

uint32_t ws_machine_eip_linear(const struct ws_machine *machine)
{
    struct ws_descriptor code;
    ws__engine_segment(machine->cpu.engine, WS_CS, &code);
    return code.base + ws__engine_get(machine->cpu.engine, WS_EIP);
}

void ws_machine_segment(const struct ws_machine *machine, enum ws_register which, struct ws_descriptor *out)
{
    ws__engine_segment(machine->cpu.engine, which, out);
}

struct ws_physical ws_machine_memory(const struct ws_machine *machine)
{
    return (struct ws_physical){machine->ram, machine->ram_bytes};
}

/* `kept`: through the translations that the CPU keeps. */
static enum ws_status read(const struct ws_machine *machine, const struct ws_registers *registers, bool kept,
                           uint32_t linear, void *out, size_t bytes)
{
    struct ws_physical memory = ws_machine_memory(machine);
    uint8_t *to = out;
    memset(out, 0, bytes);
    while (bytes) {
        struct ws_translation walk;
        size_t here = WS_PAGE_BYTES - linear % WS_PAGE_BYTES;
        if (here > bytes)
            here = bytes;
        bool mapped = kept ? ws__cpu_walk(&machine->cpu, &walk, registers, linear, WS_ACCESS_READ, false)
                           : ws_page_walk(&walk, &memory, registers, linear, WS_ACCESS_READ, false);
        if (!mapped)
            return WS_NOT_MAPPED;
        if (walk.phys < memory.bytes)
            memcpy(to, memory.ram + walk.phys, here);
        else
            memset(to, 0xff, here);
        linear += (uint32_t)here;
        to += here;
        bytes -= here;
    }
    return WS_OK;
}

enum ws_status ws_machine_read_as(const struct ws_machine *machine, const struct ws_registers *registers,
                                  uint32_t linear, void *out, size_t bytes)
{
    return read(machine, registers, false, linear, out, bytes);
}

enum ws_status ws_machine_read(const struct ws_machine *machine, uint32_t linear, void *out, size_t bytes)
{
    struct ws_registers registers;
    ws_machine_registers(machine, &registers);
    return read(machine, &registers, true, linear, out, bytes);
}

enum ws_status ws_machine_read_phys(const struct ws_machine *machine, uint32_t phys, void *out, size_t bytes)
{
    if (!ws__memory_has(machine, phys, bytes))
        return WS_BAD_ARGUMENT;
    memcpy(out, machine->ram + phys, bytes);
    return WS_OK;
}

bool ws_machine_translate(const struct ws_machine *machine, uint32_t linear, enum ws_access access, bool user,
                          struct ws_translation *out)
{
    struct ws_registers registers;
    ws_machine_registers(machine, &registers);
    return ws__cpu_walk(&machine->cpu, out, &registers, linear, access, user);
}

uint32_t ws_machine_kept_wrong(const struct ws_machine *machine, struct ws_translation *out)
{
    const struct ws__kept *kept = &machine->cpu.kept;
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws_registers registers;
    uint32_t count = 0, lowest = UINT32_MAX;
    ws_machine_registers(machine, &registers);
    for (uint32_t i = 0; i < kept->uses; i++) {
        struct ws_translation walk, now;
        uint32_t place = kept->used[i], linear;
        if (!ws__kept_linear(kept, place, &linear) ||
            !ws__cpu_walk(&machine->cpu, &walk, &registers, linear, WS_ACCESS_READ, false) ||
            (ws_page_walk(&now, &memory, &registers, linear, WS_ACCESS_READ, false) && now.phys == walk.phys))
            continue;
        count++;
        if (place < lowest)
            *out = walk;
        lowest = place < lowest ? place : lowest;
    }
    return count;
}

const char *ws_machine_serial(const struct ws_machine *machine, size_t *bytes)
{
    if (bytes)
        *bytes = machine->serial.kept.size;
    return ws_buffer_text(&machine->serial.kept);
}

uint64_t ws_machine_serial_dropped(const struct ws_machine *machine)
{
    return machine->serial.dropped;
}

/* -- the text screen --------------------------------------------------------------------------- */

enum { TEXT_PHYS = 0xb8000, TEXT_CELLS = 16384 };

/* Behind the last cell of the VGA's text memory comes the first one. */
void ws_machine_text_row(const struct ws_machine *machine, unsigned row, struct ws_text_cell *cells)
{
    uint32_t start = ws__vga_text_start(&machine->chips.vga) + row * WS_TEXT_COLUMNS;
    for (unsigned i = 0; i < WS_TEXT_COLUMNS; i++) {
        const uint8_t *ram = machine->ram + TEXT_PHYS + 2 * ((start + i) % TEXT_CELLS);
        cells[i] = (struct ws_text_cell){ram[0], ram[1]};
    }
}

bool ws_machine_text_cursor(const struct ws_machine *machine, unsigned *row, unsigned *column)
{
    const struct ws__vga_text *vga = &machine->chips.vga;
    uint32_t cell = ws__vga_text_cursor(vga) - ws__vga_text_start(vga);
    *row = cell / WS_TEXT_COLUMNS;
    *column = cell % WS_TEXT_COLUMNS;
    return *row < WS_TEXT_ROWS;
}
