/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware configuration device.
 */
#include "devices/fw_cfg.h"

#include <stddef.h>

enum { SIGNATURE = 0x554d4551, /* "QEMU" */ VERSION = 1, MEMORY_ITEM = 3, PROCESSORS = 1 };

static const struct {
    uint16_t item;
    uint8_t bytes;
    uint32_t value; /* little-endian; bytes behind it are zero */
} item_row[] = {
    {0x00, 4, SIGNATURE},  {0x01, 4, VERSION},    {MEMORY_ITEM, 8, 0},
    {0x05, 2, PROCESSORS}, {0x0f, 2, PROCESSORS}, {0x19, 4, 0},
};

static uint8_t byte_at(const struct ws__fw_cfg_wire *wire, size_t row)
{
    uint16_t position = wire->chip->position;
    uint32_t value = item_row[row].item == MEMORY_ITEM ? wire->memory_bytes : item_row[row].value;
    return position < item_row[row].bytes && position < sizeof value ? (uint8_t)(value >> 8 * position) : 0;
}

uint8_t ws__fw_cfg_read(void *context, uint16_t port)
{
    const struct ws__fw_cfg_wire *wire = context;
    uint8_t byte = 0;
    (void)port;
    for (size_t i = 0; i < sizeof item_row / sizeof *item_row; i++) {
        if (item_row[i].item == wire->chip->item)
            byte = byte_at(wire, i);
    }
    wire->chip->position += wire->chip->position < UINT16_MAX;
    return byte;
}

void ws__fw_cfg_select(void *context, uint16_t port, unsigned bytes, uint32_t value)
{
    const struct ws__fw_cfg_wire *wire = context;
    (void)port;
    (void)bytes;
    *wire->chip = (struct ws__fw_cfg){.item = (uint16_t)value};
}
