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

enum { WS__SPECIFIC_CLOCK = 0x10, WS__SPECIFIC_APIC_BASE = 0x1b, WS__SPECIFIC_PAGE_ATTRIBUTES = 0x277 };

/* IA32_APIC_BASE: where the local APIC is, that this is the processor that boots, and whether it has one.
 * SDM 3A §10.4.4 "Local APIC Status and Location" */
#define WS__APIC_BASE         0xfee00100u
#define WS__APIC_BASE_ENABLED 0x00000800u

/* Can rdmsr, in ring 0, read the register with this number? */
bool ws__specific_is_readable(uint32_t number);

/* Can wrmsr, in ring 0, write this value to the register? */
bool ws__specific_takes(uint32_t number, uint64_t value);

#endif
