/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which chip answers to an access to physical memory.
 */
#include "machine/memory_chips.h"

#include "machine/board.h"

#define OPEN_BUS 0xffffffffu

static uint32_t page_of(uint32_t phys)
{
    return phys & WS_PAGE_FRAME;
}

/* -- nothing --------------------------------------------------------------------------------- */

/* true: this page was not accessed before, and there is room to remember it. */
static bool is_new(struct ws__no_memory *seen, uint32_t page)
{
    for (uint32_t i = 0; i < seen->count; i++) {
        if (seen->page[i] == page)
            return false;
    }
    if (seen->count == WS__NO_MEMORY_PAGES)
        return false;
    seen->page[seen->count++] = page;
    return true;
}

static void no_memory_report(struct ws_machine *machine, uint32_t phys, unsigned bytes, uint32_t value, bool write)
{
    if (is_new(&machine->chips.no_memory, phys / WS_PAGE_BYTES))
        ws__access_report(machine, WS_EVENT_NO_MEMORY, phys, bytes, value, write);
}

/* -- chips ----------------------------------------------------------------------------------- */

enum answers { NOTHING, LOCAL_APIC, IO_APIC };

static enum answers who_answers(const struct ws_machine *machine, uint32_t phys)
{
    if (page_of(phys) == WS__LOCAL_APIC_PHYS && !machine->chips.local_apic.off)
        return LOCAL_APIC;
    return page_of(phys) == WS__IO_APIC_PHYS ? IO_APIC : NOTHING;
}

uint32_t ws__memory_chips_read(void *context, uint32_t phys, unsigned bytes)
{
    struct ws_machine *machine = context;
    uint32_t offset = phys % WS_PAGE_BYTES, value = OPEN_BUS >> (32 - 8 * bytes);
    enum answers chip = who_answers(machine, phys);
    if (chip == NOTHING) {
        no_memory_report(machine, phys, bytes, value, false);
        return value;
    }
    ws__board_run(machine);
    value = chip == LOCAL_APIC ? ws__local_apic_read(&machine->chips.local_apic, &machine->wires.clock, offset, bytes)
                               : ws__io_apic_read(&machine->chips.io_apic, offset, bytes);
    ws__board_settle(machine);
    return value;
}

void ws__memory_chips_write(void *context, uint32_t phys, unsigned bytes, uint32_t value)
{
    struct ws_machine *machine = context;
    uint32_t offset = phys % WS_PAGE_BYTES;
    enum answers chip = who_answers(machine, phys);
    if (chip == NOTHING) {
        no_memory_report(machine, phys, bytes, value, true);
        return;
    }
    ws__board_run(machine);
    if (chip == LOCAL_APIC)
        ws__local_apic_write(&machine->chips.local_apic, &machine->wires.clock, offset, bytes, value);
    else
        ws__io_apic_write(&machine->wires.io_apic, offset, bytes, value);
    ws__board_settle(machine);
}
