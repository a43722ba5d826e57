/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognizing the paths of forward.h.
 *
 * At most one is under way: each begins with a world switch out of a handler, and the next world switch ends it, one
 * way or the other.  Whether it is an interrupt's or a request's is known from how that handler was entered.
 */
#include "watch/forward.h"

#include <stdio.h>

#include <worldswitch/exception.h>

enum { INT_FRAME_BYTES = 12 }; /* EIP, CS, EFLAGS.  SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures" */

static struct ws_forward_step step_of(const struct ws_event *event, const struct ws__forward_sight *sight)
{
    struct ws_forward_step step = {.mark = event->mark, .linear = event->linear, .target = sight->linear};
    snprintf(step.world, sizeof step.world, "%s", sight->world);
    snprintf(step.process, sizeof step.process, "%s", sight->process);
    return step;
}

static struct ws_forward_step step_of_switch(const struct ws_crossing *crossing)
{
    struct ws_forward_step step = {
        .mark = crossing->begin, .linear = crossing->before.value[WS_EIP], .target = crossing->after.value[WS_EIP]};
    snprintf(step.world, sizeof step.world, "%s", crossing->from);
    return step;
}

static void tell(const struct ws__forwarder *forwarder, unsigned first, unsigned end)
{
    for (unsigned step = first; step < end && forwarder->listener; step++)
        forwarder->listener(forwarder->context, &forwarder->going, step);
}

static void complete(struct ws__forwarder *forwarder)
{
    forwarder->last[forwarder->going.kind] = forwarder->going;
    forwarder->count[forwarder->going.kind]++;
    forwarder->going.steps = 0;
}

static bool is_going(const struct ws__forwarder *forwarder, enum ws_forward_kind kind, unsigned steps)
{
    return forwarder->going.kind == kind && forwarder->going.steps == steps;
}

/* -- vectors ------------------------------------------------------------------------------------------- */

/* Steps iii and iv: the driver raises the vector, and the host's IDT leads to the host's handler. */
static void raised(struct ws__forwarder *forwarder, const struct ws_event *event, const struct ws__forward_sight *sight)
{
    struct ws_forward_path *path = &forwarder->going;
    if (!is_going(forwarder, WS_FORWARD_INTERRUPT, 2) || event->which != path->vector ||
        sight->idt != forwarder->host_idt) {
        path->steps = 0;
        return;
    }
    path->step[2] = path->step[3] = step_of(event, sight);
    path->step[3].mark = sight->mark;
    path->step[3].linear = sight->linear;
    path->steps = 4;
    forwarder->handler_esp = event->esp + INT_FRAME_BYTES;
    tell(forwarder, 0, 4);
}

/* Steps 4 and 5; which of them is the last one, the next world switch tells. */
static void called(struct ws__forwarder *forwarder, const struct ws_event *event, const struct ws__forward_sight *sight)
{
    if (!is_going(forwarder, WS_FORWARD_REQUEST, 3))
        return;
    forwarder->call[forwarder->going.calls > 0] = step_of(event, sight);
    forwarder->going.calls += forwarder->going.calls < UINT8_MAX;
}

void ws__forwarder_vector(struct ws__forwarder *forwarder, const struct ws_event *event,
                          const struct ws__forward_sight *sight)
{
    if (event->origin == WS_ORIGIN_SOFTWARE) {
        if (sight->cr3 == forwarder->space && event->cpl == 0)
            raised(forwarder, event, sight);
        else if (sight->cr3 == forwarder->space && event->cpl == 3)
            called(forwarder, event, sight);
        return;
    }
    bool external = event->origin == WS_ORIGIN_EXTERNAL;
    if (!external && event->cpl == 0)
        return; /* a kernel's own fault, while it handles something */
    forwarder->entry = (struct ws__forward_entry){.open = true,
                                                  .external = external,
                                                  .vector = (uint8_t)event->which,
                                                  .cpl = event->cpl,
                                                  .idt = sight->idt,
                                                  .step = step_of(event, sight)};
}

/* -- returns ------------------------------------------------------------------------------------------- */

/* Step 3 or v: the driver returns to the VMX. */
static void returned_to_vmx(struct ws__forwarder *forwarder, const struct ws_event *event,
                            const struct ws__forward_sight *sight)
{
    struct ws_forward_path *path = &forwarder->going;
    if (is_going(forwarder, WS_FORWARD_REQUEST, 2)) {
        path->step[path->steps++] = step_of(event, sight);
    } else if (is_going(forwarder, WS_FORWARD_INTERRUPT, 4) && path->handled) {
        path->step[path->steps++] = step_of(event, sight);
    } else if (path->kind == WS_FORWARD_INTERRUPT || path->steps < 3) {
        path->steps = 0;
        return;
    } else {
        return; /* from a system call that it made in the meantime */
    }
    snprintf(path->vmx, sizeof path->vmx, "%s", sight->process);
    if (path->kind == WS_FORWARD_INTERRUPT) {
        path->end = event->mark;
        tell(forwarder, 4, 5);
        complete(forwarder);
    }
}

void ws__forwarder_return(struct ws__forwarder *forwarder, const struct ws_event *event,
                          const struct ws__forward_sight *sight)
{
    struct ws_forward_path *path = &forwarder->going;
    if (event->which > 0 || forwarder->entry.cpl == 0)
        forwarder->entry.open = false;
    if (sight->cr3 != forwarder->space || !path->steps)
        return;
    if (event->which == 3)
        returned_to_vmx(forwarder, event, sight);
    else if (is_going(forwarder, WS_FORWARD_INTERRUPT, 4) && !path->handled && event->esp == forwarder->handler_esp)
        path->handled = event->mark;
}

/* -- world switches ------------------------------------------------------------------------------------ */

/* Steps 4 to 6. */
static void answered(struct ws__forwarder *forwarder, const struct ws_crossing *crossing)
{
    struct ws_forward_path *path = &forwarder->going;
    if (!is_going(forwarder, WS_FORWARD_REQUEST, 3) || !path->calls ||
        crossing->before.value[WS_CR3] != forwarder->space || crossing->after.value[WS_IDTR_BASE] != forwarder->vmm_idt)
        return;
    path->step[3] = path->calls > 1 ? forwarder->call[0] : (struct ws_forward_step){0};
    path->step[4] = forwarder->call[path->calls > 1];
    path->step[5] = step_of_switch(crossing);
    snprintf(path->step[5].process, sizeof path->step[5].process, "%s", path->vmx);
    path->steps = 6;
    path->end = crossing->end - 1;
    tell(forwarder, 0, 6);
    complete(forwarder);
}

void ws__forwarder_switch(struct ws__forwarder *forwarder, const struct ws_crossing *crossing)
{
    const struct ws__forward_entry *entry = &forwarder->entry;
    struct ws_forward_path *path = &forwarder->going;
    answered(forwarder, crossing);
    *path = (struct ws_forward_path){0};
    forwarder->vmm_idt = crossing->before.value[WS_IDTR_BASE];
    forwarder->host_idt = crossing->after.value[WS_IDTR_BASE];
    forwarder->space = crossing->after.value[WS_CR3];
    if (entry->open && entry->idt == forwarder->vmm_idt) {
        path->kind = entry->external ? WS_FORWARD_INTERRUPT : WS_FORWARD_REQUEST;
        path->vector = entry->vector;
        path->step[0] = entry->step;
        path->step[1] = step_of_switch(crossing);
        path->steps = 2;
        snprintf(path->vmm, sizeof path->vmm, "%s", crossing->from);
        snprintf(path->host, sizeof path->host, "%s", crossing->to);
    }
    forwarder->entry.open = false;
}
