/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/ram_copy.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "machine/board.h"

struct page {
    atomic_size_t owners;
    uint8_t bytes[WS_PAGE_BYTES];
};

enum { BLOCK_PAGES = 512 };

struct block {
    atomic_size_t owners;
    struct page *page[BLOCK_PAGES]; /* NULL: all zero */
};

struct ws__ram_copy {
    atomic_size_t owners;
    uint32_t pages;
    uint32_t blocks;
    struct block *block[]; /* NULL: all zero */
};

/* -- owners -------------------------------------------------------------------------------------------- */

static struct page *page_share(struct page *page)
{
    if (page)
        page->owners++;
    return page;
}

static void page_release(struct page *page)
{
    if (page && --page->owners == 0)
        free(page);
}

static struct block *block_share(struct block *block)
{
    if (block)
        block->owners++;
    return block;
}

static void block_release(struct block *block)
{
    if (!block || --block->owners > 0)
        return;
    for (unsigned i = 0; i < BLOCK_PAGES; i++)
        page_release(block->page[i]);
    free(block);
}

void ws__ram_copy_release(struct ws__ram_copy *copy)
{
    if (!copy || --copy->owners > 0)
        return;
    for (uint32_t i = 0; i < copy->blocks; i++)
        block_release(copy->block[i]);
    free(copy);
}

/* From now on RAM is this copy, but for what will be written. */
static void is_now(struct ws_machine *machine, struct ws__ram_copy *copy)
{
    copy->owners++;
    ws__ram_copy_release(machine->ram_copy);
    machine->ram_copy = copy;
    ws__frames_forget_writes(&machine->cpu);
}

/* -- comparing ----------------------------------------------------------------------------------------- */

static struct page *page_get(const struct ws__ram_copy *copy, uint32_t number)
{
    const struct block *block = copy ? copy->block[number / BLOCK_PAGES] : NULL;
    return block ? block->page[number % BLOCK_PAGES] : NULL;
}

static uint8_t *ram_of(const struct ws_machine *machine, uint32_t number)
{
    return machine->ram + (size_t)number * WS_PAGE_BYTES;
}

static bool is_zero(const uint8_t *ram)
{
    return ram[0] == 0 && memcmp(ram, ram + 1, WS_PAGE_BYTES - 1) == 0;
}

static bool has_changed(const struct ws_machine *machine, const struct ws__ram_copy *copy, uint32_t number)
{
    const struct page *then = page_get(copy, number);
    if (!ws__frame_was_written(&machine->cpu, number) && page_get(machine->ram_copy, number) == then)
        return false;
    const uint8_t *now = ram_of(machine, number);
    return then ? memcmp(now, then->bytes, WS_PAGE_BYTES) != 0 : !is_zero(now);
}

uint32_t ws__ram_changed(const struct ws_machine *machine, const struct ws__ram_copy *copy, uint32_t page)
{
    uint32_t pages = machine->ram_bytes / WS_PAGE_BYTES;
    while (page < pages && !has_changed(machine, copy, page))
        page++;
    return page;
}

uint32_t ws__ram_written(const struct ws_machine *machine)
{
    return ws__frames_written_count(&machine->cpu);
}

const uint8_t *ws__ram_copy_page(const struct ws__ram_copy *copy, uint32_t page)
{
    const struct page *there = page_get(copy, page);
    return there ? there->bytes : NULL;
}

/* -- taking -------------------------------------------------------------------------------------------- */

/* Share or copy one page.  false: no memory. */
static bool page_take(struct page **out, const struct ws_machine *machine, uint32_t number)
{
    const uint8_t *now = ram_of(machine, number);
    if (!has_changed(machine, machine->ram_copy, number)) {
        *out = page_share(page_get(machine->ram_copy, number));
        return true;
    }
    if (is_zero(now))
        return true;
    *out = malloc(sizeof **out);
    if (!*out)
        return false;
    (*out)->owners = 1;
    memcpy((*out)->bytes, now, WS_PAGE_BYTES);
    return true;
}

static bool block_take(struct block **out, const struct ws_machine *machine, uint32_t first, uint32_t end)
{
    struct block *block = calloc(1, sizeof *block);
    bool done = block != NULL;
    if (block)
        block->owners = 1;
    for (uint32_t number = first; done && number < end; number++)
        done = page_take(&block->page[number - first], machine, number);
    if (done)
        *out = block;
    else
        block_release(block);
    return done;
}

enum ws_status ws__ram_copy_take(struct ws__ram_copy **out, struct ws_machine *machine)
{
    struct ws__ram_copy *last = machine->ram_copy;
    uint32_t pages = machine->ram_bytes / WS_PAGE_BYTES, blocks = (pages + BLOCK_PAGES - 1) / BLOCK_PAGES;
    struct ws__ram_copy *copy = calloc(1, sizeof *copy + blocks * sizeof copy->block[0]);
    if (!copy)
        return WS_NO_MEMORY;
    copy->owners = 1;
    copy->pages = pages;
    copy->blocks = blocks;
    uint32_t changed = ws__ram_changed(machine, last, 0);
    for (uint32_t i = 0; i < blocks; i++) {
        uint32_t first = i * BLOCK_PAGES, end = first + BLOCK_PAGES < pages ? first + BLOCK_PAGES : pages;
        if (changed < first)
            changed = ws__ram_changed(machine, last, first);
        if (changed >= end) {
            copy->block[i] = block_share(last ? last->block[i] : NULL);
        } else if (!block_take(&copy->block[i], machine, first, end)) {
            ws__ram_copy_release(copy);
            return WS_NO_MEMORY;
        }
    }
    is_now(machine, copy);
    *out = copy;
    return WS_OK;
}

/* -- putting back -------------------------------------------------------------------------------------- */

void ws__ram_copy_put_back(struct ws__ram_copy *copy, struct ws_machine *machine)
{
    static const uint8_t zero[WS_PAGE_BYTES] = {0};
    uint32_t page = 0;
    assert(copy->pages == machine->ram_bytes / WS_PAGE_BYTES);
    for (; (page = ws__ram_changed(machine, copy, page)) < copy->pages; page++) {
        const uint8_t *then = ws__ram_copy_page(copy, page);
        memcpy(ram_of(machine, page), then ? then : zero, WS_PAGE_BYTES);
        ws__frames_written(&machine->cpu, page * WS_PAGE_BYTES, WS_PAGE_BYTES);
    }
    is_now(machine, copy);
}

/* -- size ---------------------------------------------------------------------------------------------- */

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

size_t ws__ram_copy_bytes(const struct ws__ram_copy *copy)
{
    size_t bytes = sizeof *copy + copy->blocks * sizeof copy->block[0];
    for (uint32_t i = 0; i < copy->blocks; i++)
        bytes += block_bytes(copy->block[i]);
    return bytes;
}
