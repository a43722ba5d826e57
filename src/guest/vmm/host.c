/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMM and the host: a request is a world switch with words in the mailbox. */
#include "guest/shared/text.h"
#include "vmm.h"

uint32_t host_call(uint32_t request, uint32_t argument)
{
    mailbox()->request = request;
    mailbox()->argument = argument;
    world_call(HOSTED_CONTEXT_VMM, HOSTED_CONTEXT_HOST);
    mailbox()->request = HOSTED_NONE;
    return mailbox()->result;
}

/* -- text in the mailbox ----------------------------------------------------------------------- */

static void mailbox_put(void *where, char c)
{
    unsigned *at = where;

    if (*at < HOSTED_TEXT_BYTES - 1)
        mailbox()->text[(*at)++] = c;
}

static void text_set(const char *format, va_list values)
{
    unsigned at = 0;

    text_format(mailbox_put, &at, format, values);
    mailbox()->text[at] = 0;
}

/* -- the end ----------------------------------------------------------------------------------- */

/* The host never enters the VM again; should it do so, it gets the same answer. */
void vm_end(uint32_t request, uint32_t argument, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    text_set(format, values);
    va_end(values);
    for (;;)
        host_call(request, argument);
}

/* The text has the counts that do not depend on when interrupts came. */
void vm_shutdown(uint32_t status)
{
    const struct counters *seen = &vcpu.counters;

    vm_end(HOSTED_SHUTDOWN, status, "%u hidden and %u true page faults, %u traced writes",
           seen->hidden, seen->true_, seen->traced);
}
