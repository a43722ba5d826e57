/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupt controllers, timer and serial port. */
#include "guest/shared/chips.h"

#include <stddef.h>

#include "guest/shared/cpu.h"

/* Ports. */
enum { MASTER = 0x20, SLAVE = 0xa0, PIT = 0x40, PIT_CONTROL = 0x43, COM1 = 0x3f8 };

/* Written in this order. */
static const struct {
    uint16_t port;
    uint8_t value;
} settings[] = {
    /* 16550 data sheet: 115200 baud, 8 data bits, no parity, 1 stop bit, FIFOs on, no interrupts. */
    {COM1 + 1, 0x00}, /* IER */
    {COM1 + 3, 0x80}, /* LCR: the next two are the divisor */
    {COM1 + 0, 0x01},
    {COM1 + 1, 0x00},
    {COM1 + 3, 0x03}, /* LCR */
    {COM1 + 2, 0x07}, /* FCR */
    {COM1 + 4, 0x03}, /* MCR: DTR, RTS */
    /* 8259A data sheet, "Initialization Command Words": edges, a slave on line 2, 8086 mode. */
    {MASTER, 0x11},
    {MASTER + 1, VECTOR_IRQ},
    {MASTER + 1, 1 << IRQ_CASCADE},
    {MASTER + 1, 0x01},
    {SLAVE, 0x11},
    {SLAVE + 1, VECTOR_IRQ + 8},
    {SLAVE + 1, IRQ_CASCADE},
    {SLAVE + 1, 0x01},
    {MASTER + 1, (uint8_t) ~(1 << IRQ_TIMER | 1 << IRQ_CASCADE)},
    {SLAVE + 1, (uint8_t) ~(1 << (IRQ_DISK - 8))},
    /* 8254 data sheet, "Control Word Format": counter 0, both bytes, mode 2. */
    {PIT_CONTROL, 0x34},
    {PIT, PIT_COUNT & 0xff},
    {PIT, PIT_COUNT >> 8},
};

void chips_init(void)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        port_write(settings[i].port, settings[i].value);
}

void irq_enable(unsigned irq)
{
    port_write(MASTER + 1, port_read(MASTER + 1) & (uint8_t) ~(1u << irq));
}

void irq_end(unsigned irq)
{
    enum { NON_SPECIFIC = 0x20 };

    if (irq >= 8)
        port_write(SLAVE, NON_SPECIFIC);
    port_write(MASTER, NON_SPECIFIC);
}

bool irq_is_spurious(unsigned irq)
{
    enum { READ_IN_SERVICE = 0x0b };
    uint16_t chip = irq < 8 ? MASTER : SLAVE;

    if (irq % 8 != 7)
        return false;
    port_write(chip, READ_IN_SERVICE);
    if (port_read(chip) >> 7)
        return false;
    if (chip == SLAVE)
        irq_end(0); /* the master did see a request: the slave's */
    return true;
}
