/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cpu/engine_specific.h"

#include <string.h>

#include "cpu/engine_parts.h"

/* SDM 4 §2.1 "Architectural MSRs" */
static const uint32_t number[WS__SPECIFIC] = {
    0x200,      0x201,      0x202,      0x203,      0x204,      /* variable MTRRs */
    0x205,      0x206,      0x207,      0x208,      0x209,      /* */
    0x20a,      0x20b,      0x20c,      0x20d,      0x20e,      /* */
    0x20f,      0x250,      0x258,      0x259,      0x268,      /* fixed MTRRs */
    0x269,      0x26a,      0x26b,      0x26c,      0x26d,      /* */
    0x26e,      0x26f,      0x2ff,                              /* MTRR_DEF_TYPE */
    0x174,      0x175,      0x176,                              /* SYSENTER */
    0x1a0,      0x277,                                          /* MISC_ENABLE, PAT */
    0xc0000080, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, /* EFER, STAR and those with it */
    0xc0000102, 0xc0000103,                                     /* KERNEL_GS_BASE, TSC_AUX */
    0x17a,      0xd90,      0xc0010117,                         /* MCG_STATUS, BNDCFGS, VM_HSAVE_PA */
};

void ws__engine_specific_take(const struct ws__engine *engine, struct ws__specific *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uc_x86_msr msr = {.rid = number[i]};
        uc_reg_read(engine->uc, UC_X86_REG_MSR, &msr);
        memcpy(out[i].word, &msr.value, sizeof msr.value);
    }
}

void ws__engine_specific_put(struct ws__engine *engine, const struct ws__specific *value, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uc_x86_msr now = {.rid = number[i]}, wanted = now;
        memcpy(&wanted.value, value[i].word, sizeof wanted.value);
        uc_reg_read(engine->uc, UC_X86_REG_MSR, &now);
        if (now.value != wanted.value)
            uc_reg_write(engine->uc, UC_X86_REG_MSR, &wanted);
    }
}
