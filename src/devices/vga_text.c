/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VGA's registers for text.
 */
#include "devices/vga_text.h"

#include <string.h>

enum { START = 0x0c, CURSOR = 0x0e, RETRACE = 1 << 3, BLANK = 1 << 0 };
enum { LINES_HERTZ = 31469, LINES = 449, LINES_SHOWN = 400 };

void ws__vga_text_reset(struct ws__vga_text *chip)
{
    /* mode 3: "CRT Controller Registers", default values */
    static const uint8_t crtc[WS__VGA_REGISTERS] = {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00,
                                                    0x4f, 0x0d, 0x0e, 0x00, 0x00, 0x00, 0x00, 0x9c, 0x8e,
                                                    0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff};
    chip->index = 0;
    memcpy(chip->crtc, crtc, sizeof crtc);
}

static uint32_t pair_get(const struct ws__vga_text *chip, unsigned index)
{
    return (uint32_t)chip->crtc[index] << 8 | chip->crtc[index + 1];
}

uint32_t ws__vga_text_start(const struct ws__vga_text *chip)
{
    return pair_get(chip, START);
}

uint32_t ws__vga_text_cursor(const struct ws__vga_text *chip)
{
    return pair_get(chip, CURSOR);
}

uint8_t ws__vga_text_read(void *context, uint16_t port)
{
    const struct ws__vga_wire *wire = context;
    const struct ws__vga_text *chip = wire->chip;
    if (port == WS__VGA_STATUS) /* guests wait here for the beam; it goes on as time does */
        return ws__clock_ticks(wire->clock, LINES_HERTZ) % LINES < LINES_SHOWN ? 0 : RETRACE | BLANK;
    if (port == WS__VGA_INDEX)
        return chip->index;
    return chip->index < WS__VGA_REGISTERS ? chip->crtc[chip->index] : 0;
}

void ws__vga_text_write(void *context, uint16_t port, uint8_t value)
{
    struct ws__vga_text *chip = ((struct ws__vga_wire *)context)->chip;
    if (port == WS__VGA_INDEX)
        chip->index = value;
    else if (port == WS__VGA_DATA && chip->index < WS__VGA_REGISTERS)
        chip->crtc[chip->index] = value;
}
