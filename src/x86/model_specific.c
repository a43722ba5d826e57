/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Model-specific registers by a table.
 *
 * There are those that each CPU of family 6 has, and those that belong to what cpuid tells of: TSC, MCE without MCA,
 * PAT.  It tells of no local APIC, SEP, MTRR, MCA or counters of events, and of nothing that 64-bit CPUs have.
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
    {0x17, READ},         /* IA32_PLATFORM_ID */
    {0x79, WRITE},        /* IA32_BIOS_UPDT_TRIG: no update of microcode is this CPU's, and it ignores others */
    {0x8b, READ | WRITE}, /* IA32_BIOS_SIGN_ID: which update it has */
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

/* Eight bytes, and each is a type of memory, of which there is no 2 and no 3.  SDM 3A §11.12.2 "IA32_PAT MSR" */
static bool are_page_attributes(uint64_t value)
{
    enum { TYPES = 0xf3 }; /* one bit each */
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
    return allows(number, WRITE) && (number != WS__SPECIFIC_PAGE_ATTRIBUTES || are_page_attributes(value));
}
