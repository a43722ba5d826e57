/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two ways of running, and the sites at which a free run is interrupted.
 *
 * Whether Unicorn announces single instructions is decided when it translates them, by their linear
 * address, which it computes with 64 bits.  So there is one hook for all addresses from 4 GiB on,
 * where no 32-bit code is; and code is executed closely by adding 4 GiB to the base of CS.  The
 * guest cannot see it: paging, branches and operands use the lower 32 bits, and what loads CS
 * replaces its base.  Both translations of a piece of code live side by side, and switching between
 * them costs as much as saving and restoring a context.
 */
#include "cpu/engine_parts.h"

void ws__engine_closely(struct ws__engine *engine, bool closely)
{
    if (engine->high == closely)
        return;
    uc_context_save(engine->uc, engine->context);
    ws__engine_slots_code_base_raise(&engine->slots, engine->context, closely);
    uc_context_restore(engine->uc, engine->context);
    engine->high = closely;
}

/* -- sites ------------------------------------------------------------------------------------- */

/* The place where it is, or would be; the table is at most half full. */
static size_t site_find(const struct ws__sites *sites, uint32_t linear)
{
    size_t places = sizeof sites->linear / sizeof sites->linear[0], place = (linear ^ linear >> 12) % places;
    while (sites->hook[place] && sites->linear[place] != linear)
        place = (place + 1) % places;
    return place;
}

bool ws__engine_watches(const struct ws__engine *engine, uint32_t linear)
{
    return engine->sites.hook[site_find(&engine->sites, linear)] != 0;
}

bool ws__engine_watch(struct ws__engine *engine, uint32_t linear)
{
    struct ws__sites *sites = &engine->sites;
    size_t place = site_find(sites, linear);
    if (sites->hook[place])
        return true;
    if (sites->count == WS__SITES ||
        uc_hook_add(engine->uc, &sites->hook[place], UC_HOOK_CODE, (void *)ws__engine_code_hook, engine, linear,
                    linear) != UC_ERR_OK)
        return false;
    sites->linear[place] = linear;
    sites->count++;
    return true;
}

void ws__engine_unwatch(struct ws__engine *engine)
{
    struct ws__sites *sites = &engine->sites;
    if (!sites->count)
        return;
    uc_context_save(engine->uc, engine->context); /* see ws__engine_drop() */
    for (size_t i = 0; i < sizeof sites->hook / sizeof sites->hook[0]; i++) {
        if (sites->hook[i])
            uc_hook_del(engine->uc, sites->hook[i]);
        sites->hook[i] = 0;
    }
    uc_context_restore(engine->uc, engine->context);
    sites->count = 0;
}

void ws__engine_drop(struct ws__engine *engine, uint32_t linear, uint32_t bytes)
{
    /* Unicorn looks the page up as if the guest fetched from it, and remembers a fault that this causes. */
    uc_context_save(engine->uc, engine->context);
    uc_ctl_remove_cache(engine->uc, (uint64_t)linear, (uint64_t)linear + bytes);
    uc_context_restore(engine->uc, engine->context);
}
