/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's registers, and its whole state as bytes.
 */
#include <string.h>

#include "unicorn/parts.h"

static const int unicorn_id[WS_REGISTER_COUNT] = {
    [WS_EAX] = UC_X86_REG_EAX,        [WS_ECX] = UC_X86_REG_ECX,         [WS_EDX] = UC_X86_REG_EDX,
    [WS_EBX] = UC_X86_REG_EBX,        [WS_ESP] = UC_X86_REG_ESP,         [WS_EBP] = UC_X86_REG_EBP,
    [WS_ESI] = UC_X86_REG_ESI,        [WS_EDI] = UC_X86_REG_EDI,         [WS_EIP] = UC_X86_REG_EIP,
    [WS_CS] = UC_X86_REG_CS,          [WS_EFLAGS] = UC_X86_REG_EFLAGS,   [WS_SS] = UC_X86_REG_SS,
    [WS_DS] = UC_X86_REG_DS,          [WS_ES] = UC_X86_REG_ES,           [WS_FS] = UC_X86_REG_FS,
    [WS_GS] = UC_X86_REG_GS,          [WS_GDTR_BASE] = UC_X86_REG_GDTR,  [WS_GDTR_LIMIT] = UC_X86_REG_GDTR,
    [WS_IDTR_BASE] = UC_X86_REG_IDTR, [WS_IDTR_LIMIT] = UC_X86_REG_IDTR, [WS_LDTR] = UC_X86_REG_LDTR,
    [WS_TR] = UC_X86_REG_TR,          [WS_CR0] = UC_X86_REG_CR0,         [WS_CR2] = UC_X86_REG_CR2,
    [WS_CR3] = UC_X86_REG_CR3,        [WS_CR4] = UC_X86_REG_CR4,
};

/* -- registers --------------------------------------------------------------------------------- */

/* The part of GDTR, IDTR, LDTR or TR that `which` names: a base, a limit or a selector. */
static uint32_t table_register_part(const uc_x86_mmr *table, enum ws_register which)
{
    if (which == WS_LDTR || which == WS_TR)
        return table->selector;
    if (which == WS_GDTR_LIMIT || which == WS_IDTR_LIMIT)
        return table->limit;
    return (uint32_t)table->base;
}

/* Through Unicorn's interface, which always works but takes long. */
static uint32_t unicorn_get(const struct ws__engine *engine, enum ws_register which)
{
    uint32_t value = 0;
    if (which >= WS_GDTR_BASE && which <= WS_TR) {
        uc_x86_mmr table = {0};
        uc_reg_read(engine->uc, unicorn_id[which], &table);
        return table_register_part(&table, which);
    }
    uc_reg_read(engine->uc, unicorn_id[which], &value); /* for a selector, Unicorn writes two of the bytes */
    return value;
}

/* Through the state pointer if it can be.  `inline`, since ws__engine_registers() calls it for each register. */
static inline uint32_t get(const struct ws__engine *engine, enum ws_register which)
{
    uint32_t value;
    uint16_t place = engine->pointer.place[which];
    if (!place)
        return unicorn_get(engine, which);
    memcpy(&value, engine->pointer.state + place - 1, sizeof value);
    return value;
}

uint32_t ws__engine_get(const struct ws__engine *engine, enum ws_register which)
{
    return get(engine, which);
}

/* Each page fault of the guest writes CR2.  Unicorn writes CR2's value to CR3, too.  Both this load of CR3 and the one
 * which mends it make Unicorn forget its TLB.  So CR2 is written through the state pointer if there is one. */
static void cr2_set(struct ws__engine *engine, uint32_t value)
{
    uint16_t place = engine->pointer.place[WS_CR2];
    if (place) {
        memcpy(engine->pointer.state + place - 1, &value, sizeof value);
        return;
    }
    uint32_t cr3 = ws__engine_get(engine, WS_CR3);
    uc_reg_write(engine->uc, UC_X86_REG_CR2, &value);
    uc_reg_write(engine->uc, UC_X86_REG_CR3, &cr3);
}

void ws__engine_set(struct ws__engine *engine, enum ws_register which, uint32_t value)
{
    if (which == WS_CR2)
        cr2_set(engine, value);
    else
        uc_reg_write(engine->uc, unicorn_id[which], &value);
}

void ws__engine_table_set(struct ws__engine *engine, enum ws_register which, uint32_t base, uint32_t limit)
{
    uc_x86_mmr value = {.base = base, .limit = limit};
    uc_reg_write(engine->uc, unicorn_id[which], &value);
}

void ws__engine_registers(const struct ws__engine *engine, struct ws_registers *out)
{
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < WS_REGISTER_COUNT; i++) {
        if (unicorn_id[i])
            out->value[i] = get(engine, (enum ws_register)i);
    }
}

/* -- segments ---------------------------------------------------------------------------------- */

/* Memory that contains the segment registers, and its layout: the CPU's state itself if there is a state pointer, or
 * else a context that is saved now. */
static const void *hidden_show(const struct ws__engine *engine, const struct ws__context_layout **layout)
{
    if (engine->pointer.state) {
        *layout = &engine->pointer.layout;
        return engine->pointer.state;
    }
    *layout = &engine->layout;
    uc_context_save(engine->uc, engine->segments);
    return engine->segments;
}

void ws__engine_segment(const struct ws__engine *engine, enum ws_register which, struct ws_descriptor *out)
{
    const struct ws__context_layout *layout;
    const void *shown = hidden_show(engine, &layout);
    ws__engine_context_segment(layout, shown, which, out);
}

uint32_t ws__engine_segments(struct ws__engine *engine, uint32_t wanted, struct ws_descriptor out[6])
{
    static const enum ws_register registers[6] = {WS_ES, WS_CS, WS_SS, WS_DS, WS_FS, WS_GS};
    const struct ws__context_layout *layout;
    const void *shown = hidden_show(engine, &layout);
    const uint8_t *now = (const uint8_t *)shown + ws__context_layout_hidden(layout);
    uint32_t changed = 0;
    for (; wanted; wanted &= wanted - 1) {
        unsigned i = (unsigned)__builtin_ctz(wanted);
        const uint8_t *hidden = now + i * WS__ENGINE_SEGMENT_BYTES;
        if (memcmp(engine->seen[i], hidden, WS__ENGINE_HIDDEN_BYTES) == 0)
            continue;
        ws__engine_context_segment(layout, shown, registers[i], &out[i]);
        memcpy(engine->seen[i], hidden, WS__ENGINE_HIDDEN_BYTES);
        changed |= 1u << i;
    }
    return changed;
}

unsigned ws__engine_cpl(const struct ws__engine *engine)
{
    /* In protected mode CS's RPL is the CPL, and Unicorn keeps it there.
     * SDM 3A §5.5 "Privilege Levels" */
    return ws__engine_get(engine, WS_CS) & WS_SELECTOR_RPL;
}

void ws__engine_context_change(struct ws__engine *engine, ws__context_change *change, const void *what)
{
    uc_context_save(engine->uc, engine->context);
    ws__context_layout_code_base_raise(&engine->layout, engine->context, 0);
    change(&engine->layout, engine->context, what);
    uc_context_restore(engine->uc, engine->context);
    engine->base_raised = 0;
}

/* -- the whole ----------------------------------------------------------------------------------- */

size_t ws__engine_state_bytes(const struct ws__engine *engine)
{
    return uc_context_size(engine->uc);
}

void ws__engine_state_save(const struct ws__engine *engine, void *state)
{
    uc_context_save(engine->uc, engine->context);
    ws__context_layout_code_base_raise(&engine->layout, engine->context, 0);
    memcpy(state, engine->context, uc_context_size(engine->uc));
}

void ws__engine_state_restore(struct ws__engine *engine, const void *state)
{
    memcpy(engine->context, state, uc_context_size(engine->uc));
    uc_context_restore(engine->uc, engine->context);
    uc_ctl_flush_tlb(engine->uc);
    engine->base_raised = 0;
}
