/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks on their way between guest and disk.  Section numbers are those of ATA/ATAPI-6.
 */
#include "devices/ata/ata_identify.h"
#include "devices/ata/ata_parts.h"

/* -- what all commands need -------------------------------------------------------------------- */

void ws__ata_busy(const struct ws__ata_wire *wire, enum ws__ata_phase phase, unsigned microseconds)
{
    struct ws__ata *chip = wire->chip;
    chip->phase = (uint8_t)phase;
    chip->status = STATUS_BSY;
    chip->ready_at = wire->clock->now + ws__clock_time(wire->clock, microseconds, MICROSECONDS);
}

void ws__ata_end(struct ws__ata *chip, uint8_t error)
{
    chip->phase = WS__ATA_IDLE;
    chip->ready_at = WS__NEVER;
    chip->error = error;
    chip->status = error ? STATUS_DRDY | STATUS_ERR : STATUS_READY;
    chip->interrupt = true;
}

void ws__ata_transfer(struct ws__ata *chip, enum ws__ata_phase phase, unsigned sectors)
{
    chip->phase = (uint8_t)phase;
    chip->ready_at = WS__NEVER;
    chip->position = 0;
    chip->filled = (uint16_t)(sectors * WS__SECTOR_BYTES);
    chip->status = STATUS_READY | STATUS_DRQ;
}

unsigned ws__ata_block_sectors(const struct ws__ata *chip)
{
    return chip->left < chip->block ? chip->left : chip->block;
}

/* -- addresses --------------------------------------------------------------------------------- */

/* §6.2 "General feature set": LBA, else cylinder, head and sector.  false: no such sector. */
static bool address_get(const struct ws__ata *chip, uint32_t *lba)
{
    uint32_t head = chip->device & DEVICE_HEAD;
    uint32_t high = chip->address[1] | (uint32_t)chip->address[2] << 8;
    if (chip->device & DEVICE_LBA)
        *lba = head << 24 | high << 8 | chip->address[0];
    else
        *lba = (high * WS__ATA_HEADS + head) * WS__ATA_TRACK + chip->address[0] - 1;
    return chip->device & DEVICE_LBA || (chip->address[0] && chip->address[0] <= WS__ATA_TRACK);
}

/* The registers follow the transfer, so that after an error they say where it happened. */
static void address_set(struct ws__ata *chip)
{
    uint32_t low = chip->lba & 0xff, high = chip->lba >> 8, head = chip->lba >> 24;
    if (!(chip->device & DEVICE_LBA)) {
        uint32_t track = chip->lba / WS__ATA_TRACK;
        low = chip->lba % WS__ATA_TRACK + 1;
        high = track / WS__ATA_HEADS;
        head = track % WS__ATA_HEADS;
    }
    chip->address[0] = (uint8_t)low;
    chip->address[1] = (uint8_t)high;
    chip->address[2] = (uint8_t)(high >> 8);
    chip->device = (uint8_t)((chip->device & ~DEVICE_HEAD) | (head & DEVICE_HEAD));
    chip->count = (uint8_t)chip->left;
}

void ws__ata_sectors_done(struct ws__ata *chip, unsigned sectors)
{
    chip->lba += sectors;
    chip->left -= sectors;
    address_set(chip);
}

bool ws__ata_range_take(struct ws__ata_wire *wire)
{
    struct ws__ata *chip = wire->chip;
    chip->left = chip->count ? chip->count : ALL_SECTORS;
    return address_get(chip, &chip->lba) && chip->lba < wire->platters.sectors &&
           chip->left <= wire->platters.sectors - chip->lba;
}

/* -- transfers --------------------------------------------------------------------------------- */

/* §9.6 "PIO data-in command protocol": INTRQ tells each block. */
void ws__ata_block_read(struct ws__ata_wire *wire)
{
    struct ws__ata *chip = wire->chip;
    unsigned sectors = ws__ata_block_sectors(chip);
    for (unsigned i = 0; i < sectors; i++) {
        uint8_t *to = chip->buffer + i * WS__SECTOR_BYTES;
        if (!wire->platters.read(wire->platters.context, chip->lba + i, to)) {
            ws__ata_end(chip, ERROR_UNC);
            return;
        }
    }
    ws__ata_transfer(chip, WS__ATA_SENDS, sectors);
    chip->interrupt = true;
}

/* §9.7 "PIO data-out command protocol": INTRQ tells each block but the first, and the end. */
void ws__ata_block_write(struct ws__ata_wire *wire)
{
    struct ws__ata *chip = wire->chip;
    for (unsigned i = 0; i < chip->filled / WS__SECTOR_BYTES; i++) {
        const uint8_t *from = chip->buffer + i * WS__SECTOR_BYTES;
        if (!wire->platters.write(wire->platters.context, chip->lba + i, from)) {
            ws__ata_end(chip, ERROR_ABRT);
            return;
        }
    }
    ws__ata_sectors_done(chip, chip->filled / WS__SECTOR_BYTES);
    if (!chip->left) {
        ws__ata_end(chip, 0);
        return;
    }
    ws__ata_transfer(chip, WS__ATA_TAKES, ws__ata_block_sectors(chip));
    chip->interrupt = true;
}

/* The guest has read the last word of a block, or written it. */
static void block_passed(const struct ws__ata_wire *wire)
{
    struct ws__ata *chip = wire->chip;
    if (chip->to_disk) {
        ws__ata_busy(wire, WS__ATA_WRITES, NEXT_TIME);
        return;
    }
    if (chip->left)
        ws__ata_sectors_done(chip, chip->filled / WS__SECTOR_BYTES);
    if (chip->left) {
        ws__ata_busy(wire, WS__ATA_READS, NEXT_TIME);
    } else {
        chip->phase = WS__ATA_IDLE;
        chip->status = STATUS_READY;
    }
}

static uint16_t word_read(const struct ws__ata_wire *wire)
{
    struct ws__ata *chip = wire->chip;
    if (chip->phase != WS__ATA_SENDS || !wire->platters.sectors)
        return 0;
    const uint8_t *from = chip->buffer + chip->position;
    uint16_t word = (uint16_t)(from[0] | from[1] << 8);
    chip->position += 2;
    if (chip->position == chip->filled)
        block_passed(wire);
    return word;
}

static void word_write(const struct ws__ata_wire *wire, uint16_t value)
{
    struct ws__ata *chip = wire->chip;
    if (chip->phase != WS__ATA_TAKES)
        return;
    chip->buffer[chip->position] = (uint8_t)value;
    chip->buffer[chip->position + 1] = (uint8_t)(value >> 8);
    chip->position += 2;
    if (chip->position == chip->filled)
        block_passed(wire);
}

/* The port has sixteen bits: a wider access is words, one behind the other. */
uint32_t ws__ata_data_read(void *wire, uint16_t port, unsigned bytes)
{
    uint32_t value = 0;
    (void)port;
    for (unsigned i = 0; i < bytes; i += 2)
        value |= (uint32_t)word_read(wire) << 8 * i;
    return value;
}

void ws__ata_data_write(void *wire, uint16_t port, unsigned bytes, uint32_t value)
{
    (void)port;
    for (unsigned i = 0; i < bytes; i += 2)
        word_write(wire, (uint16_t)(value >> 8 * i));
}
