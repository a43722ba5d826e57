/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading segment registers with descriptors that the caller has read and checked.
 *
 * uc_reg_write() cannot do this: Unicorn would read the descriptor again and check it against the old CPL, and it would
 * raise an exception while no instruction runs.  So these functions change a saved context (see context.h).
 */
#include "unicorn/context.h"

/* -- through a gate ---------------------------------------------------------------------------- */

struct entry {
    uint16_t cs;
    const struct ws_descriptor *code;
    uint16_t ss;
    const struct ws_descriptor *stack; /* NULL: SS stays as it is */
};

static void entry_put(const struct ws__context_layout *layout, void *context, const void *what)
{
    const struct entry *entry = what;
    ws__engine_context_segment_set(layout, context, WS_CS, entry->cs, entry->code);
    if (entry->stack)
        ws__engine_context_segment_set(layout, context, WS_SS, entry->ss, entry->stack);
    ws__engine_context_cpl_set(layout, context, entry->cs & WS_SELECTOR_RPL);
}

void ws__engine_enter(struct ws__engine *engine, uint16_t cs, const struct ws_descriptor *code, uint16_t ss,
                      const struct ws_descriptor *stack)
{
    const struct entry entry = {cs, code, ss, stack};
    ws__engine_context_change(engine, entry_put, &entry);
}

/* -- one register ------------------------------------------------------------------------------- */

struct load {
    enum ws_register which;
    uint16_t selector;
    const struct ws_descriptor *descriptor;
    unsigned cpl;
};

static void load_put(const struct ws__context_layout *layout, void *context, const void *what)
{
    const struct load *load = what;
    ws__engine_context_segment_set(layout, context, load->which, load->selector, load->descriptor);
    ws__engine_context_cpl_set(layout, context, load->cpl);
}

void ws__engine_load(struct ws__engine *engine, enum ws_register which, uint16_t selector,
                     const struct ws_descriptor *descriptor)
{
    const struct load load = {which, selector, descriptor, ws__engine_cpl(engine)};
    ws__engine_context_change(engine, load_put, &load);
}

/* -- a task switch ----------------------------------------------------------------------------- */

struct task {
    const uint16_t *selector;
    uint16_t tr;
    const struct ws_descriptor *tss;
};

static void task_put(const struct ws__context_layout *layout, void *context, const void *what)
{
    static const enum ws_register which[WS__ENGINE_TASK_SEGMENTS] = {WS_ES, WS_CS, WS_SS, WS_DS, WS_FS, WS_GS, WS_LDTR};
    const struct task *task = what;
    for (unsigned i = 0; i < WS__ENGINE_TASK_SEGMENTS; i++)
        ws__engine_context_selector_set(layout, context, which[i], task->selector[i]);
    ws__engine_context_segment_set(layout, context, WS_TR, task->tr, task->tss);
    ws__engine_context_cpl_set(layout, context, task->selector[1] & WS_SELECTOR_RPL);
    ws__engine_context_ts_set(layout, context);
}

void ws__engine_task_begin(struct ws__engine *engine, const uint16_t selector[WS__ENGINE_TASK_SEGMENTS], uint16_t tr,
                           const struct ws_descriptor *tss)
{
    const struct task task = {selector, tr, tss};
    ws__engine_context_change(engine, task_put, &task);
    ws__engine_set(engine, WS_CR0, ws__engine_get(engine, WS_CR0) | WS_CR0_TS);
}
