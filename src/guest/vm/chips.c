/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupt controllers, timer and serial port, each initialised: what a loader left is not known. */
#include "guest/text.h"
#include "vm.h"

enum {
    PIC_MASTER = 0x20,
    PIC_SLAVE = 0xa0,
    PIC_ICW1 = 0x11,
    PIC_END = 0x20,
    PIT_COUNTER_0 = 0x40,
    PIT_CONTROL = 0x43,
    PIT_RATE_GENERATOR = 0x34, /* counter 0, both bytes, mode 2 */
    PIT_COUNT = 11932,         /* 1193182 Hz / 100 Hz */
    COM1 = 0x3f8,
    LINE_STATUS = COM1 + 5,
    TRANSMITTER_EMPTY = 1 << 5,
};

volatile uint32_t ticks;

/* Port, value, in this order. */
static const struct {
    uint16_t port;
    uint8_t value;
} setup[] = {
    {PIC_MASTER, PIC_ICW1},
    {PIC_MASTER + 1, VM_VECTOR_IRQ},
    {PIC_MASTER + 1, 1 << 2}, /* a slave at IRQ 2 */
    {PIC_MASTER + 1, 1},      /* 8086 mode */
    {PIC_SLAVE, PIC_ICW1},
    {PIC_SLAVE + 1, VM_VECTOR_IRQ + 8},
    {PIC_SLAVE + 1, 2},
    {PIC_SLAVE + 1, 1},
    {PIC_MASTER + 1, (uint8_t) ~(1 << 0 | 1 << 2)}, /* timer, slave */
    {PIC_SLAVE + 1, (uint8_t) ~(1 << 6)},           /* disk */
    {PIT_CONTROL, PIT_RATE_GENERATOR},
    {PIT_COUNTER_0, PIT_COUNT & 0xff},
    {PIT_COUNTER_0, PIT_COUNT >> 8},
    {COM1 + 1, 0},    /* no interrupts */
    {COM1 + 3, 0x80}, /* the next two set the divisor */
    {COM1 + 0, 1},
    {COM1 + 1, 0},
    {COM1 + 3, 3}, /* 8 data bits, no parity, 1 stop bit */
    {COM1 + 2, 7}, /* FIFOs on and empty */
    {COM1 + 4, 3}, /* ready */
};

void chips_init(void)
{
    for (unsigned i = 0; i < sizeof setup / sizeof setup[0]; i++)
        port_write(setup[i].port, setup[i].value);
}

void interrupt_end(unsigned irq)
{
    if (irq >= 8)
        port_write(PIC_SLAVE, PIC_END);
    port_write(PIC_MASTER, PIC_END);
}

/* `sti` takes effect behind the next instruction: nothing can come between it and `hlt`. */
void interrupt_wait(const volatile uint32_t *counter, uint32_t until)
{
    __asm__ volatile("cli");
    while ((int32_t)(*counter - until) < 0)
        __asm__ volatile("sti; hlt; cli" : : : "memory");
    __asm__ volatile("sti");
}

static void serial_put(void *where, char c)
{
    (void)where;
    while (!(port_read(LINE_STATUS) & TRANSMITTER_EMPTY))
        ;
    port_write(COM1, (uint8_t)c);
}

void say(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    text_format(serial_put, 0, format, values);
    va_end(values);
}
