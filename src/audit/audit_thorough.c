/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only a thorough audit sees: it looks at every instruction between the CR3 write and the end of the crossing, and
 * finds code of the left world among them.
 */
#include <stdio.h>

#include <worldswitch/paging.h>

#include "audit/audit.h"

/* Is this instruction in a page that the left address space has at the same place, other than that of the CR3 write?
 * Whether that is wrong is known when the switch has ended: in a context switch the kernel stays. */
static void instruction_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_audit *audit = context;
    struct left *left = &audit->known.left;
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws_translation now, then;
    struct ws_registers registers;
    if (ws__watcher_held(audit->watcher))
        return; /* it was heard before */
    if (event->kind == WS_EVENT_CONTROL_REGISTER) {
        if (event->which == WS_CR3) /* the address space that is left now */
            *left = (struct left){.cr3 = event->before, .mark = event->mark, .linear = event->linear};
        return;
    }
    if (event->kind == WS_EVENT_RETURN || !event->cpl)
        ws__stack_event(audit, event);
    if (event->kind == WS_EVENT_RETURN)
        return;
    ws__between_event(audit, event);
    ws__audit_fpu_instruction(audit, event);
    if (!left->mark || left->suspect || (event->linear ^ left->linear) < WS_PAGE_BYTES ||
        event->linear - audit->cross_linear < audit->cross_bytes)
        return;
    ws_machine_registers(machine, &registers);
    bool here = ws_page_walk(&now, &memory, &registers, event->linear, WS_ACCESS_EXECUTE, false);
    registers.value[WS_CR3] = left->cr3;
    if (!here || !ws_page_walk(&then, &memory, &registers, event->linear, WS_ACCESS_EXECUTE, false) ||
        then.phys != now.phys)
        return;
    left->suspect = event->mark;
    left->suspect_linear = event->linear;
}

enum ws_status ws_audit_thorough(struct ws_audit *audit)
{
    enum ws_status status =
        audit->thorough
            ? WS_OK
            : ws_machine_listen(audit->machine,
                                WS_EVENT_MASK(INSTRUCTION) | WS_EVENT_MASK(CONTROL_REGISTER) | WS_EVENT_MASK(RETURN),
                                instruction_take, audit);
    audit->thorough |= status == WS_OK;
    return status;
}

void ws__left_code_judge(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    const struct left *left = &audit->known.left;
    char text[WS_FINDING_TEXT];
    if (!left->suspect || left->mark != crossing->cr3_mark || left->suspect >= crossing->end)
        return;
    snprintf(text, sizeof(text), "code of the left world is executed at 0x%08x, after CR3 was written",
             left->suspect_linear);
    ws__finding_add(audit, RULE_LEFT_CODE, left->suspect, text);
}

void ws__audit_thorough_end(struct ws_audit *audit)
{
    ws_machine_unlisten(audit->machine, instruction_take, audit);
}
