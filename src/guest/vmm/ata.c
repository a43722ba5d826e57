/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual disk: device 0, sectors by LBA, a word at a time.  Its sectors are the host's: the VMM
 * cannot read them, it asks, and waits.  AT Attachment with Packet Interface - 6 (ATA/ATAPI-6).
 */
#include "vmm.h"

enum { BASE = 0x1f0, CONTROL = 0x3f6, IRQ = 14, WORDS = HOSTED_SECTOR_BYTES / 2 };
/* Registers, from BASE. */
enum { ERROR = 1, COUNT = 2, LBA_0 = 3, LBA_1 = 4, LBA_2 = 5, DEVICE = 6, COMMAND = 7 };
/* Bits of CONTROL; of the status (READY with "seek complete"); of the error. */
enum {
    NO_INTERRUPT = 2,
    RESET = 4,
    READY = 0x50,
    REQUEST = 8,
    FAILED = 1,
    ABORTED = 4,
    NOT_FOUND = 16
};
enum { READ_SECTORS = 0x20, WRITE_SECTORS = 0x30, FLUSH = 0xe7 };

static struct {
    uint8_t task[8]; /* the registers, as written */
    uint8_t status, error, control;
    uint8_t command; /* that goes on */
    uint32_t sector;
    unsigned left; /* sectors of the command, this one counted */
    unsigned at;   /* the next word in the buffer */
    uint16_t buffer[WORDS];
} ata = {.status = READY};

static void interrupt(void)
{
    if (!(ata.control & NO_INTERRUPT))
        pic_raise(IRQ);
}

static void finish(uint8_t error)
{
    ata.error = error;
    ata.status = READY | (error ? FAILED : 0);
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
    for (unsigned i = 0; i < WORDS; i++)
        ata.buffer[i] = (uint16_t)(mailbox()->sector[2 * i] | mailbox()->sector[2 * i + 1] << 8);
    ata.at = 0;
    ata.status = READY | REQUEST;
    interrupt();
}

static void sector_store(void)
{
    for (unsigned i = 0; i < WORDS; i++) {
        mailbox()->sector[2 * i] = (uint8_t)ata.buffer[i];
        mailbox()->sector[2 * i + 1] = (uint8_t)(ata.buffer[i] >> 8);
    }
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

static void command(uint8_t code)
{
    const uint8_t *task = ata.task;

    ata.command = code;
    ata.error = 0;
    ata.at = 0;
    ata.sector = task[LBA_0] | task[LBA_1] << 8 | (uint32_t)task[LBA_2] << 16 |
                 (uint32_t)(task[DEVICE] & 15) << 24;
    ata.left = task[COUNT] ? task[COUNT] : 256;
    if (code == READ_SECTORS)
        sector_fetch();
    else if (code == WRITE_SECTORS)
        ata.status = READY | REQUEST; /* the first sector is asked for without an interrupt */
    else
        finish(code == FLUSH ? 0 : ABORTED);
}

uint16_t ata_data_in(void)
{
    uint16_t value;

    if (ata.command != READ_SECTORS || !(ata.status & REQUEST))
        return 0xffff;
    value = ata.buffer[ata.at++];
    if (ata.at < WORDS)
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
    if (ata.command != WRITE_SECTORS || !(ata.status & REQUEST))
        return;
    ata.buffer[ata.at++] = value;
    if (ata.at == WORDS)
        sector_store();
}

/* Device 1 is not there: its registers read as 0. */
static bool absent(void)
{
    return ata.task[DEVICE] >> 4 & 1;
}

uint8_t ata_in(uint16_t port)
{
    unsigned number = port - BASE;

    if (absent())
        return 0;
    if (port == CONTROL)
        return ata.status;
    if (number == COMMAND) {
        pic_lower(IRQ);
        return ata.status;
    }
    return number == ERROR ? ata.error : ata.task[number];
}

void ata_out(uint16_t port, uint8_t value)
{
    unsigned number = port - BASE;

    if (port == CONTROL) {
        ata.control = value;
        if (value & RESET)
            ata.status = READY, ata.command = 0, ata.error = 1;
    } else if (number != COMMAND) {
        ata.task[number] = value;
    } else if (!absent()) {
        command(value);
    }
}
