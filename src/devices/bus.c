/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The I/O bus.
 */
#include "devices/bus.h"

enum { NOTHING = 0xff };

/* Whose is this port, in an access of `bytes` bytes? */
static const struct ws__bus_row *row_find(const struct ws__bus *bus, uint32_t port, unsigned bytes)
{
    for (size_t i = 0; i < bus->count; i++) {
        if (port >= bus->row[i].first && port <= bus->row[i].last)
            return bus->row[i].widths & bytes ? &bus->row[i] : NULL;
    }
    return NULL;
}

static const struct ws__bus_wide *wide_find(const struct ws__bus *bus, uint16_t port, unsigned bytes)
{
    for (size_t i = 0; i < bus->wides; i++) {
        const struct ws__bus_wide *wide = &bus->wide[i];
        if (port >= wide->first && port <= wide->last && wide->widths & bytes &&
            (!wide->has || wide->has(wide->chip, port)))
            return wide;
    }
    return NULL;
}

bool ws__bus_has(const struct ws__bus *bus, uint16_t port, unsigned bytes)
{
    return wide_find(bus, port, bytes) || row_find(bus, port, bytes);
}

uint32_t ws__bus_read(const struct ws__bus *bus, uint16_t port, unsigned bytes)
{
    const struct ws__bus_wide *wide = wide_find(bus, port, bytes);
    uint32_t value = 0;
    if (wide && wide->read)
        return wide->read(wide->chip, port, bytes);
    for (unsigned i = 0; i < bytes; i++) {
        uint32_t at = (uint32_t)port + i; /* ports do not wrap: above the last one there is no chip */
        const struct ws__bus_row *row = wide ? NULL : row_find(bus, at, bytes);
        uint8_t byte = row && row->read ? row->read(row->chip, (uint16_t)at) : NOTHING;
        value |= (uint32_t)byte << 8 * i;
    }
    return value;
}

void ws__bus_write(const struct ws__bus *bus, uint16_t port, unsigned bytes, uint32_t value)
{
    const struct ws__bus_wide *wide = wide_find(bus, port, bytes);
    if (wide && wide->write)
        wide->write(wide->chip, port, bytes, value);
    for (unsigned i = 0; !wide && i < bytes; i++) {
        uint32_t at = (uint32_t)port + i;
        const struct ws__bus_row *row = row_find(bus, at, bytes);
        if (row && row->write)
            row->write(row->chip, (uint16_t)at, (uint8_t)(value >> 8 * i));
    }
}
