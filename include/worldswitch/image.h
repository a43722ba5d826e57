/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images: loading them, writing them, and the symbols they bring.
 *
 * The Multiboot Specification 0.6.96, §3.1 "OS image format", §3.2 "Machine state"; ELF by libelf.
 */
#ifndef WORLDSWITCH_IMAGE_H
#define WORLDSWITCH_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/machine.h>
#include <worldswitch/status.h>

/* Symbols of a guest, sorted by address. */
struct ws_symbols;

enum ws_status ws_symbols_new(struct ws_symbols **out);
void ws_symbols_free(struct ws_symbols *symbols);
/* WS_OK or WS_NO_MEMORY; `name` is copied. */
enum ws_status ws_symbols_add(struct ws_symbols *symbols, const char *name, uint32_t linear, uint32_t bytes);
/* Add all of an ELF file's function, object and label symbols. WS_OK, WS_NO_MEMORY, WS_BAD_IMAGE. */
enum ws_status ws_symbols_read(struct ws_symbols *symbols, const void *elf, size_t bytes);
/* Add those of a System.map, or of a kernel's /proc/kallsyms: lines of an address in hexadecimal, a letter for the
 * kind, and the name; what follows is left out, and so are constants.  WS_OK, WS_NO_MEMORY; WS_BAD_IMAGE if a line is
 * none such, or if none has a name for an address, and then nothing is added. */
enum ws_status ws_symbols_read_map(struct ws_symbols *symbols, const void *text, size_t bytes);
/* The nearest symbol at or below, within its size (or 4 KiB if it has none); NULL if none.  Borrowed. */
const char *ws_symbols_at(const struct ws_symbols *symbols, uint32_t linear, uint32_t *offset);
/* The address of a name: WS_OK or WS_NOT_FOUND. */
enum ws_status ws_symbols_find(const struct ws_symbols *symbols, const char *name, uint32_t *linear);

/* A file that a boot loader puts into memory beside the image. */
struct ws_boot_module {
    const void *content; /* borrowed during the call */
    size_t bytes;
    const char *string; /* what the guest can read about it; NULL: "" */
};

/* What a boot loader is told beside the image.  Everything is borrowed during the call. */
struct ws_boot_options {
    const char *command_line; /* NULL: "" */
    const struct ws_boot_module *module;
    size_t modules;
};

/*
 * Load a multiboot 1 image into a fresh machine and make it ready to start, as a boot loader would: segments at their
 * physical addresses, modules on pages of their own behind the highest segment, EAX the magic, EBX an information
 * structure with memory size, memory map, boot device, command line, modules and loader name.  A header with flag 16
 * (address fields, not ELF) is honoured.  `options` and `symbols` may be NULL.
 * A Linux kernel (ws_image_is_linux()) is started at its 32-bit entry instead, ESI the zero page; its one module is the
 * initial RAM disk.
 * WS_OK, WS_NO_MEMORY; WS_BAD_IMAGE, WS_UNSUPPORTED, WS_NO_ROOM, and then `why`, if not NULL, gets one line on what is
 * wrong.  A damaged symbol table does not hinder loading.
 */
enum ws_status ws_image_boot(struct ws_machine *machine, const void *image, size_t bytes,
                             const struct ws_boot_options *options, struct ws_symbols *symbols, struct ws_buffer *why);

/* Does the file have the setup header of a Linux kernel?  Documentation/arch/x86/boot.rst in the kernel's sources. */
bool ws_image_is_linux(const void *image, size_t bytes);

/* The same without modules; `command_line` may be NULL. */
enum ws_status ws_image_load(struct ws_machine *machine, const void *image, size_t bytes, const char *command_line,
                             struct ws_symbols *symbols, struct ws_buffer *why);

/*
 * Put bytes without any format at a physical address of a fresh machine, and make it ready to start with the first of
 * them, in 32-bit protected mode, EAX and EBX zero.  WS_OK, WS_NO_MEMORY; WS_BAD_IMAGE, WS_UNSUPPORTED, WS_NO_ROOM, and
 * then `why`, if not NULL, gets one line on what is wrong.
 */
enum ws_status ws_image_load_flat(struct ws_machine *machine, const void *content, size_t bytes, uint32_t phys,
                                  struct ws_buffer *why);

/* Read a whole file; the caller owns out.  "-" reads standard input.  Refuses more than `limit` bytes, and a pipe that
 * no process has open for writing (EPIPE).  WS_OK, WS_BAD_FILE (errno says why), WS_NO_MEMORY. */
enum ws_status ws_file_read(const char *path, size_t limit, struct ws_buffer *out);

/* Write a file safely: under a temporary name, then renamed; "-" writes to standard output.  A file that was there
 * leaves its mode and, where we may give it, its owner to the new one.  WS_OK or WS_BAD_FILE (errno says why). */
enum ws_status ws_file_write(const char *path, const void *bytes, size_t size);

/* Open a terminal, a device or a pipe for writing; the caller closes it.  -1: errno says why, ENXIO that no process
 * reads that pipe. */
int ws_file_open_special(const char *path);

/* A piece of an image to be written. */
struct ws_image_segment {
    uint32_t phys;
    uint32_t bytes;
    const uint8_t *content; /* borrowed during the call */
};

enum { WS_MULTIBOOT_HEADER_BYTES = 12, WS_IMAGE_SEGMENTS_MAX = 200 };

/*
 * Make a multiboot ELF with these segments (at most WS_IMAGE_SEGMENTS_MAX, ascending, not overlapping), entered at
 * `entry`, with symbols (may be NULL).  The multiboot header is put into the file; it takes no guest memory other than
 * what the segments hold, so the segment that is first in the file must begin with WS_MULTIBOOT_HEADER_BYTES that the
 * caller leaves for it, on a multiple of 4.  Trailing zeros are left out of the file; the loader makes them.
 * WS_OK, WS_NO_MEMORY, WS_BAD_ARGUMENT.
 */
enum ws_status ws_image_write(struct ws_buffer *out, const struct ws_image_segment *segment, size_t count,
                              uint32_t entry, const struct ws_symbols *symbols);

#endif
