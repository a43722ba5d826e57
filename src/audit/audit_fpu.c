/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a process find x87, MMX and XMM registers as it left them?
 *
 *   ring 3 ──vector──► kernel: what the process has ──► … other processes … ──iret──► ring 3: has it that again?
 *
 * How a kernel keeps them is its own affair: all at the switch, or late, with CR0.TS set until the first use traps.
 * So what counts is what ring 3 gets.  In a system that has no ring 3, threads of ring 0 are judged at their switch.
 *
 * SDM 3A §13.4.1 "Using the TS Flag to Control the Saving of the x87 FPU and SSE State".
 */
#include <stdio.h>
#include <stdlib.h>

#include "audit/audit.h"

enum { RING = 3 };

/* A process, known by its page directory, and the registers that are its own. */
struct ws__fpu_owner {
    struct ws__fpu_owner *next;
    uint32_t cr3;
    bool known;
    struct ws_fpu own;
};

void ws__fpu_owners_free(struct ws__fpu_owner *owners)
{
    while (owners) {
        struct ws__fpu_owner *next = owners->next;
        free(owners);
        owners = next;
    }
}

bool ws__fpu_owners_copy(struct ws__fpu_owner **copy, const struct ws__fpu_owner *owners)
{
    *copy = NULL;
    for (; owners; owners = owners->next) {
        struct ws__fpu_owner *one = malloc(sizeof(*one));
        if (!one)
            return false;
        *one = *owners;
        one->next = NULL;
        *copy = one;
        copy = &one->next;
    }
    return true;
}

/* NULL: there is no memory for it, and the machine has failed. */
static struct ws__fpu_owner *owner_get(struct ws_audit *audit, uint32_t cr3)
{
    struct ws__fpu_owner *owner = audit->known.fpu.owners;
    while (owner && owner->cr3 != cr3)
        owner = owner->next;
    if (owner)
        return owner;
    owner = calloc(1, sizeof(*owner));
    if (!owner) {
        ws_machine_fail(audit->machine, WS_NO_MEMORY);
        return NULL;
    }
    owner->cr3 = cr3;
    owner->next = audit->known.fpu.owners;
    return audit->known.fpu.owners = owner;
}

/* The registers that the process which runs can use now; false: none, the first use would trap. */
static bool usable(const struct ws_machine *machine, const struct ws_registers *registers, struct ws_fpu *out)
{
    if (registers->value[WS_CR0] & (WS_CR0_TS | WS_CR0_EM))
        return false;
    ws_machine_fpu(machine, out);
    return true;
}

/* A process leaves the CPU, or may: what is in the registers is its own. */
static void own_keep(struct ws_audit *audit, const struct ws_machine *machine, uint32_t cr3)
{
    struct ws_registers registers;
    struct ws_fpu now;
    ws_machine_registers(machine, &registers);
    if (!usable(machine, &registers, &now))
        return;
    struct ws__fpu_owner *owner = owner_get(audit, cr3);
    if (!owner)
        return;
    owner->own = now;
    owner->known = true;
    audit->known.fpu.last = now;
    audit->known.fpu.last_cr3 = cr3;
}

/* A process goes on.  One that has never used the registers may find them clean; and if its own are not known, what it
 * finds is wrong only where it is what another process has left. */
static void own_judge(struct ws_audit *audit, const struct ws_machine *machine, uint32_t cr3, uint64_t mark)
{
    struct ws_buffer wrong = WS_BUFFER_INIT;
    struct ws_registers registers;
    struct ws_fpu now;
    ws_machine_registers(machine, &registers);
    audit->known.judged[WS__RULE_AT_FPU]++;
    if (!usable(machine, &registers, &now))
        return;
    struct ws__fpu_owner *owner = owner_get(audit, cr3);
    if (!owner || ((!owner->known || ws_fpu_is_clean(&owner->own)) && ws_fpu_is_clean(&now)))
        return;
    if (owner->known) {
        ws_fpu_compare(&owner->own, &now, true, &wrong);
    } else if (audit->known.fpu.last_cr3 != cr3) {
        struct ws_buffer differs = WS_BUFFER_INIT;
        ws_fpu_compare(&audit->known.fpu.last, &now, true, &differs);
        wrong.failed |= differs.failed;
        if (!differs.size)
            ws_buffer_printf(&wrong, "the registers are another process's, cr3 0x%08x", audit->known.fpu.last_cr3);
        ws_buffer_release(&differs);
    }
    if (wrong.failed)
        ws_machine_fail(audit->machine, WS_NO_MEMORY);
    else if (wrong.size)
        ws__finding_add(audit, RULE_FPU, mark, ws_buffer_text(&wrong));
    ws_buffer_release(&wrong);
    owner->own = now; /* said once */
    owner->known = true;
}

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_audit *audit = context;
    struct ws_registers registers;
    if (ws__watcher_held(audit->watcher))
        return; /* it was heard before */
    ws_machine_registers(machine, &registers);
    uint32_t cr3 = registers.value[WS_CR3];
    if (event->kind == WS_EVENT_VECTOR && event->cpl == RING) {
        audit->known.fpu.rings = true;
        own_keep(audit, machine, cr3);
    } else if (event->kind == WS_EVENT_RETURN && event->which == RING && event->cpl != RING) {
        audit->known.fpu.rings = true;
        own_judge(audit, machine, cr3, event->mark);
    } else if (event->kind == WS_EVENT_CONTROL_REGISTER && event->which == WS_CR3 && !audit->known.fpu.rings &&
               event->before != event->after && registers.value[WS_CR0] & WS_CR0_PG) {
        own_keep(audit, machine, event->before);
    }
}

void ws__audit_fpu_crossing(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    if (!audit->known.fpu.rings && crossing->kind == WS_CROSSING_CONTEXT)
        own_judge(audit, audit->machine, crossing->after.value[WS_CR3], crossing->end);
}

void ws__fpu_gone_forget(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    for (struct ws__fpu_owner *owner = audit->known.fpu.owners; owner; owner = owner->next)
        if (owner->known && ws__watcher_gone(audit->watcher, crossing, owner->cr3))
            owner->known = false;
}

enum ws_status ws__audit_fpu_begin(struct ws_audit *audit)
{
    return ws_machine_listen(audit->machine,
                             WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN) | WS_EVENT_MASK(CONTROL_REGISTER),
                             event_take, audit);
}

void ws__audit_fpu_end(struct ws_audit *audit)
{
    ws_machine_unlisten(audit->machine, event_take, audit);
    ws__fpu_owners_free(audit->known.fpu.owners);
}
