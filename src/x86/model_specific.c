/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Model-specific registers: a table.
 *
 * This CPU has the registers that each CPU of family 6 has, and those of the features that cpuid names: TSC, MCE
 * without MCA, PAT, a local APIC, which stays at its address.  cpuid names no SEP, MTRR, MCA or performance counters,
 * and nothing that only 64-bit CPUs have.
 *
 * SDM 4 §2.1 "Architectural MSRs"; SDM 2B "RDMSR—Read from Model Specific Register"; SDM 2D "WRMSR—Write to Model
 * Specific Register"
 */
#include "x86/model_specific.h"

#include <stddef.h>

enum { READ = 1, WRITE = 2 };

static const struct {
    uint32_t number;
    uint8_t access;
} rows[] = {
    {0x00, READ | WRITE}, /* IA32_P5_MC_ADDR: there was no error.  SDM 3B §15.10.2 "Pentium Processor Machine-Check
                           * Exception Handling" */
    {0x01, READ | WRITE}, /* IA32_P5_MC_TYPE */
    {WS__SPECIFIC_CLOCK, READ | WRITE},
    {0x17, READ}, /* IA32_PLATFORM_ID */
    {WS__SPECIFIC_APIC_BASE, READ | WRITE},
    {0x79, WRITE},        /* IA32_BIOS_UPDT_TRIG: this CPU ignores updates of microcode, since none is for it */
    {0x8b, READ | WRITE}, /* IA32_BIOS_SIGN_ID: which update is loaded */
    {WS__SPECIFIC_PAGE_ATTRIBUTES, READ | WRITE},
};

static bool allows(uint32_t number, uint8_t access)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].number == number)
            return rows[i].access & access;
    }
    return false;
}

/* Is it a valid value of the PAT?  Each of its eight bytes is a memory type, and types 2 and 3 do not exist.  SDM 3A
 * §11.12.2 "IA32_PAT MSR" */
static bool are_page_attributes(uint64_t value)
{
    enum { TYPES = 0xf3 }; /* one bit for each type that exists */
    for (; value; value >>= 8) {
        uint8_t type = value & 0xff;
        if (type > 7 || !(TYPES >> type & 1))
            return false;
    }
    return true;
}

bool ws__specific_is_readable(uint32_t number)
{
    return allows(number, READ);
}

bool ws__specific_takes(uint32_t number, uint64_t value)
{
    if (number == WS__SPECIFIC_APIC_BASE)
        return (value & ~(uint64_t)WS__APIC_BASE_ENABLED) == WS__APIC_BASE;
    return allows(number, WRITE) && (number != WS__SPECIFIC_PAGE_ATTRIBUTES || are_page_attributes(value));
}
