/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a machine's state. */
#include "machine/saved.h"

#include <string.h>

#include "machine/snapshot.h"
#include "unicorn/record.h"

static void u32_put(struct ws_buffer *out, uint32_t value)
{
    ws_buffer_append(out, &value, sizeof value);
}

static void u64_put(struct ws_buffer *out, uint64_t value)
{
    ws_buffer_append(out, &value, sizeof value);
}

static void cpu_put(struct ws_buffer *out, const struct ws__cpu_state *state)
{
#define PUT(field) ws_buffer_append(out, &state->field, sizeof state->field);
    WS__SAVED_CPU_TABLE(PUT)
    if (state->halt.faults) {
        WS__SAVED_CHAIN_TABLE(PUT)
    }
#undef PUT
}

/* CPU, engine and chips, their sizes in front. */
static void parts_put(struct ws_buffer *out, const struct ws_machine *machine)
{
    struct ws_buffer cpu = WS_BUFFER_INIT;
    struct ws__engine_record record;
    const struct ws__cpu_state state = ws__cpu_state_take(&machine->cpu);
    cpu_put(&cpu, &state);
    ws__engine_record_take(machine->cpu.engine, &record);
    u32_put(out, (uint32_t)cpu.size);
    u32_put(out, sizeof record);
    u32_put(out, sizeof machine->chips);
    ws_buffer_append(out, cpu.data, cpu.size);
    ws_buffer_append(out, &record, sizeof record);
    ws_buffer_append(out, &machine->chips, sizeof machine->chips);
    out->failed |= cpu.failed;
    ws_buffer_release(&cpu);
}

static void serial_put(struct ws_buffer *out, const struct ws_machine *machine, const struct ws_snapshot *since)
{
    const struct ws_buffer *kept = &machine->serial.kept;
    uint64_t before = ws__snapshot_serial_sent(since), now = ws__serial_sent(&machine->serial) - before;
    u64_put(out, before);
    if (now <= kept->size) {
        u64_put(out, now);
        if (now)
            ws_buffer_append(out, kept->data + (kept->size - now), (size_t)now);
    } else {
        u64_put(out, now | WS__SAVED_SERIAL_CUT);
        u64_put(out, machine->serial.dropped_hash);
        ws_buffer_append(out, kept->data, kept->size);
    }
}

static void ram_put(struct ws_buffer *out, const struct ws_machine *machine, const struct ws_snapshot *since)
{
    const struct ws__ram_copy *then = ws__snapshot_ram(since);
    uint32_t pages = machine->ram_bytes / WS_PAGE_BYTES;
    uint32_t first = ws__ram_changed(machine, then, 0);
    while (first < pages) {
        uint32_t end = first + 1, next;
        while ((next = ws__ram_changed(machine, then, end)) == end && end < pages)
            end++;
        u32_put(out, first);
        u32_put(out, end - first);
        ws_buffer_append(out, machine->ram + (size_t)first * WS_PAGE_BYTES, (size_t)(end - first) * WS_PAGE_BYTES);
        first = next;
    }
    u32_put(out, 0);
    u32_put(out, 0);
}

/* Only where the CPU keeps translations. */
static void kept_put(struct ws_buffer *out, const struct ws__kept *kept)
{
    struct ws_buffer place = WS_BUFFER_INIT;
    ws__kept_copy(kept, &place);
    u32_put(out, (uint32_t)(place.size / sizeof(struct ws__kept_place)));
    if (place.size)
        ws_buffer_append(out, place.data, place.size);
    out->failed |= place.failed;
    ws_buffer_release(&place);
}

static void disk_page_put(void *context, uint32_t page, const void *bytes, size_t size)
{
    u32_put(context, page);
    ws_buffer_append(context, bytes, size);
}

enum ws_status ws_machine_save(const struct ws_machine *machine, const struct ws_snapshot *since, struct ws_buffer *out)
{
    ws_buffer_clear(out);
    u64_put(out, ws_snapshot_mark(since));
    u64_put(out, machine->acts.done);
    parts_put(out, machine);
    serial_put(out, machine, since);
    ram_put(out, machine, since);
    ws__disk_table_changes(machine->disk.table, ws__snapshot_disk(since), out, disk_page_put);
    u32_put(out, (uint32_t)WS__SAVED_NO_PAGE);
    if (machine->cpu.kept.entry)
        kept_put(out, &machine->cpu.kept);
    return out->failed ? WS_NO_MEMORY : WS_OK;
}
