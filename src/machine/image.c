/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading an image: what a boot loader does.
 */
#include <worldswitch/image.h>

#include <string.h>

#include "machine/image_plan.h"

enum {
    KIB = 1024,
    PREFERRED_PHYS = 0x9000, /* where QEMU's loader puts it */
    FIRST_PHYS = 0x1000,     /* below it a PC keeps its real-mode vectors */
    STEP = 0x1000,
    RANGES = 3
};

static const char loader_name[] = "worldswitch";

/* Is [phys, phys + bytes) low memory that no part of the image uses? */
static bool place_is_free(const struct ws__image_plan *plan, uint32_t phys, uint64_t bytes)
{
    if (phys + bytes > WS__LOW_MEMORY_END)
        return false;
    for (size_t i = 0; i < plan->count; i++) {
        const struct ws__image_part *part = &plan->part[i];
        if (phys < (uint64_t)part->phys + part->bytes && part->phys < phys + bytes)
            return false;
    }
    return true;
}

static bool place_find(const struct ws__image_plan *plan, uint64_t bytes, uint32_t *phys)
{
    *phys = PREFERRED_PHYS;
    if (place_is_free(plan, *phys, bytes))
        return true;
    for (*phys = FIRST_PHYS; *phys < WS__LOW_MEMORY_END; *phys += STEP) {
        if (place_is_free(plan, *phys, bytes))
            return true;
    }
    return false;
}

static struct ws__memory_range memory_range(uint32_t begin, uint32_t end, uint32_t type)
{
    return (struct ws__memory_range){
        .entry_bytes = sizeof(struct ws__memory_range) - sizeof(uint32_t),
        .base_low = begin,
        .bytes_low = end - begin,
        .type = type,
    };
}

/* The boot information, the memory map and the two strings, one behind the other. */
static enum ws_status information_write(struct ws_machine *machine,
                                        const struct ws__image_plan *plan, const char *command_line,
                                        uint32_t *phys, struct ws_buffer *why)
{
    uint32_t memory_bytes = ws_machine_memory(machine).bytes;
    struct ws__memory_range range[RANGES] = {
        memory_range(0, WS__LOW_MEMORY_END, WS__MEMORY_AVAILABLE),
        memory_range(WS__LOW_MEMORY_END, WS__HIGH_MEMORY_BEGIN, WS__MEMORY_RESERVED),
        memory_range(WS__HIGH_MEMORY_BEGIN, memory_bytes, WS__MEMORY_AVAILABLE),
    };
    size_t line_bytes = strlen(command_line) + 1;
    struct ws__boot_information information = {0};
    size_t strings = sizeof information + sizeof range;
    if (!place_find(plan, (uint64_t)strings + sizeof loader_name + line_bytes, phys))
        return ws__image_refuse(why, WS_NO_ROOM,
                                "no room for the boot information below 640 KiB; "
                                "link the guest higher, or shorten its command line");

    information.flags = WS__BOOT_MEMORY | WS__BOOT_COMMAND_LINE | WS__BOOT_MODULES |
                        WS__BOOT_MEMORY_MAP | WS__BOOT_LOADER_NAME;
    information.memory_lower = WS__LOW_MEMORY_END / KIB;
    information.memory_upper = (memory_bytes - WS__HIGH_MEMORY_BEGIN) / KIB;
    information.memory_map = *phys + (uint32_t)sizeof information;
    information.memory_map_bytes =
        (uint32_t)sizeof *range * (memory_bytes > WS__HIGH_MEMORY_BEGIN ? RANGES : RANGES - 1);
    information.loader_name = *phys + (uint32_t)strings;
    information.command_line = information.loader_name + (uint32_t)sizeof loader_name;

    enum ws_status status = ws_machine_write_phys(machine, *phys, &information, sizeof information);
    if (status == WS_OK)
        status = ws_machine_write_phys(machine, information.memory_map, range, sizeof range);
    if (status == WS_OK)
        status = ws_machine_write_phys(machine, information.loader_name, loader_name,
                                       sizeof loader_name);
    if (status == WS_OK)
        status = ws_machine_write_phys(machine, information.command_line, command_line, line_bytes);
    return status;
}

static enum ws_status zeros_write(struct ws_machine *machine, uint32_t phys, uint32_t bytes)
{
    static const uint8_t zeros[4096];
    enum ws_status status = WS_OK;
    while (bytes && status == WS_OK) {
        uint32_t piece = bytes < sizeof zeros ? bytes : (uint32_t)sizeof zeros;
        status = ws_machine_write_phys(machine, phys, zeros, piece);
        phys += piece;
        bytes -= piece;
    }
    return status;
}

static enum ws_status parts_write(struct ws_machine *machine, const struct ws__image_plan *plan)
{
    enum ws_status status = WS_OK;
    for (size_t i = 0; i < plan->count && status == WS_OK; i++) {
        const struct ws__image_part *part = &plan->part[i];
        status = ws_machine_write_phys(machine, part->phys, part->content, part->content_bytes);
        if (status == WS_OK)
            status = zeros_write(machine, part->phys + part->content_bytes,
                                 part->bytes - part->content_bytes);
    }
    return status;
}

/* Symbols are a comfort: a guest whose symbol table is damaged, or that is no ELF file, runs all the same. */
static enum ws_status symbols_read(struct ws_symbols *symbols, const void *image, size_t bytes)
{
    enum ws_status status = symbols ? ws_symbols_read(symbols, image, bytes) : WS_OK;
    return status == WS_BAD_IMAGE ? WS_OK : status;
}

enum ws_status ws_image_load(struct ws_machine *machine, const void *image, size_t bytes,
                             const char *command_line, struct ws_symbols *symbols,
                             struct ws_buffer *why)
{
    struct ws__image_plan plan;
    uint32_t information;
    enum ws_status status =
        ws__image_plan_read(&plan, image, bytes, ws_machine_memory(machine).bytes, why);
    if (status != WS_OK)
        return status;
    status = information_write(machine, &plan, command_line ? command_line : "", &information, why);
    if (status == WS_OK)
        status = parts_write(machine, &plan);
    if (status == WS_OK)
        status = symbols_read(symbols, image, bytes);
    if (status == WS_OK)
        status = ws_machine_start(machine, plan.entry, WS__MULTIBOOT_LOADER_MAGIC, information);
    ws__image_plan_release(&plan);
    return status;
}
