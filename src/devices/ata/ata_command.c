/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of the ATA disk.  Section numbers are those of ATA/ATAPI-6.
 */
#include "devices/ata/ata_identify.h"
#include "devices/ata/ata_parts.h"

#include <stddef.h>

/* -- commands ---------------------------------------------------------------------------------- */

/* A command begins; false: it is aborted. */
typedef bool command_begin(struct ws__ata_wire *wire);

static bool read_begin(struct ws__ata_wire *wire)
{
    wire->chip->block = 1;
    if (!ws__ata_range_take(wire))
        return false;
    ws__ata_busy(wire, WS__ATA_READS, SEEK_TIME);
    return true;
}

static bool write_begin(struct ws__ata_wire *wire)
{
    wire->chip->block = 1;
    wire->chip->to_disk = true;
    if (!ws__ata_range_take(wire))
        return false;
    ws__ata_transfer(wire->chip, WS__ATA_TAKES, 1);
    return true;
}

/* §8.33 "READ MULTIPLE": aborted unless SET MULTIPLE MODE came before. */
static bool read_multiple_begin(struct ws__ata_wire *wire)
{
    wire->chip->block = wire->chip->multiple;
    if (!wire->chip->multiple || !ws__ata_range_take(wire))
        return false;
    ws__ata_busy(wire, WS__ATA_READS, SEEK_TIME);
    return true;
}

static bool write_multiple_begin(struct ws__ata_wire *wire)
{
    wire->chip->block = wire->chip->multiple;
    wire->chip->to_disk = true;
    if (!wire->chip->multiple || !ws__ata_range_take(wire))
        return false;
    ws__ata_transfer(wire->chip, WS__ATA_TAKES, ws__ata_block_sectors(wire->chip));
    return true;
}

static bool read_dma_begin(struct ws__ata_wire *wire)
{
    return ws__ata_dma_begin(wire, false);
}

static bool write_dma_begin(struct ws__ata_wire *wire)
{
    return ws__ata_dma_begin(wire, true);
}

static bool verify_begin(struct ws__ata_wire *wire)
{
    if (!ws__ata_range_take(wire))
        return false;
    ws__ata_busy(wire, WS__ATA_FINISHES, SEEK_TIME);
    return true;
}

/* FLUSH CACHE and others that only take time. */
static bool wait_begin(struct ws__ata_wire *wire)
{
    ws__ata_busy(wire, WS__ATA_FINISHES, NEXT_TIME);
    return true;
}

static bool identify_begin(struct ws__ata_wire *wire)
{
    struct ws__ata *chip = wire->chip;
    ws__ata_identify(chip->buffer, wire->platters.sectors, chip->multiple, chip->dma_mode);
    chip->left = 0;
    ws__ata_transfer(chip, WS__ATA_SENDS, 1);
    chip->interrupt = true;
    return true;
}

/* §8.49 "SET MULTIPLE MODE": a power of two; 0 turns it off. */
static bool set_multiple_begin(struct ws__ata_wire *wire)
{
    uint8_t count = wire->chip->count;
    if (count > WS__ATA_MULTIPLE || (count & (count - 1)))
        return false;
    wire->chip->multiple = count;
    return wait_begin(wire);
}

static bool diagnostic_begin(struct ws__ata_wire *wire)
{
    ws__ata_signature(wire->chip);
    ws__ata_end(wire->chip, 0);
    wire->chip->error = PASSED;
    return true;
}

/* §8.46.11 "Set transfer mode", table 50: PIO, with flow control or without, or multiword DMA.  All take the same time
 * here. */
static bool transfer_mode_set(struct ws__ata *chip)
{
    enum { PIO, PIO_FLOW, MULTIWORD = 4 };
    unsigned kind = chip->count >> 3, mode = chip->count & 7;
    static const uint8_t most[] = {[PIO] = 1, [PIO_FLOW] = 4, [MULTIWORD] = 2};
    if ((kind != PIO && kind != PIO_FLOW && kind != MULTIWORD) || mode > most[kind])
        return false;
    chip->dma_mode = (uint8_t)(kind == MULTIWORD ? 1 << mode : 0);
    return true;
}

/* §8.46 "SET FEATURES": how to transfer, and caches, which there are not. */
static bool set_features_begin(struct ws__ata_wire *wire)
{
    switch (wire->chip->features) {
    case 0x03:
        return transfer_mode_set(wire->chip) && wait_begin(wire);
    case 0x02:
    case 0x55:
    case 0x66:
    case 0x82:
    case 0xaa:
    case 0xcc:
        return wait_begin(wire);
    default:
        return false;
    }
}

/* §8.8 "CHECK POWER MODE": it is always active. */
static bool check_power_begin(struct ws__ata_wire *wire)
{
    wire->chip->count = 0xff;
    return wait_begin(wire);
}

static const struct {
    uint8_t first, last;
    command_begin *begin;
} commands[] = {
    {0x20, 0x21, read_begin},           /* READ SECTOR(S) */
    {0x30, 0x31, write_begin},          /* WRITE SECTOR(S) */
    {0xc4, 0xc4, read_multiple_begin},  /* READ MULTIPLE */
    {0xc5, 0xc5, write_multiple_begin}, /* WRITE MULTIPLE */
    {0xc8, 0xc9, read_dma_begin},       /* READ DMA */
    {0xca, 0xcb, write_dma_begin},      /* WRITE DMA */
    {0xc6, 0xc6, set_multiple_begin},   /* SET MULTIPLE MODE */
    {0xec, 0xec, identify_begin},       /* IDENTIFY DEVICE */
    {0xe7, 0xe7, wait_begin},           /* FLUSH CACHE */
    {0x40, 0x41, verify_begin},         /* READ VERIFY SECTOR(S) */
    {0x10, 0x1f, wait_begin},           /* RECALIBRATE */
    {0x70, 0x7f, wait_begin},           /* SEEK */
    {0x91, 0x91, wait_begin},           /* INITIALIZE DEVICE PARAMETERS */
    {0x90, 0x90, diagnostic_begin},     /* EXECUTE DEVICE DIAGNOSTIC */
    {0xef, 0xef, set_features_begin},   /* SET FEATURES */
    {0xe0, 0xe3, wait_begin},           /* STANDBY IMMEDIATE, IDLE IMMEDIATE, STANDBY, IDLE */
    {0xe5, 0xe5, check_power_begin},    /* CHECK POWER MODE */
};

/* Device 1, which is not there, hears only the diagnostic.  A disk that is busy,
 * or in the middle of a transfer, hears nothing. */
void ws__ata_command(struct ws__ata_wire *wire, uint8_t command)
{
    struct ws__ata *chip = wire->chip;
    bool diagnostic = command == 0x90;
    if (!wire->platters.sectors || chip->status & (STATUS_BSY | STATUS_DRQ) ||
        (chip->device & DEVICE_DEV && !diagnostic))
        return;
    chip->interrupt = chip->to_disk = false;
    ws__ata_line_update(wire); /* it falls, so that what the command ends with is seen to rise */
    chip->error = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (command < commands[i].first || command > commands[i].last)
            continue;
        if (!commands[i].begin(wire))
            break;
        return;
    }
    ws__ata_end(chip, ERROR_ABRT);
}
