/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands to the ATA disk.  What comes of them is its interrupt handler's, which each kernel has. */
#include "guest/shared/ata.h"

#include "guest/shared/cpu.h"

/* 400 ns, until the status is valid: four reads of a register take at least that. */
static void settle(void)
{
    for (unsigned i = 0; i < 4; i++)
        port_read(ATA_CONTROL);
}

/* An empty channel reads 0, or all ones. */
bool ata_there(void)
{
    uint8_t status;

    port_write(ATA_DEVICE, ATA_DEVICE_0);
    settle();
    status = port_read(ATA_COMMAND);
    return status != 0 && status != 0xff;
}

void ata_command(uint8_t command, uint32_t sector, uint32_t count)
{
    port_write(ATA_DEVICE, (uint8_t)(ATA_DEVICE_0 | (sector >> 24 & 0x0f)));
    port_write(ATA_COUNT, (uint8_t)count);
    port_write(ATA_LBA_0, (uint8_t)sector);
    port_write(ATA_LBA_1, (uint8_t)(sector >> 8));
    port_write(ATA_LBA_2, (uint8_t)(sector >> 16));
    port_write(ATA_COMMAND, command);
}

bool ata_poll(bool data)
{
    uint8_t status;

    settle();
    do {
        status = port_read(ATA_CONTROL);
        if (!(status & ATA_BUSY) && status & (ATA_FAILED | ATA_FAULT))
            return false;
    } while (status & ATA_BUSY || (data && !(status & ATA_REQUEST)));
    return true;
}
