/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual CPU's model-specific registers: those of every CPU of family 6 without machine-check banks, and the page
 * attributes, of which the VM may believe what it likes, since the VMM's tables use none.  cpuid is the CPU's own.
 *
 * SDM 4 §2.1 "Architectural MSRs"
 */
#include "vmm.h"

enum { READ = 1, WRITE = 2, CLOCK = 0x10, PAGE_ATTRIBUTES = 0x277 };

static struct specific {
    uint32_t number;
    uint8_t access;
    uint64_t value;
} registers[] = {
    {0x00, READ | WRITE, 0},  /* IA32_P5_MC_ADDR */
    {0x01, READ | WRITE, 0},  /* IA32_P5_MC_TYPE */
    {CLOCK, READ | WRITE, 0}, /* the time stamp counter is the machine's */
    {0x17, READ, 0},          /* IA32_PLATFORM_ID */
    {0x79, WRITE, 0},         /* IA32_BIOS_UPDT_TRIG */
    {0x8b, READ | WRITE, 0},  /* IA32_BIOS_SIGN_ID */
    {PAGE_ATTRIBUTES, READ | WRITE, 0x0007040600070406},
};

/* The register that ECX names.  NULL: there is none for this access, and the fault is set. */
static struct specific *specific_find(uint8_t access)
{
    for (unsigned i = 0; i < sizeof registers / sizeof registers[0]; i++)
        if (registers[i].number == vcpu.frame->ecx && registers[i].access & access)
            return &registers[i];
    fault_set(WS_VECTOR_GP, 0);
    return NULL;
}

/* Is each of the eight bytes a memory type?  SDM 3A §11.12.2 "IA32_PAT MSR" */
static bool are_page_attributes(uint64_t value)
{
    for (; value; value >>= 8)
        if ((value & 0xff) > 7 || (value & 0xfe) == 2)
            return false;
    return true;
}

bool emulate_rdmsr(const struct instruction *in)
{
    const struct specific *found = specific_find(READ);
    uint64_t value;

    if (!found)
        return false;
    value = found->value;
    if (found->number == CLOCK)
        __asm__ volatile("rdtsc" : "=A"(value));
    vcpu.frame->eax = (uint32_t)value;
    vcpu.frame->edx = (uint32_t)(value >> 32);
    return true;
}

bool emulate_wrmsr(const struct instruction *in)
{
    uint64_t value = (uint64_t)vcpu.frame->edx << 32 | vcpu.frame->eax;
    struct specific *found = specific_find(WRITE);

    if (!found)
        return false;
    if (found->number == CLOCK)
        vm_stop("the time stamp counter is written at %x: it is the machine's", vcpu.frame->eip - in->length);
    if (found->number == PAGE_ATTRIBUTES && !are_page_attributes(value))
        return fault_set(WS_VECTOR_GP, 0);
    found->value = value;
    return true;
}
