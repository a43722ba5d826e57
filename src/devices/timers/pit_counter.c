/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One counter.  Quoted names are sections of the 8254 data sheet.
 */
#include "devices/timers/pit_counter.h"

enum { RANGE_BINARY = 65536, RANGE_BCD = 10000, MODE_COUNT = 8 };

static uint32_t counter_range(const struct ws__pit_counter *counter)
{
    return counter->bcd ? RANGE_BCD : RANGE_BINARY;
}

static bool counter_is_periodic(const struct ws__pit_counter *counter)
{
    return counter->mode == 2 || counter->mode == 3;
}

/* Ticks since the count was loaded; negative while that is still to come. */
static int64_t elapsed(const struct ws__pit_counter *counter, int64_t tick)
{
    return counter->holds ? counter->held : tick - counter->start;
}

static int64_t period_place(const struct ws__pit_counter *counter, int64_t tick)
{
    int64_t since = elapsed(counter, tick);
    return since < 0 ? 0 : since % counter->count;
}

/* "Mode 3: Square Wave Mode": the output is high for the longer half of an odd count. */
static int64_t half_high(uint32_t count)
{
    return (count + 1) / 2;
}

/* -- counting ---------------------------------------------------------------------------------- */

int64_t ws__pit_counter_boundary(const struct ws__pit_counter *counter)
{
    return counter->next ? counter->next_at : WS__NO_TICK;
}

/* A count that came in the high half of a square wave begins with the low one. */
void ws__pit_counter_settle(struct ws__pit_counter *counter, int64_t tick)
{
    if (!counter->next || tick < counter->next_at)
        return;
    bool low_half = counter->mode == 3 && (counter->next_at - counter->start) % counter->count != 0;
    counter->count = counter->next;
    counter->start = counter->next_at - (low_half ? half_high(counter->count) : 0);
    counter->next = 0;
}

static uint16_t bcd_of(uint32_t value)
{
    return (uint16_t)(value % 10 | value / 10 % 10 << 4 | value / 100 % 10 << 8 | value / 1000 % 10 << 12);
}

static uint32_t bcd_value(uint16_t bcd)
{
    return (bcd & 15u) + (bcd >> 4 & 15u) * 10 + (bcd >> 8 & 15u) * 100 + (bcd >> 12) * 1000u;
}

/* Mode 3 counts down by two; an odd count is made even first. */
static uint32_t square_value(const struct ws__pit_counter *counter, int64_t tick)
{
    int64_t place = period_place(counter, tick), high = half_high(counter->count);
    return (uint32_t)((counter->count & ~1u) - 2 * (place < high ? place : place - high));
}

uint16_t ws__pit_counter_value(const struct ws__pit_counter *counter, int64_t tick)
{
    uint32_t value = counter->count, range = counter_range(counter);
    int64_t since = elapsed(counter, tick);
    if (!counter->counting || since < 0)
        value = counter->count;
    else if (counter->mode == 2)
        value = (uint32_t)(counter->count - period_place(counter, tick));
    else if (counter->mode == 3)
        value = square_value(counter, tick);
    else
        value = (uint32_t)((counter->count + range - since % range) % range);
    return counter->bcd ? bcd_of(value) : (uint16_t)value;
}

/* -- the output -------------------------------------------------------------------------------- */

bool ws__pit_counter_output(const struct ws__pit_counter *counter, int64_t tick)
{
    int64_t since = elapsed(counter, tick), count = counter->count;
    if (!counter->counting)
        return counter->mode != 0;
    switch (counter->mode) {
    case 0:
        return since >= count;
    case 1:
        return since < 0 || since >= count;
    case 2:
        return counter->holds || count == 1 || period_place(counter, tick) != count - 1;
    case 3:
        return counter->holds || period_place(counter, tick) < half_high(counter->count);
    default:
        return since != count;
    }
}

int64_t ws__pit_counter_rise(const struct ws__pit_counter *counter, int64_t tick)
{
    int64_t since = tick - counter->start, count = counter->count;
    if (!counter->counting || counter->holds)
        return WS__NO_TICK;
    if (counter_is_periodic(counter)) {
        if (count <= 1) /* illegal in modes 2 and 3; gives no edges here */
            return WS__NO_TICK;
        return counter->start + (since < 0 ? 1 : since / count + 1) * count;
    }
    int64_t at = counter->start + count + (counter->mode >= 4); /* modes 4 and 5: behind a strobe of one tick */
    return at > tick ? at : WS__NO_TICK;
}

/* -- programming ------------------------------------------------------------------------------- */

void ws__pit_counter_program(struct ws__pit_counter *counter, uint8_t control)
{
    static const uint8_t mode_of[MODE_COUNT] = {0, 1, 2, 3, 4, 5, 2, 3};
    counter->control = control & 0x3f;
    counter->access = control >> 4 & 3;
    counter->mode = mode_of[control >> 1 & 7];
    counter->bcd = control & 1;
    counter->counting = counter->loaded = counter->holds = false;
    counter->half_written = counter->half_read = false;
    counter->next = 0;
}

static void count_start(struct ws__pit_counter *counter, int64_t tick)
{
    if (counter->next)
        counter->count = counter->next;
    counter->next = 0;
    counter->start = tick + 1; /* the next pulse loads it */
    counter->counting = true;
}

/* "Mode 2: Rate Generator", "Mode 3": a new count follows at the end of the period, or of its
 * half. */
static void count_wait(struct ws__pit_counter *counter, int64_t tick)
{
    int64_t place = period_place(counter, tick), high = half_high(counter->count), left = counter->count - place;
    if (counter->mode == 3 && place < high)
        left = high - place;
    counter->next_at = tick < counter->start ? counter->start : tick + left;
    if (counter->holds)
        counter->next_at = WS__NO_TICK; /* the gate will load it */
}

void ws__pit_counter_load(struct ws__pit_counter *counter, int64_t tick, uint16_t written)
{
    uint32_t count = counter->bcd ? bcd_value(written) : written;
    bool triggered = counter->mode == 1 || counter->mode == 5;
    bool first = !counter->loaded;
    counter->next = count ? count : counter_range(counter);
    counter->next_at = WS__NO_TICK;
    counter->loaded = true;
    if (triggered)
        return; /* the gate will load it */
    if (counter_is_periodic(counter) && !first) {
        count_wait(counter, tick);
        return;
    }
    count_start(counter, tick);
    counter->holds = !counter->gate;
    counter->held = 0;
}

/* "Operation Common to All Modes": what the gate does, mode by mode. */
void ws__pit_counter_gate(struct ws__pit_counter *counter, int64_t tick, bool high)
{
    bool rises = high && !counter->gate, falls = !high && counter->gate;
    bool level = counter->mode == 0 || counter->mode == 4;
    counter->gate = high;
    if (!counter->loaded || (!rises && !falls))
        return;
    if (rises && !level) {
        count_start(counter, tick);
    } else if (rises) {
        counter->start = tick - counter->held;
    } else if (counter_is_periodic(counter) || level) {
        counter->held = elapsed(counter, tick);
        if (counter->next)
            counter->next_at = WS__NO_TICK;
    }
    counter->holds = falls && (counter_is_periodic(counter) || level);
}
