/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache of decoded instructions.
 */
#include "cpu/code_cache.h"

#include <string.h>

#include <worldswitch/paging.h>

#include "base/zeros.h"

enum {
    ENTRIES = 16384, /* instructions; a power of two */
    PAGES = 64,      /* translations of pages; a power of two */
    CODE_BYTES = 16  /* how many bytes are read at a time: an instruction, and one more byte to make two words */
};

struct entry {
    uint32_t linear;
    bool used;
    bool wide;
    bool has_operands;                       /* `operands` at the same index holds its operands */
    uint8_t bytes[WS_INSTRUCTION_BYTES + 1]; /* one more byte than an instruction, so that two words can be compared */
    uint64_t mask[2];                        /* ones in the bytes that belong to the instruction */
    struct ws__decoded decoded;
};

/* A linear page and where its code is in RAM; NULL: it cannot be fetched. */
struct page {
    uint32_t linear;
    uint32_t generation; /* the entry counts only if this equals the cache's generation */
    const uint8_t *ram;
};

struct ws__code_cache {
    struct ws__code_source source;
    struct ws_disasm *disasm;
    uint32_t generation; /* counts the flushes; never 0, as it is in an empty `page` */
    struct page page[PAGES];
    struct entry entry[ENTRIES];
    struct ws__operands operands[ENTRIES];
    struct ws__operands none;
    struct ws__decoded unkept; /* the last instruction that must not be remembered */
};

enum ws_status ws__code_cache_new(struct ws__code_cache **out, const struct ws__code_source *source)
{
    *out = NULL;
    struct ws__code_cache *cache = ws__zeros_new(sizeof *cache);
    if (!cache)
        return WS_NO_MEMORY;
    cache->source = *source;
    cache->none.segments = 0xff; /* nothing is known: such an instruction may use any segment */
    cache->generation = 1;
    enum ws_status status = ws_disasm_new(&cache->disasm);
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
    ws__zeros_free(cache, sizeof *cache);
}

void ws__code_cache_flush(struct ws__code_cache *cache)
{
    if (++cache->generation)
        return;
    memset(cache->page, 0, sizeof cache->page);
    cache->generation = 1;
}

/* That a page cannot be fetched is not remembered.  No TLB remembers it, so the guest does not say when it can be
 * fetched again.  SDM 3A §4.10.2.2 "Caching Translations in TLBs" */
static const uint8_t *page_find(struct ws__code_cache *cache, uint32_t linear)
{
    uint32_t first = linear & WS_PAGE_FRAME;
    struct page *page = &cache->page[linear / WS_PAGE_BYTES % PAGES];
    if (page->ram && page->generation == cache->generation && page->linear == first)
        return page->ram;
    *page = (struct page){
        .linear = first,
        .generation = cache->generation,
        .ram = cache->source.find(cache->source.context, first),
    };
    return page->ram;
}

const uint8_t *ws__code_cache_ram(struct ws__code_cache *cache, uint32_t linear)
{
    const uint8_t *page = page_find(cache, linear);
    return page ? page + linear % WS_PAGE_BYTES : NULL;
}

/* Read up to CODE_BYTES bytes of code.  Returns how many could be read.  *code points into RAM, or to `spill`, where
 * zeros follow the bytes that could be read. */
static size_t code_read(struct ws__code_cache *cache, uint32_t linear, const uint8_t **code, uint8_t spill[CODE_BYTES])
{
    uint32_t offset = linear % WS_PAGE_BYTES, here = WS_PAGE_BYTES - offset;
    const uint8_t *ram = page_find(cache, linear);
    if (ram && here >= CODE_BYTES) {
        *code = ram + offset;
        return CODE_BYTES;
    }
    *code = spill;
    memset(spill, 0, CODE_BYTES);
    if (!ram)
        return 0;
    if (here > CODE_BYTES)
        here = CODE_BYTES;
    memcpy(spill, ram + offset, here);
    const uint8_t *next = here < CODE_BYTES ? page_find(cache, linear + here) : NULL;
    if (!next)
        return here;
    memcpy(spill + here, next, CODE_BYTES - here);
    return CODE_BYTES;
}

/* Ones in the lowest `bytes` bytes of a word, as a little-endian host stores it. */
static uint64_t word_mask(unsigned bytes)
{
    return bytes >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * bytes) - 1;
}

static bool entry_matches(const struct entry *entry, const uint8_t *code)
{
    uint64_t now[2], then[2];
    memcpy(now, code, sizeof now);
    memcpy(then, entry->bytes, sizeof then);
    return (((now[0] ^ then[0]) & entry->mask[0]) | ((now[1] ^ then[1]) & entry->mask[1])) == 0;
}

/* How many bytes the decoder has looked at, at most.  If it found no instruction, a change of any of these bytes might
 * make one. */
static unsigned bytes_seen(const struct ws__decoded *decoded)
{
    return decoded->class_ == WS__CLASS_INVALID || !decoded->length ? WS_INSTRUCTION_BYTES : decoded->length;
}

static void entry_fill(struct entry *entry, uint32_t linear, bool wide, const uint8_t *code,
                       const struct ws__decoded *decoded)
{
    unsigned length = bytes_seen(decoded);
    *entry = (struct entry){
        .linear = linear,
        .used = true,
        .wide = wide,
        .mask = {word_mask(length), length > 8 ? word_mask(length - 8) : 0},
        .decoded = *decoded,
    };
    memcpy(entry->bytes, code, length);
}

/* The index of the entry that `decoded` is a part of. */
static size_t entry_index_of(const struct ws__code_cache *cache, const struct ws__decoded *decoded)
{
    const char *entry = (const char *)decoded - offsetof(struct entry, decoded);
    return (size_t)((const struct entry *)(const void *)entry - cache->entry);
}

const struct ws__decoded *ws__code_cache_find(struct ws__code_cache *cache, uint32_t linear, bool wide)
{
    struct entry *entry = &cache->entry[(linear ^ linear >> 12) % ENTRIES];
    uint8_t spill[CODE_BYTES];
    const uint8_t *code;
    size_t bytes = code_read(cache, linear, &code, spill);
    if (entry->linear == linear && entry->used && entry->wide == wide && bytes_seen(&entry->decoded) <= bytes &&
        entry_matches(entry, code))
        return &entry->decoded;
    if (bytes > WS_INSTRUCTION_BYTES)
        bytes = WS_INSTRUCTION_BYTES;
    ws__decode(&cache->unkept, cache->disasm, code, bytes, wide);
    bool known = cache->unkept.length || cache->unkept.class_ == WS__CLASS_INVALID;
    if (!known || bytes_seen(&cache->unkept) > bytes)
        return &cache->unkept;
    entry_fill(entry, linear, wide, code, &cache->unkept);
    return &entry->decoded;
}

size_t ws__code_cache_copy(struct ws__code_cache *cache, uint32_t linear, uint8_t code[WS_INSTRUCTION_BYTES])
{
    uint8_t spill[CODE_BYTES];
    const uint8_t *from;
    size_t bytes = code_read(cache, linear, &from, spill);
    if (bytes > WS_INSTRUCTION_BYTES)
        bytes = WS_INSTRUCTION_BYTES;
    memcpy(code, from, bytes);
    return bytes;
}

const struct ws__operands *ws__code_cache_operands_of(struct ws__code_cache *cache, const struct ws__decoded *decoded)
{
    if (decoded == &cache->unkept || decoded->length == 0)
        return &cache->none;
    size_t index = entry_index_of(cache, decoded);
    struct entry *entry = &cache->entry[index];
    struct ws__operands *operands = &cache->operands[index];
    if (!entry->has_operands)
        ws__operands_find(operands, cache->disasm, entry->bytes, decoded->length, entry->wide);
    entry->has_operands = true;
    entry->decoded.segments = operands->segments;
    return operands;
}

const struct ws__operands *ws__code_cache_operands(struct ws__code_cache *cache, uint32_t linear, bool wide)
{
    return ws__code_cache_operands_of(cache, ws__code_cache_find(cache, linear, wide));
}
