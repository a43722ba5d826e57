/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the engine's way of translating ahead shows through, and how it is hidden.
 *
 * The engine translates a stretch of code before it runs it.  Six things follow that no CPU does:
 *  - a page that cannot be fetched raises its fault when the straight-line code in front of it is
 *    entered, before that has run;
 *  - an instruction that writes into its own stretch of code is dropped, the stretch is translated
 *    again, and the instruction begins a second time, without having done anything;
 *  - bytes that are no instruction end a stretch without belonging to it: when they change, it is
 *    not translated again;
 *  - flags that the manual leaves undefined depend, after a bit test, on what stands in front of
 *    it in the same stretch;
 *  - of several stretches in one page, only the first that is written over is translated again;
 *  - a rotation through carry has its new flags before its result is stored, even if that faults, or makes it
 *    begin again; and setcc loses those that it tests.
 */
#include "cpu/cpu.h"

/* -- a fetch fault that comes too early -------------------------------------------------------- */

/* Find the first instruction from `linear` on that lacks bytes; false: it is the one there. */
static bool fetch_ran_ahead(struct ws__cpu *cpu, uint32_t linear, uint32_t *culprit)
{
    uint32_t page_end = (linear | (WS_PAGE_BYTES - 1)) + 1;
    *culprit = linear;
    while (*culprit != page_end) {
        const struct ws__decoded *decoded = ws__code_cache_find(cpu->code, *culprit, cpu->wide);
        if (decoded->length == 0 || decoded->length > page_end - *culprit)
            break;
        *culprit += decoded->length;
    }
    return *culprit != linear;
}

/* Once is enough: where nothing has begun since, the fault is this instruction's own. */
bool ws__ahead_postpone(struct ws__cpu *cpu, const struct ws__engine_exception *exception, uint32_t linear)
{
    uint32_t culprit, cr2 = ws__engine_get(cpu->engine, WS_CR2);
    bool elsewhere = exception->vector == WS_VECTOR_PF && (cr2 ^ linear) >= WS_PAGE_BYTES;
    bool outside_ram = exception->vector == WS_VECTOR_UD;
    if (!(elsewhere || outside_ram) || cpu->postponed == cpu->state.begun || !fetch_ran_ahead(cpu, linear, &culprit))
        return false;
    cpu->postponed = cpu->state.begun;
    ws__engine_set(cpu->engine, WS_CR2, cpu->state.cr2);
    ws__cpu_code_forget(cpu);
    ws__engine_stop_at(cpu->engine, culprit);
    return true;
}

/* -- an instruction that was none -------------------------------------------------------------- */

/* Once is enough: if it is none still, #UD is right. */
bool ws__ahead_retranslate(struct ws__cpu *cpu)
{
    if (cpu->retried == cpu->state.begun)
        return false;
    cpu->retried = cpu->state.begun;
    cpu->retrying = true;
    ws__cpu_code_forget(cpu);
    return true;
}

/* A bit test is to be the first of its stretch; and old code is to be forgotten. */
bool ws__ahead_wants_entry(const struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    return (decoded->class_ == WS__CLASS_BIT_TEST && !cpu->fresh) ||
           ws__code_cache_changed(cpu->code);
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
    if (decoded->again >= WS__AGAIN_ECX && cpu->closely) /* where stretches count, freely.c tells */
        cpu->progress = progress_read(cpu, decoded->again);
    else if (decoded->class_ == WS__CLASS_EARLY_FLAGS)
        cpu->progress = ws__engine_get(cpu->engine, WS_EFLAGS);
}

void ws__ahead_faulted(struct ws__cpu *cpu, uint32_t linear)
{
    cpu->again = ws__code_cache_find(cpu->code, linear, cpu->wide)->again;
    if (cpu->again >= WS__AGAIN_ECX)
        cpu->progress = progress_read(cpu, cpu->again);
}

void ws__ahead_undo(struct ws__cpu *cpu, uint32_t linear)
{
    if (ws__code_cache_find(cpu->code, linear, cpu->wide)->class_ == WS__CLASS_EARLY_FLAGS)
        ws__engine_set(cpu->engine, WS_EFLAGS, cpu->progress);
}

/* What it was when it began: by now it may have written over itself. */
bool ws__ahead_is_restart(struct ws__cpu *cpu)
{
    if (cpu->retrying) {
        cpu->retrying = false;
        return true;
    }
    switch (cpu->again) {
    case WS__AGAIN_NEVER:
        return true;
    case WS__AGAIN_JUMP:
        return false;
    default:
        return progress_read(cpu, cpu->again) == cpu->progress;
    }
}
