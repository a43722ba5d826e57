/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The laboratory's host: it runs the processes A and B until both have exited, then leaves the
 * machine.
 *
 * Its ioctl is the VMX driver in small: it leaves a request in the mailbox and the whole host with
 * it.  What happens in the VMM's world is not seen from here; the host goes on behind
 * world_switch() as if it had been a function call. Then it does the same thing itself, to show
 * whose handler catches it now.
 */
#include "kernel.h"

enum { EXIT_SUCCESS = 0 };

/* Where the VMM's kernel begins, in the VMM's world. */
static const uint32_t vmm_linear = WS_CROSS_LINEAR + WS_KERNEL_IMAGE;

void kernel_main(void)
{
    print("%s: kernel runs\n", resident.name);
    processes_run();
    print("%s: all processes have exited, %u trips to the vmm\n", resident.name, mailbox()->trips);
    machine_leave(EXIT_SUCCESS);
}

uint32_t kernel_ioctl(uint32_t request)
{
    mailbox()->request = request;
    mailbox()->argument = (uint32_t)&kernel_main;
    print("%s: leaves\n", resident.name);
    world_switch(resident.peer);
    print("%s: is back\n", resident.name);
    provoke((enum provocation)request, vmm_linear);
    return mailbox()->result;
}
