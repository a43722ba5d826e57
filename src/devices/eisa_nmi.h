/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way in which software raises a non-maskable interrupt on an EISA board.
 *
 * 82374EB/82374SB EISA System Component data sheet (Intel, order number 290476), "NMI Extended Status
 * and Control Register", "Software NMI Generation Register".  Later chips, and QEMU, have none of it.
 *
 *   0x461   write: software NMI on (1); fail-safe timer (2) and bus timeout (3) on, which this board
 *           does not have: the bits are kept
 *           read: the same, and: a software NMI was asked for (5), until bit 1 is written 0
 *   0x462   a write of whatever raises it, if bit 1 of 0x461 is set; reads all ones
 *
 * Bit 7 of port 0x70, the clock's index, holds all of them back.  A CPU takes NMI when the line rises,
 * so a second one needs bit 1 written 0, then 1, first.
 */
#ifndef WS_DEVICES_EISA_NMI_H
#define WS_DEVICES_EISA_NMI_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/line.h"

enum { WS__NMI_CONTROL = 0x461, WS__NMI_SOFTWARE = 0x462 };

struct ws__eisa_nmi {
    uint8_t control; /* bits 3..1 */
    bool asked;      /* status bit 5 */
    bool held_back;  /* port 0x70 says so */
};

struct ws__eisa_nmi_wire {
    struct ws__eisa_nmi *chip;
    struct ws__line line; /* to the CPU's NMI pin */
};

/* As firmware leaves it: off. */
void ws__eisa_nmi_reset(struct ws__eisa_nmi *chip);

/* A struct ws__line's function, for the clock's bit; `wire` is a struct ws__eisa_nmi_wire. */
void ws__eisa_nmi_hold_back(void *wire, unsigned number, bool high);

/* For the bus; `wire` is a struct ws__eisa_nmi_wire. */
uint8_t ws__eisa_nmi_read(void *wire, uint16_t port);
void ws__eisa_nmi_write(void *wire, uint16_t port, uint8_t value);

#endif
