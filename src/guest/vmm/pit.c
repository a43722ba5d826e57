/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual interval timer: counter 0, which asks for IRQ 0.  Its time is the host's, in ticks; what
 * falls due between two entries of the VM is one interrupt.  Intel 8254 data sheet.
 */
#include "vmm.h"

enum { COUNTER_0 = 0x40, CONTROL = 0x43 };

static struct {
    uint32_t reload;  /* clocks; 0: never set */
    uint32_t elapsed; /* since the last reload */
    uint32_t seen;    /* mailbox.ticks until which it was counted */
    uint16_t latch;   /* what reads give */
    uint8_t mode;
    uint8_t access;     /* 1 low byte, 2 high byte, 3 both */
    bool latched, high; /* the next access is to the high byte */
    uint8_t low;        /* written first of two */
} pit;

void pit_update(void)
{
    uint32_t now = mailbox()->ticks;

    if (!pit.reload) {
        pit.seen = now;
        return;
    }
    pit.elapsed += (now - pit.seen) * PIT_COUNT;
    pit.seen = now;
    if (pit.elapsed < pit.reload)
        return;
    pit.elapsed %= pit.reload;
    pic_raise(0);
    if (pit.mode != 2 && pit.mode != 3) /* all but these count down once */
        pit.reload = 0;
}

static void control(uint8_t value)
{
    if (value >> 6 != 0) /* the other counters ring no bell here */
        return;
    if (!(value & 0x30)) {
        pit.latch = (uint16_t)(pit.reload - pit.elapsed);
        pit.latched = true;
        return;
    }
    pit.access = value >> 4 & 3;
    pit.mode = value >> 1 & 7;
    pit.mode = pit.mode > 5 ? pit.mode - 4 : pit.mode;
    pit.high = pit.access == 2;
    pit.reload = 0;
}

static void count_set(uint32_t count)
{
    pit.reload = count ? count : 0x10000;
    pit.elapsed = 0;
    pit.seen = mailbox()->ticks;
}

void pit_out(uint16_t port, uint8_t value)
{
    if (port == CONTROL)
        control(value);
    if (port != COUNTER_0)
        return;
    if (pit.access == 3 && !pit.high) {
        pit.low = value;
        pit.high = true;
        return;
    }
    count_set(pit.access == 3 ? pit.low | (uint32_t)value << 8 : (uint32_t)value << (pit.access == 2 ? 8 : 0));
    pit.high = pit.access == 2;
}

uint8_t pit_in(uint16_t port)
{
    uint16_t value = pit.latched ? pit.latch : (uint16_t)(pit.reload - pit.elapsed);
    bool high = pit.high;

    if (port != COUNTER_0)
        return 0xff;
    if (pit.access == 3)
        pit.high = !pit.high;
    pit.latched = pit.latched && pit.access == 3 && !high;
    return (uint8_t)(high ? value >> 8 : value);
}
