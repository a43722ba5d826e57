/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs: ELF files on the disk, which become processes.
 *
 * Tool Interface Standard, Executable and Linking Format, version 1.2, "Program Header".
 */
#include "guest/host/disk.h"
#include "guest/host/host.h"
#include "guest/shared/elf.h"

static void read_or_panic(int32_t file, uint32_t offset, void *to, uint32_t bytes)
{
    if (fs_read((uint32_t)file, offset, to, bytes) != (int32_t)bytes)
        panic("a program is shorter than it says");
}

/* Read what the file has of this page of the segment; the rest of a new frame is zero. */
static void page_fill(int32_t file, const struct elf_segment *segment, uint32_t linear, uint32_t phys)
{
    uint32_t from = linear - segment->linear;
    uint32_t bytes = from < segment->file_bytes ? segment->file_bytes - from : 0;

    read_or_panic(file, segment->offset + from, direct(phys), bytes < PAGE_BYTES ? bytes : PAGE_BYTES);
}

static void segment_load(int32_t file, const struct elf_segment *segment, uint32_t cr3)
{
    uint32_t end = segment->linear + segment->memory_bytes;

    if (segment->linear % PAGE_BYTES || end < segment->linear || end > HOST_STACK_TOP - PAGE_BYTES)
        panic("a program wants memory that it cannot have");
    for (uint32_t linear = segment->linear; linear < end; linear += PAGE_BYTES) {
        uint32_t phys = space_grow(cr3, linear);
        if (!phys)
            panic("no memory for a program");
        page_fill(file, segment, linear, phys);
    }
}

void program_start(const char *name, const char *process)
{
    static uint8_t head[SECTOR_BYTES]; /* of the file: it has all that tells of segments */
    const struct elf_header *header = (const struct elf_header *)head;
    const struct elf_segment *segment;
    int32_t file = fs_open(name);
    uint32_t cr3 = space_new();

    if (file < 0 || !cr3)
        panic("a program is not there, or there is no memory");
    read_or_panic(file, 0, head, sizeof head);
    segment = elf_segments(header, sizeof head);
    if (!segment)
        panic("a program is not an ELF file");
    for (unsigned i = 0; i < header->segments; i++)
        if (segment[i].type == ELF_LOAD && segment[i].memory_bytes)
            segment_load(file, &segment[i], cr3);
    if (!space_grow(cr3, HOST_STACK_TOP - PAGE_BYTES) || !process_new(process, cr3, header->entry))
        panic("no memory for a process");
}
