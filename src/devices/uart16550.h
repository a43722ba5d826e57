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
 * Sending takes no time here: the holding register is empty again at once.  What comes from outside
 * takes the time of its bits, and waits outside while the receiver is full, as behind a terminal
 * that obeys RTS: nothing is lost.  In loopback the chip hears only itself, and can overrun.
 */
#ifndef WS_DEVICES_UART16550_H
#define WS_DEVICES_UART16550_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/line.h"
#include "devices/timers/clock.h"

enum { WS__COM1_FIRST = 0x3f8, WS__COM1_LAST = 0x3ff, WS__UART_FIFO = 16 };

struct ws__uart16550 {
    uint64_t free_at;    /* the time from which the next byte can have come in */
    uint64_t timeout_at; /* when bytes will have been lying in the FIFO for too long; WS__NEVER if there are none */
    uint8_t received
        [WS__UART_FIFO]; /* the receiver's FIFO, oldest first; without FIFOs its buffer register, the first one */
    uint8_t count;       /* so many of them */
    uint8_t ier;         /* interrupt enable */
    uint8_t fcr;         /* FIFO control, without its self-clearing bits */
    uint8_t lcr;         /* line control: word length, parity, DLAB */
    uint8_t mcr;         /* modem control */
    uint8_t msr_changes; /* modem status, bits 3..0: since it was read */
    uint8_t scr;         /* scratch: means nothing */
    uint8_t dll;         /* divisor latch, low and high */
    uint8_t dlm;
    bool overrun;      /* a byte was lost; until LSR is read */
    bool timeout;      /* bytes lie in the FIFO for too long */
    bool thre_pending; /* "holding register empty" waits to be noticed */
};

/* Where bytes go and come from.  Not part of the chip: a checkpoint copies the chip, not the
 * wire. */
struct ws__uart16550_wire {
    struct ws__uart16550 *chip;
    const struct ws__clock *clock;
    void (*sink)(void *context, uint8_t byte); /* may be NULL */
    uint64_t (*source_time)(void *context);    /* when the next byte comes; WS__NEVER; may be NULL */
    uint8_t (*source_take)(void *context);     /* that byte */
    void *context;
    struct ws__line line; /* IRQ 4 */
};

/* The chip as a PC's firmware leaves it: 9600 baud, 8 bits, no parity, no interrupts. */
void ws__uart16550_reset(struct ws__uart16550 *chip);

/* Take what came from outside up to now, and tell IRQ 4. */
void ws__uart16550_run(struct ws__uart16550_wire *wire);
/* When it will interrupt next by itself; WS__NEVER if it will not. */
uint64_t ws__uart16550_due(const struct ws__uart16550_wire *wire);

/* For the bus; `wire` is a struct ws__uart16550_wire.  The register is the port's lowest three
 * bits. */
uint8_t ws__uart16550_read(void *wire, uint16_t port);
void ws__uart16550_write(void *wire, uint16_t port, uint8_t value);

/* Is the interrupt pin high?  A PC lets it reach IRQ 4 only while OUT2 of the modem control
 * register is set.  This board does not, like QEMU's: small kernels leave OUT2 clear. */
bool ws__uart16550_interrupts(const struct ws__uart16550 *chip);

#endif
