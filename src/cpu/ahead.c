/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the engine's way of translating ahead shows through, and how it is hidden.
 *
 * The engine translates a stretch of code before it runs it.  Two things follow that no CPU does (that it fetches ahead
 * is tlb.c's, and that it would begin an instruction again which writes into its own stretch, frames.c's):
 *  - flags that the manual leaves undefined depend, after a bit test, on what stands in front of it in the same
 *    stretch;
 *  - a rotation through carry has its new flags before its result is stored, even if that faults; and setcc loses those
 *    that it tests.
 */
#include "cpu/cpu.h"

/* A bit test is to be the first of its stretch. */
bool ws__ahead_wants_entry(const struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    return decoded->class_ == WS__CLASS_BIT_TEST && !cpu->fresh;
}

void ws__ahead_begun(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    cpu->fresh = false;
    if (decoded->class_ == WS__CLASS_EARLY_FLAGS)
        cpu->flags_before = ws__engine_get(cpu->engine, WS_EFLAGS);
}

void ws__ahead_undo(struct ws__cpu *cpu, uint32_t linear)
{
    if (ws__code_cache_find(cpu->code, linear, cpu->wide)->class_ == WS__CLASS_EARLY_FLAGS)
        ws__engine_set(cpu->engine, WS_EFLAGS, cpu->flags_before);
}
