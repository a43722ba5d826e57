/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forwarding, as a machine and its watcher tell it. */
#include "watch/forward.h"

#include <assert.h>
#include <stdlib.h>

#include "watch/watcher.h"

struct ws_forward {
    struct ws_machine *machine;
    struct ws_watcher *watcher;
    struct ws__forwarder forwarder;
};

/* -- words --------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *text;
} step_row[WS_FORWARD_KINDS][WS_FORWARD_STEPS] = {
    {{"i", "an interrupt, through the VMM's IDT"},
     {"ii", "world switch to the host"},
     {"iii", "the driver executes int, same vector"},
     {"iv", "the host's handler, through its own IDT"},
     {"v", "the driver returns to the VMX"},
     {"", ""}},
    {{"1", "the VM traps, through the VMM's IDT"},
     {"2", "world switch to the host"},
     {"3", "the driver returns to the VMX"},
     {"4", "the VMX makes a system call"},
     {"5", "the VMX calls the driver again"},
     {"6", "world switch back"}},
};

const char *ws_forward_kind_name(enum ws_forward_kind kind)
{
    return kind == WS_FORWARD_INTERRUPT ? "interrupt" : "request";
}

const char *ws_forward_step_name(enum ws_forward_kind kind, unsigned step)
{
    assert(kind < WS_FORWARD_KINDS && step < WS_FORWARD_STEPS);
    return step_row[kind][step].name;
}

const char *ws_forward_step_text(enum ws_forward_kind kind, unsigned step)
{
    assert(kind < WS_FORWARD_KINDS && step < WS_FORWARD_STEPS);
    return step_row[kind][step].text;
}

/* -- listening ----------------------------------------------------------------------------------------- */

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_forward *forward = context;
    struct ws_registers registers;
    if (ws__watcher_held(forward->watcher))
        return;
    ws_machine_registers(machine, &registers);
    struct ws__forward_sight sight = {
        .mark = ws_machine_mark(machine),
        .linear = ws_machine_eip_linear(machine),
        .cr3 = registers.value[WS_CR3],
        .idt = registers.value[WS_IDTR_BASE],
        .world = ws_watcher_world(forward->watcher, &registers),
        .process = ws_watcher_process(forward->watcher, &registers),
    };
    if (event->kind == WS_EVENT_VECTOR)
        ws__forwarder_vector(&forward->forwarder, event, &sight);
    else
        ws__forwarder_return(&forward->forwarder, event, &sight);
}

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct ws_forward *forward = context;
    if (crossing->kind == WS_CROSSING_WORLD)
        ws__forwarder_switch(&forward->forwarder, crossing);
}

/* -- the public face ----------------------------------------------------------------------------------- */

enum ws_status ws_forward_new(struct ws_forward **out, struct ws_machine *machine, struct ws_watcher *watcher)
{
    struct ws_forward *forward = calloc(1, sizeof *forward);
    if (!forward)
        return WS_NO_MEMORY;
    forward->machine = machine;
    forward->watcher = watcher;
    enum ws_status status =
        ws_machine_listen(machine, WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN), event_take, forward);
    if (status == WS_OK)
        status = ws_watcher_listen(watcher, crossing_take, forward);
    if (status != WS_OK) {
        ws_forward_free(forward);
        return status;
    }
    *out = forward;
    return WS_OK;
}

void ws_forward_free(struct ws_forward *forward)
{
    if (!forward)
        return;
    ws_machine_unlisten(forward->machine, event_take, forward);
    ws_watcher_unlisten(forward->watcher, crossing_take, forward);
    free(forward);
}

void ws_forward_listen(struct ws_forward *forward, ws_forward_listener *listener, void *context)
{
    forward->forwarder.listener = listener;
    forward->forwarder.context = context;
}

const struct ws_forward_path *ws_forward_last(const struct ws_forward *forward, enum ws_forward_kind kind)
{
    return forward->forwarder.count[kind] ? &forward->forwarder.last[kind] : NULL;
}

uint64_t ws_forward_count(const struct ws_forward *forward, enum ws_forward_kind kind)
{
    return forward->forwarder.count[kind];
}
