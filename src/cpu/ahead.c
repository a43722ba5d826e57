/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the engine's way of translating ahead shows through, and how it is hidden.
 *
 * The engine translates a stretch of code before it runs it.  Three things follow that no CPU does (a fourth, that it
 * fetches ahead, is tlb.c's):
 *  - an instruction that writes into its own stretch of code is dropped, the stretch is translated
 *    again, and the instruction begins a second time, without having done anything;
 *  - flags that the manual leaves undefined depend, after a bit test, on what stands in front of
 *    it in the same stretch;
 *  - a rotation through carry has its new flags before its result is stored, even if that faults, or makes it
 *    begin again; and setcc loses those that it tests.
 */
#include "cpu/cpu.h"

/* A bit test is to be the first of its stretch. */
bool ws__ahead_wants_entry(const struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    return decoded->class_ == WS__CLASS_BIT_TEST && !cpu->fresh;
}

/* -- an instruction that begins again ---------------------------------------------------------- */

static uint32_t progress_read(struct ws__cpu *cpu, uint8_t again)
{
    return ws__engine_get(cpu->engine, again == WS__AGAIN_ECX ? WS_ECX : WS_ESP);
}

void ws__ahead_begun(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    cpu->fresh = false;
    cpu->again = decoded->length ? decoded->again : WS__AGAIN_JUMP; /* what cannot be read may be a loop */
    if (decoded->again >= WS__AGAIN_ECX)
        cpu->progress = progress_read(cpu, decoded->again);
    else if (decoded->class_ == WS__CLASS_EARLY_FLAGS)
        cpu->progress = ws__engine_get(cpu->engine, WS_EFLAGS);
}

void ws__ahead_undo(struct ws__cpu *cpu, uint32_t linear)
{
    if (ws__code_cache_find(cpu->code, linear, cpu->wide)->class_ == WS__CLASS_EARLY_FLAGS)
        ws__engine_set(cpu->engine, WS_EFLAGS, cpu->progress);
}

/* What it was when it began: by now it may have written over itself. */
bool ws__ahead_is_restart(struct ws__cpu *cpu)
{
    switch (cpu->again) {
    case WS__AGAIN_NEVER:
        return true;
    case WS__AGAIN_JUMP:
        return false;
    default:
        return progress_read(cpu, cpu->again) == cpu->progress;
    }
}
