/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual disk: device 0, sectors by LBA, a word at a time.  Its sectors are the host's: the VMM
 * cannot read them, it asks, and waits.
 */
#include "guest/shared/ata.h"
#include "vmm.h"

/* Of the status: "ready" with "seek complete", or alone after an error; of the error. */
enum { READY = 0x50, READY_ONLY = 0x40, ABORTED = 4 };

static struct disk {
    uint8_t task[8]; /* the registers, by port % 8: as written, and then how far the command has come */
    uint8_t status, error, control;
    uint8_t command; /* that goes on */
    unsigned at;     /* the next word in the buffer */
    uint16_t buffer[ATA_SECTOR_WORDS];
} ata = {.status = READY};

static void interrupt(void)
{
    if (!(ata.control & ATA_NO_INTERRUPTS))
        pic_raise(IRQ_DISK);
}

static uint32_t sector(void)
{
    const uint8_t *lba = &ata.task[ATA_LBA_0 % 8];

    return lba[0] | lba[1] << 8 | (uint32_t)lba[2] << 16 | (uint32_t)(lba[3] & 15) << 24;
}

/* One sector of the command is over.  Are there more?  0 of them means 256. */
static bool sectors_left(void)
{
    uint32_t next = sector() + 1;

    memcpy(&ata.task[ATA_LBA_0 % 8], &next, 3);
    ata.task[ATA_DEVICE % 8] = (uint8_t)((ata.task[ATA_DEVICE % 8] & 0xf0) | (next >> 24 & 15));
    return --ata.task[ATA_COUNT % 8] > 0;
}

static void finish(uint8_t error)
{
    ata.error = error;
    ata.status = error ? READY_ONLY | ATA_FAILED : READY;
    ata.command = 0;
    interrupt();
}

/* The host's answer is in the mailbox until the next request. */
static void sector_fetch(void)
{
    if (host_call(HOSTED_DISK_READ, sector())) {
        finish(ABORTED);
        return;
    }
    memcpy(ata.buffer, mailbox()->sector, sizeof ata.buffer);
    ata.at = 0;
    ata.status = READY | ATA_REQUEST;
    interrupt();
}

static void sector_store(void)
{
    memcpy(mailbox()->sector, ata.buffer, sizeof ata.buffer);
    if (host_call(HOSTED_DISK_WRITE, sector())) {
        finish(ABORTED);
    } else if (!sectors_left()) {
        finish(0);
    } else {
        ata.at = 0;
        interrupt();
    }
}

/* ATA/ATAPI-6 §8.15 "IDENTIFY DEVICE": words 49, 60 and 61; how many sectors there are, the host knows. */
static void identity_make(void)
{
    enum { LBA = 1 << 9 };
    uint32_t sectors = host_call(HOSTED_DISK_SIZE, 0);

    memset(ata.buffer, 0, sizeof ata.buffer);
    ata.buffer[49] = LBA;
    ata.buffer[60] = (uint16_t)sectors;
    ata.buffer[61] = (uint16_t)(sectors >> 16);
    ata.status = READY | ATA_REQUEST;
    interrupt();
}

static void command(uint8_t code)
{
    ata.command = code;
    ata.error = 0;
    ata.at = 0;
    if (code == ATA_READ)
        sector_fetch();
    else if (code == ATA_IDENTIFY)
        identity_make();
    else if (code == ATA_WRITE)
        ata.status = READY | ATA_REQUEST; /* the first sector is asked for without an interrupt */
    else
        finish(code == ATA_FLUSH || code == ATA_PARAMETERS || code == ATA_RECALIBRATE ? 0 : ABORTED);
}

uint16_t ata_data_in(void)
{
    uint16_t value;

    if ((ata.command != ATA_READ && ata.command != ATA_IDENTIFY) || !(ata.status & ATA_REQUEST))
        return 0xffff;
    value = ata.buffer[ata.at++];
    if (ata.at < ATA_SECTOR_WORDS)
        return value;
    ata.status = READY;
    if (ata.command == ATA_READ && sectors_left())
        sector_fetch();
    else
        ata.command = 0;
    return value;
}

void ata_data_out(uint16_t value)
{
    if (ata.command != ATA_WRITE || !(ata.status & ATA_REQUEST))
        return;
    ata.buffer[ata.at++] = value;
    if (ata.at == ATA_SECTOR_WORDS)
        sector_store();
}

/* Device 1 is not there: its registers read as 0. */
static bool absent(void)
{
    return ata.task[ATA_DEVICE % 8] >> 4 & 1;
}

uint8_t ata_in(uint16_t port)
{
    if (absent())
        return 0;
    if (port == ATA_CONTROL)
        return ata.status;
    if (port == ATA_COMMAND) {
        pic_lower(IRQ_DISK);
        return ata.status;
    }
    return port == ATA_ERROR ? ata.error : ata.task[port % 8];
}

void ata_out(uint16_t port, uint8_t value)
{
    if (port == ATA_CONTROL) {
        if (value & ATA_RESET) /* the registers say that there is a disk, and no packet device */
            ata = (struct disk){.task = {[ATA_COUNT % 8] = 1, [ATA_LBA_0 % 8] = 1, [ATA_DEVICE % 8] = 0xa0},
                                .status = READY,
                                .error = 1};
        ata.control = value;
    } else if (port != ATA_COMMAND) {
        ata.task[port % 8] = value;
    } else if (!absent()) {
        command(value);
    }
}
