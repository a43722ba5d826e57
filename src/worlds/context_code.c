/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A context switch of a user's own in a world's kernel: its code is loaded, and the kernel's routine becomes a jump to
 * it, before anything has run.
 */
#include <stdlib.h>
#include <string.h>

#include "worlds/lab.h"

_Static_assert(WS_KERNEL_TSS_OFFSET == WS_KERNEL_TABLES + WS_TABLES_TSS, "context.h says where the TSS is");
_Static_assert(WS_CONTEXT_SWITCH_OFFSET + WS_PAGE_BYTES < WS_KERNEL_STACK, "the code ends below the kernel stack");

static bool is_sound(const struct ws_context_code *code)
{
    uint32_t i;

    if (!code->code || !code->bytes || code->bytes > WS_PAGE_BYTES || code->entry >= code->bytes || !code->slot ||
        !code->slots || code->slots > WS__SLOTS_MAX || code->frame_bytes % 4 || code->frame_bytes > WS__FRAME_BYTES)
        return false;
    for (i = 0; i < code->slots; i++)
        if (!ws__slot_is_sound(&code->slot[i], 0, code->frame_bytes))
            return false;
    return true;
}

static enum ws_status code_put(struct ws_world *world, const struct ws_context_code *code)
{
    uint32_t linear = world->kernel_linear + WS_CONTEXT_SWITCH_OFFSET, routine, relative;
    uint8_t jump[5] = {0xe9};
    enum ws_status status = ws__world_symbol(world, "context_switch", &routine);

    if (status == WS_OK)
        status = ws__space_map(world->lab, world->cr3, linear, WS_PAGE_BYTES, world->pte_flags);
    if (status == WS_OK)
        status = ws__space_write(world->lab, world->cr3, linear, code->code, code->bytes);
    if (status != WS_OK)
        return status;
    relative = linear + code->entry - (routine + (uint32_t)sizeof jump);
    memcpy(jump + 1, &relative, sizeof relative);
    return ws__space_write(world->lab, world->cr3, routine, jump, sizeof jump);
}

enum ws_status ws_world_set_context_switch(struct ws_world *world, const struct ws_context_code *code)
{
    struct ws_cross_slot *slot;
    enum ws_status status;

    if (!ws__lab_is_open(world->lab) || !world->resident || world->processes || world->context_slot || !is_sound(code))
        return WS_BAD_ARGUMENT;
    slot = malloc(code->slots * sizeof *slot);
    if (!slot)
        return WS_NO_MEMORY;
    memcpy(slot, code->slot, code->slots * sizeof *slot);
    world->context_slot = slot;
    world->context_code = *code;
    world->context_code.slot = slot;
    world->context_code.code = NULL; /* the caller's */
    status = code_put(world, code);
    return ws__lab_built(world->lab, status);
}
