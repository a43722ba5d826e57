/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From files down to platters, as in figure 7-10:  fs → scsi → disk, and up again through the disk's
 * interrupt handler.
 */
#ifndef WS_GUEST_HOST_DISK_H
#define WS_GUEST_HOST_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/shared/ata.h"

enum { SECTOR_BYTES = ATA_SECTOR_BYTES };

/* -- fs.c: a few files ------------------------------------------------------------------------- */

/* On the disk: sector 0 says that there is a file system, sector 1 is its directory.  A file is one run
 * of sectors, with room to grow. */
#define FS_MAGIC "WSFS 1\n"
enum { FS_NAME_BYTES = 16, FS_FILES = 16, FS_DIRECTORY = 1 };

struct fs_entry {
    char name[FS_NAME_BYTES]; /* empty: no file */
    uint32_t first;           /* sector */
    uint32_t sectors;         /* its room */
    uint32_t bytes;           /* how long it is */
    uint32_t unused;
};

/* Find a disk with a file system, or make one. */
void fs_init(void);
/* A file's number, or a CALL_... that says why not. */
int32_t fs_open(const char *name);
/* To the file if `write`, else from it: how many bytes that were, fewer at the end of the file or of its room; or
 * CALL_NO_LUCK. */
int32_t fs_move(uint32_t file, uint32_t offset, void *data, uint32_t bytes, bool write);
/* Everything is on the platters when this returns. */
void fs_sync(void);

/* -- scsi.c: commands -------------------------------------------------------------------------- */

enum scsi_direction { SCSI_NOTHING, SCSI_TO_HOST, SCSI_TO_DISK };
enum { SCSI_BLOCK_BYTES = 10, SCSI_GOOD = 0, SCSI_CHECK_CONDITION = 2 };

/* A command on its way: its descriptor block, as any SCSI disk would get it, and the data's place. */
struct scsi_command {
    uint8_t block[SCSI_BLOCK_BYTES];
    uint8_t direction; /* enum scsi_direction */
    uint8_t *data;     /* in the kernel half, since any process may run when it moves */
};

/* What executes commands, and returns their status. */
typedef uint8_t scsi_target(struct scsi_command *command);

/* All of these go to the target that scsi_init() was given.  false: it said CHECK CONDITION. */
void scsi_init(scsi_target *target);
bool scsi_read(uint32_t sector, uint32_t sectors, void *to);
bool scsi_write(uint32_t sector, uint32_t sectors, const void *from);
bool scsi_sync(void);
bool scsi_capacity(uint32_t *sectors);

/* Taking a descriptor block apart, for targets. */
enum scsi_operation { SCSI_READ_CAPACITY = 0x25, SCSI_READ = 0x28, SCSI_WRITE = 0x2a, SCSI_SYNCHRONIZE_CACHE = 0x35 };
uint32_t scsi_block_sector(const struct scsi_command *command);
uint32_t scsi_block_count(const struct scsi_command *command);
void scsi_put_32(uint8_t *to, uint32_t value);

/* -- disk.c: the ATA disk, ramdisk.c: memory in its place -------------------------------------- */

/* Is there one? */
bool disk_init(void);
uint8_t disk_execute(struct scsi_command *command);
/* IRQ 14. */
void disk_interrupt(void);

uint8_t ramdisk_execute(struct scsi_command *command);
/* boot/disk.S: the disk as it is delivered. */
extern uint8_t initial_disk[], initial_disk_end[];

#endif
