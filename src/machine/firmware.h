/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a PC's firmware and QEMU's multiboot loader leave in memory for a guest to find.
 *
 *   0x00400   the BIOS data area
 *   0x9fc00   the extended BIOS data area, up to WS__LOW_RAM_END
 *   0xcb2b8   the loader's GDT: 8 is flat code, 0x10 flat data
 *   0xf5ba0   the MultiProcessor floating pointer; behind it the table that it points to
 *
 * IBM Personal System/2 and Personal Computer BIOS Interface Technical Reference, "ROM BIOS Data Area";
 * MultiProcessor Specification 1.4 (Intel, order number 242016-006), chapter 4 "MP Configuration Table".
 */
#ifndef WS_MACHINE_FIRMWARE_H
#define WS_MACHINE_FIRMWARE_H

#include <worldswitch/machine.h>

enum {
    WS__EBDA = 0x9fc00,        /* RAM that a guest may use ends here: 639 KiB */
    WS__LOW_RAM_END = 0xa0000, /* a PC's first piece of RAM; then video memory and ROM */
    WS__LOADER_GDT = 0xcb2b8,
    WS__MP_POINTER = 0xf5ba0
};

/* Write all of this, and load GDTR, in a machine that has executed nothing.  WS_OK. */
enum ws_status ws__firmware_write(struct ws_machine *machine);

#endif
