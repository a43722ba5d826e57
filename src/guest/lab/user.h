/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the program of processes A and B consists of: user_calls.S and user.c. */
#ifndef WS_GUEST_USER_H
#define WS_GUEST_USER_H

#include <stdint.h>

/* A system call of the laboratory's kernels, WS_CALL_... in layout.h. */
uint32_t system_call_make(uint32_t number, uint32_t argument);

/* Yield with values made from `seed` in all registers that can hold one.  Returns how many of them
 * came back changed: 0 if the kernel does its work. */
uint32_t yield_with_registers(uint32_t seed);

/* Begins here, in ring 3, with the process's letter. */
void user_main(uint32_t letter);

#endif
