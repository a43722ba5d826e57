/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 8259A pair.  Quoted names are sections of the 8259A data sheet.
 */
#include "devices/pic8259.h"

enum { MASTER, SLAVE, CASCADE_LINE = WS__PIC_CASCADE, LINES = 8, SPURIOUS = 7, NONE = -1 };

enum {
    ICW1 = 1 << 4,
    ICW1_IC4 = 1 << 0,
    ICW1_SNGL = 1 << 1,
    ICW2_BASE = 0xf8,
    ICW4_AEOI = 1 << 1,
    ICW4_SFNM = 1 << 4,
    OCW3 = 1 << 3,
    OCW3_RIS = 1 << 0,
    OCW3_RR = 1 << 1,
    OCW3_POLL = 1 << 2,
    OCW3_SMM = 1 << 5,
    OCW3_ESMM = 1 << 6,
    POLL_INTERRUPT = 1 << 7
};

/* 82371AB, "ELCR1", "ELCR2": IRQ 0, 1, 2, 8 and 13 are always edge-triggered. */
static const uint8_t elcr_writable[] = {0xf8, 0xde};

void ws__pic8259_reset(struct ws__pic_pair *pair)
{
    *pair = (struct ws__pic_pair){{
        {.base = 0x08, .imr = 0xb8, .lowest = 7},
        {.base = 0x70, .imr = 0x8e, .lowest = 7, .elcr = 0x0c},
    }};
}

/* -- priorities -------------------------------------------------------------------------------- */

/* The line of highest priority among these, or NONE. */
static int line_first(const struct ws__pic8259 *chip, uint8_t lines)
{
    unsigned highest = (chip->lowest + 1u) % LINES;
    unsigned from_highest = (lines | (unsigned)lines << LINES) >> highest;
    return lines ? (int)(highest + (unsigned)__builtin_ctz(from_highest)) % LINES : NONE;
}

/* How far a line is from the highest priority: 0 to 7. */
static int line_rank(const struct ws__pic8259 *chip, int line)
{
    return (line - chip->lowest - 1 + 2 * LINES) % LINES;
}

/* What is in service and keeps others waiting.  "Special Mask Mode": not what is masked. */
static uint8_t lines_serving(const struct ws__pic8259 *chip)
{
    return chip->special_mask ? chip->isr & ~chip->imr : chip->isr;
}

/* "Fully Nested Mode": the request that may interrupt now, or NONE.  "Special Fully Nested Mode": a
 * slave in service does not keep itself waiting. */
static int chip_request(const struct ws__pic8259 *chip)
{
    uint8_t serving = lines_serving(chip);
    if (chip->nests_slave)
        serving &= (uint8_t) ~(1 << CASCADE_LINE);
    int request = line_first(chip, chip->irr & ~chip->imr);
    int service = line_first(chip, serving);
    if (request == NONE || (service != NONE && line_rank(chip, service) <= line_rank(chip, request)))
        return NONE;
    return request;
}

/* -- lines ------------------------------------------------------------------------------------- */

/* "Edge and Level Triggered Modes".  An edge is kept until it is acknowledged, even if the pin
 * falls before. */
static void chip_line(struct ws__pic8259 *chip, unsigned line, bool high)
{
    uint8_t bit = (uint8_t)(1 << line);
    bool rises = high && !(chip->line & bit);
    chip->line = high ? chip->line | bit : chip->line & ~bit;
    if (chip->elcr & bit)
        chip->irr = high ? chip->irr | bit : chip->irr & ~bit;
    else if (rises)
        chip->irr |= bit;
}

/* "The Cascade Mode" */
static void cascade(struct ws__pic_pair *pair)
{
    chip_line(&pair->chip[MASTER], CASCADE_LINE, chip_request(&pair->chip[SLAVE]) != NONE);
}

void ws__pic8259_line(void *context, unsigned irq, bool high)
{
    struct ws__pic_pair *pair = context;
    const struct ws__pic8259 *chip = &pair->chip[irq / LINES];
    uint8_t bit = (uint8_t)(1 << irq % LINES);
    if (!(chip->elcr & bit) && high == ((chip->line & bit) != 0))
        return; /* no edge */
    chip_line(&pair->chip[irq / LINES], irq % LINES, high);
    cascade(pair);
}

bool ws__pic8259_interrupts(const struct ws__pic_pair *pair)
{
    return chip_request(&pair->chip[MASTER]) != NONE;
}

bool ws__pic8259_listens(const struct ws__pic_pair *pair, unsigned irq)
{
    const struct ws__pic8259 *chip = &pair->chip[irq / LINES];
    bool cascaded = irq < LINES || !(pair->chip[MASTER].imr & 1 << CASCADE_LINE);
    return cascaded && !((chip->imr | chip->irr) & 1 << irq % LINES);
}

int ws__pic8259_irq(const struct ws__pic_pair *pair, uint8_t vector)
{
    for (int i = 0; i < 2; i++) {
        if ((vector & ICW2_BASE) == pair->chip[i].base)
            return i * LINES + vector % LINES;
    }
    return NONE;
}

bool ws__pic8259_serves(const struct ws__pic_pair *pair, unsigned irq)
{
    return pair->chip[irq / LINES].isr & 1 << irq % LINES;
}

/* The line in service that keeps this one waiting, or NONE. */
static int line_keeper(const struct ws__pic8259 *chip, int line)
{
    uint8_t serving = lines_serving(chip);
    if (chip->nests_slave && line == CASCADE_LINE)
        serving &= (uint8_t) ~(1 << CASCADE_LINE);
    int service = line_first(chip, serving);
    return service != NONE && line_rank(chip, service) <= line_rank(chip, line) ? service : NONE;
}

enum ws__pic_wait ws__pic8259_wait(const struct ws__pic_pair *pair, unsigned irq, unsigned *behind)
{
    const struct ws__pic8259 *chip = &pair->chip[irq / LINES], *master = &pair->chip[MASTER];
    int line = (int)irq % LINES, keeper;
    if (!(chip->irr & 1 << line))
        return WS__PIC_NONE;
    if (chip->imr & 1 << line)
        return WS__PIC_MASKED;
    if (irq >= LINES && master->imr & 1 << CASCADE_LINE)
        return WS__PIC_SLAVE_MASKED;
    if ((keeper = line_keeper(chip, line)) != NONE)
        *behind = irq / LINES * LINES + (unsigned)keeper;
    else if (irq >= LINES && (keeper = line_keeper(master, CASCADE_LINE)) != NONE)
        *behind = (unsigned)keeper;
    return keeper == NONE ? WS__PIC_COMES : WS__PIC_BEHIND;
}

/* -- acknowledging ----------------------------------------------------------------------------- */

/* "Automatic End of Interrupt (AEOI) Mode": it is not in service at all. */
static void chip_acknowledge(struct ws__pic8259 *chip, int line)
{
    uint8_t bit = (uint8_t)(1 << line);
    if (!chip->auto_eoi)
        chip->isr |= bit;
    else if (chip->rotates)
        chip->lowest = (uint8_t)line;
    if (!(chip->elcr & bit))
        chip->irr &= (uint8_t)~bit;
}

/* The slave's output falls while it is acknowledged, so that its next request is an edge. */
static int slave_acknowledge(struct ws__pic_pair *pair)
{
    int line = chip_request(&pair->chip[SLAVE]);
    chip_line(&pair->chip[MASTER], CASCADE_LINE, false);
    if (line == NONE)
        return SPURIOUS;
    chip_acknowledge(&pair->chip[SLAVE], line);
    return line;
}

/* "Interrupt Sequence": without a request it is a spurious one, which is not in service. */
uint8_t ws__pic8259_acknowledge(struct ws__pic_pair *pair)
{
    struct ws__pic8259 *master = &pair->chip[MASTER];
    int line = chip_request(master);
    if (line == NONE)
        return master->base + SPURIOUS;
    chip_acknowledge(master, line);
    if (line != CASCADE_LINE)
        return (uint8_t)(master->base + line);
    line = slave_acknowledge(pair);
    cascade(pair);
    return (uint8_t)(pair->chip[SLAVE].base + line);
}

/* "Poll Command": the read is the acknowledge. */
static uint8_t chip_poll(struct ws__pic8259 *chip)
{
    int line = chip_request(chip);
    chip->polls = false;
    if (line == NONE)
        return 0;
    chip_acknowledge(chip, line);
    return (uint8_t)(POLL_INTERRUPT | line);
}

/* -- command words ----------------------------------------------------------------------------- */

/* "Initialization Command Words 1 and 2".  LTIM counts no more: 82371AB, "ICW1", ELCR has taken its
 * place. */
static void icw1_write(struct ws__pic8259 *chip, uint8_t value)
{
    *chip = (struct ws__pic8259){
        .line = chip->line,
        .irr = chip->line & chip->elcr, /* lines must rise again */
        .elcr = chip->elcr,
        .base = chip->base,
        .lowest = 7,
        .awaits = 2,
        .single = value & ICW1_SNGL,
        .wants_icw4 = value & ICW1_IC4,
    };
}

/* ICW2, ICW3 and ICW4 come in this order, the latter two only if they were announced. */
static void icw_write(struct ws__pic8259 *chip, uint8_t value)
{
    bool icw4_next = false;
    switch (chip->awaits) {
    case 2:
        chip->base = value & ICW2_BASE;
        icw4_next = chip->single;
        chip->awaits = 3;
        break;
    case 3: /* which line is whose is soldered */
        icw4_next = true;
        break;
    default:
        chip->auto_eoi = value & ICW4_AEOI;
        chip->nests_slave = value & ICW4_SFNM;
        chip->awaits = 0;
        break;
    }
    if (icw4_next)
        chip->awaits = chip->wants_icw4 ? 4 : 0;
}

/* "Operation Control Word 2 (OCW2)": what bits 7 to 5 ask for. */
enum { ROTATE = 4, SPECIFIC = 2, EOI = 1 };

/* The line that it is about; NONE: it is about none. */
static int ocw2_line(const struct ws__pic8259 *chip, uint8_t value)
{
    unsigned command = value >> 5;
    if (command == ROTATE || command == 0)
        return NONE;
    return command & SPECIFIC ? value & 7 : line_first(chip, lines_serving(chip));
}

static void ocw2_write(struct ws__pic8259 *chip, uint8_t value)
{
    unsigned command = value >> 5;
    int line = ocw2_line(chip, value);
    if (command == ROTATE || command == 0)
        chip->rotates = command == ROTATE;
    if (line == NONE)
        return;
    if (command & EOI)
        chip->isr &= (uint8_t) ~(1 << line);
    if (command & ROTATE)
        chip->lowest = (uint8_t)line;
}

int ws__pic8259_ends(const struct ws__pic_pair *pair, uint16_t port, uint8_t value)
{
    if ((port != WS__PIC_MASTER && port != WS__PIC_SLAVE) || value & (ICW1 | OCW3) || !(value >> 5 & EOI))
        return NONE;
    const struct ws__pic8259 *chip = &pair->chip[port == WS__PIC_SLAVE];
    int line = ocw2_line(chip, value);
    return line != NONE && chip->isr >> line & 1 ? line + (port == WS__PIC_SLAVE ? LINES : 0) : NONE;
}

/* "Operation Control Word 3 (OCW3)" */
static void ocw3_write(struct ws__pic8259 *chip, uint8_t value)
{
    if (value & OCW3_ESMM)
        chip->special_mask = value & OCW3_SMM;
    if (value & OCW3_POLL)
        chip->polls = true;
    else if (value & OCW3_RR)
        chip->reads_isr = value & OCW3_RIS;
}

static void command_write(struct ws__pic8259 *chip, uint8_t value)
{
    if (value & ICW1)
        icw1_write(chip, value);
    else if (value & OCW3)
        ocw3_write(chip, value);
    else
        ocw2_write(chip, value);
}

static void elcr_write(struct ws__pic8259 *chip, uint8_t value)
{
    chip->elcr = value;
    chip->irr = (chip->irr & ~value) | (chip->line & value);
}

void ws__pic8259_write(void *context, uint16_t port, uint8_t value)
{
    struct ws__pic_pair *pair = context;
    bool elcr = (port & ~1) == WS__PIC_ELCR;
    unsigned which = elcr ? port & 1 : (port & ~1) == WS__PIC_SLAVE;
    struct ws__pic8259 *chip = &pair->chip[which];
    if (elcr)
        elcr_write(chip, value & elcr_writable[which]);
    else if (!(port & 1))
        command_write(chip, value);
    else if (chip->awaits)
        icw_write(chip, value);
    else
        chip->imr = value;
    cascade(pair);
}

uint8_t ws__pic8259_read(void *context, uint16_t port)
{
    struct ws__pic_pair *pair = context;
    if ((port & ~1) == WS__PIC_ELCR)
        return pair->chip[port & 1].elcr;
    struct ws__pic8259 *chip = &pair->chip[(port & ~1) == WS__PIC_SLAVE];
    if (!chip->polls)
        return port & 1 ? chip->imr : chip->reads_isr ? chip->isr : chip->irr;
    uint8_t word = chip_poll(chip);
    if (chip == &pair->chip[SLAVE])
        chip_line(&pair->chip[MASTER], CASCADE_LINE, false);
    cascade(pair);
    return word;
}
