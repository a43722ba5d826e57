/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The content of the disk: pages written over what it began with.
 */
#define _XOPEN_SOURCE 700
#include "machine/disk/disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, PAGE = WS__DISK_PAGE_BYTES, PAGE_SECTORS = PAGE / SECTOR };

struct ws__disk_page {
    size_t owners;
    uint8_t bytes[PAGE];
};

/* -- tables ------------------------------------------------------------------------------------ */

static void page_release(struct ws__disk_page *page)
{
    if (page && --page->owners == 0)
        free(page);
}

struct ws__disk_table *ws__disk_table_share(struct ws__disk_table *table)
{
    if (table)
        table->owners++;
    return table;
}

void ws__disk_table_release(struct ws__disk_table *table)
{
    if (!table || --table->owners)
        return;
    for (uint32_t i = 0; i < table->pages; i++)
        page_release(table->page[i]);
    free(table);
}

size_t ws__disk_table_bytes(const struct ws__disk_table *table)
{
    size_t bytes = 0;
    if (!table || table->owners > 1)
        return 0;
    for (uint32_t i = 0; i < table->pages; i++)
        bytes += table->page[i] && table->page[i]->owners == 1 ? sizeof *table->page[i] : 0;
    return bytes + sizeof *table + table->pages * sizeof *table->page;
}

void ws__disk_table_visit(const struct ws__disk_table *table, void *context,
                          void (*each)(void *context, uint32_t page, const void *bytes, size_t size))
{
    for (uint32_t i = 0; table && i < table->pages; i++) {
        if (table->page[i])
            each(context, i, table->page[i]->bytes, PAGE);
    }
}

void ws__disk_table_changes(const struct ws__disk_table *table, const struct ws__disk_table *since, void *context,
                            void (*each)(void *context, uint32_t page, const void *bytes, size_t size))
{
    for (uint32_t i = 0; table && i < table->pages; i++) {
        if (table->page[i] && (!since || table->page[i] != since->page[i]))
            each(context, i, table->page[i]->bytes, PAGE);
    }
}

static struct ws__disk_table *table_new(const struct ws__disk *disk)
{
    uint32_t pages = (disk->sectors + PAGE_SECTORS - 1) / PAGE_SECTORS;
    struct ws__disk_table *table = calloc(1, sizeof *table + pages * sizeof *table->page);
    if (!table)
        return NULL;
    table->owners = 1;
    table->pages = pages;
    return table;
}

/* Make the table this disk's own, so that it can be changed.  false: no memory. */
static bool table_own(struct ws__disk *disk)
{
    struct ws__disk_table *old = disk->table, *table;
    if (old && old->owners == 1)
        return true;
    table = table_new(disk);
    disk->starved |= !table;
    if (!table)
        return false;
    for (uint32_t i = 0; old && i < old->pages; i++) {
        if (!old->page[i])
            continue; /* and the host need not find memory for this part of a large table */
        table->page[i] = old->page[i];
        table->page[i]->owners++;
    }
    ws__disk_table_release(old);
    disk->table = table;
    return true;
}

/* -- sectors ----------------------------------------------------------------------------------- */

bool ws__disk_file_read(int file, uint64_t at, void *out, size_t size)
{
    uint8_t *to = out;
    while (size) {
        errno = 0;
        ssize_t got = pread(file, to, size, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false; /* shorter than it was */
        to += got;
        at += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

/* What the disk began with, none of it beyond a page's end; zeros behind the disk's end. */
static bool base_read(const struct ws__disk *disk, uint64_t at, uint8_t *to, size_t size)
{
    size_t here = at >= disk->bytes ? 0 : disk->bytes - at < size ? (size_t)(disk->bytes - at) : size;
    const struct ws__disk_page *kept = disk->beneath ? disk->beneath->page[at / PAGE] : NULL;
    memset(to + here, 0, size - here);
    if (kept) {
        memcpy(to, kept->bytes + at % PAGE, size);
        return true;
    }
    if (disk->file >= 0)
        return ws__disk_file_read(disk->file, at, to, here);
    if (here)
        memcpy(to, disk->memory + at, here);
    return true;
}

bool ws__disk_read(void *context, uint32_t lba, uint8_t *sector)
{
    const struct ws__disk *disk = context;
    const struct ws__disk_page *page = disk->table ? disk->table->page[lba / PAGE_SECTORS] : NULL;
    if (!page)
        return base_read(disk, (uint64_t)lba * SECTOR, sector, SECTOR);
    memcpy(sector, page->bytes + lba % PAGE_SECTORS * SECTOR, SECTOR);
    return true;
}

/* A page with what the disk began with.  NULL: no memory, or the file cannot be read. */
static struct ws__disk_page *page_read(const struct ws__disk *disk, uint32_t number)
{
    struct ws__disk_page *page = malloc(sizeof *page);
    if (page && !base_read(disk, (uint64_t)number * PAGE, page->bytes, PAGE)) {
        free(page);
        return NULL;
    }
    if (page)
        page->owners = 1;
    return page;
}

bool ws__disk_page_keep(struct ws__disk *disk, uint32_t number)
{
    if (!disk->beneath)
        disk->beneath = table_new(disk);
    if (disk->beneath && !disk->beneath->page[number])
        disk->beneath->page[number] = page_read(disk, number);
    return disk->beneath && disk->beneath->page[number];
}

/* A page of this table's own, with what is there now. */
static struct ws__disk_page *page_own(struct ws__disk *disk, uint32_t number)
{
    struct ws__disk_page **slot = &disk->table->page[number], *page;
    if (*slot && (*slot)->owners == 1)
        return *slot;
    page = *slot ? malloc(sizeof *page) : page_read(disk, number);
    disk->starved |= !page && errno == ENOMEM;
    if (!page)
        return NULL;
    if (*slot)
        memcpy(page->bytes, (*slot)->bytes, PAGE);
    page->owners = 1;
    page_release(*slot);
    *slot = page;
    return page;
}

bool ws__disk_write(void *context, uint32_t lba, const uint8_t *sector)
{
    struct ws__disk *disk = context;
    struct ws__disk_page *page = table_own(disk) ? page_own(disk, lba / PAGE_SECTORS) : NULL;
    if (!page)
        return false;
    memcpy(page->bytes + lba % PAGE_SECTORS * SECTOR, sector, SECTOR);
    return true;
}

bool ws__disk_page_write(struct ws__disk *disk, uint32_t page, const uint8_t *bytes)
{
    uint32_t pages = (disk->sectors + PAGE_SECTORS - 1) / PAGE_SECTORS;
    bool written = page < pages;
    for (uint32_t i = 0; written && i < PAGE_SECTORS; i++)
        written = ws__disk_write(disk, page * PAGE_SECTORS + i, bytes + i * SECTOR);
    return written;
}

void ws__disk_release(struct ws__disk *disk)
{
    if (disk->sectors && disk->file >= 0)
        close(disk->file);
    free(disk->memory);
    ws__disk_table_release(disk->table);
    ws__disk_table_release(disk->beneath);
    *disk = (struct ws__disk){.file = -1};
}
