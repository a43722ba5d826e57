/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ATA disk on the primary channel, as the host's and the VM's kernel drive it, and as the VMM imitates it:
 * device 0, sectors by LBA, the processor moves the data (PIO), an interrupt for each sector.
 *
 * AT Attachment with Packet Interface - 6 (ATA/ATAPI-6), T13 project 1410D: §9.4 "Non-data command protocol",
 * §9.5 "PIO data-in command protocol", §9.6 "PIO data-out command protocol".
 */
#ifndef WS_GUEST_SHARED_ATA_H
#define WS_GUEST_SHARED_ATA_H

#include <stdbool.h>
#include <stdint.h>

enum { ATA_SECTOR_BYTES = 512, ATA_SECTOR_WORDS = ATA_SECTOR_BYTES / 2 };

/* Ports. */
enum {
    ATA_DATA = 0x1f0,
    ATA_ERROR = 0x1f1,
    ATA_COUNT = 0x1f2,
    ATA_LBA_0 = 0x1f3,
    ATA_LBA_1 = 0x1f4,
    ATA_LBA_2 = 0x1f5,
    ATA_DEVICE = 0x1f6,
    ATA_COMMAND = 0x1f7, /* reading it gives the status, and takes the interrupt request back */
    ATA_CONTROL = 0x3f6  /* reading it gives the status, and does not */
};
/* Bits of the status; of ATA_CONTROL; the device register for device 0, by LBA. */
enum {
    ATA_FAILED = 1 << 0,
    ATA_REQUEST = 1 << 3,
    ATA_FAULT = 1 << 5,
    ATA_BUSY = 1 << 7,
    ATA_NO_INTERRUPTS = 1 << 1,
    ATA_RESET = 1 << 2,
    ATA_DEVICE_0 = 0xe0
};
enum { ATA_RECALIBRATE = 0x10, ATA_READ = 0x20, ATA_WRITE = 0x30, ATA_PARAMETERS = 0x91 };
enum { ATA_FLUSH = 0xe7, ATA_IDENTIFY = 0xec };

/* ata.c, for kernels. */

/* Is there a disk, or anything? */
bool ata_there(void);
void ata_command(uint8_t command, uint32_t sector, uint32_t count);
/* Wait in a loop until it is not busy, and wants data if so told.  false: an error. */
bool ata_poll(bool data);

#endif
