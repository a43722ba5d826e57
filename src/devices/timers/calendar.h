/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Seconds and dates.
 */
#ifndef WS_DEVICES_TIMERS_CALENDAR_H
#define WS_DEVICES_TIMERS_CALENDAR_H

#include <stdint.h>

struct ws__date {
    unsigned second, minute, hour; /* from 0 */
    unsigned weekday;              /* from 1, Sunday */
    unsigned day, month;           /* from 1 */
    unsigned year;                 /* with its century */
};

/* Seconds since the beginning of 1 January 2000; dates from then to the end of 9999. */
void ws__date_of(struct ws__date *date, int64_t seconds);
/* The other way; the weekday does not count, and days behind a month's end go on in the next
 * one. */
int64_t ws__date_seconds(const struct ws__date *date);

#endif
