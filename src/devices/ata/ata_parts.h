/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the ATA disk share.
 *
 *   ata.c            registers, time, the interrupt
 *   ata_command.c    what each command begins
 *   ata_dma.c        the commands whose sectors the bus master moves
 *   ata_transfer.c   addresses, blocks, the data port
 *   ata_identify.c   what the disk says of itself
 */
#ifndef WS_DEVICES_ATA_ATA_PARTS_H
#define WS_DEVICES_ATA_ATA_PARTS_H

#include "devices/ata/ata.h"

enum {
    STATUS_ERR = 1 << 0,
    STATUS_DRQ = 1 << 3,
    STATUS_DSC = 1 << 4,
    STATUS_DRDY = 1 << 6,
    STATUS_BSY = 1 << 7,
    STATUS_READY = STATUS_DRDY | STATUS_DSC,
    ERROR_ABRT = 1 << 2,
    ERROR_UNC = 1 << 6,
    DEVICE_HEAD = 0x0f,
    DEVICE_DEV = 1 << 4,
    DEVICE_LBA = 1 << 6,
    DEVICE_FIXED = 0xa0, /* obsolete bits that read as ones */
    CONTROL_NIEN = 1 << 1,
    CONTROL_SRST = 1 << 2,
    PASSED = 1,       /* the error register after a diagnostic */
    ALL_SECTORS = 256 /* what a count of 0 means */
};

/* How long the disk takes, in microseconds: it has to seek, or only to go on. */
enum { SEEK_TIME = 100, NEXT_TIME = 10, MICROSECONDS = 1000000 };

/* §9.12 "Signature and persistence" */
void ws__ata_signature(struct ws__ata *chip);

/* Tell the interrupt's line, and the bus master, what INTRQ is. */
void ws__ata_line_update(const struct ws__ata_wire *wire);

/* A command was written. */
void ws__ata_command(struct ws__ata_wire *wire, uint8_t command);
/* It is over. */
void ws__ata_end(struct ws__ata *chip, uint8_t error);
/* It takes time, then comes to `phase`. */
void ws__ata_busy(const struct ws__ata_wire *wire, enum ws__ata_phase phase, unsigned microseconds);

/* Take the address and the count; false: not all of these sectors exist. */
bool ws__ata_range_take(struct ws__ata_wire *wire);
/* A block is there for the guest, or room for one. */
void ws__ata_transfer(struct ws__ata *chip, enum ws__ata_phase phase, unsigned sectors);
/* How many sectors the next block has. */
unsigned ws__ata_block_sectors(const struct ws__ata *chip);
/* Move a block between buffer and disk, and go on. */
void ws__ata_block_read(struct ws__ata_wire *wire);
void ws__ata_block_write(struct ws__ata_wire *wire);
/* So many sectors have passed. */
void ws__ata_sectors_done(struct ws__ata *chip, unsigned sectors);

/* READ DMA or WRITE DMA begins; false: it is aborted. */
bool ws__ata_dma_begin(struct ws__ata_wire *wire, bool to_disk);
/* The time of a transfer has passed: move all sectors. */
void ws__ata_dma_move(struct ws__ata_wire *wire);

#endif
