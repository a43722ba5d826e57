/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a disk says of itself.
 */
#ifndef WS_DEVICES_ATA_ATA_IDENTIFY_H
#define WS_DEVICES_ATA_ATA_IDENTIFY_H

#include <stdint.h>

/* Sectors a track and heads, for addresses by cylinder. */
enum { WS__ATA_HEADS = 16, WS__ATA_TRACK = 63 };

/* Fill 512 bytes for IDENTIFY DEVICE.  `multiple` as READ MULTIPLE has it; `dma_mode` as struct ws__ata has it. */
void ws__ata_identify(uint8_t *sector, uint32_t sectors, uint8_t multiple, uint8_t dma_mode);

#endif
