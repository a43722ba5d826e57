/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VM's debug registers, and its single step.
 *
 * While the VM runs, the CPU's own debug registers have the VM's breakpoints: a linear address is the same for both.
 * Three things the CPU does not see.  Translated code is elsewhere than the VM's: there a unit asks at the place of a
 * breakpoint (WS_UNIT_BREAKPOINT).  What the VMM does for the VM in memory goes through its window, and at ports
 * nowhere: breakpoint_access().
 * And a sequence of the translator is one instruction of the VM: a trap within it waits for its end.
 *
 * SDM 3B §17.2 "Debug Registers"
 */
#include "vmm.h"

enum {
    BREAKPOINTS = 4,
    DR6_FIXED = 0xffff0ff0,
    DR6_ALL = DR6_FIXED | 0xe00f,
    DR6_DETECT = 0x2000,
    DR7_FIXED = 0x400,
    DR7_ALL = 0xffff23ff,
    DR7_DETECT = 0x2000,
    CR4_DE = 8,
};
enum when { WHEN_EXECUTED, WHEN_WRITTEN, WHEN_PORT, WHEN_ACCESSED };

/* DR7's fields for each of the four. */
static bool enabled(unsigned number)
{
    return vcpu.dr[7] >> 2 * number & 3;
}

static enum when when(unsigned number)
{
    return (enum when)(vcpu.dr[7] >> (16 + 4 * number) & 3);
}

static uint32_t length(unsigned number)
{
    static const uint8_t lengths[] = {1, 2, 8, 4};

    return lengths[vcpu.dr[7] >> (18 + 4 * number) & 3];
}

uint32_t breakpoint_at(uint32_t linear)
{
    uint32_t found = 0;

    for (unsigned i = 0; i < BREAKPOINTS; i++)
        if (enabled(i) && when(i) == WHEN_EXECUTED && vcpu.dr[i] == linear)
            found |= 1u << i;
    return found;
}

void breakpoint_access(uint32_t linear, unsigned bytes, enum breakpoint_access how)
{
    for (unsigned i = 0; i < BREAKPOINTS; i++) {
        uint32_t first = vcpu.dr[i] & -length(i);
        bool about = when(i) == WHEN_PORT ? how == ACCESS_PORT && vcpu.cr4 & CR4_DE
                                          : how == ACCESS_WRITE || (how == ACCESS_READ && when(i) == WHEN_ACCESSED);

        if (enabled(i) && when(i) != WHEN_EXECUTED && about && linear < first + length(i) && first < linear + bytes)
            vcpu.pending |= 1u << i;
    }
}

/* None is on the VMM's own addresses. */
void breakpoints_load(void)
{
    uint32_t dr7 = vcpu.dr[7] & ~(uint32_t)DR7_DETECT;

    if (!(dr7 & 0xff))
        return;
    for (unsigned i = 0; i < BREAKPOINTS; i++)
        if (vcpu.dr[i] >= WS_CROSS_LINEAR)
            dr7 &= ~(3u << 2 * i);
    dr0_write(vcpu.dr[0]);
    dr1_write(vcpu.dr[1]);
    dr2_write(vcpu.dr[2]);
    dr3_write(vcpu.dr[3]);
    dr7_write(dr7);
}

void breakpoints_unload(void)
{
    if (vcpu.dr[7] & 0xff)
        dr7_write(DR7_FIXED);
}

/* -- #DB --------------------------------------------------------------------------------------- */

/* An instruction is over that was executed alone: for the VMM, or for the VM itself, which then has TF set.  Or a
 * breakpoint was met.  Or it was int1, of which DR6 says nothing. */
void debug(void)
{
    uint32_t dr6 = dr6_read() & ~(uint32_t)DR6_FIXED;

    dr6_write(DR6_FIXED);
    trace_step_end();
    if (code_between())
        vcpu.shadow = SHADOW_NONE;
    if (!dr6)
        deliver(WS_VECTOR_DB, 0, SOURCE_EXCEPTION);
    if (dr6 & DR6_STEP && (!(vcpu.frame->eflags & WS_EFLAGS_TF) || !code_between()))
        dr6 &= ~(uint32_t)DR6_STEP;
    vcpu.pending |= dr6;
}

bool debug_waits(void)
{
    if (!vcpu.pending)
        return false;
    if (!code_between() || vcpu.shadow == SHADOW_SS)
        return true;
    vcpu.dr[6] |= vcpu.pending;
    vcpu.pending = 0;
    trace_step_end();
    deliver(WS_VECTOR_DB, 0, SOURCE_EXCEPTION);
    return false;
}

/* -- the registers ----------------------------------------------------------------------------- */

/* May it be accessed?  DR4 and DR5 are other names of DR6 and DR7, or nothing. */
static bool permitted(unsigned number)
{
    if ((number == 4 || number == 5) && vcpu.cr4 & CR4_DE)
        return fault_set(WS_VECTOR_UD, 0);
    if (!(vcpu.dr[7] & DR7_DETECT))
        return true;
    vcpu.dr[7] &= ~(uint32_t)DR7_DETECT;
    vcpu.dr[6] |= DR6_DETECT;
    return fault_set(WS_VECTOR_DB, 0);
}

static uint32_t *register_of(unsigned number)
{
    return &vcpu.dr[number == 4 || number == 5 ? number + 2 : number];
}

bool emulate_from_dr(const struct instruction *in)
{
    if (!permitted(in->reg))
        return false;
    *register_at(in->rm) = *register_of(in->reg);
    return true;
}

bool emulate_to_dr(const struct instruction *in)
{
    uint32_t value = *register_at(in->rm), *to = register_of(in->reg);

    if (!permitted(in->reg))
        return false;
    if (to == &vcpu.dr[6])
        value = (value & DR6_ALL) | DR6_FIXED;
    if (to == &vcpu.dr[7])
        value = (value & DR7_ALL) | DR7_FIXED;
    *to = value;
    if (to != &vcpu.dr[6])
        translator_forget(); /* units ask where breakpoints are */
    return true;
}
