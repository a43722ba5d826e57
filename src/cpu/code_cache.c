/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache of decoded instructions.
 */
#include "cpu/code_cache.h"

#include <stdlib.h>
#include <string.h>

#include <worldswitch/paging.h>

enum {
    ENTRIES = 16384, /* instructions; a power of two */
    AHEAD = 512,    /* instructions, as many as the engine translates at once */
    PAGES = 64,     /* remembered translations; a power of two */
    CODE_BYTES = 16 /* what is read at a time: an instruction, and one byte to make it two words */
};

struct entry {
    uint32_t linear;
    bool used;
    bool wide;
    bool has_operands;                       /* they have been asked for: `operands` at the same index */
    uint8_t bytes[WS_INSTRUCTION_BYTES + 1]; /* one more, so that they can be compared as two words */
    uint64_t mask[2];                        /* ones where bytes of the instruction are */
    const uint8_t *ram;                      /* where it begins */
    uint32_t epoch;                          /* the last one in which it was looked up */
    struct ws__decoded decoded;
};

/* A linear page and where it is in RAM; NULL: nowhere, or outside RAM. */
struct page {
    uint32_t linear;
    uint32_t generation; /* it counts only if this is the present one */
    const uint8_t *ram;
};

/* Where in a physical page code has been decoded: offsets; end 0: nowhere. */
struct extent {
    uint16_t first;
    uint16_t end;
};

struct ws__code_cache {
    struct ws__code_source source;
    struct ws_disasm *disasm;
    uint32_t generation; /* never 0 */
    struct page page[PAGES];
    struct entry entry[ENTRIES];
    struct ws__operands operands[ENTRIES];
    struct ws__operands none;
    struct ws__decoded unkept;  /* what may not be remembered */
    struct extent *extent;      /* one a physical page */
    uint32_t epoch;             /* counts how often the engine has forgotten its translations */
    bool changed;
    bool looking_ahead;
    bool renewed; /* an entry was, by the last look-up */
};

enum ws_status ws__code_cache_new(struct ws__code_cache **out, const struct ws__code_source *source)
{
    *out = NULL;
    struct ws__code_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return WS_NO_MEMORY;
    cache->source = *source;
    cache->none.segments = 0xff; /* nothing is known: anything may be used */
    cache->generation = 1;
    cache->extent = calloc(source->bytes / WS_PAGE_BYTES, sizeof *cache->extent);
    enum ws_status status = cache->extent ? ws_disasm_new(&cache->disasm) : WS_NO_MEMORY;
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
    free(cache->extent);
    free(cache);
}

void ws__code_cache_flush(struct ws__code_cache *cache)
{
    if (++cache->generation)
        return;
    memset(cache->page, 0, sizeof cache->page);
    cache->generation = 1;
}

bool ws__code_cache_has_code(const struct ws__code_cache *cache, uint32_t phys, uint32_t bytes)
{
    if (phys >= cache->source.bytes)
        return false;
    const struct extent *extent = &cache->extent[phys / WS_PAGE_BYTES];
    uint32_t offset = phys % WS_PAGE_BYTES;
    return offset < extent->end && offset + bytes > extent->first;
}

/* Code of one page has been decoded. */
static void extent_grow(struct ws__code_cache *cache, const uint8_t *ram, uint32_t bytes)
{
    if (!ram)
        return;
    uint32_t phys = (uint32_t)(ram - cache->source.ram), offset = phys % WS_PAGE_BYTES;
    struct extent *extent = &cache->extent[phys / WS_PAGE_BYTES];
    if (!extent->end || offset < extent->first)
        extent->first = (uint16_t)offset;
    if (offset + bytes > extent->end)
        extent->end = (uint16_t)(offset + bytes);
}

void ws__code_cache_fresh(struct ws__code_cache *cache)
{
    memset(cache->extent, 0, cache->source.bytes / WS_PAGE_BYTES * sizeof *cache->extent);
    cache->epoch++;
    cache->changed = false;
    ws__code_cache_flush(cache);
}

bool ws__code_cache_changed(const struct ws__code_cache *cache)
{
    return cache->changed;
}

/* Translate a page. */
static const uint8_t *page_walk(struct ws__code_cache *cache, uint32_t linear)
{
    struct ws_physical memory = {cache->source.ram, cache->source.bytes};
    struct ws_translation walk;
    if (!ws_page_walk(&walk, &memory, cache->source.registers, linear, WS_ACCESS_EXECUTE, false) ||
        walk.phys >= cache->source.bytes)
        return NULL;
    return cache->source.ram + (walk.phys & ~(uint32_t)(WS_PAGE_BYTES - 1));
}

static const uint8_t *page_find(struct ws__code_cache *cache, uint32_t linear)
{
    uint32_t first = linear & ~(uint32_t)(WS_PAGE_BYTES - 1);
    struct page *page = &cache->page[linear / WS_PAGE_BYTES % PAGES];
    if (page->generation == cache->generation && page->linear == first)
        return page->ram;
    *page = (struct page){.linear = first, .generation = cache->generation, .ram = page_walk(cache, first)};
    return page->ram;
}

const uint8_t *ws__code_cache_ram(struct ws__code_cache *cache, uint32_t linear)
{
    const uint8_t *page = page_find(cache, linear);
    return page ? page + linear % WS_PAGE_BYTES : NULL;
}

/* Read up to CODE_BYTES bytes of code.  Returns how many could be read, and borrows them from RAM
 * or from `spill`, where zeros follow. */
static size_t code_read(struct ws__code_cache *cache, uint32_t linear, const uint8_t **code,
                        uint8_t spill[CODE_BYTES])
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

/* An instruction has been decoded; it may reach into the next page. */
static void code_note(struct ws__code_cache *cache, uint32_t linear, uint32_t bytes)
{
    uint32_t here = WS_PAGE_BYTES - linear % WS_PAGE_BYTES;
    if (here > bytes)
        here = bytes;
    extent_grow(cache, ws__code_cache_ram(cache, linear), here);
    if (here < bytes)
        extent_grow(cache, ws__code_cache_ram(cache, linear + here), bytes - here);
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

/* Other bytes at the same place, within one epoch: the engine may have a translation of the old ones. */
static bool entry_is_stale(const struct entry *entry, uint32_t linear, bool wide, const uint8_t *ram, uint32_t epoch)
{
    return entry->used && entry->linear == linear && entry->wide == wide && entry->ram == ram && entry->epoch == epoch;
}

static void entry_fill(struct entry *entry, uint32_t linear, bool wide, const uint8_t *code,
                       const struct ws__decoded *decoded)
{
    /* any byte might make an instruction of what is none */
    unsigned length = decoded->length ? decoded->length : WS_INSTRUCTION_BYTES;
    *entry = (struct entry){
        .linear = linear,
        .used = true,
        .wide = wide,
        .mask = {word_mask(length), length > 8 ? word_mask(length - 8) : 0},
        .decoded = *decoded,
    };
    memcpy(entry->bytes, code, length);
}

static size_t entry_index(uint32_t linear)
{
    return (linear ^ linear >> 12) % ENTRIES;
}

/* Of the entry that this belongs to. */
static size_t entry_index_of(const struct ws__code_cache *cache, const struct ws__decoded *decoded)
{
    const char *entry = (const char *)decoded - offsetof(struct entry, decoded);
    return (size_t)((const struct entry *)(const void *)entry - cache->entry);
}

/* An entry is looked up for the first time in this epoch.  The engine translates on from here before
 * it runs anything: know what stands there now, so that a change is noticed even if it comes before
 * the first execution. */
static void entry_renew(struct ws__code_cache *cache, struct entry *entry)
{
    uint32_t linear = entry->linear;
    const struct ws__decoded *decoded = &entry->decoded;
    entry->epoch = cache->epoch;
    code_note(cache, linear, decoded->length ? decoded->length : WS_INSTRUCTION_BYTES);
    cache->renewed = true;
    if (cache->looking_ahead)
        return;
    cache->looking_ahead = true;
    for (unsigned i = 0; i < AHEAD && cache->renewed; i++) {
        bool runs_on = decoded->again == WS__AGAIN_NEVER || decoded->again == WS__AGAIN_ECX;
        uint32_t next = linear + decoded->length;
        if (!runs_on || next == linear || (next ^ linear) >= WS_PAGE_BYTES)
            break;
        linear = next;
        cache->renewed = false; /* if it stays so, what follows is known, or not to be read */
        decoded = ws__code_cache_find(cache, linear, entry->wide);
    }
    cache->looking_ahead = false;
}

const struct ws__decoded *ws__code_cache_find(struct ws__code_cache *cache, uint32_t linear, bool wide)
{
    struct entry *entry = &cache->entry[entry_index(linear)];
    uint8_t spill[CODE_BYTES];
    const uint8_t *code;
    size_t bytes = code_read(cache, linear, &code, spill);
    if (entry->linear == linear && entry->used && entry->wide == wide && entry->decoded.length <= bytes &&
        entry_matches(entry, code)) {
        if (entry->epoch != cache->epoch)
            entry_renew(cache, entry);
        return &entry->decoded;
    }
    const uint8_t *ram = ws__code_cache_ram(cache, linear);
    if (bytes >= entry->decoded.length)
        cache->changed |= entry_is_stale(entry, linear, wide, ram, cache->epoch);
    if (bytes > WS_INSTRUCTION_BYTES)
        bytes = WS_INSTRUCTION_BYTES;
    ws__decode(&cache->unkept, cache->disasm, code, bytes, wide);
    bool kept = cache->unkept.length ? cache->unkept.length <= bytes
                                     : cache->unkept.class_ == WS__CLASS_INVALID && bytes == WS_INSTRUCTION_BYTES;
    if (!kept) {
        code_note(cache, linear, WS_INSTRUCTION_BYTES);
        return &cache->unkept;
    }
    entry_fill(entry, linear, wide, code, &cache->unkept);
    entry->ram = ram;
    entry_renew(cache, entry);
    return &entry->decoded;
}

const struct ws__decoded *ws__code_cache_find_at(struct ws__code_cache *cache, uint32_t linear, bool wide,
                                                 const uint8_t *ram)
{
    const struct entry *entry = &cache->entry[entry_index(linear)];
    bool whole = ram && linear % WS_PAGE_BYTES <= WS_PAGE_BYTES - CODE_BYTES;
    if (whole && entry->ram == ram && entry->linear == linear && entry->wide == wide && entry->used &&
        entry->epoch == cache->epoch && entry_matches(entry, ram))
        return &entry->decoded;
    return ws__code_cache_find(cache, linear, wide);
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
