/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is on the machine's disk.
 *
 * Below is what it began with: an open file, or memory, which nothing here changes.  Above lie the
 * pages that the guest wrote.  Snapshots share them: a page with more than one owner is copied
 * before it is written, and so is the table of pages.
 */
#ifndef WS_MACHINE_DISK_DISK_H
#define WS_MACHINE_DISK_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WS__DISK_PAGE_BYTES = 4096 };

struct ws__disk_page;

/* Written pages; NULL stands for a table in which nothing is written. */
struct ws__disk_table {
    size_t owners;
    uint32_t pages;
    struct ws__disk_page *page[]; /* NULL: as it was */
};

struct ws__disk {
    uint32_t sectors; /* 0: there is no disk */
    int file;         /* what it began with: owned; -1: none */
    uint8_t *memory;  /* or this: owned */
    uint64_t bytes;   /* of either; the rest of the last sector is zero */
    bool keep;        /* the file takes what the guest wrote: it is open for writing */
    struct ws__disk_table *table;
    struct ws__disk_table *beneath; /* what saving has overwritten in the file: earlier snapshots still see it */
    bool starved;                   /* a write failed since there was no memory for its page */
};

/* For the chip; `disk` is a struct ws__disk.  false: the host failed. */
bool ws__disk_read(void *disk, uint32_t lba, uint8_t *sector);
bool ws__disk_write(void *disk, uint32_t lba, const uint8_t *sector);

/* Share a table, or give up a share. */
struct ws__disk_table *ws__disk_table_share(struct ws__disk_table *table);
void ws__disk_table_release(struct ws__disk_table *table);
/* The bytes that only this table holds. */
size_t ws__disk_table_bytes(const struct ws__disk_table *table);

/* Call `each` with each written page. */
void ws__disk_table_visit(const struct ws__disk_table *table, void *context,
                          void (*each)(void *context, uint32_t page, const void *bytes, size_t size));

/* The same with those that were written since the disk had the table `since` (NULL: since the
 * beginning), of which this one is a later state. */
void ws__disk_table_changes(const struct ws__disk_table *table, const struct ws__disk_table *since, void *context,
                            void (*each)(void *context, uint32_t page, const void *bytes, size_t size));
/* Write a page of WS__DISK_PAGE_BYTES.  false: there is no such page, or the disk is starved. */
bool ws__disk_page_write(struct ws__disk *disk, uint32_t page, const uint8_t *bytes);

/* Keep what a page was before the file is written.  false: no memory, or the file cannot be read. */
bool ws__disk_page_keep(struct ws__disk *disk, uint32_t page);
/* Exactly `size` bytes of a file from `at` on.  false: errno says why; 0: the file is shorter. */
bool ws__disk_file_read(int file, uint64_t at, void *to, size_t size);

void ws__disk_release(struct ws__disk *disk);

#endif
