/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IDE bus master's ports, and its way through the table of regions.
 */
#include "devices/ata/bus_master.h"

#include <string.h>

enum {
    COMMAND_START = 1 << 0,
    COMMAND_KEPT = COMMAND_START | 1 << 3,
    STATUS_ACTIVE = 1 << 0,
    STATUS_ERROR = 1 << 1,
    STATUS_INTERRUPT = 1 << 2,
    STATUS_DRIVES = 1 << 5 | 1 << 6, /* software's own notes */
    CHANNEL_PORTS = 8
};

enum { COMMAND, STATUS = 2, TABLE = 4 };

#define REGION_LAST 0x80000000u
#define REGION_EVEN 0xfffffffeu
#define REGION_MOST 0x10000u

/* -- ports ------------------------------------------------------------------------------------- */

bool ws__bus_master_has(void *context, uint16_t port)
{
    const struct ws__bus_master_wire *wire = context;
    uint16_t first = ws__pci_ide_ports(wire->pci);
    return first && port >= first && port - first < WS__BUS_MASTER_PORTS;
}

static uint8_t byte_read(const struct ws__bus_master_channel *channel, unsigned offset)
{
    if (offset >= TABLE)
        return (uint8_t)(channel->table >> 8 * (offset - TABLE));
    return offset == COMMAND ? channel->command : offset == STATUS ? channel->status : 0xff;
}

/* Starting makes it active; it stays so until it is stopped, or until the regions end. */
static void command_write(struct ws__bus_master_channel *channel, uint8_t value)
{
    bool starts = value & ~channel->command & COMMAND_START;
    channel->command = value & COMMAND_KEPT;
    if (starts)
        channel->status |= STATUS_ACTIVE;
    else if (!(value & COMMAND_START))
        channel->status &= (uint8_t)~STATUS_ACTIVE;
}

static void byte_write(struct ws__bus_master_channel *channel, unsigned offset, uint8_t value)
{
    uint8_t cleared = value & (STATUS_ERROR | STATUS_INTERRUPT), status = channel->status;
    if (offset >= TABLE) {
        unsigned shift = 8 * (offset - TABLE);
        channel->table = ((channel->table & ~(0xffu << shift)) | (uint32_t)value << shift) & ~3u;
    } else if (offset == COMMAND) {
        command_write(channel, value);
    } else if (offset == STATUS) {
        channel->status = (uint8_t)((status & ~(cleared | STATUS_DRIVES)) | (value & STATUS_DRIVES));
    }
}

uint32_t ws__bus_master_read(void *context, uint16_t port, unsigned bytes)
{
    const struct ws__bus_master_wire *wire = context;
    unsigned first = port - (unsigned)ws__pci_ide_ports(wire->pci);
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        unsigned at = (first + i) % WS__BUS_MASTER_PORTS;
        value |= (uint32_t)byte_read(&wire->chip->channel[at / CHANNEL_PORTS], at % CHANNEL_PORTS) << 8 * i;
    }
    return value;
}

void ws__bus_master_write(void *context, uint16_t port, unsigned bytes, uint32_t value)
{
    struct ws__bus_master_wire *wire = context;
    unsigned first = port - (unsigned)ws__pci_ide_ports(wire->pci);
    for (unsigned i = 0; i < bytes; i++) {
        unsigned at = (first + i) % WS__BUS_MASTER_PORTS;
        byte_write(&wire->chip->channel[at / CHANNEL_PORTS], at % CHANNEL_PORTS, (uint8_t)(value >> 8 * i));
    }
}

void ws__bus_master_interrupt(struct ws__bus_master_wire *wire, bool level)
{
    struct ws__bus_master *chip = wire->chip;
    if (level && !chip->line)
        chip->channel[0].status |= STATUS_INTERRUPT;
    chip->line = level;
}

/* -- transfers --------------------------------------------------------------------------------- */

bool ws__bus_master_is_ready(const struct ws__bus_master_wire *wire)
{
    return wire->chip->channel[0].status & STATUS_ACTIVE && ws__pci_ide_is_master(wire->pci);
}

void ws__bus_master_begin(const struct ws__bus_master_wire *wire, struct ws__regions *regions)
{
    *regions = (struct ws__regions){.entry = wire->chip->channel[0].table};
}

/* It is not active any more. */
static bool stop(const struct ws__bus_master_wire *wire, uint8_t why)
{
    struct ws__bus_master_channel *channel = &wire->chip->channel[0];
    channel->status = (uint8_t)((channel->status & ~STATUS_ACTIVE) | why);
    return false;
}

/* Go on to the next region. */
static bool region_take(const struct ws__bus_master_wire *wire, struct ws__regions *regions)
{
    uint32_t entry[2];
    if (regions->last)
        return stop(wire, 0);
    if (!wire->read(wire->context, regions->entry, entry, sizeof entry))
        return stop(wire, STATUS_ERROR);
    regions->entry += sizeof entry;
    regions->phys = entry[0] & REGION_EVEN;
    regions->left = entry[1] & (REGION_MOST - 1) & REGION_EVEN;
    regions->left = regions->left ? regions->left : REGION_MOST;
    regions->last = entry[1] & REGION_LAST;
    return true;
}

bool ws__bus_master_move(const struct ws__bus_master_wire *wire, struct ws__regions *regions, void *at, uint32_t bytes,
                         bool to_memory)
{
    uint8_t *byte = at;
    while (bytes) {
        if (!regions->left && !region_take(wire, regions))
            return false;
        uint32_t now = bytes < regions->left ? bytes : regions->left;
        bool moved = to_memory ? wire->write(wire->context, regions->phys, byte, now)
                               : wire->read(wire->context, regions->phys, byte, now);
        if (!moved)
            return stop(wire, STATUS_ERROR);
        regions->phys += now;
        regions->left -= now;
        byte += now;
        bytes -= now;
    }
    return true;
}

void ws__bus_master_end(const struct ws__bus_master_wire *wire, const struct ws__regions *regions)
{
    if (regions->last && !regions->left)
        stop(wire, 0);
}
