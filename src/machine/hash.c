/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hashes of a machine's state, whole and in parts.
 */
#include <stddef.h>
#include <string.h>

#include <worldswitch/machine.h>

#include "machine/board.h"
#include "machine/hash.h"
#include "unicorn/record.h"

uint64_t ws__hash_word(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

uint64_t ws__hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    uint64_t word;
    for (; size >= sizeof word; size -= sizeof word, from += sizeof word) {
        memcpy(&word, from, sizeof word);
        hash = ws__hash_word(hash, word);
    }
    word = size;
    if (size)
        memcpy(&word, from, size);
    return ws__hash_word(hash, word);
}

/* Pages of zeros, of which there are many, say nothing: those that are not come with their number. */
static uint64_t hash_ram(uint64_t hash, const struct ws_machine *machine)
{
    uint32_t pages = machine->ram_bytes / WS_PAGE_BYTES;
    for (uint32_t page = 0; (page = ws__ram_changed(machine, NULL, page)) < pages; page++)
        hash = ws__hash_bytes(ws__hash_word(hash, page), machine->ram + (size_t)page * WS_PAGE_BYTES, WS_PAGE_BYTES);
    return hash;
}

static void disk_page_hash(void *context, uint32_t page, const void *bytes, size_t size)
{
    uint64_t *hash = context;
    *hash = ws__hash_bytes(ws__hash_word(*hash, page), bytes, size);
}

/* The order in which translations were kept does not count. */
static uint64_t hash_kept(uint64_t hash, const struct ws__kept *kept)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < kept->uses; i++) {
        uint32_t place = kept->used[i];
        if (ws__kept_at(kept, place))
            sum += ws__hash_word(ws__hash_word(1, place), ws__kept_at(kept, place));
    }
    return kept->entry ? ws__hash_word(hash, sum) : hash;
}

uint64_t ws_machine_hash(const struct ws_machine *machine)
{
    const struct ws__cpu_state state = ws__cpu_state_take(&machine->cpu);
    struct ws__engine_record record;
    struct ws_registers registers;
    ws__engine_record_take(machine->cpu.engine, &record);
    ws_machine_registers(machine, &registers); /* the debug registers, too */
    uint64_t hash = hash_ram(1, machine);
    hash = ws__hash_bytes(hash, &record, sizeof record);
    hash = ws__hash_bytes(hash, &registers, sizeof registers);
    hash = ws__hash_word(hash, state.begun);
    hash = ws__hash_word(hash, state.skipped);
    hash = ws__hash_word(hash, state.clock);
    hash = ws__hash_word(hash, state.shadow);
    hash = ws__hash_word(hash, state.quiet);
    hash = ws__hash_bytes(hash, state.pending, sizeof state.pending);
    hash =
        ws__hash_word(hash, state.nmi_pending | state.nmi_blocked << 1 | state.asleep << 2 | (uint64_t)state.hits << 8);
    hash = ws__hash_bytes(hash, &machine->chips, sizeof machine->chips);
    ws__disk_table_visit(machine->disk.table, &hash, disk_page_hash);
    hash = hash_kept(hash, &machine->cpu.kept);
    return ws__serial_hash(hash, &machine->serial);
}

/* -- parts ------------------------------------------------------------------------------------- */

const char *ws_part_name(enum ws_part part)
{
    static const char *const name[] = {
#define PART_NAME(name, text) text,
        WS_PART_TABLE(PART_NAME)
#undef PART_NAME
    };
    return name[part];
}

/* Where a part's state is among the chips. */
#define CHIP(part, field) [WS_PART_##part] = {offsetof(struct ws__chips, field), sizeof(((struct ws__chips *)0)->field)}

static const struct {
    size_t offset, size;
} chip[WS_PART_COUNT] = {
    CHIP(PIC, pic),
    CHIP(PIT, pit),
    CHIP(UART, uart),
    CHIP(SYSTEM_PORTS, system),
    CHIP(KEYBOARD, kbc),
    CHIP(DEBUG_EXIT, debug_exit),
    CHIP(ATA, ata),
    CHIP(RTC, rtc),
    CHIP(VGA, vga),
    CHIP(NMI_PORTS, nmi),
    CHIP(POWER_PORTS, power),
    CHIP(NMI_LINE, nmi_line),
    CHIP(INPUT, inputs),
    CHIP(UNKNOWN_PORTS, unknown),
    CHIP(LOCAL_APIC, local_apic),
    CHIP(IO_APIC, io_apic),
    CHIP(PCI, pci),
    CHIP(BUS_MASTER, bus_master),
    CHIP(FW_CFG, fw_cfg),
    CHIP(NO_MEMORY, no_memory),
};

uint64_t ws_machine_part_hash(const struct ws_machine *machine, enum ws_part part)
{
    uint64_t hash = 1;
    if (part == WS_PART_OUTPUT)
        return ws__serial_hash(hash, &machine->serial);
    if (part == WS_PART_DISK) {
        ws__disk_table_visit(machine->disk.table, &hash, disk_page_hash);
        return hash;
    }
    return ws__hash_bytes(hash, (const char *)&machine->chips + chip[part].offset, chip[part].size);
}

uint64_t ws_machine_page_hash(const struct ws_machine *machine, uint32_t page)
{
    return ws__hash_bytes(1, machine->ram + (size_t)page * WS_PAGE_BYTES, WS_PAGE_BYTES);
}
