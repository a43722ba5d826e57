/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's drivers.
 */
#include "kernel.h"

enum {
    PIC_MASTER = 0x20,
    PIC_SLAVE = 0xa0,
    PIT = 0x40,
    PIT_HERTZ = 1193182,
    HERTZ = 1000,
    COM1 = 0x3f8,
    ATA = 0x1f0,
    ATA_CONTROL = 0x3f6,
    RING = 256
};

static struct {
    char byte[RING];
    uint32_t put, taken;
} received;

static uint16_t sector[SECTOR / 2];

static void pic_init(void)
{
    static const uint8_t words[2][4] = {{0x11, 0x20, 4, 1}, {0x11, 0x28, 2, 1}};
    static const uint16_t ports[2] = {PIC_MASTER, PIC_SLAVE};
    for (unsigned i = 0; i < 2; i++) {
        out8(ports[i], words[i][0]);
        for (unsigned word = 1; word < 4; word++)
            out8(ports[i] + 1, words[i][word]);
    }
    out8(PIC_MASTER + 1, (uint8_t) ~(1 << 0 | 1 << 2 | 1 << 4));
    out8(PIC_SLAVE + 1, (uint8_t) ~(1 << 6));
}

static void uart_init(void)
{
    out8(COM1 + 1, 0);
    out8(COM1 + 3, 0x80);
    out8(COM1 + 0, 1);
    out8(COM1 + 1, 0);
    out8(COM1 + 3, 3);
    out8(COM1 + 2, 0xc7);
    out8(COM1 + 4, 0x0b);
    out8(COM1 + 1, 1); /* received data */
}

void chips_init(void)
{
    pic_init();
    out8(PIT + 3, 0x34);
    out8(PIT, (PIT_HERTZ / HERTZ) & 0xff);
    out8(PIT, (PIT_HERTZ / HERTZ) >> 8);
    uart_init();
    out8(ATA_CONTROL, 0);
}

void irq_end(unsigned irq)
{
    if (irq >= 8)
        out8(PIC_SLAVE, 0x20);
    out8(PIC_MASTER, 0x20);
}

void text_out(const char *text, uint32_t size)
{
    while (size--) {
        while (!(in8(COM1 + 5) & 0x20))
            continue;
        out8(COM1, (uint8_t)*text++);
    }
}

void text(const char *text)
{
    const char *end = text;
    while (*end)
        end++;
    text_out(text, (uint32_t)(end - text));
}

/* Fill the ring, then take one from it. */
bool serial_take(char *out)
{
    while (in8(COM1 + 5) & 1 && received.put - received.taken < RING)
        received.byte[received.put++ % RING] = (char)in8(COM1);
    if (received.put == received.taken)
        return false;
    *out = received.byte[received.taken++ % RING];
    return true;
}

void disk_ask(uint32_t number)
{
    while (in8(ATA + 7) & 0x80)
        continue;
    out8(ATA + 6, (uint8_t)(0xe0 | number >> 24));
    out8(ATA + 2, 1);
    out8(ATA + 3, (uint8_t)number);
    out8(ATA + 4, (uint8_t)(number >> 8));
    out8(ATA + 5, (uint8_t)(number >> 16));
    out8(ATA + 7, 0x20);
}

const uint8_t *disk_take(void)
{
    uint16_t *to = sector;
    uint32_t count = SECTOR / 2;
    if ((in8(ATA + 7) & 0x89) != 8)
        return 0;
    __asm__ volatile("rep insw" : "+D"(to), "+c"(count) : "d"(ATA) : "memory");
    return (const uint8_t *)sector;
}
