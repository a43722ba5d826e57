/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One counter of the 8254: what it has counted, what its output is, and when that rises.
 */
#ifndef WS_DEVICES_TIMERS_PIT_COUNTER_H
#define WS_DEVICES_TIMERS_PIT_COUNTER_H

#include "devices/timers/pit8254.h"

/* "No such tick." */
#define WS__NO_TICK INT64_MAX

/* Take a count that waits for the end of its period, if that is over. `tick` is now, here and
 * below. */
void ws__pit_counter_settle(struct ws__pit_counter *counter, int64_t tick);
/* When that will be; WS__NO_TICK if none waits. */
int64_t ws__pit_counter_boundary(const struct ws__pit_counter *counter);

uint16_t ws__pit_counter_value(const struct ws__pit_counter *counter, int64_t tick);
bool ws__pit_counter_output(const struct ws__pit_counter *counter, int64_t tick);
/* The first tick after this one at which the output rises, as things are. */
int64_t ws__pit_counter_rise(const struct ws__pit_counter *counter, int64_t tick);

/* A control word for this counter; of its modes, 6 and 7 are 2 and 3. */
void ws__pit_counter_program(struct ws__pit_counter *counter, uint8_t control);
/* An initial count was written; 0 is the largest one. */
void ws__pit_counter_load(struct ws__pit_counter *counter, int64_t tick, uint16_t count);
void ws__pit_counter_gate(struct ws__pit_counter *counter, int64_t tick, bool high);

#endif
