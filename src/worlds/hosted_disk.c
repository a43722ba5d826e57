/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted system's disk from outside: its files, and how many virtual machines it makes the host start.
 *
 * The file system is that of src/guest/host/disk.h: a directory in sector 1, each file one run of sectors.  What is put
 * there comes behind everything else.
 */
#include <worldswitch/hosted.h>

#include <stdio.h>
#include <string.h>

enum { SECTOR = 512, DIRECTORY = 1 * SECTOR, FILES = 16, NAME = 16 };

struct entry {
    char name[NAME];
    uint32_t first; /* sector */
    uint32_t sectors;
    uint32_t bytes;
    uint32_t unused;
};

_Static_assert(sizeof(struct entry) == 32, "struct fs_entry in src/guest/host/disk.h");

/* Where the row of that name is on the disk, 0 if there is none; "" finds the first free one. */
static size_t row_find(const void *disk, size_t size, const char *name)
{
    for (unsigned i = 0; i < FILES; i++) {
        size_t at = DIRECTORY + i * sizeof(struct entry);
        if (at + sizeof(struct entry) > size)
            break;
        if (strncmp((const char *)disk + at, name, NAME) == 0)
            return at;
    }
    return 0;
}

const void *ws_hosted_disk_file(const void *disk, size_t size, const char *name, size_t *bytes)
{
    struct entry entry;
    size_t row = row_find(disk, size, name);
    if (!row)
        return NULL;
    memcpy(&entry, (const char *)disk + row, sizeof entry);
    uint64_t first = (uint64_t)entry.first * SECTOR;
    *bytes = entry.bytes;
    return first <= size && entry.bytes <= size - first ? (const char *)disk + first : NULL;
}

static void row_clear(struct ws_buffer *disk, const char *name)
{
    size_t row = row_find(disk->data, disk->size, name);
    if (row)
        memset(disk->data + row, 0, sizeof(struct entry));
}

enum ws_status ws_hosted_disk_put(struct ws_buffer *disk, const char *name, const void *content, size_t bytes)
{
    static const char zeros[SECTOR];
    struct entry entry = {.first = (uint32_t)(disk->size / SECTOR), .bytes = (uint32_t)bytes};
    if (disk->failed)
        return WS_NO_MEMORY;
    if (disk->size % SECTOR || disk->size < DIRECTORY + SECTOR)
        return WS_BAD_IMAGE;
    size_t row = row_find(disk->data, disk->size, name);
    row = row ? row : row_find(disk->data, disk->size, "");
    if (!row)
        return WS_NO_ROOM;
    entry.sectors = (uint32_t)((bytes + SECTOR - 1) / SECTOR);
    snprintf(entry.name, sizeof entry.name, "%s", name);
    ws_buffer_append(disk, content, bytes);
    ws_buffer_append(disk, zeros, entry.sectors * (size_t)SECTOR - bytes);
    if (disk->failed)
        return WS_NO_MEMORY;
    memcpy(disk->data + row, &entry, sizeof entry);
    return WS_OK;
}

void ws_hosted_disk_keep(struct ws_buffer *disk, const char *const *names)
{
    for (unsigned i = 0; i < FILES && DIRECTORY + (i + 1) * sizeof(struct entry) <= disk->size; i++) {
        char *row = disk->data + DIRECTORY + i * sizeof(struct entry);
        const char *const *name = names;
        while (*name && strncmp(row, *name, NAME) != 0)
            name++;
        if (!*name)
            memset(row, 0, sizeof(struct entry));
    }
}

/* -- virtual machines ---------------------------------------------------------------------------------- */

static void disk_name(char name[NAME], unsigned number)
{
    snprintf(name, NAME, number ? "vm%u.disk" : "vm.disk", number);
}

/* How many the disk makes; *first is the first one's disk. */
static unsigned vms_count(const struct ws_buffer *disk, const void **first, size_t *bytes)
{
    char name[NAME];
    unsigned vms = 0;
    size_t other;
    *first = ws_hosted_disk_file(disk->data, disk->size, "vm.disk", bytes);
    if (*first)
        return 1;
    *first = ws_hosted_disk_file(disk->data, disk->size, "vm1.disk", bytes);
    do
        disk_name(name, ++vms);
    while (ws_hosted_disk_file(disk->data, disk->size, name, &other));
    return vms - 1;
}

enum ws_status ws_hosted_disk_vms(struct ws_buffer *disk, unsigned vms)
{
    char name[NAME];
    const void *first;
    size_t bytes = 0;
    struct ws_buffer content = WS_BUFFER_INIT;
    enum ws_status status = WS_OK;
    if (disk->failed)
        return WS_NO_MEMORY;
    unsigned had = vms_count(disk, &first, &bytes);
    if (!first || !vms || vms > WS_HOSTED_VMS_MOST)
        return WS_BAD_IMAGE;
    if (had == vms)
        return WS_OK;
    ws_buffer_append(&content, first, bytes);
    for (unsigned number = 0; number <= WS_HOSTED_VMS_MOST; number++) {
        disk_name(name, number);
        row_clear(disk, name);
    }
    for (unsigned vm = 1; vm <= vms && status == WS_OK; vm++) {
        disk_name(name, vms == 1 ? 0 : vm);
        status = content.failed ? WS_NO_MEMORY : ws_hosted_disk_put(disk, name, content.data, content.size);
    }
    ws_buffer_release(&content);
    return status;
}
