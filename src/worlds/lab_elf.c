/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading a program into an address space: a kernel, which may stand elsewhere than it was linked
 * for, or a user's program.
 *
 * A kernel's file keeps its relocations.  Every word that holds an absolute address (R_386_32) is
 * moved by the bias; what is relative (R_386_PC32) stays right by itself.
 */
#include <gelf.h>
#include <string.h>

#include "image/elf_file.h"
#include "worlds/lab.h"

struct loader {
    struct ws_lab *lab;
    struct ws__program *program;
    Elf *elf;
};

/* Is [linear, linear + bytes) inside the program's range, and not empty? */
static bool is_inside(const struct ws__program *program, uint32_t linear, uint32_t bytes)
{
    return bytes && linear >= program->begin && linear < program->end && bytes - 1 <= program->end - 1 - linear;
}

/* Map the pages of one segment and copy what the file has of it. */
static enum ws_status load_segment(struct loader *loader, const GElf_Phdr *segment)
{
    struct ws__program *program = loader->program;
    uint32_t linear = (uint32_t)segment->p_vaddr + program->bias;
    uint32_t first = linear & -WS_PAGE_BYTES;
    uint32_t last = (linear + (uint32_t)segment->p_memsz - 1) | (WS_PAGE_BYTES - 1);
    uint32_t flags = program->flags | (segment->p_flags & PF_W ? WS_PTE_RW : 0);
    enum ws_status status = WS_OK;

    if (!segment->p_memsz)
        return WS_OK;
    if (!is_inside(program, linear, (uint32_t)segment->p_memsz) || segment->p_filesz > segment->p_memsz ||
        segment->p_offset > program->bytes || segment->p_filesz > program->bytes - segment->p_offset)
        return WS_BAD_IMAGE;
    if (!program->mapped)
        status = ws__space_map(loader->lab, program->cr3, first, last - first + 1, flags);
    if (status != WS_OK)
        return status;
    return ws__space_write(loader->lab, program->cr3, linear, (const uint8_t *)program->elf + segment->p_offset,
                           (uint32_t)segment->p_filesz);
}

static enum ws_status load_segments(struct loader *loader)
{
    enum ws_status status = WS_OK;
    size_t count, i;
    GElf_Phdr segment;

    if (elf_getphdrnum(loader->elf, &count))
        return WS_BAD_IMAGE;
    for (i = 0; i < count && status == WS_OK; i++) {
        if (!gelf_getphdr(loader->elf, (int)i, &segment))
            return WS_BAD_IMAGE;
        if (segment.p_type == PT_LOAD)
            status = load_segment(loader, &segment);
    }
    return status;
}

static enum ws_status relocate_word(struct loader *loader, uint32_t linear)
{
    const struct ws__program *program = loader->program;
    uint32_t word;

    if (ws__space_read(loader->lab, program->cr3, linear, &word, sizeof word) != WS_OK)
        return WS_BAD_IMAGE;
    word += program->bias;
    return ws__space_write(loader->lab, program->cr3, linear, &word, sizeof word);
}

/* Relocate one word, if it is an absolute address of something that moved. */
static enum ws_status relocate_one(struct loader *loader, const GElf_Rel *relocation, Elf_Data *symbols)
{
    unsigned type = GELF_R_TYPE(relocation->r_info);
    GElf_Sym symbol;

    if (type == R_386_PC32 || type == R_386_PLT32 || type == R_386_NONE)
        return WS_OK;
    if (type != R_386_32 || !gelf_getsym(symbols, (int)GELF_R_SYM(relocation->r_info), &symbol))
        return WS_BAD_IMAGE;
    if (symbol.st_shndx == SHN_ABS)
        return WS_OK;
    return relocate_word(loader, (uint32_t)relocation->r_offset + loader->program->bias);
}

/* What a section holds, if it has that type; NULL if not, or if the file is damaged. */
static Elf_Data *data_of(Elf_Scn *scn, uint32_t type)
{
    GElf_Shdr header;

    return scn && gelf_getshdr(scn, &header) && header.sh_type == type ? elf_getdata(scn, NULL) : NULL;
}

static enum ws_status relocate_section(struct loader *loader, Elf_Scn *scn, const GElf_Shdr *header)
{
    Elf_Data *relocations = data_of(scn, SHT_REL);
    Elf_Data *symbols = data_of(elf_getscn(loader->elf, header->sh_link), SHT_SYMTAB);
    enum ws_status status = WS_OK;
    GElf_Rel relocation;
    int i;

    if (!relocations || !symbols)
        return WS_BAD_IMAGE;
    for (i = 0; status == WS_OK && gelf_getrel(relocations, i, &relocation); i++)
        status = relocate_one(loader, &relocation, symbols);
    return status;
}

/* Relocate what is loaded; relocations of debugging sections say nothing to us. */
static enum ws_status relocate(struct loader *loader)
{
    enum ws_status status = WS_OK;
    Elf_Scn *scn = NULL;

    while (status == WS_OK && (scn = elf_nextscn(loader->elf, scn)) != NULL) {
        GElf_Shdr header, target;

        if (gelf_getshdr(scn, &header) && header.sh_type == SHT_REL &&
            gelf_getshdr(elf_getscn(loader->elf, header.sh_info), &target) && target.sh_flags & SHF_ALLOC)
            status = relocate_section(loader, scn, &header);
    }
    return status;
}

static enum ws_status take_symbol(struct loader *loader, const char *name, const GElf_Sym *symbol)
{
    struct ws_symbols *symbols = loader->lab->symbols;
    const struct ws__program *program = loader->program;
    uint32_t linear = (uint32_t)symbol->st_value + program->bias;
    struct ws_buffer full = WS_BUFFER_INIT;
    enum ws_status status;

    if (!program->prefix && ws_symbols_find(symbols, name, &linear) == WS_OK)
        return WS_OK;
    ws_buffer_printf(&full, "%s%s%s", program->prefix ? program->prefix : "", program->prefix ? "." : "", name);
    status =
        full.failed ? WS_NO_MEMORY : ws_symbols_add(symbols, ws_buffer_text(&full), linear, (uint32_t)symbol->st_size);
    ws_buffer_release(&full);
    return status;
}

/* Names of places: no sections, no source files, no constants. */
static bool is_place(const GElf_Sym *symbol)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);

    return symbol->st_name && symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
           (type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE);
}

static enum ws_status take_symbols(struct loader *loader)
{
    enum ws_status status = WS_OK;
    Elf_Scn *scn = NULL;

    while (status == WS_OK && (scn = elf_nextscn(loader->elf, scn)) != NULL) {
        Elf_Data *data = data_of(scn, SHT_SYMTAB);
        GElf_Shdr header;
        GElf_Sym symbol;
        int i;

        if (!data || !gelf_getshdr(scn, &header))
            continue;
        for (i = 0; status == WS_OK && gelf_getsym(data, i, &symbol); i++) {
            const char *name = elf_strptr(loader->elf, header.sh_link, symbol.st_name);

            if (name && *name && is_place(&symbol))
                status = take_symbol(loader, name, &symbol);
        }
    }
    return status;
}

enum ws_status ws__program_load(struct ws_lab *lab, struct ws__program *program)
{
    struct loader loader = {.lab = lab, .program = program};
    struct ws__elf_file file;
    GElf_Ehdr header;
    enum ws_status status = ws__elf_file_open(&file, program->elf, program->bytes);

    if (status != WS_OK)
        return status;
    loader.elf = file.elf;
    if (gelf_getclass(file.elf) != ELFCLASS32 || !gelf_getehdr(file.elf, &header) || header.e_machine != EM_386 ||
        header.e_type != ET_EXEC) {
        status = WS_BAD_IMAGE;
        goto out;
    }
    program->entry = (uint32_t)header.e_entry + program->bias;
    status = load_segments(&loader);
    if (status == WS_OK && program->bias)
        status = relocate(&loader);
    if (status == WS_OK)
        status = take_symbols(&loader);
out:
    return ws__elf_file_close(&file, status);
}
