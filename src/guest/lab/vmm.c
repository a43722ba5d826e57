/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The laboratory's VMM: it serves requests from the mailbox, one each time it is entered.  Serving
 * means causing the exception that the request names, which this world's own handler catches.  The
 * page fault comes from looking at the host's kernel: it is not there.
 */
#include "kernel.h"

void kernel_main(void)
{
    for (;;) {
        print("%s: serves request %u\n", resident.name, mailbox()->request);
        provoke((enum provocation)mailbox()->request, mailbox()->argument);
        mailbox()->trips++;
        mailbox()->result = mailbox()->request + 100;
        world_switch(resident.peer);
    }
}

uint32_t kernel_ioctl(uint32_t request)
{
    return ~0u;
}
