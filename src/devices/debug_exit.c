/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debug exit port.
 */
#include "devices/debug_exit.h"

uint8_t ws__debug_exit_read(void *chip, uint16_t port)
{
    (void)chip;
    (void)port;
    return 0; /* as QEMU's: a guest can tell that the port is there */
}

void ws__debug_exit_write(void *chip, uint16_t port, uint8_t value)
{
    struct ws__debug_exit *debug_exit = chip;
    (void)port;
    if (debug_exit->written)
        return;
    debug_exit->written = true;
    debug_exit->value = value;
}
