/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device: one virtual machine at a time, which belongs to the process that made it. */
#include "guest/driver/driver.h"
#include "guest/host/calls.h"
#include "guest/host/host.h"
#include "guest/shared/cpu.h"

static struct vmm_world world;

/* Does the current process have the VM? Its memory is in this address space then. */
static bool is_owner(void)
{
    return world.cr3 && world.lender == cr3_read();
}

static int32_t create(uint32_t argument)
{
    struct vmx_create told;
    int32_t result;

    if (!user_may(argument, sizeof told))
        return CALL_FAULT;
    told = *(const struct vmx_create *)argument;
    if (world.cr3 || told.memory % PAGE_BYTES || told.memory_bytes != HOSTED_VM_BYTES)
        return CALL_BAD;
    if (!user_may(told.image, told.image_bytes) || !user_may(told.memory, told.memory_bytes))
        return CALL_FAULT;
    result = vmm_world_build(&world, &told);
    if (result == 0) {
        memset(mailbox(), 0, sizeof *mailbox());
        journey_prepare();
    }
    return result;
}

/* The answer to the last request; an interrupt was none. */
static void answer(const struct hosted_mailbox *request)
{
    if (mailbox()->request <= HOSTED_INTERRUPT)
        return;
    mailbox()->trips++;
    mailbox()->result = request->result;
    memcpy(mailbox()->sector, request->sector, HOSTED_SECTOR_BYTES);
}

static int32_t run(uint32_t argument)
{
    struct hosted_mailbox *request = (struct hosted_mailbox *)argument;

    if (!user_may(argument, sizeof *request))
        return CALL_FAULT;
    if (!is_owner())
        return CALL_BAD;
    answer(request);
    journey_make();
    if (mailbox()->request == HOSTED_INTERRUPT)
        return VMX_INTERRUPTED;
    *request = *mailbox();
    if (request->request == HOSTED_SHUTDOWN || request->request == HOSTED_STOPPED)
        vmm_world_remove(&world);
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
    if (is_owner())
        vmm_world_remove(&world);
}
