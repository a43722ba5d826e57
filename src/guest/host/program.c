/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs: ELF files on the disk, which become processes.
 *
 * Tool Interface Standard, Executable and Linking Format, version 1.2, "Program Header".
 */
#include "guest/host/disk.h"
#include "guest/host/host.h"
#include "guest/shared/elf.h"

/* false: the file is shorter than it says, or the disk failed. */
static bool read_all(int32_t file, uint32_t offset, void *to, uint32_t bytes)
{
    return fs_move((uint32_t)file, offset, to, bytes, false) == (int32_t)bytes;
}

/* Read what the file has of this page of the segment; the rest of a new frame is zero. */
static bool page_fill(int32_t file, const struct elf_segment *segment, uint32_t linear, uint32_t phys)
{
    uint32_t from = linear - segment->linear;
    uint32_t bytes = from < segment->file_bytes ? segment->file_bytes - from : 0;

    return read_all(file, segment->offset + from, direct(phys), bytes < PAGE_BYTES ? bytes : PAGE_BYTES);
}

static int32_t segment_load(int32_t file, const struct elf_segment *segment, uint32_t cr3)
{
    uint32_t end = segment->linear + segment->memory_bytes;

    if (segment->linear % PAGE_BYTES || end < segment->linear || end > HOST_STACK_TOP - PAGE_BYTES)
        return CALL_BAD;
    for (uint32_t linear = segment->linear; linear < end; linear += PAGE_BYTES) {
        uint32_t phys = space_grow(cr3, linear);
        if (!phys)
            return CALL_NO_ROOM;
        if (!page_fill(file, segment, linear, phys))
            return CALL_BAD;
    }
    return 0;
}

/* Fill an address space; the file's first sector has all that tells of segments. */
static int32_t program_load(int32_t file, uint32_t cr3, uint32_t *entry)
{
    uint8_t head[SECTOR_BYTES];
    const struct elf_header *header = (const struct elf_header *)head;
    const struct elf_segment *segment;
    int32_t result = 0;

    if (!read_all(file, 0, head, sizeof head))
        return CALL_BAD;
    segment = elf_segments(header, sizeof head);
    if (!segment)
        return CALL_BAD;
    for (unsigned i = 0; !result && i < header->segments; i++)
        if (segment[i].type == ELF_LOAD && segment[i].memory_bytes)
            result = segment_load(file, &segment[i], cr3);
    if (!result && !space_grow(cr3, HOST_STACK_TOP - PAGE_BYTES))
        result = CALL_NO_ROOM;
    *entry = header->entry;
    return result;
}

int32_t program_start(const char *name, const char *process, uint32_t number)
{
    int32_t file = fs_open(name), result;
    uint32_t cr3 = file < 0 ? 0 : space_new(), entry;
    struct process *made;

    if (!cr3)
        return file < 0 ? file : CALL_NO_ROOM;
    result = program_load(file, cr3, &entry);
    made = result ? NULL : process_new(process, cr3, entry, number);
    if (made)
        return (int32_t)made->pid;
    space_free(cr3);
    return result ? result : CALL_NO_ROOM;
}
