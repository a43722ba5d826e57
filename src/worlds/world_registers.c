/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers with which a world begins: some of them are in its context in the cross page, others on its kernel
 * stack, in the frame that the switch pops.  Which, the format of the switch says.
 */
#include <worldswitch/segment.h>

#include "worlds/lab.h"

void ws_world_registers(const struct ws_world *world, struct ws_registers *out)
{
    *out = world->begin;
}

enum ws_status ws__world_begin_with(struct ws_world *world, const struct ws_registers *registers)
{
    struct ws_lab *lab = world->lab;
    const struct ws_cross_code *cross = &lab->cross;
    uint32_t context = lab->cross_phys + (ws_world_context(world) - WS_CROSS_LINEAR);
    uint32_t frame = registers->value[WS_ESP] - cross->frame_bytes;
    uint8_t bytes[WS__FRAME_BYTES] = {0};
    enum ws_status status;

    ws__slots_fill(cross, WS_SLOT_ON_STACK, registers, frame, bytes);
    status = ws__space_write(lab, world->cr3, frame, bytes, cross->frame_bytes);
    if (status != WS_OK)
        return status;
    ws__slots_fill(cross, WS_SLOT_IN_CONTEXT, registers, frame, lab->ram + context);
    world->begin = *registers;
    return WS_OK;
}

/* Does a new register file leave alone what is not to be chosen? */
static bool keeps_what_is_fixed(const struct ws_registers *before, const struct ws_registers *after)
{
    static const uint8_t fixed[] = {WS_CS,         WS_SS,   WS_GDTR_BASE, WS_GDTR_LIMIT, WS_IDTR_BASE,
                                    WS_IDTR_LIMIT, WS_LDTR, WS_TR,        WS_CR3};
    size_t i;

    for (i = 0; i < sizeof fixed; i++)
        if (before->value[fixed[i]] != after->value[fixed[i]])
            return false;
    return true;
}

enum ws_status ws_world_set_registers(struct ws_world *world, const struct ws_registers *registers)
{
    const uint32_t *value = registers->value;
    struct ws_registers before;

    ws_world_registers(world, &before);
    if (!ws__lab_is_open(world->lab) || !world->index || !keeps_what_is_fixed(&before, registers) ||
        !(value[WS_CR0] & WS_CR0_PE) || !(value[WS_CR0] & WS_CR0_PG) || value[WS_EFLAGS] & WS_EFLAGS_VM)
        return WS_BAD_ARGUMENT;
    if (value[WS_CR4] & WS_CR4_PGE && ws__lab_has_cr4(world->lab, WS_CR4_PGE, world))
        return WS_OVERLAP;
    return ws__world_begin_with(world, registers);
}
