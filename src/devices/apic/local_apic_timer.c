/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local APIC's timer: it counts down to 0, requests an interrupt there, and begins again if it is periodic.
 *
 * SDM 3A §10.5.4 "APIC Timer".
 */
#include "devices/apic/local_apic.h"

/* The divider is a power of two; bits 3, 1 and 0 of its register say which: 111 divides by 1, 000 by 2, 110 by 128. */
static unsigned shift_of(const struct ws__local_apic *chip)
{
    unsigned code = (chip->divider & 3u) | (chip->divider >> 1 & 4u);
    return (code + 1) & 7;
}

/* Beyond it, sums of ticks might be no numbers of 64 bits. */
#define TICKS_MOST (UINT64_C(1) << 62)

static uint64_t ticks_of(const struct ws__clock *clock)
{
    return ws__clock_ticks(clock, WS__LOCAL_APIC_HERTZ);
}

static uint64_t period_of(const struct ws__local_apic *chip)
{
    return (uint64_t)chip->count << shift_of(chip);
}

static bool is_periodic(const struct ws__local_apic *chip)
{
    return chip->lvt[WS__LVT_TIMER] & WS__LVT_PERIODIC;
}

/* How often it has come to 0 at that tick. */
static uint64_t expiries(const struct ws__local_apic *chip, uint64_t tick)
{
    uint64_t times = (tick - chip->begin) / period_of(chip);
    return times && !is_periodic(chip) ? 1 : times;
}

/* Expiries that nobody saw are one: the request stands already. */
void ws__local_apic_run(struct ws__local_apic *chip, const struct ws__clock *clock)
{
    uint64_t now = ticks_of(clock);
    if (chip->count && expiries(chip, now) > expiries(chip, chip->seen))
        ws__local_apic_local(chip, WS__LVT_TIMER);
    chip->seen = now;
}

uint64_t ws__local_apic_due(const struct ws__local_apic *chip, const struct ws__clock *clock)
{
    uint32_t row = chip->lvt[WS__LVT_TIMER];
    const struct ws__apic_message own = {.vector = (uint8_t)row, .mode = WS__APIC_FIXED, .destination = chip->id};
    uint64_t now = ticks_of(clock);
    if (!chip->count || row & WS__LVT_MASKED || now > TICKS_MOST || !ws__local_apic_listens(chip, &own))
        return WS__NEVER;
    uint64_t times = expiries(chip, now);
    if (times && !is_periodic(chip))
        return WS__NEVER;
    return ws__clock_time(clock, chip->begin + (times + 1) * period_of(chip), WS__LOCAL_APIC_HERTZ);
}

bool ws__local_apic_timer_is_masked(const struct ws__local_apic *chip)
{
    return chip->count && chip->lvt[WS__LVT_TIMER] & WS__LVT_MASKED;
}

uint32_t ws__local_apic_count(const struct ws__local_apic *chip, const struct ws__clock *clock)
{
    uint64_t now = ticks_of(clock);
    if (!chip->count || (!is_periodic(chip) && expiries(chip, now)))
        return 0;
    return chip->count - (uint32_t)((now - chip->begin) % period_of(chip) >> shift_of(chip));
}

void ws__local_apic_count_from(struct ws__local_apic *chip, const struct ws__clock *clock, uint32_t count)
{
    chip->count = count;
    chip->begin = chip->seen = ticks_of(clock);
}

/* It goes on from where it is. */
void ws__local_apic_divide(struct ws__local_apic *chip, const struct ws__clock *clock, uint8_t divider)
{
    uint32_t gone = chip->count - ws__local_apic_count(chip, clock);
    chip->divider = divider;
    chip->begin = ticks_of(clock) - ((uint64_t)gone << shift_of(chip));
}
