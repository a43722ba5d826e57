/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loadable segments of an ELF file.
 *
 * System V ABI, "Object Files": "ELF Header", "Program Header".
 */
#include "image/image_plan.h"

#include <stdbool.h>
#include <string.h>

#include "image/elf_file.h"

/* Is it a program for this CPU?  The identification bytes come first: the others' meaning depends on them. */
static enum ws_status header_check(const uint8_t *image, const Elf32_Ehdr *header, size_t bytes, struct ws_buffer *why)
{
    if (image[EI_CLASS] != ELFCLASS32)
        return ws__image_refuse(why, WS_BAD_IMAGE, "not a 32-bit ELF file; compile and link the guest with -m32");
    if (image[EI_DATA] != ELFDATA2LSB)
        return ws__image_refuse(why, WS_BAD_IMAGE, "not a little-endian ELF file; compile the guest with -m32 for x86");
    if (!header)
        return ws__image_refuse(why, WS_BAD_IMAGE, "the ELF header is damaged; was the file cut off?");
    if (header->e_machine != EM_386)
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "an ELF file for machine type %u, and this is an 80386 (3); "
                                "compile the guest with -m32 for x86",
                                header->e_machine);
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "an ELF file of type %u, and only a program (2) can start; "
                                "link the guest",
                                header->e_type);
    uint64_t table_end = (uint64_t)header->e_phoff + (uint64_t)header->e_phnum * sizeof(Elf32_Phdr);
    if (header->e_phnum && (header->e_phentsize != sizeof(Elf32_Phdr) || table_end > bytes))
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "the program header table lies beyond the end of the file; "
                                "was the download cut off?");
    return WS_OK;
}

static enum ws_status segment_add(struct ws__image_plan *plan, const Elf32_Phdr *segment, const uint8_t *image,
                                  size_t bytes, uint32_t memory_bytes, struct ws_buffer *why)
{
    if (segment->p_filesz > segment->p_memsz)
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "the segment at 0x%08x has %u bytes in the file and only %u in "
                                "memory; the file is damaged",
                                segment->p_paddr, segment->p_filesz, segment->p_memsz);
    if (segment->p_filesz > bytes || segment->p_offset > bytes - segment->p_filesz)
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "the segment at 0x%08x lies beyond the end of the file; "
                                "was the download cut off?",
                                segment->p_paddr);
    struct ws__image_part part = {
        .phys = segment->p_paddr,
        .bytes = segment->p_memsz,
        .content_bytes = segment->p_filesz,
        .content = image + (segment->p_filesz ? segment->p_offset : 0),
    };
    return ws__image_plan_add(plan, &part, memory_bytes, why);
}

/* The entry is a linear address, and the guest starts without paging: if it lies in code that is loaded elsewhere,
 * it moves along.  QEMU's loader does the same. */
static bool segment_moves_entry(const Elf32_Phdr *segment, uint32_t entry)
{
    return segment->p_vaddr != segment->p_paddr && (segment->p_flags & PF_X) &&
           entry - segment->p_vaddr < segment->p_filesz;
}

static Elf32_Phdr segment_at(const uint8_t *image, const Elf32_Ehdr *header, size_t number)
{
    Elf32_Phdr segment; /* a copy: nothing says that the table is aligned */
    memcpy(&segment, image + header->e_phoff + number * sizeof segment, sizeof segment);
    return segment;
}

/* A linker that was told only where the code goes puts its notes, such as the build's number, where programs of an
 * operating system have them.  No kernel needs them; QEMU's loader writes them where there is no memory. */
static bool is_stray_note(const uint8_t *image, const Elf32_Ehdr *header, const Elf32_Phdr *segment,
                          uint32_t memory_bytes)
{
    bool note = false;
    uint64_t end = (uint64_t)segment->p_paddr + segment->p_memsz;
    bool in_ram = end <= memory_bytes && (segment->p_paddr >= WS__HIGH_MEMORY_BEGIN || end <= WS__LOW_MEMORY_END);
    bool wraps = segment->p_memsz > UINT32_MAX - segment->p_paddr;
    if (segment->p_flags & (PF_W | PF_X) || wraps || in_ram)
        return false;
    for (size_t i = 0; i < header->e_phnum && !note; i++) {
        const Elf32_Phdr other = segment_at(image, header, i);
        note = other.p_type == PT_NOTE && other.p_filesz <= segment->p_filesz &&
               other.p_offset - segment->p_offset <= segment->p_filesz - other.p_filesz;
    }
    return note;
}

static enum ws_status segments_read(struct ws__image_plan *plan, Elf *elf, const uint8_t *image, size_t bytes,
                                    uint32_t memory_bytes, struct ws_buffer *why)
{
    const Elf32_Ehdr *header = elf32_getehdr(elf);
    enum ws_status status = header_check(image, header, bytes, why);
    if (status != WS_OK)
        return status;
    plan->entry = header->e_entry;
    for (size_t i = 0; i < header->e_phnum; i++) {
        const Elf32_Phdr segment = segment_at(image, header, i);
        if (segment.p_type != PT_LOAD || is_stray_note(image, header, &segment, memory_bytes))
            continue;
        status = segment_add(plan, &segment, image, bytes, memory_bytes, why);
        if (status != WS_OK)
            return status;
        if (segment_moves_entry(&segment, header->e_entry))
            plan->entry = header->e_entry - segment.p_vaddr + segment.p_paddr;
    }
    return WS_OK;
}

enum ws_status ws__image_plan_read_elf(struct ws__image_plan *plan, const uint8_t *image, size_t bytes,
                                       uint32_t memory_bytes, struct ws_buffer *why)
{
    struct ws__elf_file file;
    enum ws_status status = ws__elf_file_open(&file, image, bytes);
    if (status == WS_BAD_IMAGE)
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "a multiboot header, and neither an ELF file nor address fields; "
                                "link the guest as ELF");
    if (status != WS_OK)
        return status;
    status = segments_read(plan, file.elf, image, bytes, memory_bytes, why);
    return ws__elf_file_close(&file, status);
}
