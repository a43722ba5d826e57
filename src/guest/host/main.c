/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host, from its first line of C to its last. */
#include "guest/host/disk.h"
#include "guest/host/host.h"
#include "guest/shared/cpu.h"

/* Of 8 MiB, some loaders leave a little to the firmware. */
enum { RAM_LEAST = 15 << 19 };

void host_main(uint32_t ram_bytes);

void panic(const char *why)
{
    print("host: %s; the machine stops\n", why);
    machine_leave(1);
}

/* Entered from boot/entry.S, on the boot stack, interrupts off. */
void host_main(uint32_t ram_bytes)
{
    chips_init();
    print("host: boots\n");
    if (ram_bytes < RAM_LEAST)
        panic("8 MiB of memory are needed");
    tables_init();
    memory_init(ram_bytes);
    processes_init();
    interrupts_on();
    fs_init();

    program_start("a", "A");
    program_start("b", "B");
    program_start("vmx", "vmx");
    print("host: processes A, B and vmx begin\n");
    processes_run();

    fs_sync();
    print("host: all processes have exited, the disk is synchronized\n");
    machine_leave(0);
}
