/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a process find x87, MMX and XMM registers as it left them?
 *
 *   ring 3 ──vector──► kernel: what the process has ──► … other processes … ──iret──► ring 3: has it that again?
 *
 * The kernel is ring 0.  A virtual machine in the rings above it is like a process: it finds its registers again in
 * whichever ring it goes on.  What its own kernel, in ring 1, does with them for processes of its own, is its affair.
 *
 * How a kernel keeps them is its own affair: all at the switch, or late, with CR0.TS set until the first use traps.
 * So what counts is what ring 3 gets.  In a system that has ring 0 only, threads of ring 0 are judged at their switch:
 * what one had is among what was there when it called its last routines, for the last of them may be the one that
 * saves.
 *
 * A thorough audit also waits for the instruction that first reads what another process has left.
 *
 * SDM 3A §13.4.1 "Using the TS Flag to Control the Saving of the x87 FPU and SSE State".
 */
#include <stdio.h>
#include <stdlib.h>

#include <worldswitch/disasm.h>

#include "audit/audit.h"

/* A process's thread, and the registers that are its own. */
struct ws__fpu_owner {
    struct ws__fpu_owner *next;
    struct ws__whose whose;
    bool known;
    struct ws_fpu own;
    struct ws__fpu_recent recent; /* without ring 3: one of these, too, may be its own */
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
static struct ws__fpu_owner *owner_get(struct ws_audit *audit, struct ws__whose whose)
{
    struct ws__fpu_owner *owner = audit->known.fpu.owners;
    while (owner && (owner->whose.cr3 != whose.cr3 || owner->whose.thread != whose.thread))
        owner = owner->next;
    if (owner)
        return owner;
    owner = calloc(1, sizeof(*owner));
    if (!owner) {
        ws_machine_fail(audit->machine, WS_NO_MEMORY);
        return NULL;
    }
    owner->whose = whose;
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
static void own_keep(struct ws_audit *audit, const struct ws_machine *machine, struct ws__whose whose)
{
    struct ws_registers registers;
    struct ws_fpu now;
    ws_machine_registers(machine, &registers);
    if (!usable(machine, &registers, &now))
        return;
    struct ws__fpu_owner *owner = owner_get(audit, whose);
    if (!owner)
        return;
    owner->own = now;
    owner->known = true;
    audit->known.fpu.last = now;
    audit->known.fpu.last_of = whose;
    audit->known.fpu.crossed = false;
}

static bool whose_is(struct ws__whose one, struct ws__whose other)
{
    return one.cr3 == other.cr3 && one.thread == other.thread;
}

/* Are the registers that were kept last its own?  They are, too, if it has executed another program since, in a new
 * page directory: then its thread is the same, and there was no switch. */
static bool last_is_own(const struct ws__fpu_audit *fpu, struct ws__whose whose)
{
    return whose_is(fpu->last_of, whose) || (!fpu->crossed && fpu->last_of.thread == whose.thread);
}

/* What it has now was its own at one of its last calls. */
static bool is_recent(const struct ws__fpu_recent *recent, const struct ws_fpu *now)
{
    unsigned count = recent->count < WS__FPU_RECENT ? recent->count : WS__FPU_RECENT;
    struct ws_buffer differs = WS_BUFFER_INIT;
    bool is = false;
    for (unsigned i = 0; i < count && !is; i++) {
        ws_buffer_clear(&differs);
        ws_fpu_compare(&recent->state[i], now, true, &differs);
        is = !differs.size;
    }
    ws_buffer_release(&differs);
    return is;
}

/* -- telling ------------------------------------------------------------------------------------------- */

void ws__audit_fpu_settle(struct ws_audit *audit)
{
    struct ws__fpu_audit *fpu = &audit->known.fpu;
    if (fpu->pending)
        ws__finding_add(audit, RULE_FPU, fpu->pending_mark, fpu->pending_text);
    fpu->pending = false;
}

void ws__audit_fpu_instruction(struct ws_audit *audit, const struct ws_event *event)
{
    struct ws__fpu_audit *fpu = &audit->known.fpu;
    uint8_t code[WS_INSTRUCTION_BYTES] = {0};
    if (!fpu->pending)
        return;
    /* Where it cannot be read, its fetch faults, and it reads nothing. */
    (void)ws_machine_read(audit->machine, event->linear, code, sizeof code);
    if (!ws__reads_fpu(code, sizeof code))
        return;
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_buffer_printf(&text, "%s; first read by ", fpu->pending_text);
    ws__instruction_say(audit, &text, event->linear);
    ws__finding_say(audit, RULE_FPU, event->mark, event->linear, &text);
    fpu->pending = false;
}

static void wrong_tell(struct ws_audit *audit, uint64_t mark, const struct ws_buffer *wrong)
{
    struct ws__fpu_audit *fpu = &audit->known.fpu;
    if (wrong->failed)
        ws_machine_fail(audit->machine, WS_NO_MEMORY);
    if (wrong->failed || !wrong->size)
        return;
    fpu->pending = true;
    fpu->pending_mark = mark;
    snprintf(fpu->pending_text, sizeof fpu->pending_text, "%s", ws_buffer_text(wrong));
    if (!audit->thorough)
        ws__audit_fpu_settle(audit);
    ws__audit_look(audit);
}

/* A process goes on.  One that has never used the registers may find them clean; and if its own are not known, what it
 * finds is wrong only where it is what another process has left. */
static void own_judge(struct ws_audit *audit, const struct ws_machine *machine, struct ws__whose whose, uint64_t mark)
{
    struct ws_buffer wrong = WS_BUFFER_INIT;
    struct ws_registers registers;
    struct ws_fpu now;
    ws__audit_fpu_settle(audit); /* of before: nobody has read it */
    ws_machine_registers(machine, &registers);
    audit->known.judged[WS__RULE_AT_FPU]++;
    if (!usable(machine, &registers, &now))
        return;
    struct ws__fpu_owner *owner = owner_get(audit, whose);
    if (!owner || ((!owner->known || ws_fpu_is_clean(&owner->own)) && ws_fpu_is_clean(&now)))
        return;
    if (owner->known && !is_recent(&owner->recent, &now)) {
        ws_fpu_compare(&owner->own, &now, true, &wrong);
    } else if (!owner->known && !last_is_own(&audit->known.fpu, whose)) {
        struct ws_buffer differs = WS_BUFFER_INIT;
        ws_fpu_compare(&audit->known.fpu.last, &now, true, &differs);
        wrong.failed |= differs.failed;
        if (!differs.size)
            ws_buffer_printf(&wrong, "the registers are another process's, cr3 0x%08x, thread %u",
                             audit->known.fpu.last_of.cr3, audit->known.fpu.last_of.thread);
        ws_buffer_release(&differs);
    }
    wrong_tell(audit, mark, &wrong);
    ws_buffer_release(&wrong);
    owner->own = now; /* said once */
    owner->known = true;
}

/* -- events -------------------------------------------------------------------------------------------- */

/* Without ring 3: a routine is called, and it may be the one that switches. */
static void recent_take(struct ws_audit *audit, const struct ws_machine *machine)
{
    struct ws__fpu_recent *recent = &audit->known.fpu.recent;
    struct ws_registers registers;
    struct ws_fpu now;
    ws_machine_registers(machine, &registers);
    if (usable(machine, &registers, &now))
        recent->state[recent->count++ % WS__FPU_RECENT] = now;
}

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_audit *audit = context;
    struct ws_registers registers;
    if (ws__watcher_held(audit->watcher))
        return; /* it was heard before */
    ws_machine_registers(machine, &registers);
    struct ws__whose whose = {registers.value[WS_CR3], ws__watcher_thread(audit->watcher)};
    if (event->kind == WS_EVENT_CALL || event->kind == WS_EVENT_VECTOR)
        ws__attributes_keep(&audit->known.attributes, ws_machine_page_attributes(machine));
    if (event->kind == WS_EVENT_CALL) {
        if (!event->cpl)
            ws__audit_debug_call(audit, &registers);
        if (!audit->known.fpu.rings)
            recent_take(audit, machine);
    } else if (event->kind == WS_EVENT_VECTOR && event->cpl > 0) {
        audit->known.fpu.rings = true;
        own_keep(audit, machine, whose);
    } else if (event->kind == WS_EVENT_RETURN && event->which > 0 && event->cpl == 0) {
        audit->known.fpu.rings = true;
        own_judge(audit, machine, whose, event->mark);
    } else if (event->kind == WS_EVENT_CONTROL_REGISTER && event->which == WS_CR3 && !audit->known.fpu.rings &&
               event->before != event->after && registers.value[WS_CR0] & WS_CR0_PG) {
        whose.cr3 = event->before;
        own_keep(audit, machine, whose);
    }
}

/* Between threads CR3 stays: what the left one had was there when it called its last routine. */
static void left_keep(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    struct ws__fpu_audit *fpu = &audit->known.fpu;
    struct ws__whose whose = {crossing->before.value[WS_CR3], crossing->from_thread};
    struct ws__fpu_owner *owner = owner_get(audit, whose);
    if (owner)
        owner->recent.count = 0;
    if (owner && fpu->recent.count && crossing->kind == WS_CROSSING_THREAD) {
        owner->recent = fpu->recent;
        fpu->last = owner->own = fpu->recent.state[(fpu->recent.count - 1) % WS__FPU_RECENT];
        fpu->last_of = whose;
        owner->known = true;
    }
    fpu->recent.count = 0;
}

void ws__audit_fpu_crossing(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    struct ws__whose whose = {crossing->after.value[WS_CR3], crossing->to_thread};
    audit->known.fpu.crossed = true;
    if (audit->known.fpu.rings || crossing->kind == WS_CROSSING_WORLD)
        return;
    left_keep(audit, crossing);
    own_judge(audit, audit->machine, whose, crossing->end);
}

void ws__fpu_gone_forget(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    for (struct ws__fpu_owner *owner = audit->known.fpu.owners; owner; owner = owner->next)
        if (owner->known && ws__watcher_gone(audit->watcher, crossing, owner->whose.cr3))
            owner->known = false;
}

enum ws_status ws__audit_fpu_begin(struct ws_audit *audit)
{
    return ws_machine_listen(audit->machine,
                             WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN) | WS_EVENT_MASK(CONTROL_REGISTER) |
                                 WS_EVENT_MASK(CALL),
                             event_take, audit);
}

void ws__audit_fpu_end(struct ws_audit *audit)
{
    ws_machine_unlisten(audit->machine, event_take, audit);
    ws__fpu_owners_free(audit->known.fpu.owners);
}
