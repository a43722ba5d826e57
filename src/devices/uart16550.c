/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 16550A.  Quoted names are sections of the PC16550D data sheet.
 */
#include "devices/uart16550.h"

enum { DATA, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR };

enum {
    IER_RECEIVED = 1 << 0,
    IER_EMPTY = 1 << 1,
    IER_LINE_STATUS = 1 << 2,
    IER_WRITABLE = 0x0f,
    IIR_NONE = 1,
    IIR_EMPTY = 2,
    IIR_RECEIVED = 4,
    IIR_LINE_STATUS = 6,
    IIR_FIFOS = 0xc0,
    FCR_ENABLE = 1 << 0,
    FCR_RESET_RECEIVER = 1 << 1,
    FCR_KEPT = 0xc9, /* enable, DMA mode, trigger level */
    LCR_WORD_LENGTH = 3,
    LCR_DLAB = 1 << 7,
    MCR_DTR = 1 << 0,
    MCR_RTS = 1 << 1,
    MCR_OUT1 = 1 << 2,
    MCR_OUT2 = 1 << 3,
    MCR_LOOP = 1 << 4,
    MCR_WRITABLE = 0x1f,
    LSR_DATA_READY = 1 << 0,
    LSR_OVERRUN = 1 << 1,
    LSR_EMPTY = 3 << 5, /* holding register, and shift register as well */
    MSR_CTS = 1 << 4,
    MSR_DSR = 1 << 5,
    MSR_RI = 1 << 6,
    MSR_DCD = 1 << 7,
    DIVISOR_9600 = 12
};

void ws__uart16550_reset(struct ws__uart16550 *chip)
{
    *chip = (struct ws__uart16550){.lcr = 3, .dll = DIVISOR_9600, .thre_pending = true};
}

/* "Interrupt Identification Register": the pending cause of highest priority */
static uint8_t chip_cause(const struct ws__uart16550 *chip)
{
    if ((chip->ier & IER_LINE_STATUS) && chip->rbr_overrun)
        return IIR_LINE_STATUS;
    if ((chip->ier & IER_RECEIVED) && chip->rbr_full)
        return IIR_RECEIVED;
    if ((chip->ier & IER_EMPTY) && chip->thre_pending)
        return IIR_EMPTY;
    return IIR_NONE;
}

bool ws__uart16550_interrupts(const struct ws__uart16550 *chip)
{
    return chip_cause(chip) != IIR_NONE;
}

/* Naming the cause "holding register empty" also takes it back. */
static uint8_t iir_read(struct ws__uart16550 *chip)
{
    uint8_t cause = chip_cause(chip);
    if (cause == IIR_EMPTY)
        chip->thre_pending = false;
    return cause | (chip->fcr & FCR_ENABLE ? IIR_FIFOS : 0);
}

static uint8_t rbr_read(struct ws__uart16550 *chip)
{
    chip->rbr_full = false;
    return chip->rbr;
}

/* "Line Status Register": reading it forgets the errors */
static uint8_t lsr_read(struct ws__uart16550 *chip)
{
    uint8_t lsr =
        LSR_EMPTY | (chip->rbr_full ? LSR_DATA_READY : 0) | (chip->rbr_overrun ? LSR_OVERRUN : 0);
    chip->rbr_overrun = false;
    return lsr;
}

/* "Modem Status Register": in loopback the four outputs come back as inputs; else a terminal is there and listens. */
static uint8_t msr_read(const struct ws__uart16550 *chip)
{
    if (!(chip->mcr & MCR_LOOP))
        return MSR_CTS | MSR_DSR | MSR_DCD;
    return (chip->mcr & MCR_RTS ? MSR_CTS : 0) | (chip->mcr & MCR_DTR ? MSR_DSR : 0) |
           (chip->mcr & MCR_OUT1 ? MSR_RI : 0) | (chip->mcr & MCR_OUT2 ? MSR_DCD : 0);
}

uint8_t ws__uart16550_read(void *wire, uint16_t port)
{
    struct ws__uart16550 *chip = ((struct ws__uart16550_wire *)wire)->chip;
    bool latch = chip->lcr & LCR_DLAB;
    switch (port & 7) {
    case DATA:
        return latch ? chip->dll : rbr_read(chip);
    case IER:
        return latch ? chip->dlm : chip->ier;
    case IIR_FCR:
        return iir_read(chip);
    case LCR:
        return chip->lcr;
    case MCR:
        return chip->mcr;
    case LSR:
        return lsr_read(chip);
    case MSR:
        return msr_read(chip);
    default:
        return chip->scr;
    }
}

static void loopback_receive(struct ws__uart16550 *chip, uint8_t byte)
{
    chip->rbr_overrun |= chip->rbr_full;
    chip->rbr_full = true;
    chip->rbr = byte;
}

/* "Line Control Register", bits 0 and 1: words of 5 to 8 bits; the upper ones never reach the line. */
static void byte_send(const struct ws__uart16550_wire *wire, uint8_t byte)
{
    struct ws__uart16550 *chip = wire->chip;
    byte &= 0xff >> (3 - (chip->lcr & LCR_WORD_LENGTH));
    chip->thre_pending = true;
    if (chip->mcr & MCR_LOOP)
        loopback_receive(chip, byte);
    else if (wire->sink)
        wire->sink(wire->context, byte);
}

/* Enabling the "empty" interrupt while the register is empty raises it. */
static void ier_write(struct ws__uart16550 *chip, uint8_t value)
{
    if (value & ~chip->ier & IER_EMPTY)
        chip->thre_pending = true;
    chip->ier = value & IER_WRITABLE;
}

/* "FIFO Control Register": only bit 0 set makes the others count; changing it empties both FIFOs. */
static void fcr_write(struct ws__uart16550 *chip, uint8_t value)
{
    bool changed = (value ^ chip->fcr) & FCR_ENABLE;
    if (changed || ((value & FCR_ENABLE) && (value & FCR_RESET_RECEIVER)))
        chip->rbr_full = false;
    chip->fcr = value & FCR_ENABLE ? value & FCR_KEPT : 0;
}

void ws__uart16550_write(void *wire, uint16_t port, uint8_t value)
{
    struct ws__uart16550 *chip = ((struct ws__uart16550_wire *)wire)->chip;
    bool latch = chip->lcr & LCR_DLAB;
    switch (port & 7) {
    case DATA:
        if (latch)
            chip->dll = value;
        else
            byte_send(wire, value);
        break;
    case IER:
        if (latch)
            chip->dlm = value;
        else
            ier_write(chip, value);
        break;
    case IIR_FCR:
        fcr_write(chip, value);
        break;
    case LCR:
        chip->lcr = value;
        break;
    case MCR:
        chip->mcr = value & MCR_WRITABLE;
        break;
    case SCR:
        chip->scr = value;
        break;
    default: /* LSR and MSR are read-only */
        break;
    }
}
