/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The board's own ports.
 */
#include "devices/system_ports.h"

enum {
    GATE = 1 << 0,
    PORT61_WRITABLE = 0x0f,
    REFRESH = 1 << 4,
    OUTPUT = 1 << 5,
    REFRESH_TICKS = 18, /* of the timer: once, each of them refreshed a row of memory */
    FAST_RESET = 1 << 0,
    A20 = 1 << 1
};

void ws__system_ports_reset(struct ws__system_ports *chip)
{
    *chip = (struct ws__system_ports){.port92 = A20};
}

uint8_t ws__system_ports_read(void *context, uint16_t port)
{
    const struct ws__system_wire *wire = context;
    if (port != WS__PORT_61)
        return port == WS__PORT_92 ? wire->chip->port92 : 0xff;
    uint64_t refreshes = ws__clock_ticks(wire->pit->clock, WS__PIT_HERTZ) / REFRESH_TICKS;
    return wire->chip->port61 | (refreshes & 1 ? REFRESH : 0) | (ws__pit8254_output(wire->pit) ? OUTPUT : 0);
}

void ws__system_ports_write(void *context, uint16_t port, uint8_t value)
{
    const struct ws__system_wire *wire = context;
    struct ws__system_ports *chip = wire->chip;
    if (port == WS__PORT_61) {
        chip->port61 = value & PORT61_WRITABLE;
        ws__pit8254_gate(wire->pit, value & GATE);
    } else if (port == WS__PORT_92) {
        chip->reset |= (value & ~chip->port92 & FAST_RESET) != 0;
        chip->port92 = value & (FAST_RESET | A20);
    } else {
        chip->post = value;
    }
}
