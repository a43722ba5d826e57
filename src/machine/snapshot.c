/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saving and restoring a machine.
 *
 * RAM is kept in pages that snapshots share: a page equal to the previous snapshot's is not copied,
 * a page of zeros is not kept at all.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "machine/board.h"

struct page {
    size_t owners;
    uint8_t bytes[WS_PAGE_BYTES];
};

struct ws_snapshot {
    struct ws__cpu_state cpu;
    struct ws__chips chips;
    struct ws_buffer serial;
    struct ws__disk_table *disk; /* a share */
    void *engine;       /* owned: the engine's state */
    struct page **page; /* owned, one a physical page; NULL: all zero */
    uint32_t pages;
};

/* Share or copy one page.  false: no memory. */
static bool page_keep(struct page **out, const uint8_t *ram, struct page *previous)
{
    if (previous && memcmp(previous->bytes, ram, WS_PAGE_BYTES) == 0) {
        previous->owners++;
        *out = previous;
        return true;
    }
    if (ws__page_is_zero(ram))
        return true;
    *out = malloc(sizeof **out);
    if (!*out)
        return false;
    (*out)->owners = 1;
    memcpy((*out)->bytes, ram, WS_PAGE_BYTES);
    return true;
}

static bool pages_keep(struct ws_snapshot *snapshot, const struct ws_machine *machine,
                       const struct ws_snapshot *previous)
{
    struct ws__touched touched = {.known = false};
    for (uint32_t i = 0; i < snapshot->pages; i++) {
        if (ws__touched_never(&touched, machine, i))
            continue;
        struct page *old = previous && i < previous->pages ? previous->page[i] : NULL;
        if (!page_keep(&snapshot->page[i], machine->ram + (size_t)i * WS_PAGE_BYTES, old))
            return false;
    }
    return true;
}

enum ws_status ws_snapshot_take(struct ws_snapshot **out, struct ws_machine *machine,
                                const struct ws_snapshot *previous)
{
    *out = NULL;
    struct ws_snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return WS_NO_MEMORY;
    snapshot->cpu = machine->cpu.state;
    snapshot->chips = machine->chips;
    snapshot->disk = ws__disk_table_share(machine->disk.table);
    ws_buffer_append(&snapshot->serial, machine->serial.data, machine->serial.size);
    snapshot->pages = machine->ram_bytes / WS_PAGE_BYTES;
    snapshot->page = calloc(snapshot->pages, sizeof *snapshot->page);
    snapshot->engine = malloc(ws__engine_state_bytes(machine->cpu.engine));
    if (!snapshot->page || !snapshot->engine || snapshot->serial.failed || !pages_keep(snapshot, machine, previous)) {
        ws_snapshot_free(snapshot);
        return WS_NO_MEMORY;
    }
    ws__engine_state_save(machine->cpu.engine, snapshot->engine);
    *out = snapshot;
    return WS_OK;
}

/* Put back the pages that differ; RAM that is equal keeps its translated code. */
static void pages_restore(const struct ws_snapshot *snapshot, struct ws_machine *machine)
{
    static const uint8_t zero[WS_PAGE_BYTES] = {0};
    struct ws__touched touched = {.known = false};
    for (uint32_t i = 0; i < snapshot->pages; i++) {
        if (!snapshot->page[i] && ws__touched_never(&touched, machine, i))
            continue;
        const uint8_t *bytes = snapshot->page[i] ? snapshot->page[i]->bytes : zero;
        uint8_t *ram = machine->ram + (size_t)i * WS_PAGE_BYTES;
        if (memcmp(ram, bytes, WS_PAGE_BYTES) == 0)
            continue;
        memcpy(ram, bytes, WS_PAGE_BYTES);
        ws__cpu_ram_changed(&machine->cpu, i * WS_PAGE_BYTES, WS_PAGE_BYTES);
    }
}

void ws_snapshot_restore(const struct ws_snapshot *snapshot, struct ws_machine *machine)
{
    assert(snapshot->pages == machine->ram_bytes / WS_PAGE_BYTES);
    pages_restore(snapshot, machine);
    ws__engine_state_restore(machine->cpu.engine, snapshot->engine);
    machine->cpu.state = snapshot->cpu;
    machine->chips = snapshot->chips;
    ws__disk_table_release(machine->disk.table);
    machine->disk.table = ws__disk_table_share(snapshot->disk);
    ws_buffer_clear(&machine->serial);
    ws_buffer_append(&machine->serial, snapshot->serial.data, snapshot->serial.size);
    ws__cpu_resync(&machine->cpu);
    ws__board_settle(machine);
}

uint64_t ws_snapshot_mark(const struct ws_snapshot *snapshot)
{
    return snapshot->cpu.begun;
}

size_t ws_snapshot_bytes(const struct ws_snapshot *snapshot)
{
    size_t bytes = sizeof *snapshot + snapshot->serial.capacity + snapshot->pages * sizeof *snapshot->page;
    for (uint32_t i = 0; i < snapshot->pages; i++) {
        if (snapshot->page[i] && snapshot->page[i]->owners == 1)
            bytes += sizeof(struct page);
    }
    return bytes + ws__disk_table_bytes(snapshot->disk);
}

void ws_snapshot_free(struct ws_snapshot *snapshot)
{
    if (!snapshot)
        return;
    for (uint32_t i = 0; snapshot->page && i < snapshot->pages; i++) {
        if (snapshot->page[i] && --snapshot->page[i]->owners == 0)
            free(snapshot->page[i]);
    }
    free(snapshot->page);
    free(snapshot->engine);
    ws_buffer_release(&snapshot->serial);
    ws__disk_table_release(snapshot->disk);
    free(snapshot);
}
