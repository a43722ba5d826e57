/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model-specific registers that this CPU has.
 *
 * The engine reads a register that does not exist as 0, and accepts writes to it.  A CPU raises #GP(0).
 */
#ifndef WS_X86_MODEL_SPECIFIC_H
#define WS_X86_MODEL_SPECIFIC_H

#include <stdbool.h>
#include <stdint.h>

enum { WS__SPECIFIC_CLOCK = 0x10, WS__SPECIFIC_PAGE_ATTRIBUTES = 0x277 };

/* Can rdmsr, in ring 0, read the register with this number? */
bool ws__specific_is_readable(uint32_t number);

/* Can wrmsr, in ring 0, write this value to the register? */
bool ws__specific_takes(uint32_t number, uint64_t value);

#endif
