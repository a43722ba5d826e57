/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting a disk into a machine, looking at it, and saving it.
 */
#define _DEFAULT_SOURCE /* flock() */
#include <worldswitch/machine.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/board.h"
#include "machine/disk/disk_save.h"

/* The largest disk that 28 bits of LBA reach. */
#define BYTES_MOST ((UINT64_C(1) << 28) * WS__SECTOR_BYTES)

static enum ws_status disk_install(struct ws_machine *machine, const struct ws__disk *disk)
{
    machine->disk = *disk;
    machine->disk.sectors = (uint32_t)((disk->bytes + WS__SECTOR_BYTES - 1) / WS__SECTOR_BYTES);
    machine->wires.ata.platters.sectors = machine->disk.sectors;
    return WS_OK;
}

static bool may_attach(const struct ws_machine *machine, uint64_t bytes)
{
    return !machine->disk.sectors && !machine->cpu.state.begun && bytes && bytes <= BYTES_MOST;
}

enum ws_status ws_machine_disk_attach_memory(struct ws_machine *machine, const void *bytes, size_t size)
{
    if (!may_attach(machine, size))
        return WS_BAD_ARGUMENT;
    struct ws__disk disk = {.file = -1, .memory = malloc(size), .bytes = size};
    if (!disk.memory)
        return WS_NO_MEMORY;
    memcpy(disk.memory, bytes, size);
    return disk_install(machine, &disk);
}

/* No other run may write the file while this one reads it, nor read it if this one will write it.  Where a file system
 * has no locks, the user has to see to it. */
static bool file_lock(int file, bool writes)
{
    if (flock(file, (writes ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return true;
    errno = EBUSY;
    return false;
}

/* Open it, locked, and with all that an interrupted save has left to do.  -1: errno says why. */
static int file_open(const char *path, bool writes)
{
    struct stat there;
    /* Do not wait for another process at the other end of a pipe: a pipe has no sectors. */
    int file = open(path, (writes ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC), why;
    if (file < 0)
        return -1;
    if (fstat(file, &there) != 0)
        goto fail;
    errno = EINVAL;
    if (!S_ISREG(there.st_mode))
        goto fail;
    if (!writes && ws__disk_save_is_unfinished(file)) {
        close(file);
        file = file_open(path, true);
        if (file >= 0)
            file_lock(file, false);
        return file;
    }
    if (file_lock(file, writes) && (!writes || ws__disk_save_finish(file) == WS_OK))
        return file;

fail:
    why = errno;
    close(file);
    errno = why;
    return -1;
}

enum ws_status ws_machine_disk_attach(struct ws_machine *machine, const char *path, bool throwaway)
{
    if (!may_attach(machine, 1))
        return WS_BAD_ARGUMENT;
    struct ws__disk disk = {.file = file_open(path, !throwaway), .keep = !throwaway};
    struct stat there;
    if (disk.file < 0)
        return WS_BAD_FILE;
    disk.bytes = fstat(disk.file, &there) == 0 ? (uint64_t)there.st_size : 0;
    if (may_attach(machine, disk.bytes))
        return disk_install(machine, &disk);
    close(disk.file);
    return WS_BAD_ARGUMENT;
}

uint64_t ws_machine_disk_bytes(const struct ws_machine *machine)
{
    return (uint64_t)machine->disk.sectors * WS__SECTOR_BYTES;
}

enum ws_status ws_machine_disk_read(const struct ws_machine *machine, uint32_t sector, void *out, uint32_t sectors)
{
    struct ws__disk disk = machine->disk;
    if (sector > disk.sectors || sectors > disk.sectors - sector)
        return WS_BAD_ARGUMENT;
    for (uint32_t i = 0; i < sectors; i++) {
        uint8_t *to = (uint8_t *)out + (size_t)i * WS__SECTOR_BYTES;
        if (!ws__disk_read(&disk, sector + i, to))
            return WS_BAD_FILE;
    }
    return WS_OK;
}

enum ws_status ws_machine_disk_save(struct ws_machine *machine)
{
    return ws__disk_save(&machine->disk);
}
