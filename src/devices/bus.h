/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The I/O bus: which chip answers at which port.
 *
 * The board is a table of rows that the machine writes down once.  An access is 1, 2 or 4 bytes
 * wide, and a row says which of these its chip answers to.  Chips on ISA are eight bits wide and
 * answer to all: the bus makes one access a byte of a wider one, lowest port first.  A chip beside
 * them may be for bytes alone, and takes no part in a wider access that covers its port.  A port that
 * is wider than a byte says so: an access of a width that it knows is one, whatever the bytes' rows
 * say.  Where no chip answers, reads give all ones and writes vanish.
 */
#ifndef WS_DEVICES_BUS_H
#define WS_DEVICES_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t ws__port_read(void *chip, uint16_t port);
typedef void ws__port_write(void *chip, uint16_t port, uint8_t value);

/* The widths that a chip answers to: the sum of those in bytes. */
enum ws__bus_widths {
    WS__BUS_BYTES = 1,
    WS__BUS_ISA = 1 | 2 | 4 /* wider than a byte: divided into bytes */
};

/* Ports first..last belong to this chip.  NULL: there is nothing to read, or to write. */
struct ws__bus_row {
    uint16_t first;
    uint16_t last;
    uint8_t widths; /* enum ws__bus_widths */
    void *chip;     /* borrowed; handed to both functions */
    ws__port_read *read;
    ws__port_write *write;
};

/* Ports that are wider than a byte, for accesses of these widths that begin there.  Others go to the rows as ever.  The
 * guest can move some: then first..last is where they may be, and `has` says whether they are there now. */
struct ws__bus_wide {
    uint16_t first;
    uint16_t last;
    uint8_t widths;                         /* the sum of those in bytes */
    void *chip;                             /* borrowed */
    bool (*has)(void *chip, uint16_t port); /* NULL: they are always there */
    /* NULL: there is nothing to read, or to write. */
    uint32_t (*read)(void *chip, uint16_t port, unsigned bytes);
    void (*write)(void *chip, uint16_t port, unsigned bytes, uint32_t value);
};

struct ws__bus {
    const struct ws__bus_row *row; /* borrowed; the first row that has the port wins */
    size_t count;
    const struct ws__bus_wide *wide; /* borrowed */
    size_t wides;
};

/* Does a chip answer there to an access of `bytes` bytes? */
bool ws__bus_has(const struct ws__bus *bus, uint16_t port, unsigned bytes);

/* `bytes` is 1, 2 or 4; the bytes above them are zero. */
uint32_t ws__bus_read(const struct ws__bus *bus, uint16_t port, unsigned bytes);
void ws__bus_write(const struct ws__bus *bus, uint16_t port, unsigned bytes, uint32_t value);

#endif
