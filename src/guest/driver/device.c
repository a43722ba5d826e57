/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device: several virtual machines, each of which belongs to the process that made it. */
#include "guest/driver/driver.h"

static struct vmm_world worlds[HOSTED_VMS_MOST];

/* The one that has lent its memory from that address space; 0: one that is free.  NULL: there is none. */
static struct vmm_world *world_find(uint32_t lender)
{
    for (struct vmm_world *world = worlds; world < worlds + HOSTED_VMS_MOST; world++)
        if (lender ? world->cr3 && world->lender == lender : !world->cr3)
            return world;
    return NULL;
}

static bool number_is_free(uint32_t number)
{
    for (const struct vmm_world *world = worlds; world < worlds + HOSTED_VMS_MOST; world++)
        if (world->cr3 && world->number == number)
            return false;
    return number <= HOSTED_VMS_MOST;
}

/* The current process's. */
static struct vmm_world *world_own(void)
{
    return world_find(cr3_read());
}

static int32_t create(uint32_t argument)
{
    struct vmm_world *world = world_find(0);
    struct vmx_create told;

    if (!user_may(argument, sizeof told))
        return CALL_FAULT;
    told = *(const struct vmx_create *)argument;
    if (current->process->holding || world_own() || told.memory % PAGE_BYTES || told.memory_bytes != HOSTED_VM_BYTES ||
        !number_is_free(told.number))
        return CALL_BAD;
    if (!user_may(told.image, told.image_bytes) || !user_may(told.memory, told.memory_bytes))
        return CALL_FAULT;
    return world ? vmm_world_build(world, &told) : CALL_NO_ROOM;
}

/* What was typed since, and the answer to the last request; an interrupt was none. */
static void answer(const struct hosted_mailbox *request)
{
    mailbox()->typed = request->typed;
    if (mailbox()->request <= HOSTED_INTERRUPT)
        return;
    mailbox()->trips++;
    mailbox()->result = request->result;
    memcpy(mailbox()->sector, request->sector, HOSTED_SECTOR_BYTES);
}

static int32_t run(uint32_t argument)
{
    struct hosted_mailbox *request = (struct hosted_mailbox *)argument;
    struct vmm_world *world = world_own();

    if (!user_may(argument, sizeof *request))
        return CALL_FAULT;
    if (!world)
        return CALL_BAD;
    window_show(world->cross);
    answer(request);
    journey_make(world);
    if (mailbox()->request == HOSTED_INTERRUPT)
        return VMX_INTERRUPTED;
    *request = *mailbox();
    if (request->request == HOSTED_SHUTDOWN || request->request == HOSTED_STOPPED)
        vmm_world_remove(world);
    return VMX_REQUEST;
}

int32_t vmx_ioctl(uint32_t request, uint32_t argument)
{
    if (request == VMX_CREATE)
        return create(argument);
    return request == VMX_RUN ? run(argument) : CALL_BAD;
}

void vmx_close(void)
{
    struct vmm_world *world = world_own();

    if (world)
        vmm_world_remove(world);
}
