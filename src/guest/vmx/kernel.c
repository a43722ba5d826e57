/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VM's boot loader.
 *
 * The Multiboot Specification 0.6.96, §3.1 "OS image format", §3.2 "Machine state", §3.3 "Boot information
 * format".
 */
#include "guest/shared/elf.h"
#include "guest/vmx/vmx.h"

enum {
    HEADER_MAGIC = 0x1badb002,
    LOADER_MAGIC = 0x2badb002,
    HEADER_SEARCH = 8192,
    INFORMATION = 0x9000, /* where the boot information goes in the VM's memory */
    INFORMATION_MEMORY = 1,
    LOW_KIB = 640,
    MIB = 1 << 20,
};

static bool has_header(const uint8_t *image, uint32_t bytes)
{
    for (uint32_t at = 0; at + 12 <= bytes && at + 12 <= HEADER_SEARCH; at += 4) {
        const uint32_t *word = (const uint32_t *)(image + at);
        if (word[0] == HEADER_MAGIC && word[0] + word[1] + word[2] == 0)
            return true;
    }
    return false;
}

static bool segment_load(uint8_t *memory, const uint8_t *image, uint32_t bytes, const struct elf_segment *segment)
{
    if (!elf_segment_is_whole(segment, bytes) || segment->phys > HOSTED_VM_BYTES ||
        segment->memory_bytes > HOSTED_VM_BYTES - segment->phys)
        return false;
    memcpy(memory + segment->phys, image + segment->offset, segment->file_bytes);
    memset(memory + segment->phys + segment->file_bytes, 0, segment->memory_bytes - segment->file_bytes);
    return true;
}

bool kernel_load(uint8_t *memory, const uint8_t *image, uint32_t bytes, struct vmx_create *create)
{
    const struct elf_header *header = (const struct elf_header *)image;
    const struct elf_segment *segment = elf_segments(header, bytes);
    uint32_t *information = (uint32_t *)(memory + INFORMATION);

    if (!segment || !has_header(image, bytes))
        return false;
    for (unsigned i = 0; i < header->segments; i++)
        if (segment[i].type == ELF_LOAD && !segment_load(memory, image, bytes, &segment[i]))
            return false;
    information[0] = INFORMATION_MEMORY;
    information[1] = LOW_KIB;
    information[2] = (HOSTED_VM_BYTES - MIB) / 1024;
    create->eip = header->entry;
    create->eax = LOADER_MAGIC;
    create->ebx = INFORMATION;
    return true;
}
