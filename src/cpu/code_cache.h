/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoded instructions, found again by linear address.
 *
 * An entry counts only if the bytes in memory are still those it was decoded from, so
 * self-modifying code and other address spaces need no care.  Which page a linear address means is
 * remembered like a CPU's instruction TLB does, and forgotten on the same occasions: whoever sees
 * CR0, CR3 or CR4 written, or invlpg, calls ws__code_cache_flush().
 */
#ifndef WS_CPU_CODE_CACHE_H
#define WS_CPU_CODE_CACHE_H

#include <worldswitch/registers.h>
#include <worldswitch/status.h>

#include "cpu/decode.h"
#include "cpu/operands.h"

struct ws__code_cache;

/* Where code comes from. */
struct ws__code_source {
    const struct ws_registers *registers; /* borrowed: CR0, CR3 and CR4 decide translation */
    const uint8_t *ram;                   /* borrowed */
    uint32_t bytes;
};

enum ws_status ws__code_cache_new(struct ws__code_cache **out, const struct ws__code_source *source);
void ws__code_cache_free(struct ws__code_cache *cache);

/* Forget which pages linear addresses mean. */
void ws__code_cache_flush(struct ws__code_cache *cache);

/* Has code in this range of one physical page been decoded since all was last declared fresh?  Then the
 * engine may hold a translation of it.  What lies between two pieces of code in a page counts as code. */
bool ws__code_cache_has_code(const struct ws__code_cache *cache, uint32_t phys, uint32_t bytes);
void ws__code_cache_fresh(struct ws__code_cache *cache);
/* Has an instruction been found changed since then?  The engine is told of a write into translated code, but for a page
 * that holds several stretches of code only of the first: it may still execute what stood there before. */
bool ws__code_cache_changed(const struct ws__code_cache *cache);

/* Where the code at `linear` is in RAM; NULL: nowhere, or outside RAM. */
const uint8_t *ws__code_cache_ram(struct ws__code_cache *cache, uint32_t linear);

/* The instruction at `linear`; borrowed until the next call. `wide`: 32-bit code segment. */
const struct ws__decoded *ws__code_cache_find(struct ws__code_cache *cache, uint32_t linear, bool wide);
/* The same of one that is known to be at `ram`, unless that is NULL. */
const struct ws__decoded *ws__code_cache_find_at(struct ws__code_cache *cache, uint32_t linear, bool wide,
                                                 const uint8_t *ram);
/* The operands of the instruction at `linear`: none if it is none, or cannot be read.  Borrowed as above. */
const struct ws__operands *ws__code_cache_operands(struct ws__code_cache *cache, uint32_t linear, bool wide);
/* The same of an instruction that ws__code_cache_find() has just returned. */
const struct ws__operands *ws__code_cache_operands_of(struct ws__code_cache *cache, const struct ws__decoded *decoded);

#endif
