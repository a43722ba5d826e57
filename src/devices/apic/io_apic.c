/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The I/O APIC.
 */
#include "devices/apic/io_apic.h"

#include <string.h>

enum { SELECT = 0x00, WINDOW = 0x10 };
enum { ID, VERSION, ARBITRATION, TABLE = 0x10 };
enum { ISA_LINES = 16, TIMER_PIN = 2, ID_SHIFT = 24, ID_KEPT = 0xf };

#define PIN_LOGICAL (UINT64_C(1) << 11)
#define PIN_REMOTE  (UINT64_C(1) << 14)
#define PIN_LEVEL   (UINT64_C(1) << 15)
#define PIN_MASKED  (UINT64_C(1) << 16)
#define PIN_KEPT    UINT64_C(0xff0000000001afff) /* what a write changes */

void ws__io_apic_reset(struct ws__io_apic *chip)
{
    memset(chip, 0, sizeof *chip);
    for (int i = 0; i < WS__IO_APIC_PINS; i++)
        chip->pin[i] = PIN_MASKED;
}

/* -- lines ----------------------------------------------------------------------------------- */

unsigned ws__io_apic_pin(unsigned irq)
{
    return irq == 0 ? TIMER_PIN : irq;
}

static struct ws__apic_message message_of(uint64_t pin)
{
    return (struct ws__apic_message){
        .vector = (uint8_t)pin,
        .mode = pin >> 8 & 7,
        .destination = (uint8_t)(pin >> 56),
        .logical = pin & PIN_LOGICAL,
        .level = pin & PIN_LEVEL,
    };
}

/* Send what is requested, unless it is masked or, for a level, sent and not ended yet. */
static void pin_serve(struct ws__io_apic_wire *wire, unsigned number)
{
    struct ws__io_apic *chip = wire->chip;
    uint64_t pin = chip->pin[number];
    uint32_t bit = UINT32_C(1) << number;
    if (!(chip->requested & bit) || pin & (PIN_MASKED | PIN_REMOTE))
        return;
    if (pin & PIN_LEVEL)
        chip->pin[number] |= PIN_REMOTE;
    else
        chip->requested &= ~bit;
    const struct ws__apic_message message = message_of(pin);
    wire->send(wire->context, &message);
}

/* An edge at a masked pin is lost: "IOREDTBL", bit 16. */
void ws__io_apic_line(struct ws__io_apic_wire *wire, unsigned irq, bool high)
{
    struct ws__io_apic *chip = wire->chip;
    unsigned number = ws__io_apic_pin(irq);
    uint32_t bit = UINT32_C(1) << number;
    bool rises = high && !(chip->line & bit);
    chip->line = high ? chip->line | bit : chip->line & ~bit;
    if (chip->pin[number] & PIN_LEVEL)
        chip->requested = high ? chip->requested | bit : chip->requested & ~bit;
    else if (rises && !(chip->pin[number] & PIN_MASKED))
        chip->requested |= bit;
    pin_serve(wire, number);
}

bool ws__io_apic_listens(const struct ws__io_apic_wire *wire, unsigned irq)
{
    uint64_t pin = wire->chip->pin[ws__io_apic_pin(irq)];
    const struct ws__apic_message message = message_of(pin);
    return !(pin & (PIN_MASKED | PIN_REMOTE)) && wire->listens(wire->context, &message);
}

bool ws__io_apic_is_masked(const struct ws__io_apic *chip, unsigned irq)
{
    return chip->pin[ws__io_apic_pin(irq)] & PIN_MASKED;
}

int ws__io_apic_irq(const struct ws__io_apic *chip, uint8_t vector)
{
    for (unsigned irq = 0; irq < ISA_LINES; irq++) {
        if (irq != TIMER_PIN && !ws__io_apic_is_masked(chip, irq) && (uint8_t)chip->pin[ws__io_apic_pin(irq)] == vector)
            return (int)irq;
    }
    return -1;
}

void ws__io_apic_end(struct ws__io_apic_wire *wire, uint8_t vector)
{
    for (unsigned i = 0; i < WS__IO_APIC_PINS; i++) {
        if ((uint8_t)wire->chip->pin[i] != vector || !(wire->chip->pin[i] & PIN_REMOTE))
            continue;
        wire->chip->pin[i] &= ~PIN_REMOTE;
        pin_serve(wire, i); /* the line may be high still */
    }
}

/* -- registers ------------------------------------------------------------------------------- */

static uint32_t register_read(const struct ws__io_apic *chip)
{
    unsigned number = (chip->index - TABLE) / 2u;
    if (chip->index == ID || chip->index == ARBITRATION)
        return (uint32_t)chip->id << ID_SHIFT;
    if (chip->index == VERSION)
        return WS__IO_APIC_VERSION | (WS__IO_APIC_PINS - 1) << 16;
    if (chip->index < TABLE || number >= WS__IO_APIC_PINS)
        return 0;
    return (uint32_t)(chip->pin[number] >> (chip->index & 1 ? 32 : 0));
}

static void pin_write(struct ws__io_apic_wire *wire, unsigned number, bool upper, uint32_t value)
{
    uint64_t *pin = &wire->chip->pin[number];
    unsigned shift = upper ? 32 : 0;
    uint64_t changes = PIN_KEPT & (UINT64_C(0xffffffff) << shift);
    uint32_t bit = UINT32_C(1) << number;
    bool was_level = *pin & PIN_LEVEL;
    *pin = (*pin & ~changes) | ((uint64_t)value << shift & changes);
    bool level = *pin & PIN_LEVEL;
    if (level || was_level) /* an edge that is requested stays, a level is as the line is */
        wire->chip->requested = (wire->chip->requested & ~bit) | (level ? wire->chip->line & bit : 0);
    if (!level)
        *pin &= ~PIN_REMOTE;
    pin_serve(wire, number);
}

uint32_t ws__io_apic_read(const struct ws__io_apic *chip, uint32_t offset, unsigned bytes)
{
    if (offset == SELECT)
        return chip->index;
    return offset == WINDOW && bytes == 4 ? register_read(chip) : 0;
}

void ws__io_apic_write(struct ws__io_apic_wire *wire, uint32_t offset, unsigned bytes, uint32_t value)
{
    struct ws__io_apic *chip = wire->chip;
    unsigned number = (chip->index - TABLE) / 2u;
    if (offset == SELECT)
        chip->index = (uint8_t)value;
    else if (offset != WINDOW || bytes != 4)
        return;
    else if (chip->index == ID)
        chip->id = value >> ID_SHIFT & ID_KEPT;
    else if (chip->index >= TABLE && number < WS__IO_APIC_PINS)
        pin_write(wire, number, chip->index & 1, value);
}
