/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The binary translator.  The VM's ring 0 never runs as it is: it runs as copies, in ring 1, in which every
 * instruction that ring 1 would get wrong is replaced.
 *
 *     the VM's code                          the cache, a code segment of its own
 *     0x101000  push %ebx                    push %ebx                      a copy
 *     0x101001  pushf          ───────►      pushf; ...; lea; mov; ...      a sequence: sequences.S
 *     0x101002  mov  %cr0,%eax               hlt                            a call-out: emulate.c does it
 *     0x101005  call 0x102000                push $0x10100a; jmp            chained: straight to the copy of 0x102000
 *     0x10100a  ret                          pop %gs:TARGET; jmp            by lookup.S
 *
 * A *unit* is the copy of a few instructions, up to one that goes elsewhere in any case, or of a dozen.  It has a
 * *record* for each instruction: where in the cache it begins, and which EIP of the VM's that is.  So whatever happens
 * in the cache, the VM hears of its own EIP, and nobody but the files here knows another one.
 *
 *   words.h       what translated code reaches of the virtual CPU, through GS
 *   sequences.S   what stands for cli, sti, pushf, popf
 *   lookup.S      where indirect jumps and returns go
 *   translate.c   an instruction → what stands for it
 *   units.c       units: made, found, dropped when the VM's code or page tables change
 *   enter.c       from the VM's EIP into the cache, and back out of it
 */
#ifndef WS_GUEST_VMM_TRANSLATOR_H
#define WS_GUEST_VMM_TRANSLATOR_H

#include "guest/vmm/translator/words.h"
#include "guest/vmm/vmm.h"

enum {
    CACHE_BYTES = 0x14000,
    UNIT_INSTRUCTIONS = 12,
    UNIT_BYTES_MOST = 1024, /* in the cache */
    UNIT_RECORDS_MOST = 64,
    HLT = 0xf4, /* how translated code asks for the VMM: ring 1 may not execute it */
};

/* What stands at a record's place. */
enum kind {
    KIND_COPY,       /* the instruction itself */
    KIND_FLAGS,      /* a sequence that emulate.c could replace */
    KIND_SEQUENCE,   /* another one */
    KIND_INSIDE,     /* its rest: no place between two instructions of the VM */
    KIND_CALLOUT,    /* hlt: emulate.c does it */
    KIND_BREAKPOINT, /* hlt, and behind it the instruction */
    KIND_BORROW,     /* hlt, and behind it */
    KIND_BORROWED,   /* a copy that is executed alone, with GS the VM's */
    KIND_UNKNOWN,    /* hlt: no instruction */
    KIND_JUMP,       /* the VM is at the target already */
    KIND_STUB,       /* hlt: a jump that is not yet chained; the VM is at the target */
    KIND_MISS,       /* hlt: lookup.S has not found where the VM is */
    KIND_LOOKUP,     /* within lookup.S */
    KIND_DEAD,       /* hlt at the beginning of a unit that was dropped */
    KIND_DIRECT      /* not in the cache: the VM's code itself, in ring 3 */
};

struct record {
    uint32_t eip;   /* the VM's */
    uint16_t at;    /* from the unit's beginning */
    uint16_t site;  /* of KIND_STUB: the jump's displacement, from there */
    uint8_t kind;   /* enum kind */
    bool protected; /* sti was before it: no interrupt here */
};

/* A code segment as units know it. */
struct code {
    uint16_t selector;
    uint64_t descriptor;
};

struct unit {
    struct code code;
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
    uint32_t source;      /* its code as it was, in units.c's copy */
};

/* -- units.c ----------------------------------------------------------------------------------- */

extern uint8_t cache[CACHE_BYTES];
extern struct words words;

/* The unit that begins at the VM's CS:EIP; made if need be.  NULL: the fault that its first instruction deserves is
 * set. */
const struct unit *unit_get(void);
/* The unit that has this place in the cache, and its record. */
const struct unit *unit_at(uint32_t place, const struct record **record);
/* Changes whenever the cache has been emptied. */
uint32_t cache_age(void);
/* The code segment changed: what lookup.S knows is worth nothing. */
void rows_clear(void);
/* For translate.c: one record more. */
struct record *record_add(struct unit *unit);

/* -- translate.c ------------------------------------------------------------------------------- */

/* Make the copy of the VM's code at CS:EIP at `unit->start`.  false: a fault is set. */
bool unit_translate(struct unit *unit);
/* How many bytes of the cache it takes. */
uint32_t unit_end(void);

#endif
