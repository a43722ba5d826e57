/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest time.
 */
#include "devices/timers/clock.h"

typedef unsigned __int128 wide; /* a product of two 64-bit numbers fits */

uint64_t ws__clock_ticks(const struct ws__clock *clock, uint64_t hertz)
{
    wide ticks = (wide)clock->now * hertz / clock->ips;
    return ticks < WS__NEVER ? (uint64_t)ticks : WS__NEVER;
}

uint64_t ws__clock_time(const struct ws__clock *clock, uint64_t ticks, uint64_t hertz)
{
    wide time = ((wide)ticks * clock->ips + hertz - 1) / hertz;
    return time < WS__NEVER ? (uint64_t)time : WS__NEVER;
}

uint64_t ws__agenda_first(const struct ws__agenda *agenda)
{
    uint64_t first = WS__NEVER;
    for (int i = 0; i < WS__SOURCES; i++) {
        if (agenda->due[i] < first)
            first = agenda->due[i];
    }
    return first;
}
