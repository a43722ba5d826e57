/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Announcing instructions: the engine calls a hook before each of them.
 *
 * Unicorn decides at translation time whether an instruction gets a call of the hook.  It decides by the linear
 * address, which it computes with 64 bits.  The hook here is for the addresses from 8 GiB on.  So for step mode this
 * file adds 8 GiB to the base of CS: every instruction is then translated again, with a call.  The guest cannot see
 * this, since paging, branches and operands use only the lower 32 bits.  An instruction that loads CS replaces the
 * base, and with it the added 8 GiB.  Unicorn keeps both translations of a piece of code, because their linear
 * addresses differ.
 *
 * In block mode only hook points need the call.  A block that has some is executed in its *announced translation*, the
 * one that step mode uses.  The engine gets there as follows:
 *
 *   1. The block hook finds that the plain translation of the block will not do, and the engine returns.
 *   2. The next run begins with the base raised, so Unicorn enters the announced translation.
 *   3. At once the base is lowered again: the block behind this one is looked for below 8 GiB.
 *   4. A jump is written from the plain translation to the announced one (jump.h).  The next time the engine takes it,
 *      without steps 1 to 3.
 *
 *        below 8 GiB: plain                   above 8 GiB: announced
 *        block without hook points
 *        block with hook points ── jmp ──►  the same block, with a call for each instruction
 *        next block  ◄─────────────────────┘
 *
 * A short run in step mode (see run/short_run.h) needs few instructions translated.  Unicorn ends a translation in
 * front of an address at which the caller wants it to stop, an *exit*.  So for a short run this file sets an exit, and
 * adds another 16 GiB, since Unicorn keeps the translation.  After each run Unicorn forgets all translations of the
 * instruction at an exit.  Other runs need them, so the exit is removed as soon as the translation is there.
 */
#include "unicorn/jump.h"
#include "unicorn/parts.h"

bool ws__engine_announce_open(struct ws__engine *engine, void *hook_function)
{
    uc_hook hook;
    return uc_hook_add(engine->uc, &hook, UC_HOOK_CODE, hook_function, engine, WS__ANNOUNCED, 2 * WS__SHORT - 1) ==
           UC_ERR_OK;
}

static void base_raise(struct ws__engine *engine, uint64_t bytes)
{
    if (engine->base_raised == bytes)
        return;
    if (engine->pointer.state) {
        ws__context_layout_code_base_raise(&engine->pointer.layout, engine->pointer.state, bytes);
    } else {
        uc_context_save(engine->uc, engine->context);
        ws__context_layout_code_base_raise(&engine->layout, engine->context, bytes);
        uc_context_restore(engine->uc, engine->context);
    }
    engine->base_raised = bytes;
}

void ws__engine_step_mode(struct ws__engine *engine, bool step_mode)
{
    base_raise(engine, step_mode ? WS__ANNOUNCED : 0);
}

void ws__engine_translate_until(struct ws__engine *engine, uint64_t end)
{
    uint64_t exit = end + WS__ANNOUNCED + WS__SHORT;
    base_raise(engine, WS__ANNOUNCED + WS__SHORT);
    uc_ctl_set_exits(engine->uc, &exit, 1);
    engine->exits = true;
}

void ws__engine_announce_stepped(struct ws__engine *engine, uint64_t linear)
{
    engine->base_raised = linear & (WS__ANNOUNCED | WS__SHORT); /* an instruction that loads CS has lowered the base */
    if (!engine->exits)
        return;
    uc_ctl_set_exits(engine->uc, NULL, 0);
    engine->exits = false;
}

/* -- announced translations in block mode ------------------------------------------------------ */

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

/* The base must be lowered while the engine runs.  Only the state pointer makes that possible: a saved context can be
 * restored between two runs only. */
bool ws__engine_announce(struct ws__engine *engine, const struct ws__block *block)
{
    if (!engine->pointer.state)
        return false;
    engine->request = (struct ws__announce_request){
        .translation = (const uint8_t *)block->translation,
        .linear = block->code->linear,
        .bytes = block->code->bytes,
    };
    return true;
}

void ws__engine_announce_begin(struct ws__engine *engine)
{
    if (engine->budget->step_mode)
        engine->request.translation = NULL;
    if (engine->request.translation)
        base_raise(engine, WS__ANNOUNCED);
}

void ws__engine_announce_entered(struct ws__engine *engine, uint64_t linear, uint32_t bytes, const uint8_t *translation)
{
    const struct ws__announce_request *request = &engine->request;
    base_raise(engine, 0);
    if (request->translation && request->linear + WS__ANNOUNCED == linear && request->bytes == bytes) {
        struct ws__engine_call from = call_of(engine, request->translation, request->linear, bytes),
                               to = call_of(engine, translation, linear, bytes);
        engine->jumps += ws__engine_jump_set(&from, &to);
    }
    engine->request.translation = NULL;
}
