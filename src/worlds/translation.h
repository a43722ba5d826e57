/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the hosted system's VMM has translated, read in its memory: the code of its virtual machine, and what stands
 * for it in the cache.
 */
#ifndef WS_WORLDS_TRANSLATION_H
#define WS_WORLDS_TRANSLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/image.h>
#include <worldswitch/paging.h>
#include <worldswitch/registers.h>

#include "worlds/translated.h"

/* One VMM's, as it was at one time.  The guest may have written anything there: these functions check it. */
struct ws__translation {
    struct ws_units_used used; /* no more than the tables have */
    struct ws_unit unit[WS_UNITS];
    struct ws_unit_record record[WS_UNIT_RECORDS];
    uint8_t source[WS_UNIT_SOURCE_BYTES];
    uint8_t cache[WS_UNIT_CACHE_BYTES];
};

/* Read it from the address space of `registers`, the VMM's.  false: `symbols` know no translator of this kind, or its
 * tables are not mapped there, or hold what no translator writes; then *out is worth nothing. */
bool ws__translation_read(struct ws__translation *out, const struct ws_symbols *symbols,
                          const struct ws_physical *memory, const struct ws_registers *registers);

/* A piece of a unit: the VM's instruction (or none, where bytes are 0), and what stands for it. */
struct ws__translated {
    uint32_t eip;          /* the VM's */
    const uint8_t *source; /* its bytes; borrowed, as the next one */
    uint8_t bytes;
    const uint8_t *code; /* in the cache */
    uint32_t place;      /* where that is */
    uint32_t code_bytes;
    uint8_t kind;    /* enum ws_unit_kind */
    const char *why; /* why it is no copy, or what asks the VMM; NULL: it is a copy.  A constant */
};

/* The pieces of a unit, in the order of the cache: those records that are about one instruction are one piece.  Begin
 * with *record = 0.  false: there are no more. */
bool ws__translation_next(const struct ws__translation *translation, const struct ws_unit *unit, unsigned *record,
                          struct ws__translated *out);

/* Where a jump of the cache leads: the unit that begins there, NULL: elsewhere. */
const struct ws_unit *ws__translation_unit_at(const struct ws__translation *translation, uint32_t place);

/* Why the VM's instruction cannot run in ring 1 as it is.  A constant; NULL: no reason is known, it can. */
const char *ws__translation_why(const uint8_t *source, size_t bytes);

/* "copy", "callout"; constants. */
const char *ws__unit_kind_name(enum ws_unit_kind kind);

#endif
