/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoded instructions, found again by linear address.
 *
 * An entry counts only if the bytes in memory are still those it was decoded from.  So a program may change its own
 * code, and address spaces may differ, and this cache need not be told.  It also remembers which page of RAM a linear
 * page is, as a TLB does: ws__code_cache_flush() must be called whenever a translation may have changed.
 */
#ifndef WS_CPU_CODE_CACHE_H
#define WS_CPU_CODE_CACHE_H

#include <worldswitch/status.h>

#include "x86/decode.h"
#include "x86/operands.h"

struct ws__code_cache;

/* Where the cache gets code from. */
struct ws__code_source {
    void *context;
    /* Where the code at `linear` is in memory; NULL: it cannot be fetched. */
    const uint8_t *(*find)(void *context, uint32_t linear);
};

enum ws_status ws__code_cache_new(struct ws__code_cache **out, const struct ws__code_source *source);
void ws__code_cache_free(struct ws__code_cache *cache);

/* Forget which page of RAM each linear page is. */
void ws__code_cache_flush(struct ws__code_cache *cache);

/* Where the code at `linear` is in memory; NULL: it cannot be fetched. */
const uint8_t *ws__code_cache_ram(struct ws__code_cache *cache, uint32_t linear);

/* Copy the code at `linear`: as many bytes as an instruction may have, or as can be read.  Returns how many. */
size_t ws__code_cache_copy(struct ws__code_cache *cache, uint32_t linear, uint8_t code[WS_INSTRUCTION_BYTES]);

/* The instruction at `linear`; borrowed until the next call.  `wide`: CS is a 32-bit code segment. */
const struct ws__decoded *ws__code_cache_find(struct ws__code_cache *cache, uint32_t linear, bool wide);
/* The operands of the instruction at `linear`; an empty list if it is no instruction, or cannot be read.  Borrowed as
 * above. */
const struct ws__operands *ws__code_cache_operands(struct ws__code_cache *cache, uint32_t linear, bool wide);
/* The same for an instruction that ws__code_cache_find() has just returned. */
const struct ws__operands *ws__code_cache_operands_of(struct ws__code_cache *cache, const struct ws__decoded *decoded);

#endif
