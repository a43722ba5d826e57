/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fault: the instruction, the rule that it broke, what decided, and why no handler could be entered.
 */
#include "timeline/why.h"

#include <string.h>

#include <worldswitch/exception.h>

#include "timeline/internal.h"

void ws__why_vector(const struct ws_why *why, struct ws_buffer *out, const struct ws_fault *fault)
{
    const struct ws_exception_info *info = ws_vector_info(fault->vector, (enum ws_origin)fault->origin);
    int irq = fault->origin == WS_ORIGIN_EXTERNAL ? ws_machine_irq(why->machine, fault->vector) : -1;
    if (irq >= 0)
        ws_buffer_printf(out, "IRQ %d (vector %u)", irq, fault->vector);
    else if (*info->mnemonic)
        ws_buffer_printf(out, "%s %s (vector %u)", info->mnemonic, info->name, fault->vector);
    else
        ws_buffer_printf(out, "vector %u", fault->vector);
    if (fault->has_error_code) {
        ws_buffer_printf(out, ", error code 0x%x", fault->error_code);
        ws_error_code_describe(out, fault->vector, fault->error_code);
    }
    if (fault->vector == WS_VECTOR_PF && fault->origin == WS_ORIGIN_EXCEPTION)
        ws_buffer_printf(out, ", cr2 0x%08x", fault->cr2);
}

/* -- what a far return takes off the stack ----------------------------------------------------- */

/* The instruction, if it is one. */
enum far_return { NONE, IRET, LRET };

static enum far_return far_return(const struct ws_why *why, uint32_t linear)
{
    enum { CODE_IRET = 0xcf, CODE_LRET = 0xcb, CODE_LRET_WORD = 0xca };
    struct ws_registers now;
    uint8_t code = 0;
    ws_machine_registers(why->machine, &now);
    if (ws_machine_read(why->machine, linear, &code, 1) != WS_OK)
        return NONE;
    if (code == CODE_IRET)
        return now.value[WS_EFLAGS] & WS_EFLAGS_NT ? NONE : IRET; /* a nested task's returns to another task */
    return code == CODE_LRET || code == CODE_LRET_WORD ? LRET : NONE;
}

static void frame_append(const struct ws_why *why, struct ws_buffer *out, uint32_t linear, const struct ws__open *open)
{
    enum { EIP, CS, REST };
    struct ws_registers now;
    struct ws_descriptor stack;
    uint32_t slot[5] = {0};
    enum far_return kind = far_return(why, linear);
    ws_machine_registers(why->machine, &now);
    ws_machine_segment(why->machine, WS_SS, &stack);
    uint32_t esp = now.value[WS_ESP];
    if (!kind || ws_machine_read(why->machine, stack.base + esp, slot, sizeof slot) != WS_OK)
        return;
    ws__why_rank(out, WS__WHY_LED);
    ws_buffer_printf(out, "  frame at ESP 0x%08x: EIP 0x%08x, CS 0x%08x", esp, slot[EIP], slot[CS]);
    if (kind == IRET)
        ws_buffer_printf(out, ", EFLAGS 0x%08x", slot[REST]);
    if ((slot[CS] & WS_SELECTOR_RPL) > ws_machine_cpl(why->machine)) {
        const uint32_t *outer = &slot[kind == IRET ? REST + 1 : REST];
        ws_buffer_printf(out, ", ESP 0x%08x, SS 0x%08x", outer[0], outer[1]);
    }
    ws_buffer_printf(out, "\n");
    if (open && kind == IRET)
        ws__why_iret(why, out, open, esp);
}

/* -- the chain --------------------------------------------------------------------------------- */

/* Did an earlier vector behind the first one have the same reason?  That there is no IDT needs to be said once. */
static bool reason_was_told(const struct ws__chain *chain, uint32_t at)
{
    const struct ws_reason *reason = &chain->fault[at].reason;
    for (uint32_t i = 1; i < at; i++) {
        const struct ws_reason *told = &chain->fault[i].reason;
        if (!memcmp(told, reason, sizeof *told) || (told->code == reason->code && told->code == WS_REASON_IDT_NONE))
            return true;
    }
    return false;
}

/* Was there such a vector already behind the first one, with all that is told of it? */
static bool vector_was_told(const struct ws__chain *chain, uint32_t at)
{
    const struct ws_fault *fault = &chain->fault[at];
    for (uint32_t i = 1; i < at; i++) {
        const struct ws_fault *told = &chain->fault[i];
        if (told->vector == fault->vector && told->error_code == fault->error_code && told->cr2 == fault->cr2)
            return true;
    }
    return false;
}

/* The second vector is why there is a chain; SDM 3A §6.15 "Exception and Interrupt Reference", interrupt 8. */
static const char *chain_lead(const struct ws__chain *chain, uint32_t at, bool entered)
{
    if (at == 1)
        return entered ? "why its handler could not be entered: " : "why no handler could be entered: ";
    return chain->fault[at].vector == WS_VECTOR_DF ? "  so: " : "  met: ";
}

/* The vectors behind the first one. */
static void chain_append(const struct ws_why *why, struct ws_buffer *out, const struct ws__chain *chain, bool entered)
{
    for (uint32_t i = 1; i < chain->faults; i++) {
        const struct ws_fault *fault = &chain->fault[i];
        ws_buffer_printf(out, "%s", chain_lead(chain, i, entered));
        if (vector_was_told(chain, i))
            ws_buffer_printf(out, "%s again", ws_vector_info(fault->vector, (enum ws_origin)fault->origin)->mnemonic);
        else
            ws__why_vector(why, out, fault);
        ws_buffer_printf(out, "\n");
        if (fault->vector == WS_VECTOR_DF || reason_was_told(chain, i))
            continue;
        ws__why_line(out, i == 1 ? WS__WHY_REASON : WS__WHY_REPEATED);
        ws_buffer_printf(out, i == 1 ? "  " : "    ");
        ws_reason_append(out, &fault->reason);
        ws_buffer_printf(out, "\n");
    }
}

/* What decided about the second one, if it is another kind of thing. */
static void second_append(const struct ws_why *why, struct ws_buffer *out, const struct ws__chain *chain)
{
    const struct ws_reason *first = &chain->fault[0].reason, *second = &chain->fault[1].reason;
    if ((first->code == WS_REASON_PAGE && second->code == WS_REASON_PAGE) || !ws__why_visit(why, out, chain->mark))
        return;
    ws__why_rank(out, WS__WHY_SECOND);
    ws__why_entry(why, out, &chain->fault[1]);
}

void ws__why_fault(const struct ws_why *why, struct ws_buffer *out, const struct ws__chain *chain,
                   const struct ws_reason *told, const struct ws__opens *opens, bool entered)
{
    const struct ws_fault *first = &chain->fault[0];
    struct ws_registers now;
    ws__why_visit(why, out, chain->mark);
    uint32_t linear = first->origin == WS_ORIGIN_EXTERNAL ? first->linear : ws_machine_eip_linear(why->machine);
    ws__why_rank(out, WS__WHY_ALWAYS);
    ws_buffer_printf(out, told ? "the last one: " : "first fault: ");
    ws__why_vector(why, out, first);
    ws_buffer_printf(out, "\n  at mark %llu, ", (unsigned long long)chain->mark);
    ws__why_place(why, out, linear);
    ws_buffer_printf(out, ", ring %u", first->cpl);
    if (linear != first->linear) { /* it has led there already */
        ws_buffer_printf(out, ", on its way to ");
        ws__why_place(why, out, first->linear);
    }
    ws_buffer_printf(out, "\n");
    if (told && !memcmp(told, &first->reason, sizeof *told))
        ws__why_line(out, WS__WHY_STANDING);
    ws_buffer_printf(out, "  ");
    ws_reason_append(out, &first->reason);
    ws_buffer_printf(out, "\n  [%s]\n", ws_reason_citation(&first->reason));
    bool way = first->origin != WS_ORIGIN_EXTERNAL && ws__why_way(why, out, chain->mark, linear, first, opens);
    ws__why_code(why, out, linear, !way);
    ws_machine_registers(why->machine, &now);
    frame_append(why, out, linear, ws__why_open_near(opens, now.value[WS_ESP], chain->mark));
    ws__why_rank(out, WS__WHY_DECIDED);
    ws__why_entry(why, out, first);
    ws__why_rank(out, WS__WHY_MET);
    if (chain->faults > 1)
        chain_append(why, out, chain, entered);
    if (entered)
        ws_buffer_printf(out, "  the handler of vector %u was entered, and has not returned\n",
                         chain->fault[chain->faults - 1].vector);
    if (chain->faults > 1)
        second_append(why, out, chain);
}
