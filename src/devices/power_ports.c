/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Off and reset.
 */
#include "devices/power_ports.h"

enum {
    SLEEP_TYPE = 7 << 2, /* as in the upper byte */
    SLEEP = 1 << 5,
    CONTROL_KEPT = 0x1c07, /* `sleep` reads as 0, and so do bits that are not there */
    RESET_HARD = 1 << 1,
    RESET_NOW = 1 << 2
};

uint8_t ws__power_ports_read(void *context, uint16_t port)
{
    const struct ws__power_ports *chip = context;
    if (port == WS__RESET_CONTROL)
        return chip->reset_control;
    return (uint8_t)(chip->control >> (port == WS__POWER_CONTROL ? 0 : 8));
}

void ws__power_ports_write(void *context, uint16_t port, uint8_t value)
{
    struct ws__power_ports *chip = context;
    if (port == WS__RESET_CONTROL) {
        chip->reset |= (value & RESET_NOW) != 0;
        chip->reset_control = value & RESET_HARD;
        return;
    }
    bool upper = port != WS__POWER_CONTROL;
    unsigned shift = upper ? 8 : 0;
    chip->off |= upper && value & SLEEP && !(value & SLEEP_TYPE);
    chip->control = (uint16_t)((chip->control & ~(0xff << shift)) | value << shift) & CONTROL_KEPT;
}
