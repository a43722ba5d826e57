/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel does, in order.  What it prints depends on no timing, so that it can be compared
 * between a PC and a virtual machine, byte for byte. */
#include "vm.h"

enum { DEBUG_EXIT = 0xf4, TICKS = 5, SECTOR_BYTES = 512, STATUS_DONE = 0, STATUS_FAILED = 1 };

_Noreturn void vm_exit(uint8_t status)
{
    port_write(DEBUG_EXIT, status);
    for (;;)
        __asm__ volatile("cli; hlt");
}

static void fail(const char *text)
{
    print(text);
    vm_exit(STATUS_FAILED);
}

/* "vm: a selector beyond the GDT: vector 13, error 0x78" */
static void provoke_show(uint32_t (*provoke)(void), const char *what)
{
    uint32_t seen = provoke();

    print("vm: ");
    print(what);
    print(seen ? ": vector " : ": nothing");
    if (seen) {
        print_number(trap_vector);
        print(", error ");
        print_hex(trap_error);
    }
    print("\n");
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
    uint32_t before, after;

    __asm__ volatile("movl %%cr0, %0\n\t"
                     "orl $8, %0\n\t"
                     "movl %0, %%cr0\n\t"
                     "movl %%cr0, %0\n\t"
                     "clts\n\t"
                     "movl %%cr0, %1"
                     : "=&r"(before), "=&r"(after));
    print("vm: cr0 with task switched ");
    print_hex(before);
    print(", cleared ");
    print_hex(after);
    print("\n");
}

static void ticks_show(void)
{
    for (uint32_t tick = 1; tick <= TICKS; tick++) {
        interrupt_wait(&ticks, tick);
        print("vm: tick ");
        print_number(tick);
        print("\n");
    }
}

/* The text at a sector's beginning, up to the end of its line. */
static void line_print(const char *sector)
{
    for (unsigned i = 0; i < 64 && sector[i] >= ' ' && sector[i] <= '~'; i++)
        print((const char[]){sector[i], 0});
    print("\n");
}

static void disk_show(void)
{
    static char sector[SECTOR_BYTES], back[SECTOR_BYTES];
    const char message[] = "written by the virtual machine\n";

    if (!disk_init())
        fail("vm: there is no disk\n");
    if (!disk_read(0, sector))
        fail("vm: sector 0 cannot be read\n");
    print("vm: sector 0: ");
    line_print(sector);
    for (unsigned i = 0; i < SECTOR_BYTES; i++)
        sector[i] = i < sizeof message - 1 ? message[i] : (char)i;
    if (!disk_write(1, sector) || !disk_read(1, back))
        fail("vm: sector 1 cannot be written and read\n");
    for (unsigned i = 0; i < SECTOR_BYTES; i++)
        if (back[i] != sector[i])
            fail("vm: sector 1 is not what was written\n");
    print("vm: sector 1: ");
    line_print(back);
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
    __asm__ volatile("sti");
    ticks_show();
    disk_show();
    print("vm: done\n");
    vm_exit(STATUS_DONE);
}
