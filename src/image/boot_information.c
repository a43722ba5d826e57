/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a boot loader tells its guest.  The Multiboot Specification 0.6.96, §3.3 "Boot information format".
 *
 *   phys ──► information │ memory map │ modules │ loader name │ command line │ the modules' strings
 */
#include "image/boot_information.h"

#include <stdbool.h>
#include <string.h>

enum {
    KIB = 1024,
    PREFERRED_PHYS = 0x9000, /* near where QEMU's loader puts it */
    FIRST_PHYS = 0x1000,     /* below it a PC keeps its real-mode vectors */
    STEP = 0x1000,
    LOW_END = 0x9fc00, /* firmware's data begin, up to WS__LOW_MEMORY_END */
    ROM_BEGIN = 0xf0000,
    TABLES_BYTES = 0x20000, /* firmware's tables, at the end of RAM */
    TABLES_LEAST = 0x200000 /* RAM of which they are taken off */
};

#define FLASH_BEGIN UINT64_C(0xfffc0000)
#define FLASH_END   (UINT64_C(1) << 32)

static const char loader_name[] = "worldswitch";

uint32_t ws__memory_top(uint32_t memory_bytes)
{
    return memory_bytes < TABLES_LEAST ? memory_bytes : memory_bytes - TABLES_BYTES;
}

/* -- the memory map ------------------------------------------------------------------------------------ */

static struct ws__memory_range memory_range(uint64_t begin, uint64_t end, uint32_t type)
{
    return (struct ws__memory_range){
        .entry_bytes = sizeof(struct ws__memory_range) - sizeof(uint32_t),
        .base_low = (uint32_t)begin,
        .bytes_low = (uint32_t)(end - begin),
        .type = type,
    };
}

uint32_t ws__memory_map(struct ws__memory_range range[WS__MEMORY_RANGES_MOST], uint32_t memory_bytes)
{
    uint32_t top = ws__memory_top(memory_bytes), count = 0;
    range[count++] = memory_range(0, LOW_END, WS__MEMORY_AVAILABLE);
    range[count++] = memory_range(LOW_END, WS__LOW_MEMORY_END, WS__MEMORY_RESERVED);
    range[count++] = memory_range(ROM_BEGIN, WS__HIGH_MEMORY_BEGIN, WS__MEMORY_RESERVED);
    if (top > WS__HIGH_MEMORY_BEGIN)
        range[count++] = memory_range(WS__HIGH_MEMORY_BEGIN, top, WS__MEMORY_AVAILABLE);
    if (memory_bytes > top)
        range[count++] = memory_range(top, memory_bytes, WS__MEMORY_RESERVED);
    range[count++] = memory_range(FLASH_BEGIN, FLASH_END, WS__MEMORY_RESERVED);
    return count;
}

/* -- where it goes ------------------------------------------------------------------------------------- */

static bool place_is_free(const struct ws__image_plan *plan, uint32_t phys, uint64_t bytes)
{
    if (phys + bytes > LOW_END)
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
    for (*phys = FIRST_PHYS; *phys < LOW_END; *phys += STEP) {
        if (place_is_free(plan, *phys, bytes))
            return true;
    }
    return false;
}

/* -- writing ------------------------------------------------------------------------------------------- */

static const char *module_string(const struct ws_boot_options *options, size_t number)
{
    return options->module[number].string ? options->module[number].string : "";
}

static uint64_t strings_bytes(const struct ws_boot_options *options)
{
    uint64_t bytes = sizeof loader_name + strlen(options->command_line) + 1;
    for (size_t i = 0; i < options->modules; i++)
        bytes += strlen(module_string(options, i)) + 1;
    return bytes;
}

/* Append a string, and answer where it will be in a block that begins at `phys`. */
static uint32_t string_append(struct ws_buffer *block, uint32_t phys, const char *text)
{
    uint32_t at = phys + (uint32_t)block->size;
    ws_buffer_append(block, text, strlen(text) + 1);
    return at;
}

static enum ws_status block_write(struct ws_machine *machine, uint32_t phys, struct ws__boot_information *information,
                                  const struct ws_boot_options *options, struct ws__module_row *module,
                                  const struct ws__memory_range *range)
{
    struct ws_buffer block = WS_BUFFER_INIT;
    size_t table_bytes = options->modules * sizeof *module;
    information->memory_map = phys + (uint32_t)sizeof *information;
    information->modules = information->memory_map + information->memory_map_bytes;
    information->modules_count = (uint32_t)options->modules;

    ws_buffer_append(&block, information, sizeof *information);
    ws_buffer_append(&block, range, information->memory_map_bytes);
    ws_buffer_append(&block, module, table_bytes);
    information->loader_name = string_append(&block, phys, loader_name);
    information->command_line = string_append(&block, phys, options->command_line);
    for (size_t i = 0; i < options->modules; i++)
        module[i].string = string_append(&block, phys, module_string(options, i));

    enum ws_status status = block.failed ? WS_NO_MEMORY : WS_OK;
    if (status == WS_OK)
        status = ws_machine_write_phys(machine, phys, block.data, block.size);
    if (status == WS_OK)
        status = ws_machine_write_phys(machine, phys, information, sizeof *information);
    if (status == WS_OK)
        status = ws_machine_write_phys(machine, information->modules, module, table_bytes);
    ws_buffer_release(&block);
    return status;
}

enum ws_status ws__boot_information_write(struct ws_machine *machine, const struct ws__image_plan *plan,
                                          const struct ws_boot_options *options, struct ws__module_row *module,
                                          uint32_t *phys, struct ws_buffer *why)
{
    uint32_t memory_bytes = ws_machine_memory(machine).bytes;
    struct ws__memory_range range[WS__MEMORY_RANGES_MOST];
    uint32_t map_bytes = ws__memory_map(range, memory_bytes) * (uint32_t)sizeof *range;
    struct ws__boot_information information = {
        .flags = WS__BOOT_MEMORY | WS__BOOT_DEVICE | WS__BOOT_COMMAND_LINE | WS__BOOT_MODULES | WS__BOOT_MEMORY_MAP |
                 WS__BOOT_LOADER_NAME,
        .memory_lower = LOW_END / KIB,
        .memory_upper = (ws__memory_top(memory_bytes) - WS__HIGH_MEMORY_BEGIN) / KIB,
        .boot_device = WS__FIRST_DISK,
        .memory_map_bytes = map_bytes,
    };
    uint64_t bytes = sizeof information + map_bytes + options->modules * sizeof *module + strings_bytes(options);
    if (!place_find(plan, bytes, phys))
        return ws__image_refuse(why, WS_NO_ROOM,
                                "no room for the boot information below 639 KiB; "
                                "link the guest higher, or shorten its command line");
    return block_write(machine, *phys, &information, options, module, range);
}
