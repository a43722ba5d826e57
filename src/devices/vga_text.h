/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much of a VGA as text needs: where the screen begins in memory, and the cursor.
 *
 * IBM Personal System/2 Hardware Interface Technical Reference, "Video Subsystem".
 *
 *   0x3d4   CRT controller: which register      0x3d5   that register
 *   0x3da   read: vertical retrace (3), not displaying (0)
 *
 *   register 0x0c, 0x0d: where the screen begins, in cells; 0x0e, 0x0f: the cursor's cell
 *
 * The cells themselves are RAM at 0xb8000: a character, then its attribute.
 */
#ifndef WS_DEVICES_VGA_TEXT_H
#define WS_DEVICES_VGA_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/timers/clock.h"

enum { WS__VGA_INDEX = 0x3d4, WS__VGA_DATA = 0x3d5, WS__VGA_STATUS = 0x3da, WS__VGA_REGISTERS = 25 };

struct ws__vga_text {
    uint8_t index;
    uint8_t crtc[WS__VGA_REGISTERS];
};

struct ws__vga_wire {
    struct ws__vga_text *chip;
    const struct ws__clock *clock;
};

/* As firmware leaves it: 80 columns, 25 rows, cursor at the upper left. */
void ws__vga_text_reset(struct ws__vga_text *chip);

/* The first cell of the screen, and the cursor's; from 0xb8000. */
uint32_t ws__vga_text_start(const struct ws__vga_text *chip);
uint32_t ws__vga_text_cursor(const struct ws__vga_text *chip);

/* For the bus; `wire` is a struct ws__vga_wire. */
uint8_t ws__vga_text_read(void *wire, uint16_t port);
void ws__vga_text_write(void *wire, uint16_t port, uint8_t value);

#endif
