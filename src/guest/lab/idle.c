/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel of a world that the API makes: it does nothing of its own accord, and what is asked
 * from outside. */
#include "kernel.h"

void kernel_main(void)
{
}

uint32_t kernel_ioctl(uint32_t request)
{
    return ~0u;
}
