/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a PC's board has between its chips.
 *
 * 82371AB (PIIX4) data sheet (Intel, order number 290562-001), "NSC-NMI Status and Control
 * Register", "Port 92 Register".
 *
 *   0x61   gate of counter 2 (0), speaker (1), error checks off (2, 3)
 *          read only: refresh (4), output of counter 2 (5)
 *   0x80   progress code of the firmware's self test; reads all ones
 *   0x92   a rising bit 0 resets the machine; bit 1 is A20
 *
 * A20 is kept as a bit and does nothing else: this machine's address lines are always all there.
 */
#ifndef WS_DEVICES_SYSTEM_PORTS_H
#define WS_DEVICES_SYSTEM_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/timers/pit8254.h"

enum { WS__PORT_61 = 0x61, WS__PORT_POST = 0x80, WS__PORT_92 = 0x92 };

struct ws__system_ports {
    uint8_t port61; /* bits 3..0 */
    uint8_t port92;
    uint8_t post;
    bool reset; /* the guest asked for it */
};

struct ws__system_wire {
    struct ws__system_ports *chip;
    struct ws__pit_wire *pit;
};

/* As firmware leaves it: A20 on, no sound. */
void ws__system_ports_reset(struct ws__system_ports *chip);

/* For the bus; `wire` is a struct ws__system_wire. */
uint8_t ws__system_ports_read(void *wire, uint16_t port);
void ws__system_ports_write(void *wire, uint16_t port, uint8_t value);

#endif
