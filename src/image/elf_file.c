/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF file in memory.
 */
#include "image/elf_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum ws_status ws__elf_file_open(struct ws__elf_file *file, const void *image, size_t bytes)
{
    *file = (struct ws__elf_file){0};
    errno = 0;
    if (bytes < EI_NIDENT || elf_version(EV_CURRENT) == EV_NONE)
        return WS_BAD_IMAGE;
    file->copy = malloc(bytes);
    if (!file->copy)
        return WS_NO_MEMORY;
    memcpy(file->copy, image, bytes);
    file->elf = elf_memory(file->copy, bytes);
    if (file->elf && elf_kind(file->elf) == ELF_K_ELF)
        return WS_OK;
    return ws__elf_file_close(file, WS_BAD_IMAGE);
}

enum ws_status ws__elf_file_close(struct ws__elf_file *file, enum ws_status status)
{
    int error = errno;
    if (file->elf)
        elf_end(file->elf);
    free(file->copy);
    *file = (struct ws__elf_file){0};
    return error == ENOMEM ? WS_NO_MEMORY : status;
}
