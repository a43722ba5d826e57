/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a machine's state: every byte of it may be wrong.
 */
#include "machine/saved.h"

#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "unicorn/record.h"

/* What is put in one piece, once it is known to be sound. */
struct parts {
    struct ws__cpu_state cpu;
    struct ws__engine_record record;
    struct ws__chips chips;
};

/* `size`: of it all, with or without the chain of a triple fault. */
static void cpu_get(struct ws__reader *reader, struct ws__cpu_state *state, size_t size)
{
    size_t before = reader->left;
    memset(state, 0, sizeof *state);
#define GET(field) ws__reader_bytes(reader, &state->field, sizeof state->field);
    WS__SAVED_CPU_TABLE(GET)
    if (before - reader->left < size) {
        WS__SAVED_CHAIN_TABLE(GET)
    }
#undef GET
}

/* Chips of another size are another build's. */
static enum ws_status parts_get(struct ws__reader *reader, struct parts *parts, uint32_t disk_sectors)
{
    uint32_t cpu = ws__reader_u32(reader), record = ws__reader_u32(reader), chips = ws__reader_u32(reader);
    size_t before = reader->left;
    if (record != sizeof parts->record || chips != sizeof parts->chips)
        return reader->bad ? WS_BAD_IMAGE : WS_UNSUPPORTED;
    cpu_get(reader, &parts->cpu, cpu);
    if (before - reader->left != cpu)
        return WS_UNSUPPORTED;
    ws__reader_bytes(reader, &parts->record, sizeof parts->record);
    ws__reader_bytes(reader, &parts->chips, sizeof parts->chips);
    bool sound = !reader->bad && ws__saved_cpu_is_sound(&parts->cpu) && ws__engine_record_is_sound(&parts->record) &&
                 ws__saved_chips_are_sound(&parts->chips, disk_sectors);
    return sound ? WS_OK : WS_BAD_IMAGE;
}

/* -- what is put as it is read ----------------------------------------------------------------- */

/* The last bytes, where more were sent since the state before than are kept. */
static enum ws_status serial_cut_get(struct ws__reader *reader, struct ws__serial *serial, uint64_t sent)
{
    uint64_t hash = ws__reader_u64(reader);
    size_t kept = ws__serial_kept(sent);
    const uint8_t *bytes = ws__reader_pass(reader, kept);
    if (!bytes || kept == sent)
        return WS_BAD_IMAGE;
    ws_buffer_clear(&serial->kept);
    ws_buffer_append(&serial->kept, bytes, kept);
    serial->dropped = sent - kept;
    serial->dropped_hash = hash;
    return serial->kept.failed ? WS_NO_MEMORY : WS_OK;
}

static enum ws_status serial_get(struct ws__reader *reader, struct ws_machine *machine)
{
    uint64_t before = ws__reader_u64(reader), since = ws__reader_u64(reader);
    bool cut = since & WS__SAVED_SERIAL_CUT;
    since &= ~WS__SAVED_SERIAL_CUT;
    if (reader->bad || before != ws__serial_sent(&machine->serial) || since > UINT64_MAX / 4)
        return WS_BAD_IMAGE;
    if (cut)
        return serial_cut_get(reader, &machine->serial, before + since);
    const uint8_t *bytes = since <= reader->left ? ws__reader_pass(reader, (size_t)since) : NULL;
    if (!bytes)
        return WS_BAD_IMAGE;
    ws__serial_append(&machine->serial, bytes, (size_t)since);
    return machine->serial.kept.failed ? WS_NO_MEMORY : WS_OK;
}

static enum ws_status ram_get(struct ws__reader *reader, struct ws_machine *machine)
{
    uint32_t pages = machine->ram_bytes / WS_PAGE_BYTES;
    for (;;) {
        uint32_t first = ws__reader_u32(reader), count = ws__reader_u32(reader);
        if (!count)
            return reader->bad ? WS_BAD_IMAGE : WS_OK;
        if (first >= pages || count > pages - first)
            return WS_BAD_IMAGE;
        const uint8_t *bytes = ws__reader_pass(reader, (size_t)count * WS_PAGE_BYTES);
        if (!bytes)
            return WS_BAD_IMAGE;
        memcpy(machine->ram + (size_t)first * WS_PAGE_BYTES, bytes, (size_t)count * WS_PAGE_BYTES);
        ws__frames_written(&machine->cpu, first * WS_PAGE_BYTES, count * WS_PAGE_BYTES);
    }
}

static enum ws_status disk_get(struct ws__reader *reader, struct ws_machine *machine)
{
    for (;;) {
        uint32_t page = ws__reader_u32(reader);
        if (page == (uint32_t)WS__SAVED_NO_PAGE)
            return reader->bad ? WS_BAD_IMAGE : WS_OK;
        const uint8_t *bytes = ws__reader_pass(reader, WS__DISK_PAGE_BYTES);
        if (!bytes || !ws__disk_page_write(&machine->disk, page, bytes))
            return machine->disk.starved ? WS_NO_MEMORY : WS_BAD_IMAGE;
    }
}

static enum ws_status kept_get(struct ws__reader *reader, struct ws_machine *machine)
{
    uint32_t count = ws__reader_u32(reader);
    size_t bytes = count * sizeof(struct ws__kept_place);
    const uint8_t *from = !reader->bad && count <= WS__KEPT_PLACES ? ws__reader_pass(reader, bytes) : NULL;
    struct ws__kept_place *place = from ? malloc(bytes + !bytes) : NULL;
    if (!place)
        return from ? WS_NO_MEMORY : WS_BAD_IMAGE;
    if (bytes)
        memcpy(place, from, bytes);
    bool sound = ws__kept_is_sound(place, count);
    if (sound)
        ws__kept_replace(&machine->cpu.kept, place, count);
    free(place);
    return sound ? WS_OK : WS_BAD_IMAGE;
}

/* -- the whole --------------------------------------------------------------------------------- */

static bool parts_put(struct ws_machine *machine, const struct parts *parts)
{
    bool same = ws__engine_record_put(machine->cpu.engine, &parts->record);
    machine->cpu.state = parts->cpu;
    machine->chips = parts->chips;
    ws__cpu_resync(&machine->cpu);
    ws__board_settle(machine);
    return same;
}

enum ws_status ws_machine_load(struct ws_machine *machine, const void *bytes, size_t size)
{
    struct ws__reader reader = {.at = bytes, .left = size};
    struct parts parts;
    if (ws__reader_u64(&reader) != ws_machine_mark(machine))
        return WS_BAD_IMAGE;
    uint64_t acts_done = ws__reader_u64(&reader);
    enum ws_status status = parts_get(&reader, &parts, machine->disk.sectors);
    if (status != WS_OK)
        return status;
    status = serial_get(&reader, machine);
    if (status == WS_OK)
        status = ram_get(&reader, machine);
    if (status == WS_OK)
        status = disk_get(&reader, machine);
    if (status == WS_OK && machine->cpu.kept.entry)
        status = kept_get(&reader, machine);
    if (status != WS_OK || reader.left)
        return status == WS_OK ? WS_BAD_IMAGE : status;
    machine->acts.done = acts_done;
    return parts_put(machine, &parts) ? WS_OK : WS_UNSUPPORTED;
}
