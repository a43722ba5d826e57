/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMM and the host: a request is a world switch with words in the mailbox. */
#include "vmm.h"

uint32_t host_call(uint32_t request, uint32_t argument)
{
    mailbox()->request = request;
    mailbox()->argument = argument;
    world_call((struct ws_cross_context *)HOSTED_CONTEXT_VMM, (struct ws_cross_context *)HOSTED_CONTEXT_HOST);
    mailbox()->request = HOSTED_NONE;
    return mailbox()->result;
}

/* The host never enters the VM again; should it do so, it gets the same answer. */
void vm_end(uint32_t request, uint32_t argument, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    text_make(mailbox()->text, HOSTED_TEXT_BYTES, format, values);
    va_end(values);
    mailbox()->counters = vcpu.counters;
    for (;;)
        host_call(request, argument);
}

void exit_out(uint16_t port, uint8_t status)
{
    const struct hosted_counters *seen = &vcpu.counters;

    vm_end(HOSTED_SHUTDOWN, status, "%u hidden and %u true page faults, %u traced writes", seen->hidden, seen->true_,
           seen->traced);
}
