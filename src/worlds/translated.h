/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the VMM's translator remembers what it has translated.  The VMM writes it, see src/guest/vmm/translator/;
 * watchers read it in the VMM's memory, see translation.h.
 */
#ifndef WS_WORLDS_TRANSLATED_H
#define WS_WORLDS_TRANSLATED_H

#include <stdbool.h>
#include <stdint.h>

enum {
    WS_UNIT_CACHE_BYTES = 0x14000, /* translated code, of all units */
    WS_UNITS = 1280,
    WS_UNIT_RECORDS = 8192,
    WS_UNIT_SOURCE_BYTES = 0x8000 /* the VM's code as it was, of all units */
};

/* What stands in the cache at a record's place: name, its name in records, what it is. */
#define WS_UNIT_KIND_TABLE(X)                                                       \
    X(COPY, "copy", "the instruction itself, or a jump with another distance")      \
    X(FLAGS, "flags", "a sequence that emulate.c could replace")                    \
    X(SEQUENCE, "sequence", "another one")                                          \
    X(INSIDE, "inside", "its rest: no place between two instructions of the VM")    \
    X(CALLOUT, "callout", "hlt: emulate.c does it")                                 \
    X(BREAKPOINT, "breakpoint", "hlt, and behind it the instruction")               \
    X(BORROW, "borrow", "hlt, and behind it")                                       \
    X(BORROWED, "borrowed", "a copy that is executed alone, with GS the VM's")      \
    X(UNKNOWN, "unknown", "hlt: no instruction")                                    \
    X(JUMP, "jump", "the VM is at the target already")                              \
    X(STUB, "stub", "hlt: a jump that is not yet chained; the VM is at the target") \
    X(MISS, "miss", "hlt: lookup.S has not found where the VM is")                  \
    X(LOOKUP, "lookup", "within lookup.S")                                          \
    X(DEAD, "dead", "hlt at the beginning of a unit that was dropped")              \
    X(DIRECT, "direct", "not in the cache: the VM's code itself, in ring 3")

enum ws_unit_kind {
#define WS_UNIT_KIND_ENUM(name, text, meaning) WS_UNIT_##name,
    WS_UNIT_KIND_TABLE(WS_UNIT_KIND_ENUM)
#undef WS_UNIT_KIND_ENUM
        WS_UNIT_KINDS
};

/* An instruction of the VM, or a part of what stands for it. */
struct ws_unit_record {
    uint32_t eip;   /* the VM's */
    uint16_t at;    /* from the unit's beginning */
    uint16_t site;  /* of WS_UNIT_STUB: the jump's displacement, from there */
    uint8_t kind;   /* enum ws_unit_kind */
    bool protected; /* sti was before it: no interrupt here */
};

/* A code segment as units know it. */
struct ws_unit_code {
    uint64_t descriptor;
    uint16_t selector;
} __attribute__((packed, aligned(4))); /* the same for code of 32 and of 64 bits */

struct ws_unit {
    struct ws_unit_code code;
    uint32_t eip; /* the VM's, of its first instruction */
    uint32_t linear;
    uint32_t start; /* in the cache */
    bool alive;
    uint8_t records;
    uint8_t bytes; /* of the VM's code, at most 13 instructions of 15 */
    uint16_t first_record;
    uint16_t frame[2];    /* of the VM's memory, where its code is; the second may be the first */
    uint16_t in_frame[2]; /* the next unit of that frame, plus 1 */
    uint16_t in_hash;     /* the next unit of that hash, plus 1 */
    uint32_t source;      /* its code as it was, in the copy of all units' */
};

_Static_assert(sizeof(struct ws_unit) == 44 && sizeof(struct ws_unit_record) == 12, "the same in guest and watcher");

/* How much of all these is in use. */
struct ws_units_used {
    uint32_t units, records, source, pages;
    uint32_t end; /* of the cache's used part; 0: it was never emptied */
    uint32_t age; /* how often the cache was emptied */
};

#endif
