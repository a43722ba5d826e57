/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that tells what its boot loader handed over.  Where the loader put it is left out, since that is each
 * loader's own affair; that it is sound is checked instead.
 */
#include <stdint.h>

#include "image/multiboot.h"

extern uint8_t image_end[];

void boot_report(uint32_t magic, const struct ws__boot_information *information, uint32_t pushed);

enum { COM1 = 0x3f8, PAGE = 4096 };

static void byte_put(char byte)
{
    __asm__ volatile("outb %0, %1" : : "a"(byte), "Nd"((uint16_t)COM1));
}

static void text_put(const char *text)
{
    while (*text)
        byte_put(*text++);
}

static void hex_put(uint32_t value)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        byte_put("0123456789abcdef"[value >> shift & 15]);
}

static void row_put(const char *label, uint32_t value)
{
    text_put(label);
    byte_put(' ');
    hex_put(value);
    byte_put('\n');
}

static void string_put(const char *label, uint32_t phys)
{
    text_put(label);
    text_put(" \"");
    text_put((const char *)phys);
    text_put("\"\n");
}

static void map_put(uint32_t phys, uint32_t bytes)
{
    for (uint32_t at = phys; at < phys + bytes;) {
        const struct ws__memory_range *range = (const void *)at;
        text_put("range ");
        hex_put(range->base_high);
        hex_put(range->base_low);
        byte_put(' ');
        hex_put(range->bytes_high);
        hex_put(range->bytes_low);
        row_put("", range->type);
        at += range->entry_bytes + 4;
    }
}

static void module_put(const struct ws__module_row *row)
{
    uint32_t sum = 0;
    for (uint32_t at = row->begin; at < row->end; at++)
        sum = (sum << 1 | sum >> 31) + *(const uint8_t *)at;
    row_put("module, bytes", row->end - row->begin);
    row_put("  sum", sum);
    row_put("  offset in its page", row->begin % PAGE);
    row_put("  behind the image", row->begin >= (uint32_t)image_end);
    string_put("  string", row->string);
}

void boot_report(uint32_t magic, const struct ws__boot_information *information, uint32_t pushed)
{
    const struct ws__module_row *module = (const void *)information->modules;
    row_put("pushed on the loader's stack", pushed);
    row_put("magic", magic);
    row_put("flags", information->flags);
    row_put("memory_lower", information->memory_lower);
    row_put("memory_upper", information->memory_upper);
    row_put("boot_device", information->boot_device);
    string_put("command line", information->command_line);
    row_put("modules", information->modules_count);
    for (uint32_t i = 0; i < information->modules_count; i++)
        module_put(&module[i]);
    map_put(information->memory_map, information->memory_map_bytes);
    string_put("loader", information->loader_name);
}
