/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted system finds its virtual machines' kernel and disks as files on its own disk.  Other ones are put behind
 * that disk's end, and the rows of the directory (src/guest/host/disk.h) lead there.
 *
 *     one virtual machine     vm.disk              vm.elf     vm.name: what its VMX writes in front of each line
 *     several                 vm1.disk, vm2.disk   vm.elf; vm1.elf for the first, if that has another kernel
 *
 * The host starts a VMX for each of these disks.  With --vm host, kernel and disk are the host's own.
 */
#include "front/vm_disk.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include <worldswitch/hosted.h>
#include <worldswitch/image.h>

#include "front/complain.h"

enum {
    KERNEL_MOST = 256 * 1024 - 1, /* what the VMX reads: VMX_IMAGE_BYTES in src/guest/vmx/vmx.h */
    DISK_MOST = 16 << 20
};

/* An ELF file is as long as its headers and segments: what comes behind them is for others than loaders.
 * Tool Interface Standard, Executable and Linking Format, version 1.2, "ELF Header", "Program Header". */
static size_t segments_end(const struct ws_buffer *file)
{
    Elf32_Ehdr header;
    Elf32_Phdr segment;
    if (file->size < sizeof header || memcmp(file->data, ELFMAG "\1\1", 6) != 0) /* 32 bits, little-endian */
        return file->size;
    memcpy(&header, file->data, sizeof header);
    size_t end = (size_t)header.e_phoff + header.e_phnum * sizeof segment;
    if (end > file->size)
        return file->size;
    for (size_t i = 0; i < header.e_phnum; i++) {
        memcpy(&segment, file->data + header.e_phoff + i * sizeof segment, sizeof segment);
        size_t last = (size_t)segment.p_offset + segment.p_filesz;
        end = last > end ? last : end;
    }
    return end < file->size ? end : file->size;
}

static int file_put(struct ws_buffer *disk, const char *name, const void *content, size_t bytes)
{
    enum ws_status status = ws_hosted_disk_put(disk, name, content, bytes);
    return status == WS_OK ? WS__EXIT_DONE : ws__complain_status(status, "the hosted system's disk");
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
        result = file_put(disk, name, content.data, content.size);
    ws_buffer_release(&content);
    return result;
}

/* For --vm host, the host's own kernel in its virtual machine: that very file, */
static int host_kernel_put(struct ws_buffer *disk, const char *name)
{
    size_t bytes;
    const void *content = ws_hosted_image(&bytes);
    return file_put(disk, name, content, bytes);
}

/* and a disk that is the host's, with no files but A, B and A's log: so it starts no VMX. */
static int host_disk_put(struct ws_buffer *disk, const char *name)
{
    static const char *const kept[] = {"a", "b", "log", NULL};
    struct ws_buffer copy = WS_BUFFER_INIT;
    size_t bytes;
    const void *content = ws_hosted_disk(&bytes);
    ws_buffer_append(&copy, content, bytes);
    if (!copy.failed)
        ws_hosted_disk_keep(&copy, kept);
    int result = copy.failed ? ws__complain_status(WS_NO_MEMORY, "the virtual machine's disk")
                             : file_put(disk, name, copy.data, copy.size);
    ws_buffer_release(&copy);
    return result;
}

int ws__vm_disk(const struct ws__options *options, struct ws_buffer *out)
{
    static const char prefix[] = "vm1: ";
    size_t bytes;
    const void *disk = ws_hosted_disk(&bytes);
    enum ws_status status = WS_OK;
    int result = WS__EXIT_DONE;
    ws_buffer_append(out, disk, bytes);
    if (out->failed)
        status = WS_NO_MEMORY;
    else if (options->vms || options->vm || options->vm_disk) /* a kernel of one's own is alone, if nobody says else */
        status = ws_hosted_disk_vms(out, options->vms ? (unsigned)options->vms : 1);
    if (status != WS_OK)
        return ws__complain_status(status, "the hosted system's disk");
    bool alone = ws_hosted_disk_file(out->data, out->size, "vm.disk", &bytes);
    if (options->vm && alone)
        result = file_put(out, "vm.name", prefix, sizeof prefix - 1);
    bool host = options->vm && strcmp(options->vm, "host") == 0;
    if (host && result == WS__EXIT_DONE)
        result = host_kernel_put(out, alone ? "vm.elf" : "vm1.elf");
    if (host && !options->vm_disk && result == WS__EXIT_DONE)
        result = host_disk_put(out, alone ? "vm.disk" : "vm1.disk");
    if (options->vm && !host && result == WS__EXIT_DONE)
        result = file_take(out, alone ? "vm.elf" : "vm1.elf", options->vm, KERNEL_MOST,
                           "no kernel for the virtual machine is as large");
    if (options->vm_disk && result == WS__EXIT_DONE)
        result = file_take(out, alone ? "vm.disk" : "vm1.disk", options->vm_disk, DISK_MOST,
                           "no disk of a virtual machine is as large");
    return result;
}
