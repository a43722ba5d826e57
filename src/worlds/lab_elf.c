/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading a program into an address space: a kernel, which may stand elsewhere than it was linked
 * for, or a user's program.
 *
 * A kernel's file keeps its relocations.  Every word that holds an absolute address (R_386_32) is
 * moved by the bias; what is relative (R_386_PC32) stays right by itself.
 */
#include <assert.h>
#include <string.h>

#include "machine/elf_file.h"
#include "worlds/lab.h"

struct loader {
    struct ws_lab *lab;
    struct ws__program *program;
    Elf *elf;
};

/* Is [linear, linear + bytes) inside the program's range, and not empty? */
static bool is_inside(const struct ws__program *program, uint32_t linear, uint32_t bytes)
{
    return bytes && linear >= program->begin && linear < program->end &&
           bytes - 1 <= program->end - 1 - linear;
}

/* Map the pages of one segment and copy what the file has of it. */
static enum ws_status load_segment(struct loader *loader, const Elf32_Phdr *segment)
{
    struct ws__program *program = loader->program;
    uint32_t linear = segment->p_vaddr + program->bias;
    uint32_t first = linear & -WS_PAGE_BYTES;
    uint32_t last = (linear + segment->p_memsz - 1) | (WS_PAGE_BYTES - 1);
    uint32_t flags = program->flags | (segment->p_flags & PF_W ? WS_PTE_RW : 0);
    enum ws_status status;

    if (!segment->p_memsz)
        return WS_OK;
    if (!is_inside(program, linear, segment->p_memsz) || segment->p_filesz > segment->p_memsz ||
        segment->p_offset > program->bytes ||
        segment->p_filesz > program->bytes - segment->p_offset)
        return WS_BAD_IMAGE;
    status = program->mapped
                 ? WS_OK
                 : ws__space_map(loader->lab, program->cr3, first, last - first + 1, flags);
    if (status != WS_OK)
        return status;
    return ws__space_write(loader->lab, program->cr3, linear,
                           (const uint8_t *)program->elf + segment->p_offset, segment->p_filesz);
}

static enum ws_status load_segments(struct loader *loader)
{
    const Elf32_Phdr *segment = elf32_getphdr(loader->elf);
    enum ws_status status = WS_OK;
    size_t count, i;

    if (!segment || elf_getphdrnum(loader->elf, &count))
        return WS_BAD_IMAGE;
    for (i = 0; i < count && status == WS_OK; i++)
        if (segment[i].p_type == PT_LOAD)
            status = load_segment(loader, &segment[i]);
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

/* The symbol table that a section of relocations goes with; NULL if the file is damaged. */
static const Elf32_Sym *symbols_of(struct loader *loader, size_t section, size_t *count)
{
    Elf_Scn *scn = elf_getscn(loader->elf, section);
    const Elf32_Shdr *header = scn ? elf32_getshdr(scn) : NULL;
    const Elf_Data *data = header && header->sh_type == SHT_SYMTAB ? elf_getdata(scn, NULL) : NULL;

    if (!data || !data->d_buf)
        return NULL;
    *count = data->d_size / sizeof(Elf32_Sym);
    return data->d_buf;
}

static enum ws_status relocate_section(struct loader *loader, Elf_Scn *scn,
                                       const Elf32_Shdr *header)
{
    const Elf_Data *data = elf_getdata(scn, NULL);
    enum ws_status status = WS_OK;
    size_t count, symbols, i;
    const Elf32_Sym *symbol = symbols_of(loader, header->sh_link, &symbols);
    const Elf32_Rel *relocation;

    if (!symbol || !data || !data->d_buf)
        return WS_BAD_IMAGE;
    relocation = data->d_buf;
    count = data->d_size / sizeof *relocation;
    for (i = 0; i < count && status == WS_OK; i++) {
        unsigned type = ELF32_R_TYPE(relocation[i].r_info);
        size_t index = ELF32_R_SYM(relocation[i].r_info);

        if (index >= symbols)
            return WS_BAD_IMAGE;
        if (type == R_386_32 && symbol[index].st_shndx != SHN_ABS)
            status = relocate_word(loader, relocation[i].r_offset + loader->program->bias);
        else if (type != R_386_32 && type != R_386_PC32 && type != R_386_PLT32 &&
                 type != R_386_NONE)
            status = WS_BAD_IMAGE;
    }
    return status;
}

/* Relocate what is loaded; relocations of debugging sections say nothing to us. */
static enum ws_status relocate(struct loader *loader)
{
    enum ws_status status = WS_OK;
    Elf_Scn *scn = NULL;

    while (status == WS_OK && (scn = elf_nextscn(loader->elf, scn)) != NULL) {
        const Elf32_Shdr *header = elf32_getshdr(scn);
        Elf_Scn *target;

        if (!header || header->sh_type != SHT_REL)
            continue;
        target = elf_getscn(loader->elf, header->sh_info);
        if (target && elf32_getshdr(target) && elf32_getshdr(target)->sh_flags & SHF_ALLOC)
            status = relocate_section(loader, scn, header);
    }
    return status;
}

static enum ws_status take_symbol(struct loader *loader, const char *name, const Elf32_Sym *symbol)
{
    struct ws_symbols *symbols = loader->lab->symbols;
    const struct ws__program *program = loader->program;
    uint32_t linear = symbol->st_value + program->bias;
    struct ws_buffer full = WS_BUFFER_INIT;
    enum ws_status status;

    if (!program->prefix && ws_symbols_find(symbols, name, &linear) == WS_OK)
        return WS_OK;
    ws_buffer_printf(&full, "%s%s%s", program->prefix ? program->prefix : "",
                     program->prefix ? "." : "", name);
    status = full.failed ? WS_NO_MEMORY
                         : ws_symbols_add(symbols, ws_buffer_text(&full), linear, symbol->st_size);
    ws_buffer_release(&full);
    return status;
}

/* Names of places: no sections, no source files, no constants. */
static bool is_place(const Elf32_Sym *symbol)
{
    unsigned type = ELF32_ST_TYPE(symbol->st_info);

    return symbol->st_name && symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
           (type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE);
}

static enum ws_status take_symbols(struct loader *loader)
{
    enum ws_status status = WS_OK;
    Elf_Scn *scn = NULL;

    while (status == WS_OK && (scn = elf_nextscn(loader->elf, scn)) != NULL) {
        const Elf32_Shdr *header = elf32_getshdr(scn);
        size_t count, i;
        const Elf32_Sym *symbol;

        if (!header || header->sh_type != SHT_SYMTAB)
            continue;
        symbol = symbols_of(loader, elf_ndxscn(scn), &count);
        for (i = 0; symbol && i < count && status == WS_OK; i++) {
            const char *name = elf_strptr(loader->elf, header->sh_link, symbol[i].st_name);

            if (name && *name && is_place(&symbol[i]))
                status = take_symbol(loader, name, &symbol[i]);
        }
    }
    return status;
}

enum ws_status ws__program_load(struct ws_lab *lab, struct ws__program *program)
{
    struct loader loader = {.lab = lab, .program = program};
    struct ws__elf_file file;
    const Elf32_Ehdr *header;
    enum ws_status status = ws__elf_file_open(&file, program->elf, program->bytes);

    if (status != WS_OK)
        return status;
    loader.elf = file.elf;
    header = elf32_getehdr(file.elf);
    if (!header || header->e_machine != EM_386 || header->e_type != ET_EXEC) {
        status = WS_BAD_IMAGE;
        goto out;
    }
    program->entry = header->e_entry + program->bias;
    status = load_segments(&loader);
    if (status == WS_OK && program->bias)
        status = relocate(&loader);
    if (status == WS_OK)
        status = take_symbols(&loader);
out:
    ws__elf_file_close(&file);
    return status;
}
