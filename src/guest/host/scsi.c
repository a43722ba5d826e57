/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scsi layer: what is wanted of a disk becomes a command descriptor block, and goes to the
 * driver that executes such blocks: disk.c or ramdisk.c.
 *
 * SCSI Block Commands - 3 (SBC-3), T10 project 1799-D: "READ (10) command", "WRITE (10) command",
 * "READ CAPACITY (10) command", "SYNCHRONIZE CACHE (10) command".  Numbers are big-endian:
 *
 *      byte 0          1      2 .. 5      6      7 .. 8     9
 *      ┌───────────┬────────┬──────────┬───────┬─────────┬─────────┐
 *      │ operation │ flags  │ sector   │ group │ sectors │ control │
 *      └───────────┴────────┴──────────┴───────┴─────────┴─────────┘
 */
#include "guest/host/disk.h"
#include "guest/shared/memory.h"

static scsi_target *target;

void scsi_init(scsi_target *executes)
{
    target = executes;
}

void scsi_put_32(uint8_t *to, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(to, &value, sizeof value);
}

static uint32_t get_32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

uint32_t scsi_block_sector(const struct scsi_command *command)
{
    return get_32(command->block + 2);
}

uint32_t scsi_block_count(const struct scsi_command *command)
{
    return (uint32_t)command->block[7] << 8 | command->block[8];
}

static bool execute(enum scsi_operation operation, uint32_t sector, uint32_t sectors, enum scsi_direction direction,
                    void *data)
{
    struct scsi_command command = {.direction = (uint8_t)direction, .data = data};

    command.block[0] = (uint8_t)operation;
    scsi_put_32(command.block + 2, sector);
    command.block[7] = (uint8_t)(sectors >> 8);
    command.block[8] = (uint8_t)sectors;
    return target(&command) == SCSI_GOOD;
}

bool scsi_read(uint32_t sector, uint32_t sectors, void *to)
{
    return execute(SCSI_READ, sector, sectors, SCSI_TO_HOST, to);
}

bool scsi_write(uint32_t sector, uint32_t sectors, const void *from)
{
    return execute(SCSI_WRITE, sector, sectors, SCSI_TO_DISK, (void *)from);
}

bool scsi_sync(void)
{
    return execute(SCSI_SYNCHRONIZE_CACHE, 0, 0, SCSI_NOTHING, NULL);
}

/* The answer is the last sector's number, and the size of a sector. */
bool scsi_capacity(uint32_t *sectors)
{
    static uint8_t answer[8];

    if (!execute(SCSI_READ_CAPACITY, 0, 0, SCSI_TO_HOST, answer) || get_32(answer + 4) != SECTOR_BYTES)
        return false;
    *sectors = get_32(answer) + 1;
    return true;
}
