/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel says on COM1; and the end of the machine. */
#ifndef WS_GUEST_SHARED_CONSOLE_H
#define WS_GUEST_SHARED_CONSOLE_H

#include <stdint.h>

/* A format and its values, see text_format(). */
void print(const char *format, ...);
void print_bytes(const char *bytes, uint32_t count);
/* The machine stops, with that status on its debug exit port. */
_Noreturn void machine_leave(uint8_t status);

#endif
