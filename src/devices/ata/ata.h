/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The primary ATA channel: one disk, read and written by the processor itself (PIO), or by the bus master (DMA).
 *
 * AT Attachment with Packet Interface - 6 (ATA/ATAPI-6), T13 project 1410D, revision 3b.
 *
 *           read              write
 *   0x1f0   data, 16 bits     data
 *   0x1f1   error             features
 *   0x1f2   sector count      sector count
 *   0x1f3   LBA 7..0          LBA 7..0, or sector
 *   0x1f4   LBA 15..8         LBA 15..8, or cylinder low
 *   0x1f5   LBA 23..16        LBA 23..16, or cylinder high
 *   0x1f6   device            device: LBA 27..24 or head (3..0), device 1 (4), LBA (6)
 *   0x1f7   status, which takes INTRQ back    command
 *   0x3f6   status, which does not            device control: nIEN (1), SRST (2)
 *
 * There is no device 1: as long as it is selected, status reads 0.  Without a disk all registers
 * do.
 */
#ifndef WS_DEVICES_ATA_ATA_H
#define WS_DEVICES_ATA_ATA_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/ata/bus_master.h"
#include "devices/line.h"
#include "devices/timers/clock.h"

enum {
    WS__ATA_FIRST = 0x1f0,
    WS__ATA_LAST = 0x1f7,
    WS__ATA_CONTROL = 0x3f6,
    WS__SECTOR_BYTES = 512,
    WS__ATA_MULTIPLE = 16 /* sectors a block, at most */
};

/* What a command that is not over will do next. */
enum ws__ata_phase {
    WS__ATA_IDLE,
    WS__ATA_READS,    /* busy: a block is on its way from the disk */
    WS__ATA_SENDS,    /* the guest reads the buffer */
    WS__ATA_TAKES,    /* the guest fills the buffer */
    WS__ATA_WRITES,   /* busy: the block is on its way to the disk */
    WS__ATA_FINISHES, /* busy: then the command is over */
    WS__ATA_WAITS,    /* for the bus master */
    WS__ATA_MOVES     /* busy: the bus master moves the sectors */
};

struct ws__ata {
    uint64_t ready_at; /* busy until then; WS__NEVER: not busy */
    uint32_t lba;      /* the next sector */
    uint32_t left;     /* sectors that follow, the present block included */
    uint16_t position; /* in the buffer, in bytes */
    uint16_t filled;   /* the present block, in bytes */
    uint8_t features;
    uint8_t error;
    uint8_t count;
    uint8_t address[3]; /* LBA 7..0, 15..8, 23..16; or sector, cylinder low and high */
    uint8_t device;
    uint8_t status;
    uint8_t control;
    uint8_t phase;    /* enum ws__ata_phase */
    uint8_t multiple; /* sectors a block of READ MULTIPLE; 0: not set */
    uint8_t dma_mode; /* a bit, 1 << the multiword DMA mode that the guest has chosen; 0: none */
    uint8_t block;    /* sectors a block of this command */
    bool to_disk;     /* this command writes */
    bool interrupt;   /* INTRQ */
    uint8_t buffer[WS__ATA_MULTIPLE * WS__SECTOR_BYTES];
};

/* The platters.  Not part of the chip. */
struct ws__platters {
    uint32_t sectors; /* 0: there is no disk */
    void *context;
    /* false: it failed */
    bool (*read)(void *context, uint32_t lba, uint8_t *sector);
    bool (*write)(void *context, uint32_t lba, const uint8_t *sector);
};

struct ws__ata_wire {
    struct ws__ata *chip;
    const struct ws__clock *clock;
    struct ws__platters platters;
    struct ws__line line;                   /* IRQ 14 */
    struct ws__bus_master_wire *bus_master; /* NULL: there is none */
};

/* As firmware leaves it: device 0 selected, ready. */
void ws__ata_reset(struct ws__ata *chip);

/* Do what is due, and tell IRQ 14. */
void ws__ata_run(struct ws__ata_wire *wire);
/* When INTRQ will rise; WS__NEVER if it will not by itself. */
uint64_t ws__ata_due(const struct ws__ata_wire *wire);

/* The guest has written to a port of the disk, of the bus master, or of PCI: if disk and bus master have been waiting
 * for each other, a transfer begins. */
void ws__ata_dma_consider(struct ws__ata_wire *wire);
/* When it will write memory, or read it, whether or not an interrupt tells; WS__NEVER if it will not. */
uint64_t ws__ata_dma_due(const struct ws__ata_wire *wire);

/* For the bus; `wire` is a struct ws__ata_wire.  The data port is a wide one. */
uint8_t ws__ata_read(void *wire, uint16_t port);
void ws__ata_write(void *wire, uint16_t port, uint8_t value);
uint32_t ws__ata_data_read(void *wire, uint16_t port, unsigned bytes);
void ws__ata_data_write(void *wire, uint16_t port, unsigned bytes, uint32_t value);

#endif
