/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 16550A.  Quoted names are sections of the PC16550D data sheet.
 */
#include "devices/uart16550.h"

#include <string.h>

enum { DATA, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR };

enum {
    IER_RECEIVED = 1 << 0,
    IER_EMPTY = 1 << 1,
    IER_LINE_STATUS = 1 << 2,
    IER_MODEM = 1 << 3,
    IER_WRITABLE = 0x0f,
    IIR_MODEM = 0,
    IIR_NONE = 1,
    IIR_EMPTY = 2,
    IIR_RECEIVED = 4,
    IIR_LINE_STATUS = 6,
    IIR_TIMEOUT = 12,
    IIR_FIFOS = 0xc0,
    FCR_ENABLE = 1 << 0,
    FCR_RESET_RECEIVER = 1 << 1,
    FCR_KEPT = 0xc9, /* enable, DMA mode, trigger level */
    LCR_WORD_LENGTH = 3,
    LCR_STOP = 1 << 2,
    LCR_PARITY = 1 << 3,
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
    MSR_OUTPUTS = 0xf0,
    DIVISOR_9600 = 12,
    BITS_PER_SECOND = 115200, /* with divisor 1 */
    TIMEOUT_CHARACTERS = 4
};

void ws__uart16550_reset(struct ws__uart16550 *chip)
{
    memset(chip, 0, sizeof *chip); /* between the fields too: states are compared as bytes */
    chip->lcr = 3;
    chip->dll = DIVISOR_9600;
    chip->timeout_at = WS__NEVER;
    chip->thre_pending = true;
}

static bool has_fifos(const struct ws__uart16550 *chip)
{
    return chip->fcr & FCR_ENABLE;
}

/* -- interrupts -------------------------------------------------------------------------------- */

/* "FIFO Control Register", bits 7 and 6: how many bytes interrupt. */
static unsigned trigger_level(const struct ws__uart16550 *chip)
{
    static const uint8_t levels[] = {1, 4, 8, 14};
    return has_fifos(chip) ? levels[chip->fcr >> 6] : 1;
}

/* "Interrupt Identification Register": the pending cause of highest priority */
static uint8_t chip_cause(const struct ws__uart16550 *chip)
{
    if ((chip->ier & IER_LINE_STATUS) && chip->overrun)
        return IIR_LINE_STATUS;
    if ((chip->ier & IER_RECEIVED) && chip->count >= trigger_level(chip))
        return IIR_RECEIVED;
    if ((chip->ier & IER_RECEIVED) && chip->timeout)
        return IIR_TIMEOUT;
    if ((chip->ier & IER_EMPTY) && chip->thre_pending)
        return IIR_EMPTY;
    if ((chip->ier & IER_MODEM) && chip->msr_changes)
        return IIR_MODEM;
    return IIR_NONE;
}

bool ws__uart16550_interrupts(const struct ws__uart16550 *chip)
{
    return chip_cause(chip) != IIR_NONE;
}

static void line_update(const struct ws__uart16550_wire *wire)
{
    ws__line_set(&wire->line, ws__uart16550_interrupts(wire->chip));
}

/* -- receiving --------------------------------------------------------------------------------- */

/* How long so many characters take on the line: start, data, parity and stop bits. */
static uint64_t characters_time(const struct ws__uart16550_wire *wire, unsigned characters)
{
    const struct ws__uart16550 *chip = wire->chip;
    uint32_t divisor = chip->dll | (uint32_t)chip->dlm << 8;
    uint32_t bits = 7 + (chip->lcr & LCR_WORD_LENGTH) + !!(chip->lcr & LCR_STOP) + !!(chip->lcr & LCR_PARITY);
    return ws__clock_time(wire->clock, (uint64_t)characters * bits * (divisor ? divisor : 1), BITS_PER_SECOND);
}

/* "FIFO Interrupt Mode Operation": four characters' time in which no byte came and none was read */
static void timeout_restart(const struct ws__uart16550_wire *wire, uint64_t time)
{
    struct ws__uart16550 *chip = wire->chip;
    bool lies = has_fifos(chip) && chip->count;
    chip->timeout = false;
    chip->timeout_at = lies ? time + characters_time(wire, TIMEOUT_CHARACTERS) : WS__NEVER;
}

/* "Line Status Register", bit 1: a full FIFO loses the new byte, the buffer register the old
 * one. */
static void byte_receive(const struct ws__uart16550_wire *wire, uint64_t time, uint8_t byte)
{
    struct ws__uart16550 *chip = wire->chip;
    unsigned room = has_fifos(chip) ? WS__UART_FIFO : 1;
    bool full = chip->count == room;
    chip->overrun |= full;
    if (!full)
        chip->received[chip->count++] = byte;
    else if (room == 1)
        chip->received[0] = byte;
    timeout_restart(wire, time);
}

/* When the next byte from outside will be in; WS__NEVER if none comes or there is no room for
 * it. */
static uint64_t arrival_time(const struct ws__uart16550_wire *wire)
{
    const struct ws__uart16550 *chip = wire->chip;
    bool room = chip->count < (has_fifos(chip) ? WS__UART_FIFO : 1);
    if (!wire->source_time || !room || (chip->mcr & MCR_LOOP))
        return WS__NEVER;
    uint64_t time = wire->source_time(wire->context);
    return time < chip->free_at ? chip->free_at : time;
}

void ws__uart16550_run(struct ws__uart16550_wire *wire)
{
    struct ws__uart16550 *chip = wire->chip;
    for (uint64_t time; (time = arrival_time(wire)) <= wire->clock->now;) {
        byte_receive(wire, time, wire->source_take(wire->context));
        chip->free_at = time + characters_time(wire, 1);
    }
    if (chip->timeout_at <= wire->clock->now) {
        chip->timeout = true;
        chip->timeout_at = WS__NEVER;
    }
    line_update(wire);
}

uint64_t ws__uart16550_due(const struct ws__uart16550_wire *wire)
{
    const struct ws__uart16550 *chip = wire->chip;
    uint64_t arrival = arrival_time(wire);
    if (!(chip->ier & IER_RECEIVED))
        return WS__NEVER;
    return arrival < chip->timeout_at ? arrival : chip->timeout_at;
}

/* -- reading ----------------------------------------------------------------------------------- */

/* Naming the cause "holding register empty" also takes it back. */
static uint8_t iir_read(struct ws__uart16550 *chip)
{
    uint8_t cause = chip_cause(chip);
    if (cause == IIR_EMPTY)
        chip->thre_pending = false;
    return cause | (chip->fcr & FCR_ENABLE ? IIR_FIFOS : 0);
}

static uint8_t rbr_read(const struct ws__uart16550_wire *wire)
{
    struct ws__uart16550 *chip = wire->chip;
    uint8_t byte = chip->received[0];
    if (chip->free_at < wire->clock->now)
        chip->free_at = wire->clock->now;
    if (chip->count && --chip->count)
        memmove(chip->received, chip->received + 1, chip->count);
    timeout_restart(wire, wire->clock->now);
    return byte;
}

/* "Line Status Register": reading it forgets the errors */
static uint8_t lsr_read(struct ws__uart16550 *chip)
{
    uint8_t lsr = LSR_EMPTY | (chip->count ? LSR_DATA_READY : 0) | (chip->overrun ? LSR_OVERRUN : 0);
    chip->overrun = false;
    return lsr;
}

/* "Modem Status Register": in loopback the four outputs come back as inputs; else a terminal is
 * there and listens. */
static uint8_t modem_inputs(const struct ws__uart16550 *chip)
{
    if (!(chip->mcr & MCR_LOOP))
        return MSR_CTS | MSR_DSR | MSR_DCD;
    return (chip->mcr & MCR_RTS ? MSR_CTS : 0) | (chip->mcr & MCR_DTR ? MSR_DSR : 0) |
           (chip->mcr & MCR_OUT1 ? MSR_RI : 0) | (chip->mcr & MCR_OUT2 ? MSR_DCD : 0);
}

static uint8_t msr_read(struct ws__uart16550 *chip)
{
    uint8_t msr = modem_inputs(chip) | chip->msr_changes;
    chip->msr_changes = 0;
    return msr;
}

static uint8_t register_read(const struct ws__uart16550_wire *wire, uint16_t port)
{
    struct ws__uart16550 *chip = wire->chip;
    bool latch = chip->lcr & LCR_DLAB;
    switch (port & 7) {
    case DATA:
        return latch ? chip->dll : rbr_read(wire);
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

uint8_t ws__uart16550_read(void *wire, uint16_t port)
{
    uint8_t value = register_read(wire, port);
    line_update(wire);
    return value;
}

/* -- writing ----------------------------------------------------------------------------------- */

/* "Line Control Register", bits 0 and 1: words of 5 to 8 bits; the upper ones never reach the
 * line. */
static void byte_send(const struct ws__uart16550_wire *wire, uint8_t byte)
{
    struct ws__uart16550 *chip = wire->chip;
    byte &= 0xff >> (3 - (chip->lcr & LCR_WORD_LENGTH));
    chip->thre_pending = true;
    if (chip->mcr & MCR_LOOP)
        byte_receive(wire, wire->clock->now, byte);
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

/* "FIFO Control Register": only bit 0 set makes the others count; changing it empties both
 * FIFOs. */
static void fcr_write(struct ws__uart16550 *chip, uint8_t value)
{
    bool changed = (value ^ chip->fcr) & FCR_ENABLE;
    if (changed || ((value & FCR_ENABLE) && (value & FCR_RESET_RECEIVER))) {
        chip->count = 0;
        chip->timeout = false;
        chip->timeout_at = WS__NEVER;
    }
    chip->fcr = value & FCR_ENABLE ? value & FCR_KEPT : 0;
}

/* "Modem Status Register", bits 3..0: an input has changed; of RI, only its end counts. */
static void mcr_write(struct ws__uart16550 *chip, uint8_t value)
{
    uint8_t before = modem_inputs(chip);
    chip->mcr = value & MCR_WRITABLE;
    uint8_t after = modem_inputs(chip), changed = before ^ after;
    if (after & MSR_RI)
        changed &= (uint8_t)~MSR_RI;
    chip->msr_changes |= (changed & MSR_OUTPUTS) >> 4;
}

static void register_write(const struct ws__uart16550_wire *wire, uint16_t port, uint8_t value)
{
    struct ws__uart16550 *chip = wire->chip;
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
        mcr_write(chip, value);
        break;
    case SCR:
        chip->scr = value;
        break;
    default: /* LSR and MSR are read-only */
        break;
    }
}

void ws__uart16550_write(void *wire, uint16_t port, uint8_t value)
{
    register_write(wire, port, value);
    line_update(wire);
}
