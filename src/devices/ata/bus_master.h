/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IDE bus master of a PIIX3: it moves sectors between disk and memory, so that the processor need not.
 *
 * 82371FB (PIIX) and 82371SB (PIIX3) data sheet (Intel, order number 290550-002), "PCI Local Bus IDE" and "Bus Master
 * IDE I/O Registers".  Ports, from where PCI's configuration puts them; the secondary channel's are 8 behind them:
 *
 *   0    BMICX     start (0); towards memory (3)
 *   2    BMISX     active (0); error (1) and interrupt (2), which a one clears; what drives can (5, 6)
 *   4    BMIDTPX   four bytes: the physical address of the table of regions
 *
 *        table ──► │ address │ bytes, 0: 65536 │      a region of memory, from a physical address on
 *                  │ address │ bytes           │      the disk's sectors fill them, one behind the other
 *                  │ address │ bytes, last (31)│
 *
 * Active and interrupt say how a transfer ended.  Interrupt alone: the sectors fill the regions.  Both: there is room
 * left.  None of them: the regions were too small, or, with error, there is no memory; and the disk still waits.
 */
#ifndef WS_DEVICES_ATA_BUS_MASTER_H
#define WS_DEVICES_ATA_BUS_MASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/pci.h"

enum { WS__BUS_MASTER_PORTS = 16, WS__BUS_MASTER_CHANNELS = 2 };

struct ws__bus_master {
    struct ws__bus_master_channel {
        uint32_t table;
        uint8_t command;
        uint8_t status;
    } channel[WS__BUS_MASTER_CHANNELS]; /* the second one has no disk */
    bool line;                          /* the primary channel's interrupt, as it was last */
};

struct ws__bus_master_wire {
    struct ws__bus_master *chip;
    const struct ws__pci *pci;
    void *context;
    /* Read or write physical memory; false: there is none. */
    bool (*read)(void *context, uint32_t phys, void *out, uint32_t bytes);
    bool (*write)(void *context, uint32_t phys, const void *in, uint32_t bytes);
};

/* How far a transfer has come in the table.  A transfer takes no time in itself, so this is no state. */
struct ws__regions {
    uint32_t entry; /* where the next region's entry is */
    uint32_t phys;  /* where the present region goes on, */
    uint32_t left;  /* and how many bytes are left of it */
    bool last;      /* no region follows */
};

/* For the bus, as wide ports; `wire` is a struct ws__bus_master_wire. */
bool ws__bus_master_has(void *wire, uint16_t port);
uint32_t ws__bus_master_read(void *wire, uint16_t port, unsigned bytes);
void ws__bus_master_write(void *wire, uint16_t port, unsigned bytes, uint32_t value);

/* The disk's interrupt, as it is now. */
void ws__bus_master_interrupt(struct ws__bus_master_wire *wire, bool level);

/* For the disk.  Does the bus master wait for it? */
bool ws__bus_master_is_ready(const struct ws__bus_master_wire *wire);
/* A transfer begins. */
void ws__bus_master_begin(const struct ws__bus_master_wire *wire, struct ws__regions *regions);
/* Move so many bytes on, an even number, to memory or from it.  false: the regions end, or there is no memory; then the
 * transfer is over. */
bool ws__bus_master_move(const struct ws__bus_master_wire *wire, struct ws__regions *regions, void *at, uint32_t bytes,
                         bool to_memory);
/* The disk has no more sectors. */
void ws__bus_master_end(const struct ws__bus_master_wire *wire, const struct ws__regions *regions);

#endif
