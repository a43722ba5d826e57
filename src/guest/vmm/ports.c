/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which virtual chip answers at which port.  Where there is none, it is as in a PC without that chip: reads
 * give ones, writes go nowhere.
 */
#include "vmm.h"

enum { DEBUG_EXIT = 0xf4, ATA_DATA = 0x1f0 };

static uint8_t none_in(uint16_t port)
{
    return 0xff;
}

static void none_out(uint16_t port, uint8_t value)
{
}

static const struct chip {
    uint16_t first, last;
    chip_in *in;
    chip_out *out;
} chips[] = {
    {0x20, 0x21, pic_in, pic_out},         {0xa0, 0xa1, pic_in, pic_out},
    {0x40, 0x43, pit_in, pit_out},         {DEBUG_EXIT, DEBUG_EXIT, none_in, exit_out},
    {0x1f1, 0x1f7, ata_in, ata_out},       {0x3f6, 0x3f6, ata_in, ata_out},
    {0x3f8, 0x3ff, serial_in, serial_out}, {0x0000, 0xffff, none_in, none_out},
};

static const struct chip *chip_at(uint16_t port)
{
    const struct chip *chip = chips;

    while (port < chip->first || port > chip->last)
        chip++;
    return chip;
}

/* The disk's data port is 16 bits wide; all other registers are bytes, side by side. */
uint32_t port_in(uint16_t port, unsigned bytes)
{
    uint32_t value = 0;

    breakpoint_access(port, bytes, ACCESS_PORT);
    if (port == ATA_DATA && bytes > 1) {
        value = ata_data_in();
        return bytes == 4 ? value | (uint32_t)ata_data_in() << 16 : value;
    }
    for (unsigned i = 0; i < bytes; i++, port++)
        value |= (uint32_t)chip_at(port)->in(port) << 8 * i;
    return value;
}

void port_out(uint16_t port, uint32_t value, unsigned bytes)
{
    breakpoint_access(port, bytes, ACCESS_PORT);
    if (port == ATA_DATA && bytes > 1) {
        ata_data_out((uint16_t)value);
        if (bytes == 4)
            ata_data_out((uint16_t)(value >> 16));
        return;
    }
    for (unsigned i = 0; i < bytes; i++, port++)
        chip_at(port)->out(port, (uint8_t)(value >> 8 * i));
}
