/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sectors of the first ATA disk, by LBA, a word at a time, with an interrupt each.  AT Attachment with
 * Packet Interface - 6 (ATA/ATAPI-6), §9 "Command protocols". */
#include "vm.h"

enum {
    DATA = 0x1f0,
    COUNT = 0x1f2,
    LBA_0 = 0x1f3,
    LBA_1 = 0x1f4,
    LBA_2 = 0x1f5,
    DEVICE = 0x1f6,
    COMMAND = 0x1f7, /* write */
    STATUS = 0x1f7,  /* read: takes the interrupt back, too */
    CONTROL = 0x3f6, /* write */
    ALTERNATE = 0x3f6,
    DEVICE_0_LBA = 0xe0,
    READ_SECTORS = 0x20,
    WRITE_SECTORS = 0x30,
    BUSY = 0x80,
    READY = 0x40,
    REQUEST = 0x08,
    ERROR = 0x01,
    WORDS = 256,
};

static volatile uint32_t interrupts;
static volatile uint8_t interrupt_status;

void disk_interrupt(void)
{
    interrupt_status = port_read(STATUS);
    interrupts++;
}

/* Wait while it is busy; the status, or 0xff if it stays so: nobody is there. */
static uint8_t status_settle(void)
{
    for (unsigned i = 0; i < 100000; i++) {
        uint8_t status = port_read(ALTERNATE);
        if (!(status & BUSY))
            return status;
    }
    return 0xff;
}

bool disk_init(void)
{
    port_write(DEVICE, DEVICE_0_LBA);
    port_write(CONTROL, 0); /* interrupts wanted */
    return (status_settle() & (READY | BUSY)) == READY;
}

static void command(uint8_t code, uint32_t sector)
{
    port_write(DEVICE, (uint8_t)(DEVICE_0_LBA | (sector >> 24 & 15)));
    port_write(COUNT, 1);
    port_write(LBA_0, (uint8_t)sector);
    port_write(LBA_1, (uint8_t)(sector >> 8));
    port_write(LBA_2, (uint8_t)(sector >> 16));
    port_write(COMMAND, code);
}

bool disk_read(uint32_t sector, void *to)
{
    uint32_t words = WORDS, until = interrupts + 1;

    command(READ_SECTORS, sector);
    interrupt_wait(&interrupts, until);
    if (interrupt_status & ERROR || !(interrupt_status & REQUEST))
        return false;
    __asm__ volatile("rep insw" : "+D"(to), "+c"(words) : "d"(DATA) : "memory");
    return true;
}

bool disk_write(uint32_t sector, const void *from)
{
    uint32_t words = WORDS, until = interrupts + 1;

    command(WRITE_SECTORS, sector);
    for (unsigned i = 0; i < 4; i++) /* 400 ns */
        (void)port_read(ALTERNATE);
    if (!(status_settle() & REQUEST))
        return false;
    __asm__ volatile("rep outsw" : "+S"(from), "+c"(words) : "d"(DATA) : "memory");
    interrupt_wait(&interrupts, until);
    return !(interrupt_status & ERROR);
}
