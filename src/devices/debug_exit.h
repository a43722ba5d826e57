/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debug exit port: writing it ends the machine.
 *
 * No PC has this chip; QEMU has it as "isa-debug-exit", and guests that run there end the same way
 * here.
 */
#ifndef WS_DEVICES_DEBUG_EXIT_H
#define WS_DEVICES_DEBUG_EXIT_H

#include <stdbool.h>
#include <stdint.h>

enum { WS__DEBUG_EXIT_PORT = 0xf4 };

/* All zero at reset.  Its owner looks at `written` after each write to the bus. */
struct ws__debug_exit {
    bool written;
    uint8_t value; /* the first one written: after it, nothing matters */
};

/* For the bus; `chip` is a struct ws__debug_exit. */
uint8_t ws__debug_exit_read(void *chip, uint16_t port);
void ws__debug_exit_write(void *chip, uint16_t port, uint8_t value);

#endif
