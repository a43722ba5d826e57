/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual interrupt controllers, master and slave, as far as kernels use them: initialisation,
 * masks, end of interrupt, reading of requests and of what is in service; fixed priorities, edges.
 * Intel 8259A data sheet.
 */
#include "vmm.h"

enum { SLAVE_LINE = 2, ICW1 = 0x10, ICW1_ICW4 = 1, ICW4_AUTO_END = 2 };
enum { OCW2_END = 0x20, OCW2_SPECIFIC = 0x40, OCW3 = 8, OCW3_READ = 2 };

static struct pic {
    uint8_t requested, served, mask;
    uint8_t vector; /* ICW2: of line 0 */
    uint8_t expect; /* the initialisation word that comes next, 2 to 4; 0: none */
    bool wants_icw4, auto_end, read_served;
} pics[2];

static unsigned lowest(uint8_t bits)
{
    unsigned line = 0;

    while (line < 8 && !(bits >> line & 1))
        line++;
    return line;
}

/* The line that asks, and has a higher priority than what is in service; 8: none. */
static unsigned line_due(const struct pic *pic)
{
    unsigned line = lowest(pic->requested & (uint8_t)~pic->mask);

    return line < lowest(pic->served) ? line : 8;
}

/* The slave's output is the master's line 2. */
static void cascade(void)
{
    if (line_due(&pics[1]) < 8)
        pics[0].requested |= 1 << SLAVE_LINE;
    else
        pics[0].requested &= (uint8_t) ~(1 << SLAVE_LINE);
}

void pic_raise(unsigned irq)
{
    pics[irq / 8].requested |= (uint8_t)(1 << irq % 8);
    cascade();
}

void pic_lower(unsigned irq)
{
    pics[irq / 8].requested &= (uint8_t) ~(1 << irq % 8);
    cascade();
}

bool pic_pending(void)
{
    return line_due(&pics[0]) < 8;
}

static uint8_t acknowledge(struct pic *pic)
{
    unsigned line = line_due(pic);

    pic->requested &= (uint8_t) ~(1 << line);
    if (!pic->auto_end)
        pic->served |= (uint8_t)(1 << line);
    return (uint8_t)(pic->vector + line);
}

uint8_t pic_acknowledge(void)
{
    uint8_t vector;

    if (line_due(&pics[0]) != SLAVE_LINE)
        return acknowledge(&pics[0]);
    acknowledge(&pics[0]);
    vector = acknowledge(&pics[1]);
    cascade();
    return vector;
}

/* -- ports ------------------------------------------------------------------------------------- */

static void end_of_interrupt(struct pic *pic, uint8_t value)
{
    unsigned line = value & OCW2_SPECIFIC ? value & 7u : lowest(pic->served);

    pic->served &= (uint8_t) ~(1u << line);
}

static void command(struct pic *pic, uint8_t value)
{
    if (value & ICW1)
        *pic = (struct pic){.expect = 2, .wants_icw4 = value & ICW1_ICW4};
    else if (value & OCW3 && value & OCW3_READ)
        pic->read_served = value & 1;
    else if (!(value & OCW3) && value & OCW2_END)
        end_of_interrupt(pic, value);
}

static void data(struct pic *pic, uint8_t value)
{
    if (pic->expect == 0) {
        pic->mask = value;
        return;
    }
    if (pic->expect == 2)
        pic->vector = value & 0xf8;
    if (pic->expect == 4)
        pic->auto_end = value & ICW4_AUTO_END;
    pic->expect++;
    if (pic->expect == 5 || (pic->expect == 4 && !pic->wants_icw4))
        pic->expect = 0;
}

void pic_out(uint16_t port, uint8_t value)
{
    struct pic *pic = &pics[port >= 0xa0];

    if (port & 1)
        data(pic, value);
    else
        command(pic, value);
    cascade();
}

uint8_t pic_in(uint16_t port)
{
    const struct pic *pic = &pics[port >= 0xa0];

    if (port & 1)
        return pic->mask;
    return pic->read_served ? pic->served : pic->requested;
}
