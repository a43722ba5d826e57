/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PC's clock and its 128 bytes of memory behind a battery.
 *
 * MC146818A data sheet (Motorola, ADI1026), "Registers"; the bytes from 0x10 on are the IBM AT's.
 *
 *   0x70   write: which byte (6..0); bit 7 holds NMI back      read: nothing there
 *   0x71   that byte
 *
 *   0x00 seconds   0x02 minutes   0x04 hours   0x06 day of the week, Sunday is 1
 *   0x07 day       0x08 month     0x09 year    0x32 century     0x01 0x03 0x05 alarm
 *   0x0a A: update in progress (7), rate of the periodic interrupt (3..0)
 *   0x0b B: set (7), interrupts: periodic (6), alarm (5), update (4); binary (2), 24 hours (1)
 *   0x0c C: what of these has happened (7..4); reading it forgets them   0x0d D: battery is good (7)
 *
 * Time begins at noon of 1 January 2000, a Saturday, and goes by the machine's clock: the host's
 * does not come in.  The guest may set it.
 */
#ifndef WS_DEVICES_TIMERS_CMOS_RTC_H
#define WS_DEVICES_TIMERS_CMOS_RTC_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/line.h"
#include "devices/timers/clock.h"

enum { WS__RTC_INDEX = 0x70, WS__RTC_DATA = 0x71, WS__RTC_BYTES = 128, WS__RTC_HERTZ = 32768 };

struct ws__rtc {
    int64_t offset;                /* seconds from 1 January 2000, at time 0 of the machine */
    int64_t stopped;               /* the same, now, while B has "set" */
    uint64_t seen;                 /* up to this tick, C was brought up to date */
    uint8_t memory[WS__RTC_BYTES]; /* the time's bytes: as the guest wrote them while it was set */
    uint8_t index;
};

struct ws__rtc_wire {
    struct ws__rtc *chip;
    const struct ws__clock *clock;
    struct ws__line line;    /* IRQ 8 */
    struct ws__line nmi_off; /* bit 7 of the index */
};

/* As firmware leaves it: BCD, 24 hours, no interrupts, and the size of memory. */
void ws__rtc_reset(struct ws__rtc *chip, uint32_t memory_bytes);

/* Bring C up to date, and tell IRQ 8. */
void ws__rtc_run(struct ws__rtc_wire *wire);
/* When it may interrupt next; WS__NEVER if it will not. */
uint64_t ws__rtc_due(const struct ws__rtc_wire *wire);

/* For the bus; `wire` is a struct ws__rtc_wire. */
uint8_t ws__rtc_read(void *wire, uint16_t port);
void ws__rtc_write(void *wire, uint16_t port, uint8_t value);

#endif
