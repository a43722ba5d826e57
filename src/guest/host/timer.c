/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time: a count of timer interrupts, TICKS_HZ a second. */
#include "guest/host/host.h"

static volatile uint32_t ticks;

void timer_interrupt(void)
{
    ticks++;
    threads_tick(ticks);
}

uint32_t ticks_now(void)
{
    return ticks;
}
