/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing memory out as a multiboot ELF file.
 *
 *   ELF header │ program headers │ contents of the segments │ symbols │ strings │ section headers
 *                                  └ the first begins with the multiboot header
 *
 * Loaders look for the program headers, too, within the first 8 KiB, so they stand in front.  Sections mean nothing
 * to a loader; debuggers and objdump want them.  Written by hand: libelf writes to files, and this goes to memory.
 */
#include <worldswitch/image.h>

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "image/multiboot.h"
#include "image/symbols.h"

enum {
    ALIGNMENT = 4,
    SECTION_NULL = 1,
    SECTIONS_BEHIND = 3 /* symbols, their names, the sections' names */
};

/* Names of sections, as offsets into this table. */
static const char section_names[] = "\0.memory\0.symtab\0.strtab\0.shstrtab";
enum { NAME_MEMORY = 1, NAME_SYMTAB = 9, NAME_STRTAB = 17, NAME_SHSTRTAB = 25 };

struct writer {
    struct ws_buffer *out;
    const struct ws_image_segment *segment;
    size_t count;
    uint32_t begin; /* file offset of the first content */
    const struct ws__symbol *symbol;
    size_t symbols;
    uint32_t symtab, strtab, names, end; /* file offsets */
    uint32_t strtab_bytes;
};

static uint32_t align_up(uint32_t offset)
{
    return (offset + ALIGNMENT - 1) & ~(uint32_t)(ALIGNMENT - 1);
}

/* Trailing zeros need not stand in the file: loaders zero what follows.  The multiboot header stays. */
static uint32_t content_bytes(const struct ws_image_segment *segment, bool first)
{
    uint32_t bytes = segment->bytes, least = first ? WS_MULTIBOOT_HEADER_BYTES : 0;
    while (bytes > least && segment->content[bytes - 1] == 0)
        bytes--;
    return bytes;
}

static bool segments_are_sound(const struct ws_image_segment *segment, size_t count, uint32_t entry)
{
    bool entered = false;
    uint64_t end = 0;
    if (count == 0 || count > WS_IMAGE_SEGMENTS_MAX || segment->phys % ALIGNMENT ||
        segment->bytes < WS_MULTIBOOT_HEADER_BYTES)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (segment[i].phys < end || segment[i].bytes == 0)
            return false;
        end = (uint64_t)segment[i].phys + segment[i].bytes;
        entered |= entry - segment[i].phys < segment[i].bytes;
    }
    return entered && end <= UINT64_C(1) << 32;
}

/* Decide every file offset; false if the file would be larger than its offsets can say. */
static bool layout_plan(struct writer *writer)
{
    uint64_t bytes = sizeof(Elf32_Ehdr) + writer->count * sizeof(Elf32_Phdr);
    writer->begin = (uint32_t)bytes;
    for (size_t i = 0; i < writer->count; i++)
        bytes += content_bytes(&writer->segment[i], i == 0) + ALIGNMENT;
    uint64_t strings = 1;
    for (size_t i = 0; i < writer->symbols; i++)
        strings += strlen(writer->symbol[i].name) + 1;
    bytes += strings + (writer->symbols + 1) * sizeof(Elf32_Sym) + sizeof section_names;
    bytes += (writer->count + SECTION_NULL + SECTIONS_BEHIND) * sizeof(Elf32_Shdr);
    if (bytes > INT32_MAX)
        return false;

    uint32_t offset = writer->begin;
    for (size_t i = 0; i < writer->count; i++)
        offset = align_up(offset + content_bytes(&writer->segment[i], i == 0));
    writer->symtab = offset;
    writer->strtab = writer->symtab + (uint32_t)((writer->symbols + 1) * sizeof(Elf32_Sym));
    writer->strtab_bytes = (uint32_t)strings;
    writer->names = writer->strtab + writer->strtab_bytes;
    writer->end = align_up(writer->names + (uint32_t)sizeof section_names);
    return true;
}

static void header_write(const struct writer *writer, uint32_t entry)
{
    size_t sections = SECTION_NULL + writer->count + SECTIONS_BEHIND;
    Elf32_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_386,
        .e_version = EV_CURRENT,
        .e_entry = entry,
        .e_phoff = sizeof(Elf32_Ehdr),
        .e_shoff = writer->end,
        .e_ehsize = sizeof(Elf32_Ehdr),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = (uint16_t)writer->count,
        .e_shentsize = sizeof(Elf32_Shdr),
        .e_shnum = (uint16_t)sections,
        .e_shstrndx = (uint16_t)(sections - 1),
    };
    ws_buffer_append(writer->out, &header, sizeof header);
}

static void segment_headers_write(const struct writer *writer)
{
    uint32_t offset = writer->begin;
    for (size_t i = 0; i < writer->count; i++) {
        const struct ws_image_segment *segment = &writer->segment[i];
        Elf32_Phdr header = {
            .p_type = PT_LOAD,
            .p_offset = offset,
            .p_vaddr = segment->phys,
            .p_paddr = segment->phys,
            .p_filesz = content_bytes(segment, i == 0),
            .p_memsz = segment->bytes,
            .p_flags = PF_R | PF_W | PF_X,
            .p_align = 1,
        };
        ws_buffer_append(writer->out, &header, sizeof header);
        offset = align_up(offset + header.p_filesz);
    }
}

static void padding_write(const struct writer *writer)
{
    static const uint8_t zeros[ALIGNMENT];
    size_t size = writer->out->size;
    ws_buffer_append(writer->out, zeros, align_up((uint32_t)size) - size);
}

static void contents_write(const struct writer *writer)
{
    const uint32_t flags = WS__MULTIBOOT_ALIGN | WS__MULTIBOOT_MEMORY;
    const uint32_t multiboot[] = {WS__MULTIBOOT_HEADER_MAGIC, flags, 0u - WS__MULTIBOOT_HEADER_MAGIC - flags};
    _Static_assert(sizeof multiboot == WS_MULTIBOOT_HEADER_BYTES, "what the caller leaves free");
    for (size_t i = 0; i < writer->count; i++) {
        uint32_t taken = i == 0 ? (uint32_t)sizeof multiboot : 0;
        ws_buffer_append(writer->out, multiboot, taken);
        ws_buffer_append(writer->out, writer->segment[i].content + taken,
                         content_bytes(&writer->segment[i], i == 0) - taken);
        padding_write(writer);
    }
}

/* The section that holds `linear`, or 0.  Segments ascend, but symbols need not lie in one: they are linear. */
static uint16_t section_at(const struct writer *writer, uint32_t linear)
{
    for (size_t i = 0; i < writer->count; i++) {
        if (linear - writer->segment[i].phys < writer->segment[i].bytes)
            return (uint16_t)(SECTION_NULL + i);
    }
    return 0;
}

/* A label without size or section would read as a constant, so what has no section is called a function. */
static void symbols_write(const struct writer *writer)
{
    Elf32_Sym null = {0};
    uint32_t name = 1;
    ws_buffer_append(writer->out, &null, sizeof null);
    for (size_t i = 0; i < writer->symbols; i++) {
        const struct ws__symbol *symbol = &writer->symbol[i];
        uint16_t section = section_at(writer, symbol->linear);
        unsigned type = section && !symbol->bytes ? STT_NOTYPE : STT_FUNC;
        Elf32_Sym entry = {
            .st_name = name,
            .st_value = symbol->linear,
            .st_size = symbol->bytes,
            .st_info = ELF32_ST_INFO(STB_GLOBAL, type),
            .st_shndx = section ? section : SHN_ABS,
        };
        ws_buffer_append(writer->out, &entry, sizeof entry);
        name += (uint32_t)strlen(symbol->name) + 1;
    }
    ws_buffer_append(writer->out, "", 1);
    for (size_t i = 0; i < writer->symbols; i++)
        ws_buffer_append(writer->out, writer->symbol[i].name, strlen(writer->symbol[i].name) + 1);
}

static void section_headers_write(const struct writer *writer)
{
    Elf32_Shdr null = {0};
    uint32_t offset = writer->begin;
    ws_buffer_append(writer->out, &null, sizeof null);
    for (size_t i = 0; i < writer->count; i++) {
        uint32_t bytes = content_bytes(&writer->segment[i], i == 0);
        Elf32_Shdr memory = {
            .sh_name = NAME_MEMORY,
            .sh_type = bytes ? SHT_PROGBITS : SHT_NOBITS,
            .sh_flags = SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR,
            .sh_addr = writer->segment[i].phys,
            .sh_offset = offset,
            .sh_size = bytes ? bytes : writer->segment[i].bytes,
            .sh_addralign = 1,
        };
        ws_buffer_append(writer->out, &memory, sizeof memory);
        offset = align_up(offset + bytes);
    }
    const Elf32_Shdr behind[SECTIONS_BEHIND] = {
        {.sh_name = NAME_SYMTAB,
         .sh_type = SHT_SYMTAB,
         .sh_offset = writer->symtab,
         .sh_size = writer->strtab - writer->symtab,
         .sh_info = 1,
         .sh_addralign = ALIGNMENT,
         .sh_link = (uint32_t)(SECTION_NULL + writer->count + 1),
         .sh_entsize = sizeof(Elf32_Sym)},
        {.sh_name = NAME_STRTAB,
         .sh_type = SHT_STRTAB,
         .sh_offset = writer->strtab,
         .sh_size = writer->strtab_bytes,
         .sh_addralign = 1},
        {.sh_name = NAME_SHSTRTAB,
         .sh_type = SHT_STRTAB,
         .sh_offset = writer->names,
         .sh_size = sizeof section_names,
         .sh_addralign = 1},
    };
    ws_buffer_append(writer->out, behind, sizeof behind);
}

enum ws_status ws_image_write(struct ws_buffer *out, const struct ws_image_segment *segment, size_t count,
                              uint32_t entry, const struct ws_symbols *symbols)
{
    struct writer writer = {.out = out, .segment = segment, .count = count};
    if (!segments_are_sound(segment, count, entry))
        return WS_BAD_ARGUMENT;
    writer.symbol = ws__symbols_list(symbols, &writer.symbols);
    if (!layout_plan(&writer))
        return WS_BAD_ARGUMENT;
    ws_buffer_clear(out);
    header_write(&writer, entry);
    segment_headers_write(&writer);
    contents_write(&writer);
    symbols_write(&writer);
    ws_buffer_append(out, section_names, sizeof section_names);
    padding_write(&writer);
    section_headers_write(&writer);
    return out->failed ? WS_NO_MEMORY : WS_OK;
}
