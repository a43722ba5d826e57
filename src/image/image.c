/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading an image: what a boot loader does.
 */
#include <worldswitch/image.h>

#include <stdlib.h>
#include <string.h>

#include "image/boot_information.h"
#include "image/linux.h"
#include "machine/firmware.h"

enum { BOOT_SECTOR_PHYS = 0x7c00 }; /* where a PC's firmware puts one */

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
            status = zeros_write(machine, part->phys + part->content_bytes, part->bytes - part->content_bytes);
    }
    return status;
}

/* Symbols are a comfort: a guest whose symbol table is damaged, or that is no ELF file, runs all the same. */
static enum ws_status symbols_read(struct ws_symbols *symbols, const void *image, size_t bytes)
{
    enum ws_status status = symbols ? ws_symbols_read(symbols, image, bytes) : WS_OK;
    return status == WS_BAD_IMAGE ? WS_OK : status;
}

/* -- modules ------------------------------------------------------------------------------------------- */

static uint64_t page_up(uint64_t phys)
{
    return (phys + WS__MODULE_ALIGN - 1) / WS__MODULE_ALIGN * WS__MODULE_ALIGN;
}

/* Behind everything that the image has: guests take the memory behind their end for free, and look where the modules
 * lie before they do. */
static uint64_t modules_begin(const struct ws__image_plan *plan)
{
    const struct ws__image_part *last = &plan->part[plan->count - 1];
    uint64_t end = page_up((uint64_t)last->phys + last->bytes);
    return end < WS__HIGH_MEMORY_BEGIN ? WS__HIGH_MEMORY_BEGIN : end;
}

static enum ws_status modules_write(struct ws_machine *machine, const struct ws__image_plan *plan,
                                    const struct ws_boot_options *options, struct ws__module_row *module,
                                    struct ws_buffer *why)
{
    uint32_t top = ws__memory_top(ws_machine_memory(machine).bytes);
    uint64_t phys = modules_begin(plan);
    enum ws_status status = WS_OK;
    for (size_t i = 0; i < options->modules && status == WS_OK; i++) {
        const struct ws_boot_module *from = &options->module[i];
        if (phys > top || from->bytes > top - phys)
            return ws__image_refuse(why, WS_NO_ROOM,
                                    "module %zu of %zu bytes does not fit into the machine's memory "
                                    "behind the image; give the machine more",
                                    i + 1, from->bytes);
        module[i].begin = (uint32_t)phys;
        module[i].end = (uint32_t)(phys + from->bytes);
        status = ws_machine_write_phys(machine, module[i].begin, from->content, from->bytes);
        phys = page_up(module[i].end);
    }
    return status;
}

/* -- the whole ----------------------------------------------------------------------------------------- */

static enum ws_status plan_boot(struct ws_machine *machine, const struct ws__image_plan *plan,
                                const struct ws_boot_options *options, struct ws_buffer *why)
{
    uint32_t information;
    struct ws__module_row *module = calloc(options->modules + 1, sizeof *module);
    if (!module)
        return WS_NO_MEMORY;
    enum ws_status status = ws__firmware_write(machine);
    if (status == WS_OK)
        status = modules_write(machine, plan, options, module, why);
    if (status == WS_OK)
        status = ws__boot_information_write(machine, plan, options, module, &information, why);
    if (status == WS_OK)
        status = parts_write(machine, plan);
    if (status == WS_OK)
        status = ws_machine_start(machine, plan->entry, WS__MULTIBOOT_LOADER_MAGIC, information);
    free(module);
    return status;
}

enum ws_status ws_image_boot(struct ws_machine *machine, const void *image, size_t bytes,
                             const struct ws_boot_options *options, struct ws_symbols *symbols, struct ws_buffer *why)
{
    struct ws_boot_options plain = options ? *options : (struct ws_boot_options){0};
    struct ws__image_plan plan;
    if (!plain.command_line)
        plain.command_line = "";
    if (ws_image_is_linux(image, bytes))
        return ws__linux_boot(machine, image, bytes, &plain, why);
    enum ws_status status = ws__image_plan_read(&plan, image, bytes, ws_machine_memory(machine).bytes, why);
    if (status != WS_OK)
        return status;
    status = plan_boot(machine, &plan, &plain, why);
    if (status == WS_OK)
        status = symbols_read(symbols, image, bytes);
    ws__image_plan_release(&plan);
    return status;
}

enum ws_status ws_image_load(struct ws_machine *machine, const void *image, size_t bytes, const char *command_line,
                             struct ws_symbols *symbols, struct ws_buffer *why)
{
    const struct ws_boot_options options = {.command_line = command_line};
    return ws_image_boot(machine, image, bytes, &options, symbols, why);
}

enum ws_status ws_image_load_flat(struct ws_machine *machine, const void *content, size_t bytes, uint32_t phys,
                                  struct ws_buffer *why)
{
    struct ws__image_plan plan = {.entry = phys};
    if (bytes == 0)
        return ws__image_refuse(why, WS_BAD_IMAGE, "the file is empty; is it the right one?");
    if (bytes > UINT32_MAX)
        return ws__image_refuse(why, WS_NO_ROOM, "the file is larger than any machine's memory");
    if (phys == BOOT_SECTOR_PHYS && ws__image_is_boot_sector(content, bytes))
        return ws__image_refuse(why, WS_UNSUPPORTED,
                                "a boot sector, which starts as 16-bit code; this machine has no "
                                "firmware and runs 32-bit guests only");
    struct ws__image_part part = {phys, (uint32_t)bytes, (uint32_t)bytes, content};
    enum ws_status status = ws__image_plan_add(&plan, &part, ws_machine_memory(machine).bytes, why);
    if (status == WS_OK)
        status = ws__firmware_write(machine);
    if (status == WS_OK)
        status = parts_write(machine, &plan);
    if (status == WS_OK)
        status = ws_machine_start(machine, phys, 0, 0);
    ws__image_plan_release(&plan);
    return status;
}
