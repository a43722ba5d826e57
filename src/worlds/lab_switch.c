/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making the guest switch.
 *
 * From outside, three things are done, all of which a device could do as well: a word is written
 * into memory, an interrupt is raised, and the machine runs.  That the switch is over is seen from
 * a return that the guest executes, in the address space that was asked for.
 */
#include <string.h>

#include "worlds/lab.h"

/* What is waited for: the return that ends a switch to `world`, or to `process` in it. */
struct arrival {
    const struct ws_lab *lab;
    const struct ws_world *world;
    const struct ws_process *process; /* NULL: a world switch */
    bool seen;
};

static uint32_t running_cr3(const struct ws_lab *lab)
{
    struct ws_registers registers;

    ws_machine_registers(lab->machine, &registers);
    return registers.value[WS_CR3];
}

/* Before the start stub has turned paging on, CR3 belongs to no world. */
struct ws_world *ws_lab_running_world(const struct ws_lab *lab)
{
    return lab->loaded ? ws_lab_world_of(lab, running_cr3(lab)) : NULL;
}

struct ws_process *ws_lab_running_process(const struct ws_lab *lab)
{
    return lab->loaded ? ws_lab_process_of(lab, running_cr3(lab)) : NULL;
}

/* Does the instruction at `linear` belong to that routine of the world's kernel? */
static bool is_in_routine(const struct ws_world *world, const char *routine, uint32_t linear)
{
    size_t prefix = strlen(world->name);
    uint32_t offset;
    const char *name = ws_symbols_at(world->lab->symbols, linear, &offset);

    return name && strncmp(name, world->name, prefix) == 0 && name[prefix] == '.' &&
           strcmp(name + prefix + 1, routine) == 0;
}

static void watch_return(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct arrival *arrival = context;
    uint32_t cr3 = running_cr3(arrival->lab);

    if (arrival->process)
        arrival->seen = ws_lab_process_of(arrival->lab, cr3) == arrival->process &&
                        is_in_routine(arrival->world, "context_switch", event->linear);
    else
        arrival->seen = ws_lab_world_of(arrival->lab, cr3) == arrival->world && event->far &&
                        event->linear - WS_CROSS_LINEAR < WS_CROSS_CONTEXTS_OFFSET;
    if (arrival->seen)
        ws_machine_stop(machine);
}

/* Run until the return was seen.  Breakpoints on the way do not end it. */
static enum ws_status run_until(struct arrival *arrival)
{
    struct ws_machine *machine = arrival->lab->machine;
    uint64_t limit = ws_machine_mark(machine) + WS_SWITCH_LIMIT;
    enum ws_status status = ws_machine_listen(machine, WS_EVENT_MASK(RET), watch_return, arrival);

    if (status != WS_OK)
        return status;
    while (status == WS_OK && !arrival->seen) {
        uint64_t mark = ws_machine_mark(machine);

        if (mark >= limit)
            status = WS_TIMEOUT;
        else if (ws_machine_run(machine, limit - mark) == WS_STOP_HALT && !arrival->seen)
            status = WS_HALTED;
    }
    ws_machine_unlisten(machine, watch_return, arrival);
    return ws_machine_failure(machine) == WS_OK ? status : ws_machine_failure(machine);
}

enum ws_status ws_lab_enter(struct ws_lab *lab, struct ws_world *first)
{
    struct arrival arrival = {.lab = lab, .world = first};
    enum ws_status status;

    if (!lab->loaded) {
        status = ws_lab_load(lab, first);
        if (status != WS_OK)
            return status;
    }
    if (first != lab->first || ws_machine_mark(lab->machine))
        return WS_BAD_ARGUMENT;
    return run_until(&arrival);
}

/* Write the request into the running world, raise the interrupt, wait for the arrival. */
static enum ws_status request(struct arrival *arrival, struct ws_world *running, uint8_t vector, size_t field,
                              uint32_t word)
{
    enum ws_status status = ws__world_poke(running, running->resident + (uint32_t)field, &word, sizeof word);

    if (status != WS_OK)
        return status;
    ws_machine_interrupt(running->lab->machine, vector);
    return run_until(arrival);
}

enum ws_status ws_world_switch(struct ws_world *to)
{
    struct arrival arrival = {.lab = to->lab, .world = to};
    struct ws_world *running = ws_lab_running_world(to->lab);

    if (!running || !running->resident || !to->resident || running == to)
        return WS_BAD_ARGUMENT;
    return request(&arrival, running, WS_VECTOR_WORLD_SWITCH, offsetof(struct ws_resident, request_world),
                   ws_world_context(to));
}

enum ws_status ws_context_switch(struct ws_process *to)
{
    struct arrival arrival = {.lab = to->world->lab, .world = to->world, .process = to};

    if (ws_lab_running_world(arrival.lab) != to->world || ws_lab_running_process(arrival.lab) == to)
        return WS_BAD_ARGUMENT;
    return request(&arrival, to->world, WS_VECTOR_CONTEXT_SWITCH, offsetof(struct ws_resident, request_process),
                   to->block);
}
