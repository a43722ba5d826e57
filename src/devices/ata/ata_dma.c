/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ DMA and WRITE DMA: the bus master moves the sectors.  Section numbers are those of ATA/ATAPI-6.
 *
 *   command ──► waits ── the bus master is started ──► moves ── time passes ──► all sectors at once ──► over
 *                 ▲                                      │
 *                 └──────── it was stopped, or its regions were too small
 *
 * §9.10 "DMA command protocol"
 */
#include "devices/ata/ata_parts.h"

/* It asks for a transfer (DMARQ), and waits until the bus master comes. */
static void wait(struct ws__ata *chip)
{
    chip->phase = WS__ATA_WAITS;
    chip->ready_at = WS__NEVER;
    chip->status = STATUS_READY | STATUS_DRQ;
}

bool ws__ata_dma_begin(struct ws__ata_wire *wire, bool to_disk)
{
    wire->chip->to_disk = to_disk;
    if (!wire->bus_master || !ws__ata_range_take(wire))
        return false;
    wait(wire->chip);
    return true;
}

void ws__ata_dma_consider(struct ws__ata_wire *wire)
{
    struct ws__ata *chip = wire->chip;
    if (chip->phase == WS__ATA_WAITS && ws__bus_master_is_ready(wire->bus_master))
        ws__ata_busy(wire, WS__ATA_MOVES, SEEK_TIME + chip->left * NEXT_TIME);
}

uint64_t ws__ata_dma_due(const struct ws__ata_wire *wire)
{
    return wire->chip->phase == WS__ATA_MOVES ? wire->chip->ready_at : WS__NEVER;
}

/* How a sector's way ended. */
enum passage { PASSED_ON, STOPPED, FAILED };

static enum passage sector_pass(const struct ws__ata_wire *wire, struct ws__regions *regions)
{
    const struct ws__platters *platters = &wire->platters;
    const struct ws__ata *chip = wire->chip;
    uint8_t sector[WS__SECTOR_BYTES];
    if (!chip->to_disk && !platters->read(platters->context, chip->lba, sector))
        return FAILED;
    if (!ws__bus_master_move(wire->bus_master, regions, sector, sizeof sector, !chip->to_disk))
        return STOPPED;
    return chip->to_disk && !platters->write(platters->context, chip->lba, sector) ? FAILED : PASSED_ON;
}

void ws__ata_dma_move(struct ws__ata_wire *wire)
{
    struct ws__ata *chip = wire->chip;
    struct ws__regions regions;
    enum passage passage = ws__bus_master_is_ready(wire->bus_master) ? PASSED_ON : STOPPED;
    ws__bus_master_begin(wire->bus_master, &regions);
    while (chip->left && passage == PASSED_ON) {
        passage = sector_pass(wire, &regions);
        if (passage == PASSED_ON)
            ws__ata_sectors_done(chip, 1);
    }
    if (passage == STOPPED) {
        wait(chip);
        return;
    }
    if (passage == PASSED_ON)
        ws__bus_master_end(wire->bus_master, &regions);
    ws__ata_end(chip, passage == PASSED_ON ? 0 : chip->to_disk ? ERROR_ABRT : ERROR_UNC);
}
