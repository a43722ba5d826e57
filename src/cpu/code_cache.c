/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache of decoded instructions.
 */
#include "cpu/code_cache.h"

#include <stdlib.h>
#include <string.h>

#include <worldswitch/paging.h>

enum {
    ENTRIES = 4096, /* instructions; a power of two */
    PAGES = 64      /* remembered translations; a power of two */
};

struct entry {
    uint32_t linear;
    bool used;
    bool wide;
    uint8_t bytes[WS_INSTRUCTION_BYTES];
    struct ws__decoded decoded;
};

/* A linear page and where it is in RAM; NULL: nowhere, or outside RAM. */
struct page {
    uint32_t linear;
    bool used;
    const uint8_t *ram;
};

struct ws__code_cache {
    struct ws__code_source source;
    struct ws_disasm *disasm;
    struct page page[PAGES];
    struct entry entry[ENTRIES];
    struct ws__decoded unkept;  /* what may not be remembered */
    uint8_t *decoded_pages;     /* one bit a physical page */
};

enum ws_status ws__code_cache_new(struct ws__code_cache **out, const struct ws__code_source *source)
{
    *out = NULL;
    struct ws__code_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return WS_NO_MEMORY;
    cache->source = *source;
    cache->decoded_pages = calloc(source->bytes / WS_PAGE_BYTES / 8 + 1, 1);
    enum ws_status status = cache->decoded_pages ? ws_disasm_new(&cache->disasm) : WS_NO_MEMORY;
    if (status) {
        ws__code_cache_free(cache);
        return status;
    }
    *out = cache;
    return WS_OK;
}

void ws__code_cache_free(struct ws__code_cache *cache)
{
    if (!cache)
        return;
    ws_disasm_free(cache->disasm);
    free(cache->decoded_pages);
    free(cache);
}

void ws__code_cache_flush(struct ws__code_cache *cache)
{
    memset(cache->page, 0, sizeof cache->page);
}

bool ws__code_cache_has_page(const struct ws__code_cache *cache, uint32_t phys)
{
    uint32_t page = phys / WS_PAGE_BYTES;
    return phys < cache->source.bytes && (cache->decoded_pages[page / 8] >> page % 8 & 1);
}

void ws__code_cache_fresh(struct ws__code_cache *cache)
{
    memset(cache->decoded_pages, 0, cache->source.bytes / WS_PAGE_BYTES / 8 + 1);
    ws__code_cache_flush(cache);
}

/* Translate a page.  A block that the engine translates may run on into the next one: both count as decoded. */
static const uint8_t *page_walk(struct ws__code_cache *cache, const struct ws_registers *registers, uint32_t linear)
{
    struct ws_physical memory = {cache->source.ram, cache->source.bytes};
    struct ws_translation walk;
    if (!ws_page_walk(&walk, &memory, registers, linear, WS_ACCESS_EXECUTE, false) ||
        walk.phys >= cache->source.bytes)
        return NULL;
    uint32_t page = walk.phys / WS_PAGE_BYTES;
    cache->decoded_pages[page / 8] |= (uint8_t)(1 << page % 8);
    return cache->source.ram + (walk.phys & ~(uint32_t)(WS_PAGE_BYTES - 1));
}

static const uint8_t *page_find(struct ws__code_cache *cache, uint32_t linear)
{
    uint32_t first = linear & ~(uint32_t)(WS_PAGE_BYTES - 1);
    struct page *page = &cache->page[linear / WS_PAGE_BYTES % PAGES];
    if (page->used && page->linear == first)
        return page->ram;
    struct ws_registers registers;
    cache->source.registers(cache->source.context, &registers);
    page_walk(cache, &registers, first + WS_PAGE_BYTES);
    *page = (struct page){.linear = first, .used = true, .ram = page_walk(cache, &registers, first)};
    return page->ram;
}

/* Read up to 15 bytes of code.  Returns how many could be read, and borrows them from RAM or from `spill`. */
static size_t code_read(struct ws__code_cache *cache, uint32_t linear, const uint8_t **code,
                        uint8_t spill[WS_INSTRUCTION_BYTES])
{
    uint32_t offset = linear % WS_PAGE_BYTES, here = WS_PAGE_BYTES - offset;
    const uint8_t *ram = page_find(cache, linear);
    *code = spill;
    if (!ram)
        return 0;
    if (here >= WS_INSTRUCTION_BYTES) {
        *code = ram + offset;
        return WS_INSTRUCTION_BYTES;
    }
    memcpy(spill, ram + offset, here);
    const uint8_t *next = page_find(cache, linear + here);
    if (!next)
        return here;
    memcpy(spill + here, next, WS_INSTRUCTION_BYTES - here);
    return WS_INSTRUCTION_BYTES;
}

const struct ws__decoded *ws__code_cache_find(struct ws__code_cache *cache, uint32_t linear, bool wide)
{
    struct entry *entry = &cache->entry[(linear ^ linear >> 12) % ENTRIES];
    uint8_t spill[WS_INSTRUCTION_BYTES];
    const uint8_t *code;
    size_t bytes = code_read(cache, linear, &code, spill);
    if (entry->used && entry->linear == linear && entry->wide == wide && entry->decoded.length <= bytes &&
        memcmp(entry->bytes, code, entry->decoded.length) == 0)
        return &entry->decoded;

    ws__decode(&cache->unkept, cache->disasm, code, bytes, wide);
    if (cache->unkept.length == 0 || cache->unkept.length > WS_INSTRUCTION_BYTES)
        return &cache->unkept;
    *entry = (struct entry){.linear = linear, .used = true, .wide = wide, .decoded = cache->unkept};
    memcpy(entry->bytes, code, bytes);
    return &entry->decoded;
}
