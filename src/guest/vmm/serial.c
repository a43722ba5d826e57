/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual serial port: what the VM transmits is a request to the host.  It receives nothing and asks
 * for no interrupt.  National Semiconductor PC16550D data sheet.
 */
#include "vmm.h"

enum { COM1 = 0x3f8, IIR = 2, LCR = 3, LSR = 5, MSR = 6, REGISTERS = 8 };
enum { LCR_DIVISOR = 0x80, IIR_NONE = 1, LSR_EMPTY = 0x60, MSR_READY = 0xb0 };

/* What reads give.  Those that tell of the port's state never change. */
static uint8_t registers[REGISTERS] = {[IIR] = IIR_NONE, [LSR] = LSR_EMPTY, [MSR] = MSR_READY};
static uint8_t divisor[2];

uint8_t serial_in(uint16_t port)
{
    unsigned number = port - COM1;

    return number < 2 && registers[LCR] & LCR_DIVISOR ? divisor[number] : registers[number];
}

void serial_out(uint16_t port, uint8_t value)
{
    unsigned number = port - COM1;

    if (number < 2 && registers[LCR] & LCR_DIVISOR)
        divisor[number] = value;
    else if (number == 0)
        host_call(HOSTED_CONSOLE, value);
    else if (number != IIR && number != LSR && number != MSR)
        registers[number] = value;
}
