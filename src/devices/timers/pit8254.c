/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 8254: its registers.  Quoted names are sections of the 8254 data sheet.
 */
#include "devices/timers/pit8254.h"

#include <string.h>

#include "devices/timers/pit_counter.h"

enum { CONTROL = 3, ACCESS_LATCH = 0, ACCESS_LOW = 1, ACCESS_HIGH = 2, ACCESS_BOTH = 3, READ_BACK = 3 };

enum { READ_BACK_NO_COUNT = 1 << 5, READ_BACK_NO_STATUS = 1 << 4, STATUS_OUTPUT = 1 << 7, STATUS_NULL_COUNT = 1 << 6 };

void ws__pit8254_reset(struct ws__pit8254 *chip)
{
    static const uint8_t control[] = {0x34, 0x14, 0x36};
    static const uint32_t count[] = {65536, 18, 65536};
    memset(chip, 0, sizeof *chip);
    for (int i = 0; i < WS__PIT_COUNTERS; i++) {
        struct ws__pit_counter *counter = &chip->counter[i];
        ws__pit_counter_program(counter, control[i]);
        counter->count = count[i];
        counter->counting = counter->loaded = true;
        counter->gate = i != 2;
        counter->holds = i == 2;
    }
}

static int64_t tick_now(const struct ws__pit_wire *wire)
{
    return (int64_t)ws__clock_ticks(wire->clock, WS__PIT_HERTZ);
}

/* -- IRQ 0 ------------------------------------------------------------------------------------- */

/* Several edges since the last look are one: the interrupt controller keeps no count. */
static void edge_tell(struct ws__pit_wire *wire, int64_t until)
{
    if (ws__pit_counter_rise(&wire->chip->counter[0], wire->chip->seen) <= until) {
        ws__line_set(&wire->line, false);
        ws__line_set(&wire->line, true);
    }
    wire->chip->seen = until;
}

void ws__pit8254_run(struct ws__pit_wire *wire)
{
    struct ws__pit8254 *chip = wire->chip;
    int64_t now = tick_now(wire), boundary = ws__pit_counter_boundary(&chip->counter[0]);
    if (boundary <= now)
        edge_tell(wire, boundary);
    for (int i = 0; i < WS__PIT_COUNTERS; i++)
        ws__pit_counter_settle(&chip->counter[i], now);
    edge_tell(wire, now);
    ws__line_set(&wire->line, ws__pit_counter_output(&chip->counter[0], now));
}

uint64_t ws__pit8254_due(const struct ws__pit_wire *wire)
{
    const struct ws__pit_counter *counter = &wire->chip->counter[0];
    int64_t rise = ws__pit_counter_rise(counter, wire->chip->seen), boundary = ws__pit_counter_boundary(counter);
    int64_t first = rise < boundary ? rise : boundary;
    return first == WS__NO_TICK ? WS__NEVER : ws__clock_time(wire->clock, (uint64_t)first, WS__PIT_HERTZ);
}

/* -- counter 2's pins -------------------------------------------------------------------------- */

void ws__pit8254_gate(struct ws__pit_wire *wire, bool high)
{
    ws__pit_counter_gate(&wire->chip->counter[2], tick_now(wire), high);
}

bool ws__pit8254_output(struct ws__pit_wire *wire)
{
    return ws__pit_counter_output(&wire->chip->counter[2], tick_now(wire));
}

/* -- reading ----------------------------------------------------------------------------------- */

/* "Counter Latch Command": until it was read, another one is ignored. */
static void count_latch(struct ws__pit_counter *counter, int64_t now)
{
    if (counter->latch_bytes)
        return;
    counter->latched = ws__pit_counter_value(counter, now);
    counter->latch_bytes = counter->access == ACCESS_BOTH ? 2 : 1;
}

/* "Read-Back Command", the status byte */
static void status_latch(struct ws__pit_counter *counter, int64_t now)
{
    if (counter->status_latched)
        return;
    bool null_count =
        !counter->loaded || counter->next || (counter->counting && !counter->holds && now < counter->start);
    counter->status = (uint8_t)((ws__pit_counter_output(counter, now) ? STATUS_OUTPUT : 0) |
                                (null_count ? STATUS_NULL_COUNT : 0) | counter->control);
    counter->status_latched = true;
}

static uint8_t latch_read(struct ws__pit_counter *counter)
{
    bool high = counter->access == ACCESS_HIGH || (counter->access == ACCESS_BOTH && counter->latch_bytes == 1);
    counter->latch_bytes--;
    return (uint8_t)(high ? counter->latched >> 8 : counter->latched);
}

static uint8_t count_read(struct ws__pit_counter *counter, int64_t now)
{
    uint16_t value = ws__pit_counter_value(counter, now);
    bool high = counter->access == ACCESS_HIGH || (counter->access == ACCESS_BOTH && counter->half_read);
    if (counter->access == ACCESS_BOTH)
        counter->half_read = !counter->half_read;
    return (uint8_t)(high ? value >> 8 : value);
}

uint8_t ws__pit8254_read(void *context, uint16_t port)
{
    struct ws__pit_wire *wire = context;
    if ((port & 3) == CONTROL)
        return 0xff;
    struct ws__pit_counter *counter = &wire->chip->counter[port & 3];
    if (counter->status_latched) {
        counter->status_latched = false;
        return counter->status;
    }
    return counter->latch_bytes ? latch_read(counter) : count_read(counter, tick_now(wire));
}

/* -- writing ----------------------------------------------------------------------------------- */

static void read_back(struct ws__pit8254 *chip, uint8_t value, int64_t now)
{
    for (int i = 0; i < WS__PIT_COUNTERS; i++) {
        if (!(value & 2 << i))
            continue;
        if (!(value & READ_BACK_NO_COUNT))
            count_latch(&chip->counter[i], now);
        if (!(value & READ_BACK_NO_STATUS))
            status_latch(&chip->counter[i], now);
    }
}

static void control_write(struct ws__pit_wire *wire, uint8_t value)
{
    unsigned which = value >> 6, access = value >> 4 & 3;
    if (which == READ_BACK)
        read_back(wire->chip, value, tick_now(wire));
    else if (access == ACCESS_LATCH)
        count_latch(&wire->chip->counter[which], tick_now(wire));
    else
        ws__pit_counter_program(&wire->chip->counter[which], value);
}

/* "Mode 0: Interrupt on Terminal Count": the first of two bytes stops the count. */
static void low_keep(struct ws__pit_counter *counter, uint8_t value)
{
    counter->low = value;
    counter->half_written = true;
    if (counter->mode == 0)
        counter->counting = false;
}

static void count_write(struct ws__pit_counter *counter, int64_t now, uint8_t value)
{
    if (counter->access == ACCESS_BOTH && !counter->half_written) {
        low_keep(counter, value);
        return;
    }
    uint16_t count = counter->access == ACCESS_LOW    ? value
                     : counter->access == ACCESS_HIGH ? (uint16_t)(value << 8)
                                                      : (uint16_t)(value << 8 | counter->low);
    counter->half_written = false;
    ws__pit_counter_load(counter, now, count);
}

void ws__pit8254_write(void *context, uint16_t port, uint8_t value)
{
    struct ws__pit_wire *wire = context;
    if ((port & 3) == CONTROL)
        control_write(wire, value);
    else
        count_write(&wire->chip->counter[port & 3], tick_now(wire), value);
    ws__pit8254_run(wire);
}
