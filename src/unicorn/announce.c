/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which instructions are announced.
 *
 * Unicorn decides that when it translates them, by their linear address, which it computes with 64
 * bits.  There is one hook, for addresses above 8 GiB; and code is executed closely by adding 8 GiB to
 * the base of CS.  The guest cannot see it: paging, branches and operands use the lower 32 bits, and
 * what loads CS replaces its base.  Both translations of a piece of code live side by side.
 *
 * Running freely, a stretch that has sites is executed in its twin, the translation for executing it
 * closely: once the base is raised, so that Unicorn translates the twin and enters it; there it is
 * lowered again, and a jump is laid from the one to the other.  What follows the stretch is looked for
 * at the low addresses, as before.
 *
 *        below 8 GiB                          above
 *        stretch without sites
 *        stretch with sites ── jmp ──►  its twin, with a call for each instruction
 *        next stretch  ◄─────────────────────┘
 */
#include "unicorn/jump.h"
#include "unicorn/parts.h"

bool ws__engine_announce_open(struct ws__engine *engine, void *hook_function)
{
    uc_hook hook;
    return uc_hook_add(engine->uc, &hook, UC_HOOK_CODE, hook_function, engine, WS__CLOSELY, 2 * WS__CLOSELY - 1) ==
           UC_ERR_OK;
}

void ws__engine_closely(struct ws__engine *engine, bool closely)
{
    if (engine->high == closely)
        return;
    if (engine->window.state) {
        ws__engine_slots_code_base_raise(&engine->window.slots, engine->window.state, closely);
    } else {
        uc_context_save(engine->uc, engine->context);
        ws__engine_slots_code_base_raise(&engine->slots, engine->context, closely);
        uc_context_restore(engine->uc, engine->context);
    }
    engine->high = closely;
}

/* -- twins ------------------------------------------------------------------------------------- */

static struct ws__engine_call call_of(const struct ws__engine *engine, const uint8_t *end, uint64_t linear,
                                      uint32_t bytes)
{
    return (struct ws__engine_call){
        .end = end,
        .uc = (uintptr_t)engine->uc,
        .linear = linear,
        .bytes = bytes,
        .context = (uintptr_t)engine,
    };
}

/* Only through the window can the base be lowered while the engine runs. */
bool ws__engine_announce(struct ws__engine *engine, const struct ws__stretch *stretch)
{
    if (!engine->window.state)
        return false;
    engine->lone = (struct ws__engine_lone){
        .translation = (const uint8_t *)stretch->translation,
        .linear = stretch->code->linear,
        .bytes = stretch->code->bytes,
    };
    return true;
}

void ws__engine_announce_begin(struct ws__engine *engine)
{
    if (engine->pace->closely)
        engine->lone.translation = NULL;
    if (engine->lone.translation)
        ws__engine_closely(engine, true);
}

void ws__engine_announce_met(struct ws__engine *engine, uint64_t linear, uint32_t bytes, const uint8_t *translation)
{
    const struct ws__engine_lone *lone = &engine->lone;
    ws__engine_closely(engine, false);
    if (lone->translation && lone->linear + WS__CLOSELY == linear && lone->bytes == bytes) {
        struct ws__engine_call from = call_of(engine, lone->translation, lone->linear, bytes),
                               to = call_of(engine, translation, linear, bytes);
        engine->jumps += ws__engine_jump_set(&from, &to);
    }
    engine->lone.translation = NULL;
}
