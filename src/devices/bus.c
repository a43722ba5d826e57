/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The I/O bus.
 */
#include "devices/bus.h"

enum { NOTHING = 0xff };

static const struct ws__bus_row *row_find(const struct ws__bus *bus, uint32_t port)
{
    for (size_t i = 0; i < bus->count; i++) {
        if (port >= bus->row[i].first && port <= bus->row[i].last)
            return &bus->row[i];
    }
    return NULL;
}

uint32_t ws__bus_read(const struct ws__bus *bus, uint16_t port, unsigned bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        uint32_t at =
            (uint32_t)port + i; /* ports do not wrap: above the last one there is no chip */
        const struct ws__bus_row *row = row_find(bus, at);
        uint8_t byte = row && row->read ? row->read(row->chip, (uint16_t)at) : NOTHING;
        value |= (uint32_t)byte << 8 * i;
    }
    return value;
}

void ws__bus_write(const struct ws__bus *bus, uint16_t port, unsigned bytes, uint32_t value)
{
    for (unsigned i = 0; i < bytes; i++) {
        uint32_t at = (uint32_t)port + i;
        const struct ws__bus_row *row = row_find(bus, at);
        if (row && row->write)
            row->write(row->chip, (uint16_t)at, (uint8_t)(value >> 8 * i));
    }
}
