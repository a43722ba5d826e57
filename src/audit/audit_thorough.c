/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only a thorough audit sees: it looks at every instruction between the CR3 write and the end of the crossing, and
 * finds code of the left world among them.  Elsewhere it looks at instructions only where another rule asks for it, and
 * the machine need not stop at each of them.
 */
#include <stdio.h>

#include <worldswitch/paging.h>

#include "audit/audit.h"

enum {
    ALWAYS = WS_EVENT_MASK(CONTROL_REGISTER) | WS_EVENT_MASK(RETURN),
    LOOKING = ALWAYS | WS_EVENT_MASK(INSTRUCTION),
};

static bool must_look(const struct ws_audit *audit)
{
    return audit->owner || audit->between.open || audit->known.fpu.pending ||
           (audit->known.left.mark && ws_watcher_open(audit->watcher, NULL));
}

/* Is this instruction in a page that the left address space has at the same place, other than that of the CR3 write?
 * Whether that is wrong is known when the switch has ended: in a context switch the kernel stays. */
static void left_code_look(struct ws_audit *audit, const struct ws_event *event)
{
    struct left *left = &audit->known.left;
    struct ws_physical memory = ws_machine_memory(audit->machine);
    struct ws_translation now, then;
    struct ws_registers registers;
    if (!left->mark || left->suspect || (event->linear ^ left->linear) < WS_PAGE_BYTES ||
        event->linear - audit->cross_linear < audit->cross_bytes)
        return;
    ws_machine_registers(audit->machine, &registers);
    bool here = ws_page_walk(&now, &memory, &registers, event->linear, WS_ACCESS_EXECUTE, false);
    registers.value[WS_CR3] = left->cr3;
    if (!here || !ws_page_walk(&then, &memory, &registers, event->linear, WS_ACCESS_EXECUTE, false) ||
        then.phys != now.phys)
        return;
    left->suspect = event->mark;
    left->suspect_linear = event->linear;
}

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_audit *audit = context;
    (void)machine; /* it is the audit's */
    if (ws__watcher_held(audit->watcher))
        return; /* it was heard before */

    /* The address space that is left now. */
    if (event->kind == WS_EVENT_CONTROL_REGISTER && event->which == WS_CR3)
        audit->known.left = (struct left){.cr3 = event->before, .mark = event->mark, .linear = event->linear};
    if (event->kind == WS_EVENT_RETURN || (event->kind == WS_EVENT_INSTRUCTION && !event->cpl))
        ws__stack_event(audit, event);
    if (event->kind == WS_EVENT_INSTRUCTION) {
        ws__between_event(audit, event);
        ws__audit_fpu_instruction(audit, event);
        left_code_look(audit, event);
    }
    ws__audit_look(audit);
}

void ws__audit_look(struct ws_audit *audit)
{
    bool look = must_look(audit);
    if (!audit->thorough || look == audit->looks)
        return;
    audit->looks = look;
    ws_machine_listen_to(audit->machine, look ? LOOKING : ALWAYS, event_take, audit);
}

enum ws_status ws_audit_thorough(struct ws_audit *audit)
{
    enum ws_status status = audit->thorough ? WS_OK : ws_machine_listen(audit->machine, ALWAYS, event_take, audit);
    audit->thorough |= status == WS_OK;
    ws__audit_look(audit);
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
    ws_machine_unlisten(audit->machine, event_take, audit);
}
