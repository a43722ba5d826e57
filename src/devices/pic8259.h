/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PC's two interrupt controllers, 8259A.
 *
 * 8259A Programmable Interrupt Controller, data sheet (Intel, order number 231468-003), and for
 * edge and level 82371AB (PIIX4) data sheet (Intel, order number 290562-001).
 *
 *   master  slave   write                                        read
 *   0x20    0xa0    ICW1 (bit 4), OCW3 (bits 4..3 are 01), OCW2   IRR or ISR; after a poll command, the poll word
 *   0x21    0xa1    ICW2, ICW3, ICW4 after ICW1; else OCW1        IMR
 *   0x4d0   0x4d1   ELCR: a bit set makes a line level-triggered  ELCR
 *
 * The slave's output is the master's line 2.  IRQ 0 to 7 are the master's lines, IRQ 8 to 15 the
 * slave's.
 */
#ifndef WS_DEVICES_PIC8259_H
#define WS_DEVICES_PIC8259_H

#include <stdbool.h>
#include <stdint.h>

enum { WS__PIC_MASTER = 0x20, WS__PIC_SLAVE = 0xa0, WS__PIC_ELCR = 0x4d0, WS__PIC_LINES = 16, WS__PIC_CASCADE = 2 };

/* One of the two.  In a byte of lines, bit n is line n. */
struct ws__pic8259 {
    uint8_t line;    /* as the pins are */
    uint8_t irr;     /* interrupt request register */
    uint8_t isr;     /* in-service register */
    uint8_t imr;     /* interrupt mask register */
    uint8_t elcr;    /* level-triggered lines */
    uint8_t base;    /* the vector of line 0 */
    uint8_t lowest;  /* the line of lowest priority; the next one has the highest */
    uint8_t awaits;  /* the initialization word that comes next: 2, 3, 4; 0: none */
    bool single;     /* ICW1: there will be no ICW3 */
    bool wants_icw4; /* ICW1 */
    bool auto_eoi;
    bool rotates;     /* in automatic EOI mode */
    bool nests_slave; /* special fully nested mode */
    bool special_mask;
    bool reads_isr; /* else IRR */
    bool polls;     /* the next read is an acknowledge */
};

struct ws__pic_pair {
    struct ws__pic8259 chip[2]; /* master, slave */
};

/* As a PC's firmware leaves them: vectors 8 and 0x70, IRQ 0, 1, 2, 6, 8, 12, 13 and 14 not
 * masked. */
void ws__pic8259_reset(struct ws__pic_pair *pair);

/* A pin changes, or stays.  `pair` is a struct ws__pic_pair; `irq` is 0 to 15, not 2. */
void ws__pic8259_line(void *pair, unsigned irq, bool high);

/* The master's output, the CPU's INTR pin. */
bool ws__pic8259_interrupts(const struct ws__pic_pair *pair);

/* The CPU acknowledges: the vector.  Without any request it is that of line 7. */
uint8_t ws__pic8259_acknowledge(struct ws__pic_pair *pair);

/* Would a rising edge on this line change anything for the CPU, now or soon?  Not if it is masked
 * or requested already. */
bool ws__pic8259_listens(const struct ws__pic_pair *pair, unsigned irq);

/* Which IRQ has this vector?  -1: none. */
int ws__pic8259_irq(const struct ws__pic_pair *pair, uint8_t vector);

/* What an IRQ that is requested waits for. */
enum ws__pic_wait {
    WS__PIC_COMES,        /* nothing: the CPU will hear of it */
    WS__PIC_NONE,         /* it is not requested */
    WS__PIC_MASKED,       /* at its own chip */
    WS__PIC_SLAVE_MASKED, /* the master's line 2 is */
    WS__PIC_BEHIND        /* the end of another interrupt, or of an earlier one of its own */
};

/* WS__PIC_BEHIND fills *behind: the IRQ in service; 2 is the slave's line at the master. */
enum ws__pic_wait ws__pic8259_wait(const struct ws__pic_pair *pair, unsigned irq, unsigned *behind);

/* Is it in service? */
bool ws__pic8259_serves(const struct ws__pic_pair *pair, unsigned irq);

/* A byte is about to be written to a port: which IRQ in service does it end?  -1: none.  2 is the slave's line. */
int ws__pic8259_ends(const struct ws__pic_pair *pair, uint16_t port, uint8_t value);

/* For the bus; `pair` is a struct ws__pic_pair. */
uint8_t ws__pic8259_read(void *pair, uint16_t port);
void ws__pic8259_write(void *pair, uint16_t port, uint8_t value);

#endif
