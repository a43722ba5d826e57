/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting a disk into a machine, looking at it, and saving it.
 */
#define _XOPEN_SOURCE 700
#include <worldswitch/image.h>
#include <worldswitch/machine.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/board.h"

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

enum ws_status ws_machine_disk_attach_memory(struct ws_machine *machine, const void *bytes,
                                             size_t size)
{
    if (!may_attach(machine, size))
        return WS_BAD_ARGUMENT;
    struct ws__disk disk = {.file = -1, .memory = malloc(size), .bytes = size};
    if (!disk.memory)
        return WS_NO_MEMORY;
    memcpy(disk.memory, bytes, size);
    return disk_install(machine, &disk);
}

enum ws_status ws_machine_disk_attach(struct ws_machine *machine, const char *path, bool throwaway)
{
    struct ws__disk disk = {.file = open(path, O_RDONLY | O_CLOEXEC)};
    struct stat there;
    enum ws_status status = WS_BAD_FILE;
    if (disk.file < 0)
        return status;
    if (fstat(disk.file, &there) != 0)
        goto fail;
    errno = EINVAL; /* a pipe has no sectors */
    if (!S_ISREG(there.st_mode))
        goto fail;
    status = WS_BAD_ARGUMENT;
    disk.bytes = (uint64_t)there.st_size;
    if (!may_attach(machine, disk.bytes))
        goto fail;
    status = WS_NO_MEMORY;
    disk.path = throwaway ? NULL : strdup(path);
    if (throwaway || disk.path)
        return disk_install(machine, &disk);

fail:;
    int why = errno;
    close(disk.file);
    errno = why;
    return status;
}

uint64_t ws_machine_disk_bytes(const struct ws_machine *machine)
{
    return (uint64_t)machine->disk.sectors * WS__SECTOR_BYTES;
}

enum ws_status ws_machine_disk_read(const struct ws_machine *machine, uint32_t sector, void *out,
                                    uint32_t sectors)
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
    const struct ws__disk *disk = &machine->disk;
    if (!disk->path || !disk->table)
        return WS_OK;
    size_t size = (size_t)ws_machine_disk_bytes(machine);
    uint8_t *content = malloc(size);
    if (!content)
        return WS_NO_MEMORY;
    enum ws_status status = ws_machine_disk_read(machine, 0, content, disk->sectors);
    if (status == WS_OK)
        status = ws_file_write(disk->path, content, size);
    free(content);
    return status;
}
