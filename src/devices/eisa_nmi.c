/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Software NMI.
 */
#include "devices/eisa_nmi.h"

enum { SOFTWARE_ON = 1 << 1, WRITABLE = 0x0e, ASKED = 1 << 5, NOTHING = 0xff };

void ws__eisa_nmi_reset(struct ws__eisa_nmi *chip)
{
    *chip = (struct ws__eisa_nmi){0};
}

static void line_update(const struct ws__eisa_nmi_wire *wire)
{
    ws__line_set(&wire->line, wire->chip->asked && !wire->chip->held_back);
}

void ws__eisa_nmi_hold_back(void *context, unsigned number, bool high)
{
    const struct ws__eisa_nmi_wire *wire = context;
    (void)number;
    wire->chip->held_back = high;
    line_update(wire);
}

uint8_t ws__eisa_nmi_read(void *context, uint16_t port)
{
    const struct ws__eisa_nmi *chip = ((const struct ws__eisa_nmi_wire *)context)->chip;
    if (port != WS__NMI_CONTROL)
        return NOTHING;
    return chip->control | (chip->asked ? ASKED : 0);
}

void ws__eisa_nmi_write(void *context, uint16_t port, uint8_t value)
{
    const struct ws__eisa_nmi_wire *wire = context;
    struct ws__eisa_nmi *chip = wire->chip;
    if (port == WS__NMI_CONTROL)
        chip->control = value & WRITABLE;
    chip->asked = chip->control & SOFTWARE_ON && (chip->asked || port == WS__NMI_SOFTWARE);
    line_update(wire);
}
