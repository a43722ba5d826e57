/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file system: a directory of up to 16 files, each one run of sectors with room to grow.
 *
 * The first box below `write()` in figure 7-10: it turns a place in a file into a sector of the disk, and
 * knows nothing of how that is read.  One process at a time is in here; others wait, since the one inside
 * may itself wait for the disk.
 */
#include "guest/host/disk.h"
#include "guest/host/host.h"

static struct fs_entry directory[FS_FILES];
/* In the kernel half: whichever process runs when the disk interrupts, it is there. */
static uint8_t buffer[SECTOR_BYTES];
static bool busy;

static void enter(void)
{
    while (busy)
        thread_wait(&busy, WAIT_FOREVER);
    busy = true;
}

static int32_t leave(int32_t result)
{
    busy = false;
    thread_wake(&busy);
    return result;
}

int32_t fs_open(const char *name)
{
    for (int32_t file = 0; file < FS_FILES; file++)
        if (directory[file].name[0] && text_equal(directory[file].name, name))
            return file;
    return CALL_BAD;
}

/* How much of `bytes` lies in the sector that `offset` is in, and before `end`. */
static uint32_t piece(uint32_t offset, uint32_t bytes, uint32_t end)
{
    uint32_t most = SECTOR_BYTES - offset % SECTOR_BYTES;

    if (most > bytes)
        most = bytes;
    if (offset >= end)
        return 0;
    return most < end - offset ? most : end - offset;
}

/* A file that grows is longer in the directory, too. */
static bool length_note(struct fs_entry *entry, uint32_t end)
{
    if (end <= entry->bytes)
        return true;
    entry->bytes = end;
    return scsi_write(FS_DIRECTORY, 1, directory);
}

/* Sector by sector; one that is written in part only is read first. */
static int32_t move_inside(struct fs_entry *entry, uint32_t offset, uint8_t *data, uint32_t bytes, bool write)
{
    uint32_t end = write ? entry->sectors * SECTOR_BYTES : entry->bytes, done = 0, now;

    while ((now = piece(offset + done, bytes - done, end))) {
        uint32_t sector = entry->first + (offset + done) / SECTOR_BYTES;
        uint8_t *there = buffer + (offset + done) % SECTOR_BYTES;

        if ((!write || now < SECTOR_BYTES) && !scsi_read(sector, 1, buffer))
            return CALL_NO_LUCK;
        memcpy(write ? there : data + done, write ? data + done : there, now);
        if (write && !scsi_write(sector, 1, buffer))
            return CALL_NO_LUCK;
        done += now;
    }
    return write && !length_note(entry, offset + done) ? CALL_NO_LUCK : (int32_t)done;
}

int32_t fs_move(uint32_t file, uint32_t offset, void *data, uint32_t bytes, bool write)
{
    enter();
    return leave(move_inside(&directory[file], offset, data, bytes, write));
}

void fs_sync(void)
{
    enter();
    if (!scsi_sync())
        print("host: the disk could not be synchronized\n");
    leave(0);
}

/* -- finding the file system ------------------------------------------------------------------- */

static bool buffer_is_blank(void)
{
    for (unsigned i = 0; i < SECTOR_BYTES; i++)
        if (buffer[i])
            return false;
    return true;
}

/* Put the disk onto it as it is delivered. */
static bool format(uint32_t room)
{
    uint32_t sectors = (uint32_t)(initial_disk_end - initial_disk) / SECTOR_BYTES;

    if (room < sectors)
        return false;
    for (uint32_t sector = 0; sector < sectors; sector++)
        if (!scsi_write(sector, 1, initial_disk + sector * SECTOR_BYTES))
            return false;
    print("host: a blank disk, the initial files are put onto it\n");
    return true;
}

/* A disk that holds something else belongs to the user: it is left alone. */
static bool disk_is_ours(void)
{
    uint32_t sectors;

    if (!scsi_capacity(&sectors) || !scsi_read(0, 1, buffer))
        return false;
    return text_equal((const char *)buffer, FS_MAGIC) || (buffer_is_blank() && format(sectors));
}

void fs_init(void)
{
    bool there = disk_init();

    scsi_init(disk_execute);
    if (!there || !disk_is_ours()) {
        print("host: %s: files are in memory, and will be forgotten\n",
              there ? "the disk holds something else" : "no disk");
        scsi_init(ramdisk_execute);
    }
    if (!scsi_read(FS_DIRECTORY, 1, directory))
        panic("the directory cannot be read");
}
