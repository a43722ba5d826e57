/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lint: the tables of the CPU.  What is looked at here is what a delivery or a load would look at.
 */
#include "audit/lint.h"

#include <stdio.h>
#include <string.h>

#include "x86/idt.h"
#include "x86/reason.h"

enum { ALL_ONES = 0x1f, VECTORS = 256, ENTRIES = 1024, TSS32_LAST = 103, SS0 = 8, ESP0 = 4 };

/* A look at the tables, as the CPU would see them now. */
struct look {
    struct ws_lint *lint;
    struct ws_registers now;
    struct ws_descriptor ldt;
    uint64_t mark;
};

/* Can ring 0 access this address?  NONE: it can. */
static struct ws_reason page_check(const struct look *look, uint32_t linear, enum ws_access access)
{
    struct ws_translation walk;
    if (!ws_machine_translate(look->lint->machine, linear, access, false, &walk))
        return ws__reason_page(&walk);
    return WS__REASON(NONE, 0);
}

/* Read the descriptor that a selector names.  NONE: *out is filled, and `raw`, unless it is NULL. */
static struct ws_reason descriptor_read(const struct look *look, uint16_t selector, struct ws_descriptor *out,
                                        uint8_t *raw)
{
    bool local = selector & WS_SELECTOR_TI;
    uint32_t limit = local ? look->ldt.limit : look->now.value[WS_GDTR_LIMIT], offset = selector & ~7u;
    uint32_t base = local ? look->ldt.base : look->now.value[WS_GDTR_BASE];
    uint8_t bytes[WS_DESCRIPTOR_BYTES];
    if (!(selector & ~3u))
        return WS__REASON(SELECTOR_NULL, selector);
    if ((local && !(look->now.value[WS_LDTR] & ~3u)) || offset + WS_DESCRIPTOR_BYTES - 1 > limit)
        return ws__reason_beyond(selector, limit);
    struct ws_reason reason = page_check(look, base + offset, WS_ACCESS_READ);
    if (!reason.code)
        reason = page_check(look, base + offset + WS_DESCRIPTOR_BYTES - 1, WS_ACCESS_READ);
    if (reason.code)
        return reason;
    memset(bytes, 0xff, sizeof bytes); /* if there is no memory */
    (void)ws_machine_read(look->lint->machine, base + offset, bytes, sizeof bytes);
    ws_descriptor_decode(out, bytes);
    if (raw)
        memcpy(raw, bytes, sizeof bytes);
    return out->present ? WS__REASON(NONE, 0) : WS__REASON(ABSENT, selector);
}

/* -- gates ------------------------------------------------------------------------------------- */

static struct ws_reason task_gate_check(const struct look *look, const struct ws_gate *gate)
{
    struct ws_descriptor tss;
    struct ws_reason reason = descriptor_read(look, gate->selector, &tss, NULL);
    bool is_tss = tss.system && (tss.type & ~8u) == WS_TYPE_TSS16;
    return reason.code || is_tss || (tss.system && (tss.type & ~8u) == WS_TYPE_TSS16_BUSY)
               ? reason
               : WS__REASON(TSS_TYPE, gate->selector, ws__reason_type(&tss));
}

static struct ws_reason gate_check(const struct look *look, uint32_t vector, const struct ws_gate *gate)
{
    struct ws_descriptor code;
    if (gate->type == WS_TYPE_TASK_GATE)
        return task_gate_check(look, gate);
    if (!(gate->selector & ~3u))
        return WS__REASON(HANDLER_NULL, vector);
    struct ws_reason reason = descriptor_read(look, gate->selector, &code, NULL);
    if (reason.code)
        return reason;
    if (code.system || !(code.type & WS_TYPE_CODE))
        return WS__REASON(HANDLER_TYPE, vector, gate->selector, ws__reason_type(&code));
    if (gate->offset > code.limit)
        return WS__REASON(HANDLER_LIMIT, gate->offset, code.limit);
    return page_check(look, code.base + gate->offset, WS_ACCESS_EXECUTE);
}

/* What a delivery would meet.  Entries that are not present, or empty, are meant to be unused. */
static struct ws_reason entry_check(const struct look *look, uint32_t vector, enum ws__idt_state state,
                                    const struct ws__idt_entry *entry)
{
    if (state == WS__IDT_GATE)
        return gate_check(look, vector, &entry->gate);
    if (state == WS__IDT_INVALID && entry->gate.present)
        return WS__REASON(GATE_TYPE, vector, entry->offset, ws__idt_type(entry));
    if (state != WS__IDT_UNMAPPED)
        return WS__REASON(NONE, 0);
    struct ws_reason reason = page_check(look, entry->linear, WS_ACCESS_READ);
    return reason.code ? reason : WS__REASON(GATE_TYPE, vector, entry->offset, ALL_ONES); /* there is no memory */
}

static void gates_check(const struct look *look)
{
    struct ws_physical memory = ws_machine_memory(look->lint->machine);
    for (uint32_t vector = 0; vector < VECTORS; vector++) {
        char what[64];
        struct ws__idt_entry entry;
        enum ws__idt_state state = ws__idt_read(&memory, &look->now, (uint8_t)vector, &entry);
        struct ws_reason reason = entry_check(look, vector, state, &entry);
        if (state == WS__IDT_UNMAPPED)
            snprintf(what, sizeof what, "the gate of vector %u, at linear 0x%08x: ", vector, entry.linear);
        else
            snprintf(what, sizeof what, "the gate of vector %u leads to 0x%04x:0x%08x: ", vector, entry.gate.selector,
                     entry.gate.offset);
        if (reason.code) /* many gates with one defect are one finding */
            ws__lint_tell_reason(look->lint, WS_LINT_GATE, look->mark, reason.code << 1 | (state == WS__IDT_UNMAPPED),
                                 what, &reason);
    }
}

/* -- descriptors ------------------------------------------------------------------------------- */

static void descriptor_check(const struct look *look, uint16_t selector, const struct ws_descriptor *found)
{
    enum { RESERVED_TYPES = 1 << 0 | 1 << 8 | 1 << 10 | 1 << 13 };
    bool busy = found->type == WS_TYPE_TSS32_BUSY;
    if (RESERVED_TYPES >> found->type & 1)
        ws__lint_tell(look->lint, WS_LINT_DESCRIPTOR, look->mark, selector,
                      "GDT entry %u is present, and its type %u is reserved", selector >> 3, found->type);
    else if ((found->type == WS_TYPE_TSS32 || busy) && found->limit < TSS32_LAST)
        ws__lint_tell(look->lint, WS_LINT_DESCRIPTOR, look->mark, selector,
                      "GDT entry %u is a TSS with limit 0x%x, less than 0x67: no task can be entered or left with it",
                      selector >> 3, found->limit);
}

/* A call gate that is present leads to code.  SDM 3A §5.8.3 "Call Gates" */
static void call_gate_check(const struct look *look, uint16_t selector, const uint8_t raw[WS_DESCRIPTOR_BYTES])
{
    struct ws_descriptor code;
    struct ws_gate gate;
    char what[64];
    ws_gate_decode(&gate, raw);
    struct ws_reason reason = descriptor_read(look, gate.selector, &code, NULL);
    if (!reason.code && (code.system || !(code.type & WS_TYPE_CODE)))
        reason = WS__REASON(CODE_TYPE, gate.selector, ws__reason_type(&code));
    snprintf(what, sizeof what, "the call gate in GDT entry %u leads to 0x%04x:0x%08x: ", selector >> 3, gate.selector,
             gate.offset);
    if (reason.code)
        ws__lint_tell_reason(look->lint, WS_LINT_DESCRIPTOR, look->mark, selector, what, &reason);
}

static void descriptors_check(const struct look *look)
{
    for (uint32_t selector = WS_DESCRIPTOR_BYTES; selector + 7 <= look->now.value[WS_GDTR_LIMIT]; selector += 8) {
        struct ws_descriptor found;
        uint8_t raw[WS_DESCRIPTOR_BYTES];
        if (descriptor_read(look, (uint16_t)selector, &found, raw).code || !found.system)
            continue;
        if ((found.type & ~8u) == WS_TYPE_CALL_GATE16)
            call_gate_check(look, (uint16_t)selector, raw);
        else
            descriptor_check(look, (uint16_t)selector, &found);
    }
}

/* -- the stack for ring 0 ---------------------------------------------------------------------- */

static struct ws_reason stack_check(const struct look *look)
{
    struct ws_descriptor tss, stack;
    uint32_t pair[2];
    ws_machine_segment(look->lint->machine, WS_TR, &tss);
    if (!(look->now.value[WS_TR] & ~3u))
        return WS__REASON(TASK_NONE, 0);
    if (tss.limit < SS0 + 1)
        return WS__REASON(STACK_BEYOND, look->now.value[WS_TR], tss.limit, 0);
    if (ws_machine_read(look->lint->machine, tss.base + ESP0, pair, sizeof pair) != WS_OK)
        return page_check(look, tss.base + ESP0, WS_ACCESS_READ);
    uint16_t selector = (uint16_t)pair[1];
    if (!(selector & ~3u))
        return WS__REASON(STACK_NULL, 0);
    struct ws_reason reason = descriptor_read(look, selector, &stack, NULL);
    if (reason.code)
        return reason;
    if (stack.system || stack.type & WS_TYPE_CODE || !(stack.type & WS_TYPE_WRITABLE))
        return WS__REASON(STACK_TYPE, selector, ws__reason_type(&stack));
    if (selector & WS_SELECTOR_RPL)
        return WS__REASON(STACK_RPL, selector, selector & WS_SELECTOR_RPL, 0);
    if (stack.dpl)
        return WS__REASON(STACK_DPL, selector, stack.dpl, 0);
    return page_check(look, stack.base + pair[0] - 4, WS_ACCESS_WRITE);
}

static void ring0_check(const struct look *look)
{
    struct ws_descriptor tss;
    ws_machine_segment(look->lint->machine, WS_TR, &tss);
    bool wide = tss.type & 8 || !(look->now.value[WS_TR] & ~3u);
    struct ws_reason reason = wide ? stack_check(look) : WS__REASON(NONE, 0);
    if (reason.code)
        ws__lint_tell_reason(look->lint, WS_LINT_RING0_STACK, look->mark, reason.code,
                             "ring 3 is entered, and no handler could be entered from there: ", &reason);
}

/* -- page directories -------------------------------------------------------------------------- */

static void directory_check(const struct look *look)
{
    struct ws_physical memory = ws_machine_memory(look->lint->machine);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        struct ws_translation walk;
        ws_page_walk(&walk, &memory, &look->now, i * (uint32_t)WS_BIG_PAGE_BYTES, WS_ACCESS_READ, false);
        if (walk.result != WS_PAGE_RESERVED_BIT)
            continue;
        ws__lint_tell(
            look->lint, WS_LINT_RESERVED_BIT, look->mark, walk.pde_phys,
            "the page directory entry at physical 0x%x, for linear 0x%08x, is 0x%x: of a 4 MiB page, bits 21 to 13 "
            "are reserved",
            walk.pde_phys, walk.linear, walk.pde);
    }
}

/* -- together ---------------------------------------------------------------------------------- */

/* Has ring 3 been entered with these tables lately? */
static bool was_seen(struct ws_lint *lint, const struct ws_registers *now)
{
    const struct ws__lint_tables tables = {now->value[WS_GDTR_BASE], now->value[WS_IDTR_BASE], now->value[WS_TR],
                                           now->value[WS_CR3]};
    for (unsigned i = 0; i < WS__LINT_SEEN && i < lint->seens; i++) {
        if (!memcmp(&lint->seen[i], &tables, sizeof tables))
            return true;
    }
    lint->seen[lint->seens++ % WS__LINT_SEEN] = tables;
    return false;
}

void ws__lint_tables(struct ws_lint *lint, uint64_t mark, bool leaves)
{
    struct look look = {.lint = lint, .mark = mark};
    ws_machine_registers(lint->machine, &look.now);
    if (leaves && was_seen(lint, &look.now))
        return;
    ws_machine_segment(lint->machine, WS_LDTR, &look.ldt);
    gates_check(&look);
    descriptors_check(&look);
    directory_check(&look);
    if (leaves)
        ring0_check(&look);
}
