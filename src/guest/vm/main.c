/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel does, in order.  What it prints depends on no timing, so that it can be compared
 * between a PC and a virtual machine, byte for byte. */
#include <worldswitch/registers.h>

#include "guest/shared/ata.h"
#include "vm.h"

enum { TICKS = 5, STATUS_DONE = 0, STATUS_FAILED = 1 };

static void fail(const char *text)
{
    print("vm: %s\n", text);
    machine_leave(STATUS_FAILED);
}

static void provoke_show(uint32_t (*provoke)(void), const char *what)
{
    if (provoke())
        print("vm: %s: vector %u, error %x\n", what, trap_vector, trap_error);
    else
        print("vm: %s: nothing\n", what);
}

static void exceptions_show(void)
{
    provoke_show(provoke_divide, "a division by zero");
    provoke_show(provoke_opcode, "an undefined opcode");
    provoke_show(provoke_selector, "a selector beyond the GDT");
    provoke_show(provoke_vector, "an interrupt beyond the IDT");
    provoke_show(provoke_int, "a software interrupt");
}

static void control_registers_show(void)
{
    uint32_t before;

    cr0_write(cr0_read() | WS_CR0_TS);
    before = cr0_read();
    __asm__ volatile("clts");
    print("vm: cr0 with task switched %x, cleared %x\n", before, cr0_read());
}

static void ticks_show(void)
{
    for (uint32_t tick = 1; tick <= TICKS; tick++) {
        interrupt_wait(&ticks, tick);
        print("vm: tick %u\n", tick);
    }
}

/* The text at a sector's beginning ends with its line. */
static const char *line_of(char *sector)
{
    unsigned end = 0;

    while (end < 64 && sector[end] >= ' ' && sector[end] <= '~')
        end++;
    sector[end] = 0;
    return sector;
}

static void disk_show(void)
{
    static char sector[ATA_SECTOR_BYTES], back[ATA_SECTOR_BYTES];
    const char message[] = "written by the virtual machine\n";

    if (!disk_init())
        fail("there is no disk");
    if (!disk_read(0, sector))
        fail("sector 0 cannot be read");
    print("vm: sector 0: %s\n", line_of(sector));
    for (unsigned i = 0; i < ATA_SECTOR_BYTES; i++)
        sector[i] = i < sizeof message - 1 ? message[i] : (char)i;
    if (!disk_write(1, sector) || !disk_read(1, back))
        fail("sector 1 cannot be written and read");
    for (unsigned i = 0; i < ATA_SECTOR_BYTES; i++)
        if (back[i] != sector[i])
            fail("sector 1 is not what was written");
    print("vm: sector 1: %s\n", line_of(back));
}

void vm_main(void)
{
    chips_init();
    print("vm: hello, this is a kernel\n");
    traps_init();
    paging_init();
    control_registers_show();
    exceptions_show();
    paging_show();
    interrupts_on();
    ticks_show();
    disk_show();
    print("vm: done\n");
    machine_leave(STATUS_DONE);
}
