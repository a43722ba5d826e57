/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of an ELF file that loaders look at: the host's for programs, the VMX driver's for the VMM,
 * the VMX's for the virtual machine's kernel.
 *
 * Tool Interface Standard, Executable and Linking Format, version 1.2, "ELF Header", "Program Header".
 */
#ifndef WS_GUEST_SHARED_ELF_H
#define WS_GUEST_SHARED_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ELF_LOAD = 1 };

struct elf_header {
    uint32_t magic;
    uint8_t class_bits, byte_order, rest[10];
    uint16_t type, machine;
    uint32_t version;
    uint32_t entry;
    uint32_t segments_offset;
    uint32_t sections_offset;
    uint32_t flags;
    uint16_t header_bytes;
    uint16_t segment_bytes;
    uint16_t segments;
    uint16_t section_bytes, sections, names;
};

struct elf_segment {
    uint32_t type;
    uint32_t offset; /* in the file */
    uint32_t linear;
    uint32_t phys;
    uint32_t file_bytes;
    uint32_t memory_bytes; /* what the file does not have is zero */
    uint32_t flags;
    uint32_t align;
};

/* The segment headers of a file in memory, or of its beginning, whatever is in it.  NULL: it is not one for 32 bits,
 * little-endian, the 80386, with segment headers as we know them. */
static inline const struct elf_segment *elf_segments(const struct elf_header *file, uint32_t bytes)
{
    if (bytes < sizeof *file || file->magic != 0x464c457f || file->class_bits != 1 || file->byte_order != 1 ||
        file->machine != 3 || file->segment_bytes != sizeof(struct elf_segment) || file->segments_offset > bytes ||
        file->segments * sizeof(struct elf_segment) > bytes - file->segments_offset)
        return NULL;
    return (const struct elf_segment *)((const uint8_t *)file + file->segments_offset);
}

/* Is all of the segment in the file that it says? */
static inline bool elf_segment_is_whole(const struct elf_segment *segment, uint32_t bytes)
{
    return segment->offset <= bytes && segment->file_bytes <= bytes - segment->offset &&
           segment->file_bytes <= segment->memory_bytes;
}

#endif
