/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which instructions are announced.
 *
 * Unicorn decides that when it translates them, by their linear address, which it computes with 64
 * bits.  There is one hook, for addresses above 8 GiB; and code is executed in step mode by adding 8 GiB to
 * the base of CS.  The guest cannot see it: paging, branches and operands use the lower 32 bits, and
 * what loads CS replaces its base.  Both translations of a piece of code live side by side.
 *
 * Running in block mode, a block that has hook points is executed in its twin, the translation for executing it
 * in step mode: once the base is raised, so that Unicorn translates the twin and enters it; there it is
 * lowered again, and a jump is laid from the one to the other.  What follows the block is looked for
 * at the low addresses, as before.
 *
 *        below 8 GiB                          above
 *        block without hook points
 *        block with hook points ── jmp ──►  its twin, with a call for each instruction
 *        next block  ◄─────────────────────┘
 */
#include "unicorn/jump.h"
#include "unicorn/parts.h"

bool ws__engine_announce_open(struct ws__engine *engine, void *hook_function)
{
    uc_hook hook;
    return uc_hook_add(engine->uc, &hook, UC_HOOK_CODE, hook_function, engine, WS__ANNOUNCED, 2 * WS__ANNOUNCED - 1) ==
           UC_ERR_OK;
}

void ws__engine_step_mode(struct ws__engine *engine, bool step_mode)
{
    if (engine->high == step_mode)
        return;
    if (engine->pointer.state) {
        ws__context_layout_code_base_raise(&engine->pointer.layout, engine->pointer.state, step_mode);
    } else {
        uc_context_save(engine->uc, engine->context);
        ws__context_layout_code_base_raise(&engine->layout, engine->context, step_mode);
        uc_context_restore(engine->uc, engine->context);
    }
    engine->high = step_mode;
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

/* Only through the state pointer can the base be lowered while the engine runs. */
bool ws__engine_announce(struct ws__engine *engine, const struct ws__block *block)
{
    if (!engine->pointer.state)
        return false;
    engine->lone = (struct ws__engine_lone){
        .translation = (const uint8_t *)block->translation,
        .linear = block->code->linear,
        .bytes = block->code->bytes,
    };
    return true;
}

void ws__engine_announce_begin(struct ws__engine *engine)
{
    if (engine->budget->step_mode)
        engine->lone.translation = NULL;
    if (engine->lone.translation)
        ws__engine_step_mode(engine, true);
}

void ws__engine_announce_met(struct ws__engine *engine, uint64_t linear, uint32_t bytes, const uint8_t *translation)
{
    const struct ws__engine_lone *lone = &engine->lone;
    ws__engine_step_mode(engine, false);
    if (lone->translation && lone->linear + WS__ANNOUNCED == linear && lone->bytes == bytes) {
        struct ws__engine_call from = call_of(engine, lone->translation, lone->linear, bytes),
                               to = call_of(engine, translation, linear, bytes);
        engine->jumps += ws__engine_jump_set(&from, &to);
    }
    engine->lone.translation = NULL;
}
