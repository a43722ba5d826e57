/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host, from its first line of C to its last. */
#include "guest/host/disk.h"
#include "guest/host/host.h"
#include "guest/hosted.h"

/* Of 8 MiB, some loaders leave a little to the firmware. */
enum { RAM_LEAST = 15 << 19 };

void host_main(uint32_t ram_bytes);

void panic(const char *why)
{
    print("host: %s; the machine stops\n", why);
    machine_leave(1);
}

static void start(const char *file, const char *name, uint32_t number)
{
    if (program_start(file, name, number) < 0)
        panic("a program is not there, or there is no memory for it");
}

/* A virtual machine needs much memory. */
static bool vmxs_start_one(const char *name, uint32_t number)
{
    int32_t result = program_start("vmx", name, number);

    if (result == CALL_BAD)
        panic("a program is not there");
    if (result < 0)
        print("host: no memory for %s\n", name);
    return result >= 0;
}

/* One for each virtual machine that has a disk: one that is alone, or several with numbers.  `names` gets theirs. */
static void vmxs_start(char *names, uint32_t room)
{
    char disk[NAME_BYTES], name[NAME_BYTES];

    if (fs_open("vm.disk") >= 0) {
        if (vmxs_start_one("vmx", 0))
            text_print(names, room, "%s", " and vmx");
        return;
    }
    for (uint32_t number = 1, end = 0; number <= HOSTED_VMS_MOST; number++) {
        text_print(disk, sizeof disk, "vm%u.disk", number);
        text_print(name, sizeof name, "vmx%u", number);
        if (fs_open(disk) >= 0 && vmxs_start_one(name, number))
            end += text_print(names + end, room - end, ", %s", name);
    }
}

/* Entered from boot/entry.S, on the boot stack, interrupts off. */
void host_main(uint32_t ram_bytes)
{
    char vmxs[64] = "";

    chips_init();
    print("host: boots\n");
    if (ram_bytes < RAM_LEAST)
        panic("8 MiB of memory are needed");
    tables_init();
    memory_init(ram_bytes);
    processes_init();
    interrupts_on();
    fs_init();

    start("a", "A", 0);
    start("b", "B", 0);
    vmxs_start(vmxs, sizeof vmxs);
    print("host: processes A, B%s begin\n", vmxs);
    threads_run();

    fs_sync();
    print("host: all processes have exited, the disk is synchronized\n");
    machine_leave(0);
}
