/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The board's interrupt controller for APICs, an I/O APIC.
 *
 * 82093AA I/O Advanced Programmable Interrupt Controller, data sheet (Intel, order number 290566-001).
 *
 *   0xfec00000   which register
 *   0xfec00010   that register, 32 bits
 *
 *   register 0: its number (27..24); 1: version, and its highest pin (23..16); 2: arbitration
 *   0x10 and 0x11: pin 0: vector (7..0), how it is delivered (10..8), logical destination (11), active low (13),
 *   not ended yet (14), level-triggered (15), masked (16); destination (31..24 of the second).  And so on up to pin 23.
 *
 * ISA lines are at the pins of their number, but IRQ 0 is at pin 2.
 */
#ifndef WS_DEVICES_APIC_IO_APIC_H
#define WS_DEVICES_APIC_IO_APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/apic/message.h"

#define WS__IO_APIC_PHYS 0xfec00000u
enum { WS__IO_APIC_VERSION = 0x11, WS__IO_APIC_PINS = 24 };

struct ws__io_apic {
    uint64_t pin[WS__IO_APIC_PINS]; /* the redirection table */
    uint32_t line;                  /* bit n: pin n, as it is */
    uint32_t requested;             /* an edge came, and was not sent; or the level is high */
    uint8_t id;
    uint8_t index; /* which register is read and written */
};

/* Where its messages go, and whether one would change anything there. */
struct ws__io_apic_wire {
    struct ws__io_apic *chip;
    void *context;
    void (*send)(void *context, const struct ws__apic_message *message);
    bool (*listens)(void *context, const struct ws__apic_message *message);
};

/* All pins masked. */
void ws__io_apic_reset(struct ws__io_apic *chip);

/* At which pin is this ISA line? */
unsigned ws__io_apic_pin(unsigned irq);
/* An ISA line changes, or stays. */
void ws__io_apic_line(struct ws__io_apic_wire *wire, unsigned irq, bool high);
/* Would a rising edge on it change anything? */
bool ws__io_apic_listens(const struct ws__io_apic_wire *wire, unsigned irq);
/* Which ISA line has been given this vector, and is not masked?  -1: none. */
int ws__io_apic_irq(const struct ws__io_apic *chip, uint8_t vector);
bool ws__io_apic_is_masked(const struct ws__io_apic *chip, unsigned irq);

/* The end of a level-triggered interrupt with this vector. */
void ws__io_apic_end(struct ws__io_apic_wire *wire, uint8_t vector);

/* `offset` from WS__IO_APIC_PHYS. */
uint32_t ws__io_apic_read(const struct ws__io_apic *chip, uint32_t offset, unsigned bytes);
void ws__io_apic_write(struct ws__io_apic_wire *wire, uint32_t offset, unsigned bytes, uint32_t value);

#endif
