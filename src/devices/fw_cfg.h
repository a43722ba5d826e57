/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a guest asks QEMU about the machine: the firmware configuration device.
 *
 * QEMU's documentation, "QEMU Firmware Configuration (fw_cfg) Device".  No file and no DMA.
 *
 *   0x510   write a word: which item      0x511   read: its next byte; behind its end, 0
 *
 *   item 0: "QEMU"; 1: interface version; 3: RAM, 8 bytes; 5, 0x0f: processors, 2 bytes; 0x19: number of files, 4 bytes
 */
#ifndef WS_DEVICES_FW_CFG_H
#define WS_DEVICES_FW_CFG_H

#include <stdint.h>

enum { WS__FW_CFG_SELECT = 0x510, WS__FW_CFG_DATA = 0x511 };

/* All zero at reset. */
struct ws__fw_cfg {
    uint16_t item;
    uint16_t position; /* in it */
};

struct ws__fw_cfg_wire {
    struct ws__fw_cfg *chip;
    uint32_t memory_bytes;
};

/* For the bus; `wire` is a struct ws__fw_cfg_wire.  The selector is a wide port. */
uint8_t ws__fw_cfg_read(void *wire, uint16_t port);
void ws__fw_cfg_select(void *wire, uint16_t port, unsigned bytes, uint32_t value);

#endif
