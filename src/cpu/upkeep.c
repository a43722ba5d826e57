/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the CPU's registers, and keeping what was derived from its state true when that state
 * changes: translated code, remembered translations, decoded instructions.
 */
#include "cpu/careful.h"
#include "cpu/cpu.h"

/* What the supervisor may execute, which is all that the code cache remembers, does not depend on the other
 * bits; and the others make no translation invalid.  SDM 3A §4.6 "Access Rights", §4.10.4.1
 * "Operations that Invalidate TLBs and Paging-Structure Caches" */
static uint32_t deciding_bits(enum ws_register which)
{
    return which == WS_CR0 ? WS_CR0_PE | WS_CR0_PG : WS_CR4_PSE | WS_CR4_PAE | WS_CR4_PGE;
}

void ws__cpu_paging_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t value)
{
    uint32_t changed = cpu->paging.value[which] ^ value;
    cpu->paging.value[which] = value;
    if (which == WS_CR3 || changed & deciding_bits(which))
        ws__code_cache_flush(cpu->code);
}

enum ws_register ws__cpu_control_register(unsigned number)
{
    static const uint8_t registers[8] = {[0] = WS_CR0, [2] = WS_CR2, [3] = WS_CR3, [4] = WS_CR4};
    return (enum ws_register)registers[number];
}

void ws__cpu_control_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t value)
{
    if (which == WS_CR2)
        cpu->state.cr2 = value;
    else
        ws__cpu_paging_loaded(cpu, which, value);
}

void ws__cpu_paging_changed(struct ws__cpu *cpu)
{
    cpu->paging.value[WS_CR0] = ws__engine_get(cpu->engine, WS_CR0);
    cpu->paging.value[WS_CR4] = ws__engine_get(cpu->engine, WS_CR4);
    ws__cpu_paging_loaded(cpu, WS_CR3, ws__engine_get(cpu->engine, WS_CR3));
}

void ws__cpu_registers(const struct ws__cpu *cpu, struct ws_registers *out)
{
    ws__engine_registers(cpu->engine, out);
    for (int i = 0; i < 4; i++)
        out->value[WS_DR0 + i] = cpu->state.debug[i];
    out->value[WS_DR6] = cpu->state.debug[6];
    out->value[WS_DR7] = cpu->state.debug[7];
    if (cpu->state.resume == cpu->state.begun)
        out->value[WS_EFLAGS] |= WS_EFLAGS_RF;
}

void ws__cpu_code_forget(struct ws__cpu *cpu)
{
    ws__engine_forget_code(cpu->engine);
    ws__code_cache_fresh(cpu->code);
    ws__stretches_clear(&cpu->stretches);
    cpu->renew = cpu->blind = false;
}

void ws__cpu_ram_changed(struct ws__cpu *cpu, uint32_t phys, uint32_t bytes)
{
    while (bytes) {
        uint32_t here = WS_PAGE_BYTES - phys % WS_PAGE_BYTES;
        if (here > bytes)
            here = bytes;
        if (cpu->blind || ws__code_cache_has_code(cpu->code, phys, here)) {
            ws__cpu_code_forget(cpu);
            return;
        }
        phys += here;
        bytes -= here;
    }
}

void ws__cpu_resync(struct ws__cpu *cpu)
{
    struct ws_descriptor code;
    ws__engine_segment(cpu->engine, WS_CS, &code);
    cpu->wide = code.big;
    cpu->flight.open = false;
    cpu->current = cpu->postponed = cpu->retried = cpu->asked = WS__NOWHERE;
    cpu->retrying = false;
    ws__cpu_paging_changed(cpu);
    ws__careful_loaded(cpu, WS__CAREFUL_SEGMENTS);
    ws__careful_reconsider(cpu);
    ws__cpu_attend(cpu);
}
