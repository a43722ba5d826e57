/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a multiboot image to the plan of loading it.
 */
#include "image/image_plan.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_SHORT_BYTES = 12, MESSAGE_BYTES = 240 };

enum ws_status ws__image_refuse(struct ws_buffer *why, enum ws_status status, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list arguments;
    if (!why)
        return status;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    ws_buffer_printf(why, "%s", message);
    return why->failed ? WS_NO_MEMORY : status;
}

void ws__image_plan_release(struct ws__image_plan *plan)
{
    free(plan->part);
    *plan = (struct ws__image_plan){0};
}

enum ws_status ws__image_plan_add(struct ws__image_plan *plan, const struct ws__image_part *part, uint32_t memory_bytes,
                                  struct ws_buffer *why)
{
    uint64_t end = (uint64_t)part->phys + part->bytes;
    if (part->bytes == 0)
        return WS_OK;
    if (end > UINT64_C(1) << 32)
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "a segment of %u bytes at 0x%08x reaches beyond 4 GiB; "
                                "is its physical address right?",
                                part->bytes, part->phys);
    if (end > memory_bytes)
        return ws__image_refuse(why, WS_NO_ROOM,
                                "a segment of %u bytes at 0x%08x does not fit into the machine's "
                                "%u KiB of memory; give it more, or link the guest lower",
                                part->bytes, part->phys, memory_bytes / 1024);
    if (part->phys < WS__HIGH_MEMORY_BEGIN && end > WS__LOW_MEMORY_END)
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "a segment of %u bytes at 0x%08x covers a PC's video memory and ROM "
                                "(0x%x to 0x%x); link the guest at 1 MiB or above",
                                part->bytes, part->phys, WS__LOW_MEMORY_END, WS__HIGH_MEMORY_BEGIN - 1);

    struct ws__image_part *grown = realloc(plan->part, (plan->count + 1) * sizeof *grown);
    if (!grown)
        return WS_NO_MEMORY;
    plan->part = grown;
    plan->part[plan->count++] = *part;
    return WS_OK;
}

static int part_order(const void *a, const void *b)
{
    uint32_t first = ((const struct ws__image_part *)a)->phys;
    uint32_t second = ((const struct ws__image_part *)b)->phys;
    return (first > second) - (first < second);
}

/* What only the whole plan shows. */
static enum ws_status plan_check(struct ws__image_plan *plan, struct ws_buffer *why)
{
    bool entered = false;
    if (plan->count == 0)
        return ws__image_refuse(why, WS_BAD_IMAGE, "the image has nothing to load; was the guest linked as a program?");
    qsort(plan->part, plan->count, sizeof *plan->part, part_order);
    for (size_t i = 0; i < plan->count; i++) {
        const struct ws__image_part *part = &plan->part[i];
        if (i && part->phys - part[-1].phys < part[-1].bytes)
            return ws__image_refuse(why, WS_BAD_IMAGE,
                                    "the segments at 0x%08x and 0x%08x overlap; "
                                    "look at the guest's linker script",
                                    part[-1].phys, part->phys);
        entered |= plan->entry - part->phys < part->bytes;
    }
    if (!entered)
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "the entry point 0x%08x lies in no loaded segment; "
                                "does the linker know the entry symbol?",
                                plan->entry);
    return WS_OK;
}

static uint32_t word_at(const uint8_t *image, size_t offset)
{
    uint32_t word;
    memcpy(&word, image + offset, sizeof word);
    return word;
}

/* Where the multiboot header is; false if there is none, and `why` says what there is instead. */
static bool header_find(const uint8_t *image, size_t bytes, size_t *offset, struct ws_buffer *why)
{
    size_t end = bytes < WS__MULTIBOOT_SEARCH ? bytes : WS__MULTIBOOT_SEARCH;
    const char *problem = "no multiboot header in the first 8 KiB";
    const char *advice = "is it a guest image, and does its header come first in the linker script?";
    bool damaged = false; /* there is a header, and it will not do */
    for (size_t at = 0; at + HEADER_SHORT_BYTES <= end; at += 4) {
        uint32_t magic = word_at(image, at);
        if (magic == WS__MULTIBOOT_HEADER_MAGIC) {
            *offset = at;
            if (magic + word_at(image, at + 4) + word_at(image, at + 8) == 0)
                return true;
            damaged = true;
            problem = "the multiboot header's checksum is wrong";
            advice = "magic, flags and checksum together must be zero";
        } else if (magic == WS__MULTIBOOT2_HEADER_MAGIC) {
            damaged = true;
            problem = "a Multiboot 2 header, and none of Multiboot 1";
            advice = "give the guest a header with magic 0x1badb002";
        }
    }
    if (!damaged && ws__image_foreign(image, bytes, why))
        return false;
    (void)ws__image_refuse(why, WS_BAD_IMAGE, "%s; %s", problem, advice); /* the caller says so */
    return false;
}

/* §3.1.3 "The address fields of Multiboot header": a file without structure, loaded as it is. */
static enum ws_status plan_read_flat(struct ws__image_plan *plan, const uint8_t *image, size_t bytes, size_t offset,
                                     uint32_t memory_bytes, struct ws_buffer *why)
{
    struct ws__multiboot_header header;
    if (bytes - offset < sizeof header)
        return ws__image_refuse(why, WS_BAD_IMAGE, "the file ends inside its multiboot header; was it cut off?");
    memcpy(&header, image + offset, sizeof header);
    uint32_t before = header.header_phys - header.load_phys;
    if (header.header_phys < header.load_phys || before > offset)
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "the multiboot header's load address 0x%08x does not agree with its "
                                "own address 0x%08x; look at its address fields",
                                header.load_phys, header.header_phys);

    size_t begin = offset - before, content = bytes - begin;
    if (header.load_end_phys)
        content = header.load_end_phys - header.load_phys;
    if (header.load_end_phys && (header.load_end_phys < header.load_phys || content > bytes - begin))
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "the multiboot header asks for bytes up to 0x%08x, and the file ends "
                                "before; was it cut off?",
                                header.load_end_phys);
    if (content > UINT32_MAX - header.load_phys)
        return ws__image_refuse(why, WS_BAD_IMAGE, "the image reaches beyond 4 GiB; is it the right file?");
    uint32_t end = header.load_phys + (uint32_t)content;
    if (header.bss_end_phys && header.bss_end_phys < end)
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "the multiboot header ends zeroed memory at 0x%08x, before the loaded "
                                "bytes end; look at its address fields",
                                header.bss_end_phys);
    struct ws__image_part part = {
        .phys = header.load_phys,
        .bytes = (header.bss_end_phys ? header.bss_end_phys : end) - header.load_phys,
        .content_bytes = (uint32_t)content,
        .content = image + begin,
    };
    plan->entry = header.entry_phys;
    return ws__image_plan_add(plan, &part, memory_bytes, why);
}

enum ws_status ws__image_plan_read(struct ws__image_plan *plan, const uint8_t *image, size_t bytes,
                                   uint32_t memory_bytes, struct ws_buffer *why)
{
    /* Modules and memory size are given as asked.  A wish for a video mode cannot be met; QEMU goes on, and so do
     * we, since the boot information says that there is none. */
    const uint32_t known = WS__MULTIBOOT_ALIGN | WS__MULTIBOOT_MEMORY | WS__MULTIBOOT_VIDEO;
    size_t offset;
    *plan = (struct ws__image_plan){0};
    if (!header_find(image, bytes, &offset, why))
        return why && why->failed ? WS_NO_MEMORY : WS_BAD_IMAGE;
    uint32_t flags = word_at(image, offset + 4);
    if (flags & WS__MULTIBOOT_MANDATORY & ~known)
        return ws__image_refuse(why, WS_UNSUPPORTED,
                                "the multiboot header's flags 0x%08x ask for what this loader does "
                                "not know; bits 3 to 15 must be clear",
                                flags);

    enum ws_status status;
    if (flags & WS__MULTIBOOT_ADDRESSES)
        status = plan_read_flat(plan, image, bytes, offset, memory_bytes, why);
    else
        status = ws__image_plan_read_elf(plan, image, bytes, memory_bytes, why);
    if (status == WS_OK)
        status = plan_check(plan, why);
    if (status != WS_OK)
        ws__image_plan_release(plan);
    return status;
}
