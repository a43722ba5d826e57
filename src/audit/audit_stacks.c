/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose ring-0 stack is it?  A kernel that goes back to ring 3 does so from the stack of a process, and CR3 must be
 * this process's.  A context switch that changes the stack and forgets CR3 is no crossing, so only this finds it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "audit/audit.h"

enum { RING = 3 };

struct ws__stack_owner {
    struct ws__stack_owner *next;
    char process[WS_NAME_BYTES];
    uint32_t cr3;
    uint32_t top; /* linear */
};

enum ws_status ws_audit_stack(struct ws_audit *audit, const char *process, uint32_t cr3, uint32_t top)
{
    struct ws__stack_owner *owner = malloc(sizeof(*owner));
    if (!owner)
        return WS_NO_MEMORY;
    *owner = (struct ws__stack_owner){.next = audit->owner, .cr3 = cr3, .top = top};
    snprintf(owner->process, sizeof owner->process, "%s", process);
    audit->owner = owner;
    ws__audit_look(audit);
    return WS_OK;
}

void ws__stack_owners_free(struct ws__stack_owner *owner)
{
    while (owner) {
        struct ws__stack_owner *next = owner->next;
        free(owner);
        owner = next;
    }
}

/* The stack is the page that ends at `top`; where iret takes its frame from, it is not empty. */
static const struct ws__stack_owner *owner_of(const struct ws_audit *audit, uint32_t esp)
{
    const struct ws__stack_owner *owner = audit->owner;
    while (owner && owner->top - 1 - esp >= WS_PAGE_BYTES)
        owner = owner->next;
    return owner;
}

/* Of each instruction in ring 0, ESP before it. */
void ws__stack_event(struct ws_audit *audit, const struct ws_event *event)
{
    struct ws_registers now;
    if (!audit->owner)
        return;
    ws_machine_registers(audit->machine, &now);
    if (event->kind == WS_EVENT_INSTRUCTION) {
        audit->ring0_esp = now.value[WS_ESP];
        return;
    }
    const struct ws__stack_owner *owner = owner_of(audit, audit->ring0_esp);
    if (event->which != RING || event->cpl == RING || !owner || owner->cr3 == now.value[WS_CR3])
        return;
    struct ws_buffer text = WS_BUFFER_INIT;
    ws__instruction_say(audit, &text, event->linear);
    ws_buffer_printf(&text,
                     " goes back to ring 3 from the ring-0 stack of \"%s\", but cr3 is 0x%08x, must be 0x%08x: the "
                     "stack was switched, and the address space was not",
                     owner->process, now.value[WS_CR3], owner->cr3);
    ws__finding_say(audit, RULE_STACK_OWNER, event->mark, event->linear, &text);
}
