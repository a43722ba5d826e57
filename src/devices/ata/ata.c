/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers of the ATA disk.  Section numbers are those of ATA/ATAPI-6.
 */
#include "devices/ata/ata_parts.h"

#include <string.h>

enum { DATA, ERROR_FEATURES, COUNT, LBA_LOW, LBA_MIDDLE, LBA_HIGH, DEVICE, STATUS_COMMAND };

void ws__ata_signature(struct ws__ata *chip)
{
    chip->count = chip->address[0] = 1;
    chip->address[1] = chip->address[2] = 0;
    chip->device = 0;
    chip->error = PASSED;
}

void ws__ata_reset(struct ws__ata *chip)
{
    memset(chip, 0, sizeof *chip);
    ws__ata_signature(chip);
    chip->status = STATUS_READY;
    chip->ready_at = WS__NEVER;
}

void ws__ata_line_update(const struct ws__ata_wire *wire)
{
    const struct ws__ata *chip = wire->chip;
    bool enabled = !(chip->control & CONTROL_NIEN) && !(chip->device & DEVICE_DEV);
    ws__line_set(&wire->line, chip->interrupt && enabled);
    if (wire->bus_master)
        ws__bus_master_interrupt(wire->bus_master, chip->interrupt && enabled);
}

/* -- time -------------------------------------------------------------------------------------- */

void ws__ata_run(struct ws__ata_wire *wire)
{
    struct ws__ata *chip = wire->chip;
    if (chip->ready_at <= wire->clock->now) {
        if (chip->phase == WS__ATA_READS)
            ws__ata_block_read(wire);
        else if (chip->phase == WS__ATA_WRITES)
            ws__ata_block_write(wire);
        else if (chip->phase == WS__ATA_MOVES)
            ws__ata_dma_move(wire);
        else
            ws__ata_end(chip, 0);
    }
    ws__ata_line_update(wire);
}

uint64_t ws__ata_due(const struct ws__ata_wire *wire)
{
    return wire->chip->control & CONTROL_NIEN ? WS__NEVER : wire->chip->ready_at;
}

/* -- registers --------------------------------------------------------------------------------- */

/* §9.2 "Software reset protocol": busy as long as the bit is set. */
static void control_write(struct ws__ata_wire *wire, uint8_t value)
{
    struct ws__ata *chip = wire->chip;
    bool begins = value & ~chip->control & CONTROL_SRST, ends = chip->control & ~value & CONTROL_SRST;
    chip->control = value & (CONTROL_NIEN | CONTROL_SRST);
    if (begins) {
        chip->phase = WS__ATA_IDLE;
        chip->ready_at = WS__NEVER;
        chip->interrupt = false;
        chip->status = STATUS_BSY;
    } else if (ends) {
        ws__ata_signature(chip);
        chip->multiple = 0;
        chip->status = STATUS_READY;
    }
}

/* §9.16.1 "Device 0 only configurations": it answers for device 1, with 0. */
static uint8_t status_read(const struct ws__ata_wire *wire)
{
    return wire->chip->device & DEVICE_DEV ? 0 : wire->chip->status;
}

uint8_t ws__ata_read(void *context, uint16_t port)
{
    const struct ws__ata_wire *wire = context;
    struct ws__ata *chip = wire->chip;
    unsigned index = port & 7;
    if (!wire->platters.sectors)
        return 0; /* the pull-down on DD7 says at least "not busy" */
    if (port == WS__ATA_CONTROL)
        return status_read(wire);
    switch (index) {
    case DATA:
        return 0xff; /* it is 16 bits wide */
    case ERROR_FEATURES:
        return chip->error;
    case COUNT:
        return chip->count;
    case DEVICE:
        return chip->device | DEVICE_FIXED;
    case STATUS_COMMAND:
        chip->interrupt = chip->interrupt && chip->device & DEVICE_DEV;
        ws__ata_line_update(wire);
        return status_read(wire);
    default:
        return chip->address[index - LBA_LOW];
    }
}

void ws__ata_write(void *context, uint16_t port, uint8_t value)
{
    struct ws__ata_wire *wire = context;
    struct ws__ata *chip = wire->chip;
    unsigned index = port & 7;
    if (port == WS__ATA_CONTROL)
        control_write(wire, value);
    else if (index == STATUS_COMMAND)
        ws__ata_command(wire, value);
    else if (index == ERROR_FEATURES)
        chip->features = value;
    else if (index == COUNT)
        chip->count = value;
    else if (index == DEVICE)
        chip->device = value;
    else if (index != DATA)
        chip->address[index - LBA_LOW] = value;
    ws__ata_line_update(wire);
}
