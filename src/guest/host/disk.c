/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disk: it executes SCSI commands with an ATA disk on the primary channel, and the processor moves
 * the data (PIO), one sector an interrupt.
 *
 * Who asks sleeps until disk_interrupt() wakes him.  That runs in whatever thread is current, or in the
 * VMX's when the interrupt came while the VMM's world was there; so everything it touches is in the
 * kernel half.
 */
#include "guest/host/disk.h"
#include "guest/host/host.h"
#include "guest/shared/ata.h"

static uint32_t capacity; /* sectors */

/* The command that is on its way; one at a time, since the file system lets one process in. */
static struct {
    uint8_t *at;   /* where the next sector goes, or comes from */
    uint32_t left; /* sectors */
    uint8_t direction;
    uint8_t status; /* as SCSI has it */
    volatile bool done;
} request;

bool disk_init(void)
{
    uint16_t identity[ATA_SECTOR_WORDS];

    if (!ata_there())
        return false;
    port_write(ATA_CONTROL, ATA_NO_INTERRUPTS);
    port_write(ATA_COMMAND, ATA_IDENTIFY);
    if (!ata_poll(true))
        return false; /* a CD drive, for instance */
    port_read_words(ATA_DATA, identity, ATA_SECTOR_WORDS);
    /* §8.15 "IDENTIFY DEVICE": words 60 and 61. */
    capacity = (uint32_t)identity[61] << 16 | identity[60];
    port_read(ATA_COMMAND);
    port_write(ATA_CONTROL, 0);
    return true;
}

/* -- from SCSI to ATA -------------------------------------------------------------------------- */

static uint8_t capacity_tell(struct scsi_command *command)
{
    scsi_put_32(command->data, capacity - 1);
    scsi_put_32(command->data + 4, SECTOR_BYTES);
    return SCSI_GOOD;
}

static void sector_send(void)
{
    port_write_words(ATA_DATA, request.at, ATA_SECTOR_WORDS);
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
    ata_command(ata, scsi_block_sector(command), scsi_block_count(command));
    /* The first sector is asked for without an interrupt. */
    if (command->direction == SCSI_TO_DISK && ata_poll(true))
        sector_send();
    while (!request.done)
        thread_wait(&request, WAIT_FOREVER);
    interrupts_restore(eflags);
    return request.status;
}

uint8_t disk_execute(struct scsi_command *command)
{
    static const uint8_t ata[] = {
        [SCSI_READ] = ATA_READ, [SCSI_WRITE] = ATA_WRITE, [SCSI_SYNCHRONIZE_CACHE] = ATA_FLUSH};
    uint8_t operation = command->block[0];

    if (operation == SCSI_READ_CAPACITY)
        return capacity_tell(command);
    return operation < sizeof ata && ata[operation] ? perform(command, ata[operation]) : SCSI_CHECK_CONDITION;
}

/* -- the interrupt handler --------------------------------------------------------------------- */

/* One sector is over, or a command without data.  Returns whether that was all. */
static bool request_advance(uint8_t status)
{
    if (status & (ATA_FAILED | ATA_FAULT)) {
        request.status = SCSI_CHECK_CONDITION;
        return true;
    }
    if (request.direction == SCSI_TO_HOST) {
        port_read_words(ATA_DATA, request.at, ATA_SECTOR_WORDS);
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
    uint8_t status = port_read(ATA_COMMAND);

    if (request.done || status & ATA_BUSY)
        return; /* it was not about a command of ours */
    request.done = request_advance(status);
    if (request.done)
        thread_wake(&request);
}
