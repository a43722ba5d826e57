/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which Capstone is in use. */
#include "x86/disasm_version.h"

#include <capstone/capstone.h>

void ws__disasm_version(unsigned *major, unsigned *minor)
{
    int whole = 0, part = 0;
    cs_version(&whole, &part);
    *major = (unsigned)whole;
    *minor = (unsigned)part;
}
