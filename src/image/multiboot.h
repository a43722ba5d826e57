/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a boot loader and its guest tell each other.
 *
 * The Multiboot Specification 0.6.96, §3.1 "OS image format", §3.2 "Machine state", §3.3 "Boot information format".
 */
#ifndef WS_IMAGE_MULTIBOOT_H
#define WS_IMAGE_MULTIBOOT_H

#include <stdint.h>

#define WS__MULTIBOOT_HEADER_MAGIC  0x1badb002u
#define WS__MULTIBOOT_LOADER_MAGIC  0x2badb002u
#define WS__MULTIBOOT2_HEADER_MAGIC 0xe85250d6u

enum {
    WS__MULTIBOOT_SEARCH = 8192, /* the header lies within these first bytes of the file, on a multiple of four */
    /* flags of the header */
    WS__MULTIBOOT_ALIGN = 1 << 0,
    WS__MULTIBOOT_MEMORY = 1 << 1,
    WS__MULTIBOOT_VIDEO = 1 << 2,
    WS__MULTIBOOT_MANDATORY = 0xffff, /* a loader that does not know one of these must refuse */
    WS__MULTIBOOT_ADDRESSES = 1 << 16,
    /* flags of the boot information */
    WS__BOOT_MEMORY = 1 << 0,
    WS__BOOT_DEVICE = 1 << 1,
    WS__BOOT_COMMAND_LINE = 1 << 2,
    WS__BOOT_MODULES = 1 << 3,
    WS__BOOT_MEMORY_MAP = 1 << 6,
    WS__BOOT_LOADER_NAME = 1 << 9
};

struct ws__multiboot_header {
    uint32_t magic;
    uint32_t flags;
    uint32_t checksum; /* the three together are zero */
    /* with WS__MULTIBOOT_ADDRESSES only; all physical */
    uint32_t header_phys;
    uint32_t load_phys;
    uint32_t load_end_phys; /* 0: up to the end of the file */
    uint32_t bss_end_phys;  /* 0: no zeroed memory behind it */
    uint32_t entry_phys;
};

/* EBX points to one; a field counts if its flag is set. */
struct ws__boot_information {
    uint32_t flags;
    uint32_t memory_lower; /* KiB below 1 MiB */
    uint32_t memory_upper; /* KiB above 1 MiB, up to the first hole */
    uint32_t boot_device;
    uint32_t command_line; /* physical address of a string */
    uint32_t modules_count;
    uint32_t modules;
    uint32_t symbols[4];
    uint32_t memory_map_bytes;
    uint32_t memory_map;
    uint32_t drives_bytes;
    uint32_t drives;
    uint32_t configuration_table;
    uint32_t loader_name; /* physical address of a string */
    uint32_t apm_table;
    uint32_t video[4];
};

/* `boot_device`: the BIOS's first disk, as a whole. */
#define WS__FIRST_DISK 0x8000ffffu

/* One entry of the table of modules. */
struct ws__module_row {
    uint32_t begin; /* physical */
    uint32_t end;
    uint32_t string; /* physical address of a string */
    uint32_t reserved;
};

enum { WS__MEMORY_AVAILABLE = 1, WS__MEMORY_RESERVED = 2 };

/* One entry of the memory map. */
struct ws__memory_range {
    uint32_t entry_bytes; /* of what follows */
    uint32_t base_low;
    uint32_t base_high;
    uint32_t bytes_low;
    uint32_t bytes_high;
    uint32_t type;
};

#endif
