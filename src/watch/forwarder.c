/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognizing the paths of forward.h.
 *
 * Each VMX has at most one under way: it begins with a world switch out of a handler of its VMM, and ends when that
 * VMM is entered again, one way or the other; meanwhile, others run, and enter theirs.  Whether it is an interrupt's or
 * a request's is known from how that handler was entered.
 */
#include "watch/forward.h"

#include <stdio.h>
#include <string.h>

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

static void tell(const struct ws__forwarder *forwarder, const struct ws_forward_path *path, unsigned first,
                 unsigned end)
{
    for (unsigned step = first; step < end && forwarder->listener; step++)
        forwarder->listener(forwarder->context, path, step);
}

static void complete(struct ws__forwarder *forwarder, struct ws__forward_going *going)
{
    forwarder->last[going->path.kind] = going->path;
    forwarder->count[going->path.kind]++;
    going->path.steps = 0;
}

/* The path of that address space's VMX, NULL if it has none. */
static struct ws__forward_going *going_find(struct ws__forwarder *forwarder, uint32_t space)
{
    for (unsigned i = 0; i < WS__FORWARD_GOING; i++)
        if (forwarder->going[i].path.steps && forwarder->going[i].space == space)
            return &forwarder->going[i];
    return NULL;
}

/* A place for a path of that address space's VMX: its own, or a free one, or the oldest one. */
static struct ws__forward_going *going_get(struct ws__forwarder *forwarder, uint32_t space)
{
    struct ws__forward_going *found = going_find(forwarder, space);
    for (unsigned i = 0; i < WS__FORWARD_GOING && !found; i++)
        if (!forwarder->going[i].path.steps)
            found = &forwarder->going[i];
    for (unsigned i = 0; i < WS__FORWARD_GOING && (!found || found->path.steps); i++)
        if (!found || forwarder->going[i].path.step[0].mark < found->path.step[0].mark)
            found = &forwarder->going[i];
    return found;
}

static bool is_going(const struct ws__forward_going *going, enum ws_forward_kind kind, unsigned steps)
{
    return going->path.kind == kind && going->path.steps == steps;
}

/* -- vectors ------------------------------------------------------------------------------------------- */

/* Steps iii and iv: the driver raises the vector, and the host's IDT leads to the host's handler. */
static void raised(struct ws__forwarder *forwarder, struct ws__forward_going *going, const struct ws_event *event,
                   const struct ws__forward_sight *sight)
{
    struct ws_forward_path *path = &going->path;
    if (!is_going(going, WS_FORWARD_INTERRUPT, 2) || event->which != path->vector || sight->idt != going->host_idt) {
        path->steps = 0;
        return;
    }
    path->step[2] = path->step[3] = step_of(event, sight);
    path->step[3].mark = sight->mark;
    path->step[3].linear = sight->linear;
    path->steps = 4;
    going->handler_esp = event->esp + INT_FRAME_BYTES;
    tell(forwarder, path, 0, 4);
}

/* Steps 4 and 5; which of them is the last one, the next switch to the VMM tells. */
static void called(struct ws__forward_going *going, const struct ws_event *event, const struct ws__forward_sight *sight)
{
    if (!is_going(going, WS_FORWARD_REQUEST, 3))
        return;
    going->call[going->path.calls > 0] = step_of(event, sight);
    going->path.calls += going->path.calls < UINT8_MAX;
}

void ws__forwarder_vector(struct ws__forwarder *forwarder, const struct ws_event *event,
                          const struct ws__forward_sight *sight)
{
    if (event->origin == WS_ORIGIN_SOFTWARE) {
        struct ws__forward_going *going = going_find(forwarder, sight->cr3);
        if (going && event->cpl == 0)
            raised(forwarder, going, event, sight);
        else if (going && event->cpl == 3)
            called(going, event, sight);
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
static void returned_to_vmx(struct ws__forwarder *forwarder, struct ws__forward_going *going,
                            const struct ws_event *event, const struct ws__forward_sight *sight)
{
    struct ws_forward_path *path = &going->path;
    if (is_going(going, WS_FORWARD_REQUEST, 2)) {
        path->step[path->steps++] = step_of(event, sight);
    } else if (is_going(going, WS_FORWARD_INTERRUPT, 4) && path->handled) {
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
        tell(forwarder, path, 4, 5);
        complete(forwarder, going);
    }
}

void ws__forwarder_return(struct ws__forwarder *forwarder, const struct ws_event *event,
                          const struct ws__forward_sight *sight)
{
    struct ws__forward_going *going = going_find(forwarder, sight->cr3);
    if (event->which > 0 || forwarder->entry.cpl == 0)
        forwarder->entry.open = false;
    if (!going)
        return;
    if (event->which == 3)
        returned_to_vmx(forwarder, going, event, sight);
    else if (is_going(going, WS_FORWARD_INTERRUPT, 4) && !going->path.handled && event->esp == going->handler_esp)
        going->path.handled = event->mark;
}

/* -- world switches ------------------------------------------------------------------------------------ */

/* Steps 4 to 6. */
static void answered(struct ws__forwarder *forwarder, struct ws__forward_going *going,
                     const struct ws_crossing *crossing)
{
    struct ws_forward_path *path = &going->path;
    if (!is_going(going, WS_FORWARD_REQUEST, 3) || !path->calls || crossing->before.value[WS_CR3] != going->space ||
        crossing->after.value[WS_IDTR_BASE] != going->vmm_idt)
        return;
    path->step[3] = path->calls > 1 ? going->call[0] : (struct ws_forward_step){0};
    path->step[4] = going->call[path->calls > 1];
    path->step[5] = step_of_switch(crossing);
    snprintf(path->step[5].process, sizeof path->step[5].process, "%s", path->vmx);
    path->steps = 6;
    path->end = crossing->end - 1;
    tell(forwarder, path, 0, 6);
    complete(forwarder, going);
}

/* A world is entered: what was asked by it is answered, or never will be. */
static void paths_end(struct ws__forwarder *forwarder, const struct ws_crossing *crossing)
{
    for (unsigned i = 0; i < WS__FORWARD_GOING; i++) {
        struct ws__forward_going *going = &forwarder->going[i];
        if (!going->path.steps || strcmp(crossing->to, going->path.vmm) != 0)
            continue;
        answered(forwarder, going, crossing);
        going->path.steps = 0;
    }
}

void ws__forwarder_switch(struct ws__forwarder *forwarder, const struct ws_crossing *crossing)
{
    const struct ws__forward_entry *entry = &forwarder->entry;
    uint32_t space = crossing->after.value[WS_CR3];
    paths_end(forwarder, crossing);
    struct ws__forward_going *going = going_get(forwarder, space);
    *going = (struct ws__forward_going){
        .vmm_idt = crossing->before.value[WS_IDTR_BASE],
        .host_idt = crossing->after.value[WS_IDTR_BASE],
        .space = space,
    };
    if (entry->open && entry->idt == going->vmm_idt) {
        struct ws_forward_path *path = &going->path;
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
