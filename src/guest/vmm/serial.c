/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual serial port.  What the VM transmits is a request to the host, and so is each byte that it receives: the
 * mailbox only says how many wait.  It asks for an interrupt when there are some, and for none when it has sent.
 * National Semiconductor PC16550D data sheet.
 */
#include "vmm.h"

enum { COM1 = 0x3f8, DATA = 0, IER = 1, IIR = 2, LCR = 3, LSR = 5, MSR = 6, REGISTERS = 8 };
enum { IER_RECEIVED = 1, IIR_NONE = 1, IIR_RECEIVED = 4, IIR_FIFOS = 0xc0, FCR_ENABLE = 1, LCR_DIVISOR = 0x80 };
enum { LSR_DATA_READY = 1, LSR_EMPTY = 0x60, MSR_READY = 0xb0 };

static uint8_t registers[REGISTERS] = {[MSR] = MSR_READY};
static uint8_t divisor[2];
static bool asks;

void serial_update(void)
{
    bool asked = asks;

    asks = mailbox()->typed && registers[IER] & IER_RECEIVED;
    if (asks && !asked)
        pic_raise(IRQ_SERIAL);
    else if (asked && !asks)
        pic_lower(IRQ_SERIAL);
}

/* The next byte asks anew. */
static uint8_t receive(void)
{
    asks = false;
    return mailbox()->typed ? (uint8_t)host_call(HOSTED_INPUT, 0) : 0;
}

uint8_t serial_in(uint16_t port)
{
    unsigned number = port - COM1;

    if (number < 2 && registers[LCR] & LCR_DIVISOR)
        return divisor[number];
    if (number == DATA)
        return receive();
    if (number == IIR)
        return registers[IIR] | (asks ? IIR_RECEIVED : IIR_NONE);
    if (number == LSR)
        return mailbox()->typed ? LSR_EMPTY | LSR_DATA_READY : LSR_EMPTY;
    return registers[number];
}

void serial_out(uint16_t port, uint8_t value)
{
    unsigned number = port - COM1;

    if (number < 2 && registers[LCR] & LCR_DIVISOR)
        divisor[number] = value;
    else if (number == DATA)
        host_call(HOSTED_CONSOLE, value);
    else if (number == IIR)
        registers[IIR] = value & FCR_ENABLE ? IIR_FIFOS : 0;
    else if (number != LSR && number != MSR)
        registers[number] = value;
}
