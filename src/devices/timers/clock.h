/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest time, and when something is due.
 *
 * Time is the number of instructions the machine has begun, plus those that would have been begun
 * while it slept in `hlt`. A guest second has `ips` of them.  Chips count in ticks of their own
 * crystal; both directions are exact, so nothing drifts: tick n is over at time ceil(n * ips /
 * hertz), whichever chip asks.
 */
#ifndef WS_DEVICES_TIMERS_CLOCK_H
#define WS_DEVICES_TIMERS_CLOCK_H

#include <stdint.h>

/* "Never", as a time. */
#define WS__NEVER UINT64_MAX

#define WS__IPS_DEFAULT UINT64_C(100000000)

/* Handed to the chips, and not part of their state. */
struct ws__clock {
    uint64_t now; /* the board sets it before a chip is asked anything */
    uint64_t ips; /* not 0 */
};

/* How many ticks of `hertz` are over at clock->now. */
uint64_t ws__clock_ticks(const struct ws__clock *clock, uint64_t hertz);
/* The first time at which `ticks` are over; WS__NEVER if time ends before. */
uint64_t ws__clock_time(const struct ws__clock *clock, uint64_t ticks, uint64_t hertz);

/* Who may be due. */
enum ws__source {
    WS__SOURCE_PIT,
    WS__SOURCE_UART,
    WS__SOURCE_RTC,
    WS__SOURCE_ATA,
    WS__SOURCE_BUS_MASTER,
    WS__SOURCE_KEYBOARD,
    WS__SOURCE_LOCAL_APIC,
    WS__SOURCES
};

/* The queue of deadlines: a slot for each source, WS__NEVER if it waits for nothing. */
struct ws__agenda {
    uint64_t due[WS__SOURCES];
};

uint64_t ws__agenda_first(const struct ws__agenda *agenda);

#endif
