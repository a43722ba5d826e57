/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Gregorian calendar, from the year 2000 on.
 */
#include "devices/timers/calendar.h"

#include <stdbool.h>

enum { FIRST_YEAR = 2000, LAST_YEAR = 9999, FIRST_WEEKDAY = 6, DAY = 86400 };

static bool year_is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned month_days(unsigned month, unsigned year)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[(month - 1) % 12] + (month == 2 && year_is_leap(year));
}

void ws__date_of(struct ws__date *date, int64_t seconds)
{
    int64_t days = seconds < 0 ? 0 : seconds / DAY;
    unsigned rest = seconds < 0 ? 0 : (unsigned)(seconds % DAY);
    *date = (struct ws__date){.second = rest % 60,
                              .minute = rest / 60 % 60,
                              .hour = rest / 3600,
                              .weekday = (unsigned)((days + FIRST_WEEKDAY) % 7) + 1,
                              .month = 1,
                              .year = FIRST_YEAR};
    while (date->year < LAST_YEAR && days >= 365 + year_is_leap(date->year))
        days -= 365 + year_is_leap(date->year++);
    while (date->month < 12 && days >= month_days(date->month, date->year))
        days -= month_days(date->month++, date->year);
    date->day = (unsigned)days + 1;
}

int64_t ws__date_seconds(const struct ws__date *date)
{
    int64_t days = (int64_t)date->day - 1;
    for (unsigned year = FIRST_YEAR; year < date->year; year++)
        days += 365 + year_is_leap(year);
    for (unsigned month = 1; month < date->month && month <= 12; month++)
        days += month_days(month, date->year);
    return days * DAY + date->hour * 3600 + date->minute * 60 + date->second;
}
