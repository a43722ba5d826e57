/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saving the disk: a journal at the file's end, then the sectors in their place.
 */
#define _XOPEN_SOURCE 700
#include "machine/disk/disk_save.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/board.h"
#include "machine/hash.h"

static const char magic[16] = "ws disk journal";

struct entry {
    uint8_t bytes[WS__SECTOR_BYTES];
    uint64_t sector;
};

/* The file's last sector, while there is a journal. */
struct footer {
    char magic[sizeof magic];
    uint64_t old_bytes;
    uint64_t new_bytes; /* the guest may have written to a last sector of which the file had only a part */
    uint64_t entries;
    uint64_t sum; /* over all entries and the fields above */
    uint8_t zero[WS__SECTOR_BYTES - 48];
};
_Static_assert(sizeof(struct footer) == WS__SECTOR_BYTES, "the footer is a sector");

/* A walk over the sectors that differ. */
struct walk {
    struct ws__disk *disk;
    struct footer footer;
    uint64_t to; /* where the next entry goes; 0: count them only */
    bool failed; /* errno says why */
};

static uint64_t sectors_up(uint64_t bytes)
{
    return (bytes + WS__SECTOR_BYTES - 1) / WS__SECTOR_BYTES * WS__SECTOR_BYTES;
}

static uint64_t entries_begin(const struct footer *footer)
{
    return sectors_up(footer->new_bytes);
}

static uint64_t footer_at(const struct footer *footer)
{
    return sectors_up(entries_begin(footer) + footer->entries * sizeof(struct entry));
}

/* Completes a sum over the entries. */
static uint64_t footer_sum(uint64_t sum, const struct footer *footer)
{
    return ws__hash_bytes(sum, footer, offsetof(struct footer, sum));
}

static uint64_t entry_sum(uint64_t sum, const struct entry *entry)
{
    return ws__hash_bytes(sum, entry, sizeof *entry);
}

static bool file_write(int file, uint64_t at, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    while (size) {
        ssize_t put = pwrite(file, from, size, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        from += put;
        at += (uint64_t)put;
        size -= (size_t)put;
    }
    return true;
}

/* -- copying a journal to its place ------------------------------------------------------------ */

static bool footer_read(int file, struct footer *footer)
{
    struct stat there;
    if (fstat(file, &there) != 0 || there.st_size < (off_t)sizeof *footer)
        return false;
    uint64_t at = (uint64_t)there.st_size - sizeof *footer, most = at / sizeof(struct entry);
    return ws__disk_file_read(file, at, footer, sizeof *footer) && !memcmp(footer->magic, magic, sizeof magic) &&
           footer->old_bytes <= footer->new_bytes && footer->new_bytes <= at && footer->entries <= most &&
           footer_at(footer) == at;
}

/* false: the host failed. */
static bool journal_is_whole(int file, const struct footer *footer, bool *whole)
{
    struct entry entry;
    uint64_t sum = 0, at = entries_begin(footer);
    *whole = true;
    for (uint64_t i = 0; i < footer->entries; i++, at += sizeof entry) {
        if (!ws__disk_file_read(file, at, &entry, sizeof entry))
            return false;
        *whole &= entry.sector < sectors_up(footer->new_bytes) / WS__SECTOR_BYTES;
        sum = entry_sum(sum, &entry);
    }
    *whole &= footer_sum(sum, footer) == footer->sum;
    return true;
}

static bool entries_copy(int file, const struct footer *footer)
{
    struct entry entry;
    uint64_t at = entries_begin(footer);
    for (uint64_t i = 0; i < footer->entries; i++, at += sizeof entry) {
        if (!ws__disk_file_read(file, at, &entry, sizeof entry) ||
            !file_write(file, entry.sector * WS__SECTOR_BYTES, entry.bytes, sizeof entry.bytes))
            return false;
    }
    return fdatasync(file) == 0;
}

static bool file_cut(int file, uint64_t bytes)
{
    return ftruncate(file, (off_t)bytes) == 0 && fsync(file) == 0;
}

bool ws__disk_save_is_unfinished(int file)
{
    struct footer footer;
    return footer_read(file, &footer);
}

enum ws_status ws__disk_save_finish(int file)
{
    struct footer footer;
    bool whole;
    if (!footer_read(file, &footer))
        return WS_OK;
    if (!journal_is_whole(file, &footer, &whole) || (whole && !entries_copy(file, &footer)) ||
        !file_cut(file, whole ? footer.new_bytes : footer.old_bytes))
        return WS_BAD_FILE;
    return WS_OK;
}

/* -- writing a journal ------------------------------------------------------------------------- */

/* Space for the sector itself too, where the file has a hole: found before anything is copied. */
static bool entry_write(const struct walk *walk, const struct entry *entry)
{
    int file = walk->disk->file;
    if (!file_write(file, walk->to, entry, sizeof *entry))
        return false;
    int why = posix_fallocate(file, (off_t)(entry->sector * WS__SECTOR_BYTES), WS__SECTOR_BYTES);
    errno = why;
    return why == 0 || why == EINVAL || why == EOPNOTSUPP; /* some file systems cannot promise it */
}

static void entry_take(struct walk *walk, const struct entry *entry)
{
    struct footer *footer = &walk->footer;
    uint64_t end = (entry->sector + 1) * WS__SECTOR_BYTES;
    if (walk->to) {
        walk->failed = !entry_write(walk, entry);
        walk->to += sizeof *entry;
        return;
    }
    footer->entries++;
    footer->sum = entry_sum(footer->sum, entry);
    if (end > footer->new_bytes)
        footer->new_bytes = end;
}

/* The file's own bytes, zeros behind its end. */
static bool page_of_file(const struct ws__disk *disk, uint64_t at, uint8_t *out, size_t size)
{
    uint64_t left = at < disk->bytes ? disk->bytes - at : 0;
    size_t here = left < size ? (size_t)left : size;
    memset(out, 0, size);
    return ws__disk_file_read(disk->file, at, out, here);
}

static void page_visit(void *context, uint32_t page, const void *bytes, size_t size)
{
    struct walk *walk = context;
    uint8_t was[WS__DISK_PAGE_BYTES];
    uint64_t first = (uint64_t)page * size / WS__SECTOR_BYTES;
    if (walk->failed)
        return;
    walk->failed = !page_of_file(walk->disk, (uint64_t)page * size, was, size);
    for (size_t i = 0; i < size && !walk->failed && first < walk->disk->sectors; i += WS__SECTOR_BYTES, first++) {
        struct entry entry = {.sector = first};
        memcpy(entry.bytes, (const uint8_t *)bytes + i, sizeof entry.bytes);
        if (memcmp(entry.bytes, was + i, sizeof entry.bytes) == 0)
            continue;
        entry_take(walk, &entry);
        if (!walk->to && !walk->failed)
            walk->failed = !ws__disk_page_keep(walk->disk, page);
    }
}

/* What the journal will hold. */
static bool footer_make(struct walk *walk)
{
    walk->footer = (struct footer){.old_bytes = walk->disk->bytes, .new_bytes = walk->disk->bytes};
    memcpy(walk->footer.magic, magic, sizeof magic);
    ws__disk_table_visit(walk->disk->table, walk, page_visit);
    walk->footer.sum = footer_sum(walk->footer.sum, &walk->footer);
    return !walk->failed;
}

static bool journal_write(struct walk *walk)
{
    int file = walk->disk->file;
    if (!file_write(file, footer_at(&walk->footer), &walk->footer, sizeof walk->footer) || fdatasync(file) != 0)
        return false;
    walk->to = entries_begin(&walk->footer);
    ws__disk_table_visit(walk->disk->table, walk, page_visit);
    return !walk->failed && fdatasync(file) == 0;
}

static enum ws_status walk_failed(void)
{
    return errno == ENOMEM ? WS_NO_MEMORY : WS_BAD_FILE;
}

enum ws_status ws__disk_save(struct ws__disk *disk)
{
    struct walk walk = {.disk = disk};
    if (!disk->keep || !disk->table)
        return WS_OK;
    if (!footer_make(&walk))
        return walk_failed();
    if (!walk.footer.entries)
        return WS_OK;
    if (!journal_write(&walk)) {
        int why = errno;
        file_cut(disk->file, disk->bytes);
        errno = why;
        return walk_failed();
    }
    enum ws_status status = ws__disk_save_finish(disk->file);
    if (status == WS_OK)
        disk->bytes = walk.footer.new_bytes;
    return status;
}
