/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sectors of the first ATA disk: a command, sleep, look what came of it. */
#include "guest/shared/ata.h"
#include "vm.h"

static volatile uint32_t interrupts;
static volatile uint8_t interrupt_status;

void disk_interrupt(void)
{
    interrupt_status = port_read(ATA_COMMAND);
    interrupts++;
}

bool disk_init(void)
{
    port_write(ATA_CONTROL, 0); /* interrupts wanted */
    return ata_there();
}

bool disk_read(uint32_t sector, void *to)
{
    uint32_t until = interrupts + 1;

    ata_command(ATA_READ, sector, 1);
    interrupt_wait(&interrupts, until);
    if (interrupt_status & ATA_FAILED || !(interrupt_status & ATA_REQUEST))
        return false;
    port_read_words(ATA_DATA, to, ATA_SECTOR_WORDS);
    return true;
}

bool disk_write(uint32_t sector, const void *from)
{
    uint32_t until = interrupts + 1;

    ata_command(ATA_WRITE, sector, 1);
    if (!ata_poll(true))
        return false;
    port_write_words(ATA_DATA, from, ATA_SECTOR_WORDS);
    interrupt_wait(&interrupts, until);
    return !(interrupt_status & ATA_FAILED);
}
