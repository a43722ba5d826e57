/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text on COM1, which the start stub has set up.  All worlds print to the same wire. */
#include "kernel.h"

enum { COM1 = 0x3f8, LINE_STATUS = COM1 + 5, TRANSMITTER_EMPTY = 1 << 5 };

static void print_char(char c)
{
    while (!(port_read(LINE_STATUS) & TRANSMITTER_EMPTY))
        ;
    port_write(COM1, (uint8_t)c);
}

void print(const char *text)
{
    while (*text)
        print_char(*text++);
}

static void print_digits(uint32_t value, unsigned digits)
{
    print("0x");
    while (digits-- > 0)
        print_char("0123456789abcdef"[value >> 4 * digits & 15]);
}

void print_hex(uint32_t value)
{
    unsigned digits = 1;

    while (digits < 8 && value >> 4 * digits)
        digits++;
    print_digits(value, digits);
}

void print_address(uint32_t value)
{
    print_digits(value, 8);
}

void print_number(uint32_t value)
{
    if (value >= 10)
        print_number(value / 10);
    print_char((char)('0' + value % 10));
}

void print_world(void)
{
    print(resident.name);
    print(": ");
}
