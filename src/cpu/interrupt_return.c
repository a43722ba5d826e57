/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iret outside ring 0 whose image of EFLAGS has VM set.
 *
 * Only in ring 0 does iret go to virtual-8086 mode.  In other rings a CPU ignores VM in the image, but the engine does
 * not, so the library executes these irets.  The engine executes all others, but for those with NT: see
 * task_switch.c.
 *
 * SDM 2A "IRET/IRETD/IRETQ—Interrupt Return", "PROTECTED-MODE-RETURN"
 */
#include "cpu/debug.h"
#include "cpu/delivery.h"
#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"
#include "x86/segment.h"

/* The frame, from the top of the stack on.  It has ESP and SS only if the ring changes. */
enum slot { SLOT_EIP, SLOT_CS, SLOT_EFLAGS, SLOT_ESP, SLOT_SS, SLOTS };

enum { FLAGS_LOADED = 0x00254dd5 }; /* CF, PF, AF, ZF, SF, TF, DF, OF, NT, RF, AC, ID */

/* -- the frame --------------------------------------------------------------------------------- */

static uint32_t stack_mask(const struct ws_descriptor *stack)
{
    return stack->big ? UINT32_MAX : 0xffff;
}

static uint32_t slot_linear(const struct ws_descriptor *stack, uint32_t esp, unsigned slot)
{
    return stack->base + ((esp + 4 * slot) & stack_mask(stack));
}

bool ws__interrupt_return_wanted(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    uint32_t esp, flags;
    if (ws__engine_cpl(cpu->engine) == 0 || ws__code_cache_operands_of(cpu->code, decoded)->narrow)
        return false;
    esp = ws__engine_get(cpu->engine, WS_ESP);
    return ws__memory_peek(cpu, slot_linear(&cpu->checks.segment[WS__SEGMENT_SS], esp, SLOT_EFLAGS), &flags,
                           sizeof flags) &&
           flags & WS_EFLAGS_VM;
}

static bool is_outer(const struct ws__delivery *d)
{
    return d->new_cpl > d->cpl;
}

/* Read slots of the frame, with supervisor rights.  In ring 3, ws__check_far() has checked before that the first three
 * may be read.  ESP and SS are only read if the return goes to an outer ring, so in ring 1 or 2. */
static bool slots_read(struct ws__delivery *d, enum slot first, enum slot end, uint32_t *slot)
{
    const struct ws_descriptor *stack = &d->cpu->checks.segment[WS__SEGMENT_SS];
    for (unsigned i = first; i < end; i++) {
        if (!ws__delivery_read(d, slot_linear(stack, d->registers.value[WS_ESP], i), &slot[i], sizeof slot[i]))
            return false;
    }
    return true;
}

/* -- the checks -------------------------------------------------------------------------------- */

static bool code_find(struct ws__delivery *d)
{
    uint16_t selector = d->gate.selector;
    unsigned rpl = selector & WS_SELECTOR_RPL;
    if ((selector & ~3u) == 0)
        return ws__delivery_fault(d, WS_VECTOR_GP, 0, WS__REASON(SELECTOR_NULL, selector));
    if (!ws__delivery_descriptor(d, selector, WS_VECTOR_GP, &d->code))
        return false;
    bool code = !d->code.system && d->code.type & WS_TYPE_CODE;
    bool fits = d->code.type & WS_TYPE_CONFORMING ? d->code.dpl <= rpl : d->code.dpl == rpl;
    if (rpl < d->cpl)
        return ws__delivery_fault(d, WS_VECTOR_GP, selector & ~3u, WS__REASON(RETURN_INNER, selector, rpl, d->cpl));
    if (!code)
        return ws__delivery_fault(d, WS_VECTOR_GP, selector & ~3u,
                                  WS__REASON(CODE_TYPE, selector, ws__reason_type(&d->code)));
    if (!fits)
        return ws__delivery_fault(d, WS_VECTOR_GP, selector & ~3u, WS__REASON(RETURN_DPL, selector, d->code.dpl, rpl));
    if (!d->code.present)
        return ws__delivery_fault(d, WS_VECTOR_NP, selector & ~3u, WS__REASON(ABSENT, selector));
    d->new_cpl = rpl;
    return true;
}

/* Find the stack after the return: the outer ring's, or the present one without the frame. */
static bool stack_find(struct ws__delivery *d, uint32_t *slot)
{
    if (!is_outer(d)) {
        d->stack = d->cpu->checks.segment[WS__SEGMENT_SS];
        slot[SLOT_ESP] = d->registers.value[WS_ESP] + 4 * SLOT_ESP;
        return true;
    }
    if (!slots_read(d, SLOT_ESP, SLOTS, slot))
        return false;
    d->new_ss = (uint16_t)slot[SLOT_SS];
    return ws__delivery_stack_check(d, WS_VECTOR_GP, WS_VECTOR_NP);
}

static bool return_check(struct ws__delivery *d, uint32_t *slot)
{
    if (!slots_read(d, SLOT_EIP, SLOT_ESP, slot))
        return false;
    d->gate.selector = (uint16_t)slot[SLOT_CS];
    if (!code_find(d) || !stack_find(d, slot))
        return false;
    if (!ws__descriptor_limit_allows(&d->code, slot[SLOT_EIP], 1))
        return ws__delivery_fault(d, WS_VECTOR_GP, 0, WS__REASON(BRANCH_LIMIT, slot[SLOT_EIP], d->code.limit));
    return ws__delivery_mark(d, d->gate.selector, &d->code) &&
           (!is_outer(d) || ws__delivery_mark(d, d->new_ss, &d->stack));
}

/* -- the return -------------------------------------------------------------------------------- */

/* IF changes only where IOPL allows it; IOPL, VIF and VIP only in ring 0, so not here. */
static uint32_t flags_loaded(const struct ws__delivery *d, uint32_t image)
{
    uint32_t flags = d->registers.value[WS_EFLAGS], loaded = FLAGS_LOADED;
    if (d->cpl <= (flags & WS_EFLAGS_IOPL) >> 12)
        loaded |= WS_EFLAGS_IF;
    return (flags & ~loaded) | (image & loaded);
}

/* Clear data segments of the inner ring, so that the outer ring cannot use them. */
static void segments_clear(struct ws__delivery *d)
{
    static const struct {
        enum ws_register which;
        unsigned segment;
    } rows[] = {{WS_ES, WS__SEGMENT_ES}, {WS_FS, WS__SEGMENT_FS}, {WS_GS, WS__SEGMENT_GS}, {WS_DS, WS__SEGMENT_DS}};
    const struct ws_descriptor none = {.system = true};
    ws__check_refresh(d->cpu);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct ws_descriptor *found = &d->cpu->checks.segment[rows[i].segment];
        bool conforming = found->type & WS_TYPE_CODE && found->type & WS_TYPE_CONFORMING;
        bool null = (d->registers.value[rows[i].which] & ~3u) == 0;
        if (null || (found->dpl < d->new_cpl && !conforming))
            ws__engine_load(d->cpu->engine, rows[i].which, 0, &none);
    }
}

static void return_finish(struct ws__delivery *d, const uint32_t *slot)
{
    struct ws__engine *engine = d->cpu->engine;
    uint32_t mask = stack_mask(&d->stack);
    ws__engine_enter(engine, d->gate.selector, &d->code, d->new_ss, is_outer(d) ? &d->stack : NULL);
    if (is_outer(d))
        segments_clear(d);
    ws__engine_set(engine, WS_ESP, (d->registers.value[WS_ESP] & ~mask) | (slot[SLOT_ESP] & mask));
    ws__engine_set(engine, WS_EFLAGS, flags_loaded(d, slot[SLOT_EFLAGS]));
    ws__engine_set(engine, WS_EIP, slot[SLOT_EIP]);
    ws__in_progress_commit(d->cpu);
}

void ws__interrupt_return(struct ws__cpu *cpu, uint32_t eip, struct ws__raise *raise)
{
    const struct ws__raise cause = {.origin = WS_ORIGIN_SOFTWARE, .fault_eip = eip};
    struct ws__delivery d;
    uint32_t slot[SLOTS];
    ws__delivery_begin(&d, cpu, &cause, raise);
    ws__in_progress_begin(cpu, &cpu->run.decoded, (uint32_t)cpu->last.linear);
    if (return_check(&d, slot)) {
        return_finish(&d, slot);
        return;
    }
    cpu->last.in_progress.open = false;
    if (cpu->checks.reasons & WS__CHECK_TRAP)
        ws__debug_data_forget(cpu);
}
