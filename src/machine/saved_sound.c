/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a state from a file one that a machine can have?
 *
 * Tables say what each field may be that something else is counted, indexed or divided by.  They are
 * looked at as bytes: a bool that is neither 0 nor 1 may not even be read.
 */
#include "machine/saved.h"

#include <stddef.h>
#include <string.h>

#include "devices/timers/pit_counter.h"

/* -- fields of one byte ------------------------------------------------------------------------ */

struct byte_row {
    size_t offset;
    uint8_t most;
};

#define MOST(field, most)                       \
    {                                           \
        offsetof(struct ws__chips, field), most \
    }
#define FLAG(field) MOST(field, 1)

#define PIC_ROWS(which)                                                                                         \
    MOST(pic.chip[which].lowest, 7), MOST(pic.chip[which].awaits, 4), FLAG(pic.chip[which].single),             \
        FLAG(pic.chip[which].wants_icw4), FLAG(pic.chip[which].auto_eoi), FLAG(pic.chip[which].rotates),        \
        FLAG(pic.chip[which].nests_slave), FLAG(pic.chip[which].special_mask), FLAG(pic.chip[which].reads_isr), \
        FLAG(pic.chip[which].polls)

#define PIT_ROWS(which)                                                                                            \
    MOST(pit.counter[which].latch_bytes, 2), MOST(pit.counter[which].mode, 5), MOST(pit.counter[which].access, 3), \
        FLAG(pit.counter[which].status_latched), FLAG(pit.counter[which].bcd), FLAG(pit.counter[which].gate),      \
        FLAG(pit.counter[which].counting), FLAG(pit.counter[which].loaded), FLAG(pit.counter[which].holds),        \
        FLAG(pit.counter[which].half_written), FLAG(pit.counter[which].half_read)

static const struct byte_row chip_row[] = {
    PIC_ROWS(0),
    PIC_ROWS(1),
    PIT_ROWS(0),
    PIT_ROWS(1),
    PIT_ROWS(2),
    MOST(uart.count, WS__UART_FIFO),
    FLAG(uart.overrun),
    FLAG(uart.timeout),
    FLAG(uart.thre_pending),
    FLAG(system.reset),
    MOST(kbc.outputs, WS__KBC_OUTPUTS),
    FLAG(kbc.was_command),
    FLAG(kbc.reset),
    FLAG(kbc.is_off),
    FLAG(kbc.wanted),
    FLAG(kbc.released),
    FLAG(debug_exit.written),
    MOST(ata.phase, WS__ATA_MOVES),
    MOST(ata.dma_mode, 4),
    MOST(ata.multiple, WS__ATA_MULTIPLE),
    MOST(ata.block, WS__ATA_MULTIPLE),
    FLAG(ata.to_disk),
    FLAG(ata.interrupt),
    FLAG(bus_master.line),
    MOST(rtc.index, WS__RTC_BYTES - 1),
    FLAG(nmi.asked),
    FLAG(nmi.held_back),
    FLAG(nmi_line),
    FLAG(local_apic.off),
    FLAG(local_apic.lint0),
    FLAG(local_apic.ended),
    FLAG(local_apic.nmi),
};

static const struct byte_row cpu_row[] = {
    {offsetof(struct ws__cpu_state, nmi_pending), 1},
    {offsetof(struct ws__cpu_state, nmi_blocked), 1},
    {offsetof(struct ws__cpu_state, asleep), 1},
};

static bool bytes_are_sound(const void *bytes, const struct byte_row *row, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        if (((const uint8_t *)bytes)[row[i].offset] > row[i].most)
            return false;
    return true;
}

/* -- times and counts -------------------------------------------------------------------------- */

/* So far from 0, sums of a few of them are still numbers of 64 bits. */
#define TIME_MOST (INT64_C(1) << 60)

static bool is_near(int64_t time)
{
    return time >= -TIME_MOST && time <= TIME_MOST;
}

static bool counter_is_sound(const struct ws__pit_counter *counter)
{
    enum { COUNT_MOST = 65536 };
    return is_near(counter->start) && is_near(counter->held) &&
           (is_near(counter->next_at) || counter->next_at == WS__NO_TICK) && counter->count >= 1 &&
           counter->count <= COUNT_MOST && counter->next <= COUNT_MOST;
}

static bool clocks_are_sound(const struct ws__chips *chips)
{
    for (int i = 0; i < WS__PIT_COUNTERS; i++)
        if (!counter_is_sound(&chips->pit.counter[i]))
            return false;
    return is_near(chips->pit.seen) && is_near(chips->rtc.offset) && is_near(chips->rtc.stopped);
}

/* -- chips in memory ------------------------------------------------------------------------ */

/* The timer began, and was looked at, within numbers. */
static bool memory_chips_are_sound(const struct ws__chips *chips)
{
    const struct ws__local_apic *apic = &chips->local_apic;
    return is_near((int64_t)apic->begin) && is_near((int64_t)apic->seen) &&
           chips->no_memory.count <= WS__NO_MEMORY_PAGES;
}

/* -- the disk ---------------------------------------------------------------------------------- */

/* A command that is under way has its sectors, and its block fits into the buffer. */
static bool disk_is_sound(const struct ws__ata *ata, uint32_t sectors)
{
    bool moves = ata->phase == WS__ATA_SENDS || ata->phase == WS__ATA_TAKES;
    bool writes = ata->phase == WS__ATA_TAKES || ata->phase == WS__ATA_WRITES;
    bool by_master = ata->phase == WS__ATA_WAITS || ata->phase == WS__ATA_MOVES;
    unsigned filled = ata->filled / WS__SECTOR_BYTES;
    if (ata->phase == WS__ATA_IDLE || ata->phase == WS__ATA_FINISHES)
        return true;
    if (ata->left && (ata->lba > sectors || ata->left > sectors - ata->lba))
        return false;
    if (by_master)
        return ata->left != 0;
    if ((ata->phase == WS__ATA_READS || writes) && (!ata->left || !ata->block))
        return false;
    if (ata->filled % WS__SECTOR_BYTES || filled > WS__ATA_MULTIPLE || writes != ata->to_disk)
        return false;
    if (ata->left && (filled > ata->left || !ata->block) && ata->phase != WS__ATA_READS)
        return false;
    return !moves || (ata->position % 2 == 0 && ata->position < ata->filled);
}

bool ws__saved_chips_are_sound(const struct ws__chips *chips, uint32_t disk_sectors)
{
    return bytes_are_sound(chips, chip_row, sizeof chip_row / sizeof chip_row[0]) && clocks_are_sound(chips) &&
           memory_chips_are_sound(chips) && disk_is_sound(&chips->ata, disk_sectors);
}

bool ws__saved_cpu_is_sound(const struct ws__cpu_state *state)
{
    return bytes_are_sound(state, cpu_row, sizeof cpu_row / sizeof cpu_row[0]) && state->begun <= (uint64_t)TIME_MOST &&
           state->skipped <= (uint64_t)TIME_MOST && state->stale.count <= WS__STALE_PAGES &&
           state->halt.reason < WS_HALT_COUNT && state->halt.origin <= WS_ORIGIN_EXTERNAL &&
           state->halt.faults <= WS_FAULTS;
}
