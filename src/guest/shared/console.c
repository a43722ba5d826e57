/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text on COM1, which chips_init() has set up; and the end of the machine. */
#include "guest/shared/console.h"

#include <stddef.h>

#include "guest/shared/cpu.h"
#include "guest/shared/text.h"

enum { COM1 = 0x3f8, LINE_STATUS = COM1 + 5, TRANSMITTER_EMPTY = 1 << 5, DEBUG_EXIT = 0xf4 };

static void byte_put(void *where, char c)
{
    while (!(port_read(LINE_STATUS) & TRANSMITTER_EMPTY))
        ;
    port_write(COM1, (uint8_t)c);
}

void print_bytes(const char *bytes, uint32_t count)
{
    for (; count > 0; count--)
        byte_put(NULL, *bytes++);
}

void print(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    text_format(byte_put, NULL, format, values);
    va_end(values);
}

/* Where there is no such port, as on most PCs, the machine just stops. */
void machine_leave(uint8_t status)
{
    port_write(DEBUG_EXIT, status);
    halt_for_good();
}
