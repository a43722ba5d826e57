/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text on COM1, which boot/chips.c has set up; and the end of the machine. */
#include "guest/host/cpu.h"
#include "guest/host/host.h"

enum { COM1 = 0x3f8, LINE_STATUS = COM1 + 5, TRANSMITTER_EMPTY = 1 << 5, DEBUG_EXIT = 0xf4 };

void print_bytes(const char *bytes, uint32_t count)
{
    for (; count > 0; count--) {
        while (!(port_read(LINE_STATUS) & TRANSMITTER_EMPTY))
            ;
        port_write(COM1, (uint8_t)*bytes++);
    }
}

void print(const char *text)
{
    while (*text)
        print_bytes(text++, 1);
}

void print_address(uint32_t value)
{
    print("0x");
    for (int shift = 28; shift >= 0; shift -= 4)
        print_bytes(&"0123456789abcdef"[value >> shift & 15], 1);
}

void print_number(uint32_t value)
{
    if (value >= 10)
        print_number(value / 10);
    print_bytes(&"0123456789"[value % 10], 1);
}

/* Where there is no such port, as on most PCs, the machine just stops. */
void machine_leave(uint8_t status)
{
    port_write(DEBUG_EXIT, status);
    halt_for_good();
    __builtin_unreachable();
}

void panic(const char *why)
{
    print("host: ");
    print(why);
    print("; the machine stops\n");
    machine_leave(1);
}
