/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and gates: the host's and the VM's kernel make their own with these, the VMX driver the VMM's. */
#ifndef WS_GUEST_SHARED_TABLES_H
#define WS_GUEST_SHARED_TABLES_H

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
    SYSTEM_LOCAL = 0x0082
};
/* Types of gates, and bits of a type.  SDM 3A §6.11 "IDT Descriptors": an interrupt gate turns interrupts off, a trap
 * gate does not. */
enum {
    GATE_INTERRUPT = 0x8e00,
    GATE_TRAP = 0x8f00,
    GATE_KEEPS_IF = 0x0100,
    GATE_WIDE = 0x0800, /* for 32 bits; else for 16 */
    GATE_RING_3 = 3 << 13,
    GATE_PRESENT = 1 << 15
};

struct gate {
    uint16_t offset_low, selector;
    uint16_t type, offset_high;
};

/* Where it leads; how many bytes each word of its frame has. */
static inline uint32_t gate_offset(const struct gate *gate)
{
    return gate->offset_low | (gate->type & GATE_WIDE ? (uint32_t)gate->offset_high << 16 : 0);
}

static inline unsigned gate_bytes(const struct gate *gate)
{
    return gate->type & GATE_WIDE ? 4 : 2;
}

void descriptor_put(uint8_t *at, uint32_t base, uint32_t limit, uint32_t access);
/* The ring-0 stack of a TSS, and no permission for any port. */
void task_put(uint8_t *tss, uint16_t ss0, uint32_t esp0);

/* A kernel's entries, one behind the other as entry.h makes them: vector, address, ... 0, 0. */
extern const uint32_t vector_table[];
/* An interrupt gate of ring 0 for each of them. */
void idt_fill(struct gate *idt, uint16_t code);

/* Each kernel's own, for each of its vectors: entry.h. */
void trap(struct ws_trap_frame *frame);
/* Each kernel's own: GDTR, IDTR, and every segment register. */
void tables_load(const struct ws_cross_table *gdtr, const struct ws_cross_table *idtr);

#endif
