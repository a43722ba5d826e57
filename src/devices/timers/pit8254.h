/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PC's timer, an 8254 with three counters.
 *
 * 8254 Programmable Interval Timer, data sheet (Intel, order number 231164-005).
 *
 *   0x40 0x41 0x42   write: a counter's initial count    read: its count, or what was latched
 *   0x43             write: control word: counter (7, 6), access (5, 4), mode (3..1), BCD (0)
 *                           counter latch command: access 00; read-back command: counter 11
 *                    read:  nothing there
 *
 * Counter 0 is wired to IRQ 0, counter 1 once refreshed memory, counter 2 makes sound and has its
 * gate and its output at port 0x61.  The gates of 0 and 1 are always high.  Nothing runs here:
 * counts and outputs are computed from the clock.
 */
#ifndef WS_DEVICES_TIMERS_PIT8254_H
#define WS_DEVICES_TIMERS_PIT8254_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/line.h"
#include "devices/timers/clock.h"

enum { WS__PIT_FIRST = 0x40, WS__PIT_LAST = 0x43, WS__PIT_COUNTERS = 3, WS__PIT_HERTZ = 1193182 };

struct ws__pit_counter {
    int64_t start;       /* the tick at which the present count was loaded; it may be the next one */
    int64_t held;        /* the gate holds it: how many ticks it had counted then */
    uint32_t count;      /* initial count, 1 to 65536 */
    int64_t next_at;     /* when the next count follows; INT64_MAX: with the gate */
    uint32_t next;       /* a count that was written and waits, or 0 */
    uint16_t latched;    /* by a latch command */
    uint8_t latch_bytes; /* so many of them are still to be read */
    uint8_t status;      /* by a read-back command */
    bool status_latched;
    uint8_t control; /* the control word's bits 5..0, as they were written */
    uint8_t mode;    /* 0 to 5 */
    uint8_t access;  /* 1: low byte, 2: high byte, 3: low, then high */
    bool bcd;
    bool gate;
    bool counting;     /* it has a count, and modes 1 and 5 have seen a trigger */
    bool loaded;       /* a count was written since the control word */
    bool holds;        /* the gate is low and stops it: not in modes 1 and 5 */
    bool half_written; /* access 3: the low byte is there */
    bool half_read;
    uint8_t low;
};

struct ws__pit8254 {
    struct ws__pit_counter counter[WS__PIT_COUNTERS];
    int64_t seen; /* up to this tick, edges of counter 0 were told to IRQ 0 */
};

struct ws__pit_wire {
    struct ws__pit8254 *chip;
    const struct ws__clock *clock;
    struct ws__line line; /* IRQ 0 */
};

/* As a PC's firmware leaves it: counter 0 in mode 2 with 65536, counter 1 in mode 2 with 18,
 * counter 2 silent. */
void ws__pit8254_reset(struct ws__pit8254 *chip);

/* Tell IRQ 0 what counter 0 did up to now. */
void ws__pit8254_run(struct ws__pit_wire *wire);
/* When counter 0 will raise IRQ 0 next, or has to be looked at; WS__NEVER if it will not by
 * itself. */
uint64_t ws__pit8254_due(const struct ws__pit_wire *wire);

/* Counter 2's gate, and its output. */
void ws__pit8254_gate(struct ws__pit_wire *wire, bool high);
bool ws__pit8254_output(struct ws__pit_wire *wire);

/* For the bus; `wire` is a struct ws__pit_wire. */
uint8_t ws__pit8254_read(void *wire, uint16_t port);
void ws__pit8254_write(void *wire, uint16_t port, uint8_t value);

#endif
