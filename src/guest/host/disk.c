/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disk: it executes SCSI commands with an ATA disk on the primary channel, and the processor moves
 * the data (PIO), one sector an interrupt.
 *
 * AT Attachment with Packet Interface - 6 (ATA/ATAPI-6), T13 project 1410D: §9.5 "PIO data-in command
 * protocol", §9.6 "PIO data-out command protocol", §9.4 "Non-data command protocol".
 *
 * Who asks sleeps until disk_interrupt() wakes him.  That runs in whatever process is current, or in the
 * VMX's when the interrupt came while the VMM's world was there; so everything it touches is in the
 * kernel half.
 */
#include "guest/host/cpu.h"
#include "guest/host/disk.h"
#include "guest/host/host.h"

enum {
    DATA = 0x1f0,
    COUNT = 0x1f2,
    SECTOR_LOW = 0x1f3,
    SECTOR_MIDDLE = 0x1f4,
    SECTOR_HIGH = 0x1f5,
    DEVICE = 0x1f6,
    COMMAND = 0x1f7, /* reading it gives the status, and takes the interrupt request back */
    CONTROL = 0x3f6, /* reading it gives the status, and does not */

    STATUS_ERROR = 1 << 0,
    STATUS_REQUEST = 1 << 3,
    STATUS_FAULT = 1 << 5,
    STATUS_BUSY = 1 << 7,

    DEVICE_BY_SECTOR = 0xe0, /* device 0, LBA */
    CONTROL_NO_INTERRUPTS = 1 << 1,

    READ_SECTORS = 0x20,
    WRITE_SECTORS = 0x30,
    FLUSH_CACHE = 0xe7,
    IDENTIFY_DEVICE = 0xec,

    WORDS = SECTOR_BYTES / 2,
};

static uint32_t capacity; /* sectors */

/* The command that is on its way; one at a time, since the file system lets one process in. */
static struct {
    uint8_t *at;   /* where the next sector goes, or comes from */
    uint32_t left; /* sectors */
    uint8_t direction;
    uint8_t status; /* as SCSI has it */
    volatile bool done;
} request;

/* 400 ns, until the status is valid: four reads of a register take at least that. */
static void settle(void)
{
    for (unsigned i = 0; i < 4; i++)
        port_read(CONTROL);
}

/* Wait in a loop until it is not busy, and wants data if so told.  false: an error. */
static bool poll(bool data)
{
    uint8_t status;

    settle();
    do {
        status = port_read(CONTROL);
        if (!(status & STATUS_BUSY) && status & (STATUS_ERROR | STATUS_FAULT))
            return false;
    } while (status & STATUS_BUSY || (data && !(status & STATUS_REQUEST)));
    return true;
}

bool disk_init(void)
{
    uint16_t identity[WORDS];

    port_write(DEVICE, DEVICE_BY_SECTOR);
    settle();
    /* An empty channel reads 0, or all ones. */
    if (port_read(COMMAND) == 0 || port_read(COMMAND) == 0xff)
        return false;
    port_write(CONTROL, CONTROL_NO_INTERRUPTS);
    port_write(COMMAND, IDENTIFY_DEVICE);
    if (!poll(true))
        return false; /* a CD drive, for instance */
    port_read_words(DATA, identity, WORDS);
    /* §8.15 "IDENTIFY DEVICE": words 60 and 61. */
    capacity = (uint32_t)identity[61] << 16 | identity[60];
    port_read(COMMAND);
    port_write(CONTROL, 0);
    return true;
}

/* -- from SCSI to ATA -------------------------------------------------------------------------- */

static uint8_t capacity_tell(struct scsi_command *command)
{
    scsi_put_32(command->data, capacity - 1);
    scsi_put_32(command->data + 4, SECTOR_BYTES);
    return SCSI_GOOD;
}

static void command_give(const struct scsi_command *command, uint8_t ata)
{
    uint32_t sector = scsi_block_sector(command);

    port_write(DEVICE, (uint8_t)(DEVICE_BY_SECTOR | (sector >> 24 & 0x0f)));
    port_write(COUNT, (uint8_t)scsi_block_count(command));
    port_write(SECTOR_LOW, (uint8_t)sector);
    port_write(SECTOR_MIDDLE, (uint8_t)(sector >> 8));
    port_write(SECTOR_HIGH, (uint8_t)(sector >> 16));
    port_write(COMMAND, ata);
}

static void sector_send(void)
{
    port_write_words(DATA, request.at, WORDS);
    request.at += SECTOR_BYTES;
}

/* Let the disk do it, and sleep until it has. */
static uint8_t perform(struct scsi_command *command, uint8_t ata)
{
    uint32_t eflags = interrupts_off();

    request.at = command->data;
    request.left = scsi_block_count(command);
    request.direction = command->direction;
    request.status = SCSI_GOOD;
    request.done = false;
    command_give(command, ata);
    /* The first sector is asked for without an interrupt. */
    if (command->direction == SCSI_TO_DISK && poll(true))
        sector_send();
    while (!request.done)
        process_wait(&request, WAIT_FOREVER);
    interrupts_restore(eflags);
    return request.status;
}

uint8_t disk_execute(struct scsi_command *command)
{
    switch (command->block[0]) {
    case SCSI_READ:
        return perform(command, READ_SECTORS);
    case SCSI_WRITE:
        return perform(command, WRITE_SECTORS);
    case SCSI_SYNCHRONIZE_CACHE:
        return perform(command, FLUSH_CACHE);
    case SCSI_READ_CAPACITY:
        return capacity_tell(command);
    default:
        return SCSI_CHECK_CONDITION;
    }
}

/* -- the interrupt handler --------------------------------------------------------------------- */

/* One sector is over, or a command without data.  Returns whether that was all. */
static bool request_advance(uint8_t status)
{
    if (status & (STATUS_ERROR | STATUS_FAULT)) {
        request.status = SCSI_CHECK_CONDITION;
        return true;
    }
    if (request.direction == SCSI_TO_HOST) {
        port_read_words(DATA, request.at, WORDS);
        request.at += SECTOR_BYTES;
    }
    if (!request.left || --request.left == 0)
        return true;
    if (request.direction == SCSI_TO_DISK)
        sector_send();
    return false;
}

void disk_interrupt(void)
{
    uint8_t status = port_read(COMMAND);

    if (request.done || status & STATUS_BUSY)
        return; /* it was not about a command of ours */
    request.done = request_advance(status);
    if (request.done)
        process_wake(&request);
}
