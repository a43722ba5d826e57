/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's symbols.
 */
#include "image/symbols.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "image/elf_file.h"

enum { UNSIZED_REACH = 4096 }; /* how far a symbol without a size is believed to reach */

struct ws_symbols {
    struct ws__symbol *symbol; /* by address; those of one address in the order they came */
    size_t count;
    size_t capacity;
};

enum ws_status ws_symbols_new(struct ws_symbols **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? WS_OK : WS_NO_MEMORY;
}

void ws_symbols_free(struct ws_symbols *symbols)
{
    if (!symbols)
        return;
    for (size_t i = 0; i < symbols->count; i++)
        free(symbols->symbol[i].name);
    free(symbols->symbol);
    free(symbols);
}

const struct ws__symbol *ws__symbols_list(const struct ws_symbols *symbols, size_t *count)
{
    *count = symbols ? symbols->count : 0;
    return symbols ? symbols->symbol : NULL;
}

/* How many symbols stand at or below `linear`. */
static size_t symbols_up_to(const struct ws_symbols *symbols, uint32_t linear)
{
    size_t low = 0, high = symbols->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols->symbol[middle].linear <= linear)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum ws_status ws__symbols_append(struct ws_symbols *symbols, const char *name, size_t length, uint32_t linear,
                                  uint32_t bytes)
{
    if (symbols->count == symbols->capacity) {
        size_t capacity = symbols->capacity ? symbols->capacity * 2 : 32;
        struct ws__symbol *grown = realloc(symbols->symbol, capacity * sizeof *grown);
        if (!grown)
            return WS_NO_MEMORY;
        symbols->symbol = grown;
        symbols->capacity = capacity;
    }
    char *copy = malloc(length + 1);
    if (!copy)
        return WS_NO_MEMORY;
    memcpy(copy, name, length);
    copy[length] = 0;
    symbols->symbol[symbols->count++] = (struct ws__symbol){copy, linear, bytes};
    return WS_OK;
}

enum ws_status ws_symbols_add(struct ws_symbols *symbols, const char *name, uint32_t linear, uint32_t bytes)
{
    size_t place = symbols_up_to(symbols, linear);
    enum ws_status status = ws__symbols_append(symbols, name, strlen(name), linear, bytes);
    if (status != WS_OK)
        return status;
    struct ws__symbol *at = symbols->symbol + place;
    struct ws__symbol added = symbols->symbol[symbols->count - 1];
    memmove(at + 1, at, (symbols->count - 1 - place) * sizeof *at);
    *at = added;
    return WS_OK;
}

static int symbol_order(const void *a, const void *b)
{
    const struct ws__symbol *first = a, *second = b;
    if (first->linear != second->linear)
        return first->linear < second->linear ? -1 : 1;
    int names = strcmp(first->name, second->name);
    return names ? names : (first->bytes > second->bytes) - (first->bytes < second->bytes);
}

void ws__symbols_sort(struct ws_symbols *symbols)
{
    if (symbols->count)
        qsort(symbols->symbol, symbols->count, sizeof *symbols->symbol, symbol_order);
}

/* Functions, objects and labels; not constants, which are labels without a section. */
static bool symbol_is_wanted(const Elf32_Sym *symbol, const char *name)
{
    unsigned type = ELF32_ST_TYPE(symbol->st_info);
    if (!name || !*name || symbol->st_shndx == SHN_UNDEF)
        return false;
    if (type == STT_NOTYPE)
        return symbol->st_shndx != SHN_ABS;
    return type == STT_FUNC || type == STT_OBJECT;
}

/* Nothing says that a file's tables are aligned, and libelf hands out pointers into them: so each row is copied. */
static enum ws_status section_read(struct ws_symbols *symbols, Elf *elf, Elf_Scn *section)
{
    Elf32_Shdr header;
    const void *row = elf32_getshdr(section);
    if (!row)
        return WS_BAD_IMAGE;
    memcpy(&header, row, sizeof header);
    if (header.sh_type != SHT_SYMTAB)
        return WS_OK;
    const Elf_Data *data = elf_getdata(section, NULL);
    if (!data || (data->d_size && (!data->d_buf || data->d_type != ELF_T_SYM)))
        return WS_BAD_IMAGE;
    for (size_t at = 0; data->d_size - at >= sizeof(Elf32_Sym); at += sizeof(Elf32_Sym)) {
        Elf32_Sym symbol;
        memcpy(&symbol, (const uint8_t *)data->d_buf + at, sizeof symbol);
        const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
        if (!symbol_is_wanted(&symbol, name))
            continue;
        enum ws_status status = ws__symbols_append(symbols, name, strlen(name), symbol.st_value, symbol.st_size);
        if (status != WS_OK)
            return status;
    }
    return WS_OK;
}

enum ws_status ws_symbols_read(struct ws_symbols *symbols, const void *elf, size_t bytes)
{
    struct ws__elf_file file;
    enum ws_status status = ws__elf_file_open(&file, elf, bytes);
    if (status != WS_OK)
        return status;
    if (!elf32_getehdr(file.elf))
        status = WS_BAD_IMAGE;
    Elf_Scn *section = NULL;
    while (status == WS_OK && (section = elf_nextscn(file.elf, section)))
        status = section_read(symbols, file.elf, section);
    status = ws__elf_file_close(&file, status);
    ws__symbols_sort(symbols);
    return status;
}

const char *ws_symbols_at(const struct ws_symbols *symbols, uint32_t linear, uint32_t *offset)
{
    size_t place = symbols_up_to(symbols, linear);
    if (place == 0)
        return NULL;
    uint32_t nearest = symbols->symbol[place - 1].linear, distance = linear - nearest;
    const struct ws__symbol *best = NULL;
    /* Of several at one address, one that says how far it reaches is worth more. */
    while (place-- && symbols->symbol[place].linear == nearest) {
        const struct ws__symbol *symbol = &symbols->symbol[place];
        bool reaches = distance < (symbol->bytes ? symbol->bytes : UNSIZED_REACH);
        if (reaches && (!best || symbol->bytes || !best->bytes))
            best = symbol;
    }
    if (!best)
        return NULL;
    if (offset)
        *offset = distance;
    return best->name;
}

enum ws_status ws_symbols_find(const struct ws_symbols *symbols, const char *name, uint32_t *linear)
{
    for (size_t i = 0; i < symbols->count; i++) {
        if (strcmp(symbols->symbol[i].name, name) == 0) {
            *linear = symbols->symbol[i].linear;
            return WS_OK;
        }
    }
    return WS_NOT_FOUND;
}
