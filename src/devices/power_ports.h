/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ports by which a guest switches the machine off, or resets it: where QEMU's board has them.
 *
 * 82371AB (PIIX4) data sheet (Intel, order number 290562-001), "PMCNTRL-Power Management Control Register", "RC-Reset
 * Control Register".  The rest of the chip is not there.
 *
 *   0x604, 0x605   the power management's control register: sleep type (10 to 12), sleep (13).  Type 0 is off
 *   0xcf9          reset control: hard (1), reset (2) when it is set; for accesses of a byte
 */
#ifndef WS_DEVICES_POWER_PORTS_H
#define WS_DEVICES_POWER_PORTS_H

#include <stdbool.h>
#include <stdint.h>

enum { WS__POWER_CONTROL = 0x604, WS__RESET_CONTROL = 0xcf9 };

/* All zero at reset.  Its owner looks at `off` and `reset` after each write to the bus. */
struct ws__power_ports {
    uint16_t control;
    uint8_t reset_control;
    bool off;
    bool reset;
};

/* For the bus; `chip` is a struct ws__power_ports. */
uint8_t ws__power_ports_read(void *chip, uint16_t port);
void ws__power_ports_write(void *chip, uint16_t port, uint8_t value);

#endif
