/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what the linker and the assembler have written. */
#include "lesson/program.h"

#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "image/elf_file.h"

/* -- bytes --------------------------------------------------------------------------------------------- */

/* Put a segment's bytes to their place; zeros stand before and behind them. */
static enum ws_status segment_put(const Elf32_Phdr *row, const char *elf, size_t size, uint32_t linear,
                                  struct ws_buffer *out)
{
    static const char zeros[256];
    if (row->p_type != PT_LOAD || !row->p_memsz)
        return WS_OK;
    if (row->p_vaddr < linear || row->p_vaddr - linear > WS__PROGRAM_BYTES || row->p_memsz > WS__PROGRAM_BYTES ||
        row->p_filesz > row->p_memsz || row->p_offset > size || row->p_filesz > size - row->p_offset ||
        row->p_vaddr - linear < out->size)
        return WS_BAD_IMAGE;
    while (out->size < row->p_vaddr - linear && !out->failed) {
        size_t lack = row->p_vaddr - linear - out->size;
        ws_buffer_append(out, zeros, lack < sizeof zeros ? lack : sizeof zeros);
    }
    ws_buffer_append(out, elf + row->p_offset, row->p_filesz);
    size_t end = row->p_vaddr - linear + row->p_memsz;
    while (out->size < end && !out->failed) {
        size_t lack = end - out->size;
        ws_buffer_append(out, zeros, lack < sizeof zeros ? lack : sizeof zeros);
    }
    return out->failed ? WS_NO_MEMORY : WS_OK;
}

static bool is_ours(Elf *elf)
{
    const Elf32_Ehdr *header = elf32_getehdr(elf);
    return header && header->e_machine == EM_386 && header->e_type == ET_EXEC;
}

enum ws_status ws__program_bytes(const void *elf, size_t size, uint32_t linear, struct ws_buffer *out)
{
    struct ws__elf_file file;
    size_t count = 0;
    enum ws_status status = ws__elf_file_open(&file, elf, size);
    if (status != WS_OK)
        return status;
    const Elf32_Phdr *row = is_ours(file.elf) ? elf32_getphdr(file.elf) : NULL;
    if (!row || elf_getphdrnum(file.elf, &count) != 0)
        status = WS_BAD_IMAGE;
    for (size_t i = 0; i < count && status == WS_OK; i++)
        status = segment_put(&row[i], elf, size, linear, out);
    return ws__elf_file_close(&file, status);
}

/* -- where it lies ------------------------------------------------------------------------------------- */

static enum ws_status section_judge(const Elf32_Shdr *header, const char *name, uint32_t linear, struct ws_buffer *why)
{
    uint64_t end = (uint64_t)header->sh_addr + header->sh_size;
    if (!(header->sh_flags & SHF_ALLOC) || !header->sh_size)
        return WS_OK;
    if (header->sh_addr < linear) {
        ws_buffer_printf(why, "the section \"");
        ws__printable_append(why, name, strlen(name));
        ws_buffer_printf(why, "\" has no place in the program: use .text, .data, .rodata and .bss only\n");
    } else if (end > (uint64_t)linear + WS__PROGRAM_BYTES) {
        ws_buffer_printf(why, "the program is too large: it takes %llu KiB, and there is room for %d\n",
                         (unsigned long long)((end - linear + 1023) >> 10), WS__PROGRAM_BYTES >> 10);
    } else {
        return WS_OK;
    }
    return why->failed ? WS_NO_MEMORY : WS_BAD_IMAGE;
}

enum ws_status ws__program_fits(const void *elf, size_t size, uint32_t linear, struct ws_buffer *why)
{
    struct ws__elf_file file;
    size_t names = 0;
    enum ws_status status = ws__elf_file_open(&file, elf, size);
    if (status == WS_OK && elf_getshdrstrndx(file.elf, &names) != 0)
        names = 0;
    if (status != WS_OK)
        return status;
    for (Elf_Scn *section = NULL; status == WS_OK && (section = elf_nextscn(file.elf, section));) {
        const Elf32_Shdr *header = elf32_getshdr(section);
        const char *name = header ? elf_strptr(file.elf, names, header->sh_name) : NULL;
        if (header)
            status = section_judge(header, name ? name : "?", linear, why);
    }
    return ws__elf_file_close(&file, status);
}

/* -- symbols ------------------------------------------------------------------------------------------- */

static void section_symbols(Elf *elf, Elf_Scn *section, ws__program_symbol *symbol, void *context)
{
    const Elf32_Shdr *header = elf32_getshdr(section);
    const Elf_Data *data;
    if (!header || header->sh_type != SHT_SYMTAB || !(data = elf_getdata(section, NULL)))
        return;
    const Elf32_Sym *row = data->d_buf;
    for (size_t i = 0; row && i < data->d_size / sizeof *row; i++) {
        const char *name = elf_strptr(elf, header->sh_link, row[i].st_name);
        if (name && *name && ELF32_ST_TYPE(row[i].st_info) != STT_FILE && row[i].st_shndx != SHN_UNDEF)
            symbol(context, name, row[i].st_value);
    }
}

enum ws_status ws__program_symbols(const void *elf, size_t size, ws__program_symbol *symbol, void *context)
{
    struct ws__elf_file file;
    enum ws_status status = ws__elf_file_open(&file, elf, size);
    if (status != WS_OK)
        return status;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(file.elf, section));)
        section_symbols(file.elf, section, symbol, context);
    return ws__elf_file_close(&file, WS_OK);
}

/* -- lines --------------------------------------------------------------------------------------------- */

/* "  12 0007 8B442404 <tab>movl ...": the line's number, the offset, the bytes, the source.  Lines without code have
 * no offset, and those that a macro made have the number of the line that called it. */
void ws__program_lines(const char *listing, ws__program_line *line, void *context)
{
    while (*listing) {
        char *end;
        unsigned long number = strtoul(listing, &end, 10), offset;
        size_t digits;
        if (end != listing && *end == ' ') {
            const char *at = end + 1;
            offset = strtoul(at, &end, 16);
            digits = (size_t)(end - at);
            if (digits == 4 && *at != ' ' && *end == ' ')
                line(context, (unsigned)number, (uint32_t)offset);
        }
        listing += strcspn(listing, "\n");
        listing += *listing == '\n';
    }
}
