/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and gates; the VMX driver makes the VMM's with the same hands. */
#ifndef WS_GUEST_BOOT_TABLES_H
#define WS_GUEST_BOOT_TABLES_H

#include <stdint.h>

#include "worlds/layout.h"

/* The second byte of a descriptor's access rights is G, D/B and the limit's upper bits.
 * SDM 3A §3.4.5 "Segment Descriptors". The accessed bit is set from the beginning. */
enum {
    FLAT_LIMIT = 0xfffff,
    FLAT_CODE = 0xc09b,
    FLAT_DATA = 0xc093,
    RING_3 = 3 << 5,
    SYSTEM_TASK = 0x0089,
    SYSTEM_LOCAL = 0x0082,
    TASK_BUSY = 2
};

void descriptor_put(uint8_t *at, uint32_t base, uint32_t limit, uint32_t access);
/* `type`: the upper half of a gate's second word, without the address. */
void gate_put(uint8_t *at, uint16_t selector, uint32_t eip, uint32_t type);
/* The ring-0 stack of a TSS, and no permission for any port. */
void task_put(uint8_t *tss, uint16_t ss0, uint32_t esp0);

/* load.S: GDTR, IDTR, and every segment register of the host's kernel. */
void tables_load(const struct ws_cross_table *gdtr, const struct ws_cross_table *idtr);

#endif
