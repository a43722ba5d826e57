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
#include "worlds/translated.h"

enum {
    UNIT_INSTRUCTIONS = 12,
    UNIT_BYTES_MOST = 1024, /* in the cache */
    UNIT_RECORDS_MOST = 64,
    JMP = 0xe9,
    HLT = 0xf4, /* how translated code asks for the VMM: ring 1 may not execute it */
};

/* -- units.c ----------------------------------------------------------------------------------- */

extern uint8_t cache[WS_UNIT_CACHE_BYTES];
extern struct words words;
/* lookup.S, as it is copied to the cache's beginning; and its `hlt`. */
extern const uint8_t lookup_begin[], lookup_miss[], lookup_end[];

/* The unit that begins at the VM's CS:EIP; made if need be.  NULL: the fault that its first instruction deserves is
 * set. */
const struct ws_unit *unit_get(void);
/* The unit that has this place in the cache, and its record. */
const struct ws_unit *unit_at(uint32_t place, const struct ws_unit_record **record);
/* Changes whenever the cache has been emptied. */
uint32_t cache_age(void);
/* The code segment changed: what lookup.S knows is worth nothing. */
void rows_clear(void);
/* A displacement of four bytes leads to that place in the cache. */
void displacement_set(uint8_t *site, uint32_t place);

/* For translate.c: one record more. */
struct ws_unit_record *record_add(struct ws_unit *unit);

/* -- translate.c ------------------------------------------------------------------------------- */

/* Make the copy of the VM's code at CS:EIP at `unit->start`; where it ends in the cache.  0: a fault is set. */
uint32_t unit_translate(struct ws_unit *unit);

#endif
