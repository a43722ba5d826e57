/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who listens to a machine, and where it breaks.
 */
#include <stdlib.h>
#include <string.h>

#include "machine/board.h"
#include "machine/frame_watch.h"

/* -- listeners ----------------------------------------------------------------------------------------- */

int ws_machine_irq(const struct ws_machine *machine, uint8_t vector)
{
    int irq = ws__io_apic_irq(&machine->chips.io_apic, vector);
    return irq >= 0 ? irq : ws__pic8259_irq(&machine->chips.pic, vector);
}

bool ws_machine_irq_serves(const struct ws_machine *machine, unsigned irq)
{
    return machine->chips.pic.chip[irq / 8].isr >> irq % 8 & 1;
}

uint8_t ws_machine_irq_vector(const struct ws_machine *machine, unsigned irq)
{
    return (uint8_t)(machine->chips.pic.chip[irq / 8].base + irq % 8);
}

void ws__machine_report(void *context, const struct ws_event *reported)
{
    struct ws_machine *machine = context;
    struct ws_event told = *reported; /* with what the CPU cannot know */
    const struct ws_event *event = &told;
    told.irq = -1;
    bool vector = told.kind == WS_EVENT_VECTOR || told.kind == WS_EVENT_FAULT_CHAIN;
    if (vector && told.origin == WS_ORIGIN_EXTERNAL && told.which != WS_VECTOR_NMI)
        told.irq = (int8_t)ws_machine_irq(machine, (uint8_t)told.which);
    if (told.kind == WS_EVENT_IO && told.write)
        told.irq = machine->ended;
    for (size_t i = 0; i < machine->listeners; i++) {
        const struct ws__listener *listener = &machine->listener[i];
        if (listener->kinds & 1u << event->kind)
            listener->call(listener->context, machine, event);
    }
}

void ws__access_report(struct ws_machine *machine, enum ws_event_kind kind, uint32_t which, unsigned bytes,
                       uint32_t value, bool write)
{
    struct ws_event event = {
        .kind = kind,
        .mark = machine->cpu.state.begun - 1,
        .linear = (uint32_t)machine->cpu.last.linear,
        .which = which,
        .after = value,
        .cpl = (uint8_t)ws__engine_cpl(machine->cpu.engine),
        .bytes = (uint8_t)bytes,
        .write = write,
    };
    if (machine->cpu.run.listening >> kind & 1)
        ws__machine_report(machine, &event);
}

static void kinds_collect(struct ws_machine *machine)
{
    uint32_t kinds = 0;
    for (size_t i = 0; i < machine->listeners; i++)
        kinds |= machine->listener[i].kinds;
    ws__cpu_listen(&machine->cpu, kinds);
}

/* -- frames ---------------------------------------------------------------------------------------- */

static void frame_changed(void *context)
{
    struct ws_machine *machine = context;
    machine->frame_watcher.changed(machine->frame_watcher.context, machine);
}

void ws__machine_frame_watch(struct ws_machine *machine, uint32_t phys,
                             void (*changed)(void *context, struct ws_machine *machine), void *context)
{
    const struct ws__frame_watch watch = {phys / WS_PAGE_BYTES, frame_changed, machine};
    machine->frame_watcher = (struct ws__frame_watcher){changed, context};
    ws__frames_watch(&machine->cpu, &watch);
}

void ws__machine_frame_unwatch(struct ws_machine *machine)
{
    ws__frames_watch(&machine->cpu, NULL);
}

/* -- who listens --------------------------------------------------------------------------------------- */

enum ws_status ws_machine_listen(struct ws_machine *machine, uint32_t kinds, ws_event_listener *listener, void *context)
{
    size_t bytes = (machine->listeners + 1) * sizeof *machine->listener;
    struct ws__listener *grown = realloc(machine->listener, bytes);
    if (!grown)
        return WS_NO_MEMORY;
    machine->listener = grown;
    machine->listener[machine->listeners++] = (struct ws__listener){kinds, listener, context};
    kinds_collect(machine);
    return WS_OK;
}

void ws_machine_unlisten(struct ws_machine *machine, ws_event_listener *listener, void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < machine->listeners; i++) {
        const struct ws__listener *row = &machine->listener[i];
        if (row->call != listener || row->context != context)
            machine->listener[kept++] = *row;
    }
    machine->listeners = kept;
    kinds_collect(machine);
}

void ws_machine_listen_to(struct ws_machine *machine, uint32_t kinds, ws_event_listener *listener, void *context)
{
    for (size_t i = 0; i < machine->listeners; i++) {
        struct ws__listener *row = &machine->listener[i];
        if (row->call == listener && row->context == context)
            row->kinds = kinds;
    }
    kinds_collect(machine);
}

/* -- breakpoints --------------------------------------------------------------------------------------- */

/* Where `linear` stands among the breakpoints, or would stand. */
static size_t breakpoint_place(const struct ws_machine *machine, uint32_t linear)
{
    size_t low = 0, high = machine->breakpoints;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (machine->breakpoint[middle] < linear)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool ws_machine_break_at(const struct ws_machine *machine, uint32_t linear)
{
    size_t place = breakpoint_place(machine, linear);
    return place < machine->breakpoints && machine->breakpoint[place] == linear;
}

/* The bytes may go on at address 0. */
bool ws__machine_breaks(void *context, uint32_t linear, uint32_t bytes)
{
    const struct ws_machine *machine = context;
    size_t place = breakpoint_place(machine, linear);
    size_t next = place < machine->breakpoints ? place : 0;
    return machine->breakpoints && machine->breakpoint[next] - linear < bytes;
}

enum ws_status ws_machine_break_add(struct ws_machine *machine, uint32_t linear)
{
    size_t place = breakpoint_place(machine, linear);
    if (ws_machine_break_at(machine, linear))
        return WS_OK;
    uint32_t *grown = realloc(machine->breakpoint, (machine->breakpoints + 1) * sizeof *grown);
    if (!grown)
        return WS_NO_MEMORY;
    memmove(grown + place + 1, grown + place, (machine->breakpoints - place) * sizeof *grown);
    grown[place] = linear;
    machine->breakpoint = grown;
    machine->breakpoints++;
    ws__cpu_breakpoint(&machine->cpu, linear);
    return WS_OK;
}

void ws_machine_break_remove(struct ws_machine *machine, uint32_t linear)
{
    if (!ws_machine_break_at(machine, linear))
        return;
    size_t place = breakpoint_place(machine, linear);
    machine->breakpoints--;
    memmove(machine->breakpoint + place, machine->breakpoint + place + 1,
            (machine->breakpoints - place) * sizeof *machine->breakpoint);
    machine->cpu.run.breakpoints = machine->breakpoints != 0;
    ws__cpu_attend(&machine->cpu);
}

void ws__machine_observers_release(struct ws_machine *machine)
{
    free(machine->listener);
    free(machine->breakpoint);
}
