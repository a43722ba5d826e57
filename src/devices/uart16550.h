/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The serial port's chip, a 16550A: its transmitting half.
 *
 * PC16550D data sheet (National Semiconductor, June 1995), chapter "Registers".
 *
 *   port   0           1    2        3    4    5    6    7
 *   read   RBR         IER  IIR      LCR  MCR  LSR  MSR  SCR
 *   write  THR         IER  FCR      LCR  MCR  -    -    SCR
 *   DLAB   DLL         DLM  IIR/FCR  LCR  MCR  LSR  MSR  SCR
 *
 * Sending takes no time here: the holding register is empty again at once.  Nothing is received from outside yet, so
 * that LSR says "no data"; the one byte that can be read back is what the guest sends itself in loopback mode, the
 * usual way to find out whether the chip is there.  The interrupt is kept as a pin; no interrupt controller is wired
 * to it yet.
 */
#ifndef WS_DEVICES_UART16550_H
#define WS_DEVICES_UART16550_H

#include <stdbool.h>
#include <stdint.h>

enum { WS__COM1_FIRST = 0x3f8, WS__COM1_LAST = 0x3ff };

struct ws__uart16550 {
    uint8_t rbr; /* receiver buffer: the byte looped back */
    uint8_t ier; /* interrupt enable */
    uint8_t fcr; /* FIFO control, without its self-clearing bits */
    uint8_t lcr; /* line control: word length, parity, DLAB */
    uint8_t mcr; /* modem control */
    uint8_t scr; /* scratch: means nothing */
    uint8_t dll; /* divisor latch, low and high */
    uint8_t dlm;
    bool rbr_full;
    bool rbr_overrun;  /* a byte was lost; until LSR is read */
    bool thre_pending; /* "holding register empty" waits to be noticed */
};

/* Where the bytes go.  Not part of the chip: a checkpoint copies the chip, not the wire. */
struct ws__uart16550_wire {
    struct ws__uart16550 *chip;
    void (*sink)(void *context, uint8_t byte); /* may be NULL */
    void *context;
};

/* The chip as a PC's firmware leaves it: 9600 baud, 8 bits, no parity, no interrupts. */
void ws__uart16550_reset(struct ws__uart16550 *chip);

/* For the bus; `wire` is a struct ws__uart16550_wire.  The register is the port's lowest three bits. */
uint8_t ws__uart16550_read(void *wire, uint16_t port);
void ws__uart16550_write(void *wire, uint16_t port, uint8_t value);

/* Is the interrupt pin high?  On a PC, OUT2 of the modem control register lets it reach the interrupt line. */
bool ws__uart16550_interrupts(const struct ws__uart16550 *chip);

#endif
