/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saving and restoring a machine.
 *
 * RAM is kept in pages that snapshots share: a page equal to the previous snapshot's is not copied,
 * a page of zeros is not kept at all.  Pages stand in blocks, and a block of equal pages is shared as a whole: most
 * of RAM costs neither time nor memory.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "machine/board.h"
#include "machine/snapshot.h"

struct page {
    size_t owners;
    uint8_t bytes[WS_PAGE_BYTES];
};

enum { BLOCK_PAGES = 512 };

struct block {
    size_t owners;
    struct page *page[BLOCK_PAGES]; /* NULL: all zero */
};

struct ws_snapshot {
    size_t owners;
    struct ws__cpu_state cpu;
    struct ws__chips chips;
    struct ws__serial serial;
    struct ws__disk_table *disk; /* a share */
    uint64_t acts_done;
    struct ws_buffer kept; /* of struct ws__kept_place */
    void *engine;          /* owned: the engine's state */
    size_t engine_bytes;
    struct block **block; /* owned; NULL: all zero */
    uint32_t blocks;
    uint32_t pages;
};

/* -- pages and blocks -------------------------------------------------------------------------- */

static void page_release(struct page *page)
{
    if (page && --page->owners == 0)
        free(page);
}

static void block_release(struct block *block)
{
    if (!block || --block->owners > 0)
        return;
    for (unsigned i = 0; i < BLOCK_PAGES; i++)
        page_release(block->page[i]);
    free(block);
}

static struct page *page_get(const struct ws_snapshot *snapshot, uint32_t page)
{
    const struct block *block = snapshot->block[page / BLOCK_PAGES];
    return block ? block->page[page % BLOCK_PAGES] : NULL;
}

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

/* Share the block if its pages are those of the previous one, else make one of them; it takes them over. */
static bool block_keep(struct block **out, const struct block *kept, struct block *previous)
{
    static const struct block none;
    bool zero = memcmp(kept->page, none.page, sizeof kept->page) == 0;
    if (zero)
        return true;
    if (previous && memcmp(kept->page, previous->page, sizeof kept->page) == 0) {
        for (unsigned i = 0; i < BLOCK_PAGES; i++)
            page_release(kept->page[i]);
        previous->owners++;
        *out = previous;
        return true;
    }
    *out = malloc(sizeof **out);
    if (!*out)
        return false;
    **out = *kept;
    return true;
}

/* The pages of RAM from `first` to `end`. */
static bool block_take(struct block **out, const struct ws_machine *machine, uint32_t first, uint32_t end,
                       struct block *previous, struct ws__touched *touched)
{
    struct block kept = {.owners = 1};
    uint32_t page = first;
    bool done = true;
    for (; done && (page = ws__touched_next(touched, machine, page)) < end; page++)
        done = page_keep(&kept.page[page - first], machine->ram + (size_t)page * WS_PAGE_BYTES,
                         previous ? previous->page[page - first] : NULL);
    if (done && block_keep(out, &kept, previous))
        return true;
    for (unsigned i = 0; i < BLOCK_PAGES; i++)
        page_release(kept.page[i]);
    return false;
}

static bool blocks_take(struct ws_snapshot *snapshot, const struct ws_machine *machine,
                        const struct ws_snapshot *previous)
{
    struct ws__touched touched = {0};
    for (uint32_t i = 0; i < snapshot->blocks; i++) {
        struct block *old = previous && i < previous->blocks ? previous->block[i] : NULL;
        uint32_t first = i * BLOCK_PAGES, left = snapshot->pages - first;
        uint32_t end = first + (left < BLOCK_PAGES ? left : BLOCK_PAGES);
        if (ws__touched_next(&touched, machine, first) < end &&
            !block_take(&snapshot->block[i], machine, first, end, old, &touched))
            return false;
    }
    return true;
}

/* -- taking ------------------------------------------------------------------------------------ */

enum ws_status ws_snapshot_take(struct ws_snapshot **out, struct ws_machine *machine,
                                const struct ws_snapshot *previous)
{
    *out = NULL;
    struct ws_snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return WS_NO_MEMORY;
    snapshot->owners = 1;
    snapshot->cpu = ws__cpu_state_take(&machine->cpu);
    snapshot->chips = machine->chips;
    snapshot->acts_done = machine->acts.done;
    snapshot->disk = ws__disk_table_share(machine->disk.table);
    enum ws_status status = ws__serial_copy(&snapshot->serial, &machine->serial);
    ws__kept_copy(&machine->cpu.kept, &snapshot->kept);
    if (snapshot->kept.failed)
        status = WS_NO_MEMORY;
    snapshot->pages = machine->ram_bytes / WS_PAGE_BYTES;
    snapshot->blocks = (snapshot->pages + BLOCK_PAGES - 1) / BLOCK_PAGES;
    snapshot->block = calloc(snapshot->blocks, sizeof *snapshot->block);
    snapshot->engine_bytes = ws__engine_state_bytes(machine->cpu.engine);
    snapshot->engine = malloc(snapshot->engine_bytes);
    if (status != WS_OK || !snapshot->block || !snapshot->engine || !blocks_take(snapshot, machine, previous)) {
        ws_snapshot_free(snapshot);
        return WS_NO_MEMORY;
    }
    ws__engine_state_save(machine->cpu.engine, snapshot->engine);
    *out = snapshot;
    return WS_OK;
}

/* -- restoring --------------------------------------------------------------------------------- */

/* Put back the pages that differ; RAM that is equal keeps its translated code. */
static void pages_restore(const struct ws_snapshot *snapshot, struct ws_machine *machine)
{
    static const uint8_t zero[WS_PAGE_BYTES] = {0};
    struct ws__touched touched = {0};
    for (uint32_t i = 0; i < snapshot->pages; i++) {
        const struct page *page = page_get(snapshot, i);
        if (!page && ws__touched_next(&touched, machine, i) != i)
            continue;
        const uint8_t *bytes = page ? page->bytes : zero;
        uint8_t *ram = machine->ram + (size_t)i * WS_PAGE_BYTES;
        if (memcmp(ram, bytes, WS_PAGE_BYTES) == 0)
            continue;
        memcpy(ram, bytes, WS_PAGE_BYTES);
        ws__frames_written(&machine->cpu, i * WS_PAGE_BYTES, WS_PAGE_BYTES);
    }
}

void ws_snapshot_restore(const struct ws_snapshot *snapshot, struct ws_machine *machine)
{
    assert(snapshot->pages == machine->ram_bytes / WS_PAGE_BYTES);
    pages_restore(snapshot, machine);
    ws__engine_state_restore(machine->cpu.engine, snapshot->engine);
    machine->cpu.state = snapshot->cpu;
    machine->chips = snapshot->chips;
    machine->acts.done = snapshot->acts_done;
    ws__disk_table_release(machine->disk.table);
    machine->disk.table = ws__disk_table_share(snapshot->disk);
    machine->disk.starved = false;
    ws_machine_fail(machine, ws__serial_copy(&machine->serial, &snapshot->serial));
    ws__kept_replace(&machine->cpu.kept, (const void *)snapshot->kept.data,
                     snapshot->kept.size / sizeof(struct ws__kept_place));
    ws__cpu_resync(&machine->cpu);
    ws__board_settle(machine);
}

struct ws_snapshot *ws__snapshot_share(struct ws_snapshot *snapshot)
{
    snapshot->owners++;
    return snapshot;
}

/* -- looking ----------------------------------------------------------------------------------- */

const uint8_t *ws__snapshot_page(const struct ws_snapshot *snapshot, uint32_t page)
{
    const struct page *there = page_get(snapshot, page);
    return there ? there->bytes : NULL;
}

uint64_t ws__snapshot_serial_sent(const struct ws_snapshot *snapshot)
{
    return ws__serial_sent(&snapshot->serial);
}

const struct ws__disk_table *ws__snapshot_disk(const struct ws_snapshot *snapshot)
{
    return snapshot->disk;
}

uint64_t ws_snapshot_mark(const struct ws_snapshot *snapshot)
{
    return snapshot->cpu.begun;
}

/* What would go with this block. */
static size_t block_bytes(const struct block *block)
{
    if (!block || block->owners > 1)
        return 0;
    size_t bytes = sizeof *block;
    for (unsigned i = 0; i < BLOCK_PAGES; i++)
        if (block->page[i] && block->page[i]->owners == 1)
            bytes += sizeof(struct page);
    return bytes;
}

size_t ws_snapshot_bytes(const struct ws_snapshot *snapshot)
{
    size_t bytes = sizeof *snapshot + snapshot->serial.kept.capacity + snapshot->kept.capacity +
                   snapshot->engine_bytes + snapshot->blocks * sizeof *snapshot->block;
    for (uint32_t i = 0; i < snapshot->blocks; i++)
        bytes += block_bytes(snapshot->block[i]);
    return bytes + ws__disk_table_bytes(snapshot->disk);
}

void ws_snapshot_free(struct ws_snapshot *snapshot)
{
    if (!snapshot || --snapshot->owners > 0)
        return;
    for (uint32_t i = 0; snapshot->block && i < snapshot->blocks; i++)
        block_release(snapshot->block[i]);
    free(snapshot->block);
    free(snapshot->engine);
    ws__serial_release(&snapshot->serial);
    ws_buffer_release(&snapshot->kept);
    ws__disk_table_release(snapshot->disk);
    free(snapshot);
}
