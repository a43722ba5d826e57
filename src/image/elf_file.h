/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF file in memory, for reading.
 */
#ifndef WS_IMAGE_ELF_FILE_H
#define WS_IMAGE_ELF_FILE_H

#include <stddef.h>

#include <libelf.h>

#include <worldswitch/status.h>

struct ws__elf_file {
    char *copy; /* libelf wants to own and to align what it reads */
    Elf *elf;
};

/* WS_OK, WS_NO_MEMORY, or WS_BAD_IMAGE if it is no ELF file at all. */
enum ws_status ws__elf_file_open(struct ws__elf_file *file, const void *image, size_t bytes);
/*
 * Close it, and answer what reading it came to: `status`, or WS_NO_MEMORY.  libelf shows a lack of memory as the end of
 * a list, or as damage; errno, which opening has cleared, tells the difference.
 */
enum ws_status ws__elf_file_close(struct ws__elf_file *file, enum ws_status status);

#endif
