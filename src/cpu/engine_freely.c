/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running freely: without a call for each instruction.
 *
 * Whether Unicorn announces single instructions is decided when it translates them, by their linear
 * address, which it computes with 64 bits.  So there is one hook for all addresses below 8 GiB; and
 * code is executed freely by adding 8 GiB to the base of CS.  The guest cannot see it: paging,
 * branches and operands use the lower 32 bits, and what loads CS replaces its base.  Both
 * translations of a piece of code live side by side, and going from one to the other costs as much
 * as saving and restoring a context.
 *
 * (A hook for each instruction of interest would do, too, but Unicorn goes through all hooks at each
 * call.)
 */
#include "cpu/engine_parts.h"

void ws__engine_freely(struct ws__engine *engine, bool freely)
{
    if (engine->high == freely)
        return;
    uc_context_save(engine->uc, engine->context);
    ws__engine_slots_code_base_raise(&engine->slots, engine->context, freely);
    uc_context_restore(engine->uc, engine->context);
    engine->high = freely;
}

bool ws__engine_is_free(const struct ws__engine *engine)
{
    return engine->high;
}
