/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted system finds its virtual machine's kernel and disk as files on its own disk.  Other ones are put behind
 * that disk's end, and the rows of the directory (src/guest/host/disk.h) lead there.  A file more, vm.name, tells the
 * VMX what to write in front of each of the virtual machine's lines.
 */
#include "front/vm_disk.h"

#include <errno.h>
#include <string.h>

#include <worldswitch/hosted.h>
#include <worldswitch/image.h>

#include "front/complain.h"

enum {
    SECTOR = 512,
    DIRECTORY = 512, /* where it is on the disk, in bytes */
    ROWS = 16,
    ROW_BYTES = 32,
    NAME_BYTES = 16,
    KERNEL_MOST = 128 * 1024 - 1, /* what the VMX reads: VMX_IMAGE_BYTES in src/guest/vmx/vmx.h */
    DISK_MOST = 16 << 20
};

static void long_put(uint8_t *to, size_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* The row of that name, or the first free one; the directory has some. */
static uint8_t *row_find(struct ws_buffer *disk, const char *name)
{
    uint8_t *row = (uint8_t *)disk->data + DIRECTORY;
    for (int i = 0; i < ROWS - 1 && *row && strncmp((const char *)row, name, NAME_BYTES) != 0; i++)
        row += ROW_BYTES;
    return row;
}

/* The file's content, whole sectors, behind everything; its row says so. */
static void file_put(struct ws_buffer *disk, const char *name, const void *content, size_t bytes)
{
    static const uint8_t zeros[SECTOR];
    size_t first = disk->size / SECTOR, sectors = (bytes + SECTOR - 1) / SECTOR;
    ws_buffer_append(disk, content, bytes);
    ws_buffer_append(disk, zeros, sectors * SECTOR - bytes);
    if (disk->failed)
        return;
    uint8_t *row = row_find(disk, name);
    memset(row, 0, ROW_BYTES);
    memcpy(row, name, strlen(name));
    long_put(row + NAME_BYTES, first);
    long_put(row + NAME_BYTES + 4, sectors);
    long_put(row + NAME_BYTES + 8, bytes);
}

static size_t number(const struct ws_buffer *file, size_t at, int bytes)
{
    size_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | ((const uint8_t *)file->data)[at + (size_t)bytes];
    return value;
}

/* An ELF file is as long as its headers and segments: what comes behind them is for others than loaders.
 * Tool Interface Standard, Executable and Linking Format, version 1.2, "ELF Header", "Program Header". */
static size_t segments_end(const struct ws_buffer *file)
{
    enum { HEADER = 52, SEGMENT = 32 };
    if (file->size < HEADER || memcmp(file->data, "\177ELF\1\1", 6) != 0)
        return file->size;
    size_t table = number(file, 28, 4), count = number(file, 44, 2), end = table + count * SEGMENT;
    if (end > file->size)
        return file->size;
    for (size_t i = 0; i < count; i++) {
        size_t segment = table + i * SEGMENT, last = number(file, segment + 4, 4) + number(file, segment + 16, 4);
        end = last > end ? last : end;
    }
    return end < file->size ? end : file->size;
}

static int file_take(struct ws_buffer *disk, const char *name, const char *path, size_t most, const char *what)
{
    struct ws_buffer content = WS_BUFFER_INIT;
    errno = 0;
    enum ws_status status = ws_file_read(path, DISK_MOST, &content);
    int result = status == WS_OK ? WS__EXIT_DONE : ws__complain_unread(status, path);
    if (result == WS__EXIT_DONE)
        content.size = segments_end(&content);
    if (result == WS__EXIT_DONE && content.size > most) {
        ws__complain("make it smaller", "\"%s\" has more than %zu KiB: %s", path, (most + 1) / 1024, what);
        result = WS__EXIT_USAGE;
    }
    if (result == WS__EXIT_DONE)
        file_put(disk, name, content.data, content.size);
    ws_buffer_release(&content);
    return result;
}

int ws__vm_disk(const struct ws__options *options, struct ws_buffer *out)
{
    static const char prefix[] = "vm1: ";
    size_t bytes;
    const void *disk = ws_hosted_disk(&bytes);
    int result = WS__EXIT_DONE;
    ws_buffer_append(out, disk, bytes);
    if (options->vm)
        file_put(out, "vm.name", prefix, sizeof prefix - 1);
    if (options->vm && !out->failed)
        result = file_take(out, "vm.elf", options->vm, KERNEL_MOST, "no kernel for the virtual machine is as large");
    if (options->vm_disk && !out->failed && result == WS__EXIT_DONE)
        result = file_take(out, "vm.disk", options->vm_disk, DISK_MOST, "no disk of a virtual machine is as large");
    if (result == WS__EXIT_DONE && out->failed)
        result = ws__complain_status(WS_NO_MEMORY, "the hosted system's disk");
    return result;
}
