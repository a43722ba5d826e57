/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual disk: device 0, sectors by LBA, a word at a time.  Its sectors are the host's: the VMM
 * cannot read them, it asks, and waits.
 */
#include "guest/shared/ata.h"
#include "vmm.h"

/* Of the status: "ready" with "seek complete"; of the error. */
enum { READY = 0x50, ABORTED = 4, NOT_FOUND = 16 };

static struct {
    uint8_t task[8]; /* the registers as written, by port % 8 */
    uint8_t status, error, control;
    uint8_t command; /* that goes on */
    uint32_t sector;
    unsigned left; /* sectors of the command, this one counted */
    unsigned at;   /* the next word in the buffer */
    uint16_t buffer[ATA_SECTOR_WORDS];
} ata = {.status = READY};

static void interrupt(void)
{
    if (!(ata.control & ATA_NO_INTERRUPTS))
        pic_raise(IRQ_DISK);
}

static void finish(uint8_t error)
{
    ata.error = error;
    ata.status = READY | (error ? ATA_FAILED : 0);
    ata.command = 0;
    interrupt();
}

/* The host's answer is in the mailbox until the next request. */
static void sector_fetch(void)
{
    if (host_call(HOSTED_DISK_READ, ata.sector)) {
        finish(NOT_FOUND);
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
    if (host_call(HOSTED_DISK_WRITE, ata.sector)) {
        finish(NOT_FOUND);
    } else if (--ata.left == 0) {
        finish(0);
    } else {
        ata.sector++;
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
    ata.left = 1;
    ata.status = READY | ATA_REQUEST;
    interrupt();
}

static void command(uint8_t code)
{
    const uint8_t *lba = &ata.task[ATA_LBA_0 % 8];

    ata.command = code;
    ata.error = 0;
    ata.at = 0;
    ata.sector = lba[0] | lba[1] << 8 | (uint32_t)lba[2] << 16 | (uint32_t)(lba[3] & 15) << 24;
    ata.left = ata.task[ATA_COUNT % 8] ? ata.task[ATA_COUNT % 8] : 256;
    if (code == ATA_READ)
        sector_fetch();
    else if (code == ATA_IDENTIFY)
        identity_make();
    else if (code == ATA_WRITE)
        ata.status = READY | ATA_REQUEST; /* the first sector is asked for without an interrupt */
    else
        finish(code == ATA_FLUSH ? 0 : ABORTED);
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
    if (--ata.left == 0) {
        ata.command = 0;
    } else {
        ata.sector++;
        sector_fetch();
    }
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
        ata.control = value;
        if (value & ATA_RESET)
            ata.status = READY, ata.command = 0, ata.error = 1;
    } else if (port != ATA_COMMAND) {
        ata.task[port % 8] = value;
    } else if (!absent()) {
        command(value);
    }
}
