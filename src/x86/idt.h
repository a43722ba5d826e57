/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in the IDT for a vector.
 */
#ifndef WS_X86_IDT_H
#define WS_X86_IDT_H

#include <worldswitch/paging.h>
#include <worldswitch/segment.h>

enum ws__idt_state {
    WS__IDT_GATE,
    WS__IDT_ABSENT, /* a gate whose P bit is 0 */
    WS__IDT_INVALID,
    WS__IDT_EMPTY,
    WS__IDT_BEYOND, /* its last byte is beyond IDTR's limit */
    WS__IDT_UNMAPPED
};

struct ws__idt_entry {
    uint32_t offset, linear; /* from IDTR's base; in linear memory */
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    struct ws_gate gate;
};

/* Fill `offset` and `linear`.  WS__IDT_BEYOND, or WS__IDT_UNMAPPED as long as `raw` was not read. */
enum ws__idt_state ws__idt_find(const struct ws_registers *registers, uint8_t vector, struct ws__idt_entry *out);
/* `raw` was read: fill `gate`.  GATE, ABSENT, INVALID or EMPTY.  SDM 3A §6.11 "IDT Descriptors" */
enum ws__idt_state ws__idt_decode(struct ws__idt_entry *entry);
/* Both, by these page tables, with the rights of ring 0.  What could not be filled is zero. */
enum ws__idt_state ws__idt_read(const struct ws_physical *memory, const struct ws_registers *registers, uint8_t vector,
                                struct ws__idt_entry *out);

/* S and type of what stands there: they say which gate it is, if it is one. */
uint32_t ws__idt_type(const struct ws__idt_entry *entry);
/* How many bytes each slot of the frame has that a delivery through this gate pushes: 4, or 2 of a gate of 16 bits.
 * 0: it pushes none.  SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures" */
uint8_t ws__gate_slot_bytes(const struct ws_gate *gate);

#endif
