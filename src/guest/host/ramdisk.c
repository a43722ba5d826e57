/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk that is memory: the initial one, which the kernel carries, for machines without a disk. */
#include "guest/host/disk.h"
#include "guest/host/host.h"

static uint8_t transfer(struct scsi_command *command)
{
    uint32_t sector = scsi_block_sector(command), count = scsi_block_count(command);
    uint32_t sectors = (uint32_t)(initial_disk_end - initial_disk) / SECTOR_BYTES;
    uint8_t *there = initial_disk + sector * SECTOR_BYTES;

    if (sector > sectors || count > sectors - sector)
        return SCSI_CHECK_CONDITION;
    if (command->direction == SCSI_TO_HOST)
        memcpy(command->data, there, count * SECTOR_BYTES);
    else
        memcpy(there, command->data, count * SECTOR_BYTES);
    return SCSI_GOOD;
}

uint8_t ramdisk_execute(struct scsi_command *command)
{
    uint8_t operation = command->block[0];

    if (operation == SCSI_READ || operation == SCSI_WRITE)
        return transfer(command);
    return operation == SCSI_SYNCHRONIZE_CACHE ? SCSI_GOOD : SCSI_CHECK_CONDITION;
}
