/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CPU's life; reading its registers; and keeping what was derived from its state true when that state changes:
 * translated code, remembered translations, decoded instructions.
 */
#include <string.h>

#include "cpu/slow_checks.h"
#include "cpu/debug.h"
#include "run/block_mode.h"

/* What the supervisor may execute, which is all that the code cache remembers, does not depend on the other
 * bits; and the others make no translation invalid.  SDM 3A §4.6 "Access Rights", §4.10.4.1
 * "Operations that Invalidate TLBs and Paging-Structure Caches" */
static uint32_t deciding_bits(enum ws_register which)
{
    return which == WS_CR0 ? WS_CR0_PE | WS_CR0_PG : WS_CR4_PSE | WS_CR4_PAE | WS_CR4_PGE;
}

static void translations_renew(struct ws__cpu *cpu)
{
    ws__code_cache_flush(cpu->code);
    ws__stale_clear(cpu);
    ws__stale_protect(cpu);
}

void ws__cpu_paging_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t value)
{
    uint32_t changed = cpu->paging.value[which] ^ value;
    cpu->paging.value[which] = value;
    if (which == WS_CR3 || changed & deciding_bits(which))
        translations_renew(cpu);
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

static void passed_forget(uint64_t *mark, uint64_t now)
{
    if (*mark != now)
        *mark = WS__NOWHERE;
}

struct ws__cpu_state ws__cpu_state_take(const struct ws__cpu *cpu)
{
    struct ws__cpu_state state = cpu->state;
    passed_forget(&state.shadow, state.begun);
    passed_forget(&state.resume, state.begun);
    passed_forget(&state.quiet, state.begun);
    return state;
}

void ws__cpu_code_forget(struct ws__cpu *cpu)
{
    ws__engine_forget_code(cpu->engine);
    ws__stretches_clear(&cpu->stretches);
    ws__frames_code_forgotten(cpu);
    cpu->renew = false;
}

void ws__cpu_resync(struct ws__cpu *cpu)
{
    struct ws_descriptor code;
    ws__engine_segment(cpu->engine, WS_CS, &code);
    cpu->wide = code.big;
    cpu->flight.open = false;
    cpu->current = cpu->asked = WS__NOWHERE;
    ws__tlb_disarm(cpu, WS__CAREFUL_SEGMENTS);
    struct ws__stale stale = cpu->state.stale; /* that the paging registers are read anew invalidates nothing */
    ws__tlb_flush(cpu);
    ws__cpu_paging_changed(cpu);
    cpu->state.stale = stale;
    ws__careful_loaded(cpu, WS__CAREFUL_SEGMENTS);
    ws__careful_reconsider(cpu);
    ws__cpu_attend(cpu);
}

/* -- life -------------------------------------------------------------------------------------- */

enum ws_status ws__cpu_init(struct ws__cpu *cpu, uint8_t *ram, uint32_t bytes, const struct ws__cpu_client *client)
{
    *cpu = (struct ws__cpu){.ram = ram, .ram_bytes = bytes, .client = *client};
    cpu->limit = cpu->deadline = UINT64_MAX;
    cpu->tlb.last = ~(uint32_t)(WS_PAGE_BYTES - 1);
    cpu->state.shadow = cpu->state.resume = cpu->state.quiet = WS__NOWHERE;
    cpu->state.debug[6] = WS__DR6_RESET;
    cpu->state.debug[7] = WS__DR7_RESET;
    struct ws__engine_client engine_client = {
        .context = cpu,
        .enter = ws__freely_enter,
        .site = ws__freely_site,
        .begin = ws__cpu_begin_closely,
        .fill = ws__tlb_fill,
        .port_read = ws__cpu_port_read,
        .port_write = ws__cpu_port_write,
    };
    struct ws__code_source source = {cpu, ws__tlb_code_find};
    enum ws_status status = ws__engine_new(&cpu->engine, ram, bytes, &engine_client);
    if (!status)
        status = ws__code_cache_new(&cpu->code, &source);
    if (!status && (!ws__stretches_init(&cpu->stretches) || !ws__frames_init(&cpu->frames, bytes)))
        status = WS_NO_MEMORY;
    if (status) {
        ws__cpu_release(cpu);
        return status;
    }
    cpu->pace = ws__engine_pace(cpu->engine);
    cpu->pace->table = cpu->stretches.table;
    ws__cpu_resync(cpu);
    return WS_OK;
}

void ws__cpu_release(struct ws__cpu *cpu)
{
    ws__stretches_release(&cpu->stretches);
    ws__frames_release(&cpu->frames);
    ws__code_cache_free(cpu->code);
    ws__engine_free(cpu->engine);
    *cpu = (struct ws__cpu){0};
}
