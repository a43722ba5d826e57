/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A broken VMX driver: when it has built the second VMM's world, it maps two pages of the first one there, one of the
 * first virtual machine's memory and one of its VMM's own, where nothing should be.  Nobody uses them, and everybody
 * says what he always says.  The linker calls this in the place of vmm_world_build(): --wrap.
 */
#include <worldswitch/paging.h>

#include "guest/driver/driver.h"

enum { VM_PAGE = HOSTED_VMM_WINDOW + 5 * PAGE_BYTES, HOLE = HOSTED_VMM_IMAGE - 2 * PAGE_BYTES };

int32_t __real_vmm_world_build(struct vmm_world *world, const struct vmx_create *create);
int32_t __wrap_vmm_world_build(struct vmm_world *world, const struct vmx_create *create);

/* The entry of a page in a world's table, which is out of the host's reach by now: it is fetched back for a moment. */
static uint32_t entry_exchange(const struct vmm_world *world, uint32_t linear, uint32_t entry)
{
    uint32_t *place = (uint32_t *)direct(world->frame[1]) + linear / PAGE_BYTES % PAGE_ENTRIES, was;

    frame_take_back(world->frame[1]);
    was = *place;
    if (entry)
        *place = entry;
    frame_lend(world->frame[1]);
    return was;
}

int32_t __wrap_vmm_world_build(struct vmm_world *world, const struct vmx_create *create)
{
    static struct vmm_world *first;
    int32_t result = __real_vmm_world_build(world, create);

    if (result == 0 && first) {
        entry_exchange(world, HOLE, entry_exchange(first, VM_PAGE, 0));
        entry_exchange(world, HOLE + PAGE_BYTES, entry_exchange(first, HOSTED_VMM_GDT, 0));
    }
    if (!first)
        first = world;
    return result;
}
