/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making the guest switch.
 *
 * From outside, three things are done, all of which a device could do as well: a word is written
 * into memory, an interrupt is raised, and the machine runs.  How the switch ends is the guest's affair:
 *
 *   world switch     CR3 is the entered world's, and the next instruction is outside the cross page, whatever led
 *                    there: a far return, iret, a near return, a jump.  A handler that interrupts the switch code does
 *                    not end it.
 *   context switch   the watcher sees a crossing that ends with the process's CR3
 */
#include <stddef.h>

#include "worlds/lab.h"

/* What is waited for: the end of a switch to `world`, or to `process` in it. */
struct arrival {
    const struct ws_lab *lab;
    const struct ws_world *world;
    const struct ws_process *process; /* NULL: a world switch */
    bool here;                        /* CR3 is the entered world's */
    bool disturbed;                   /* a handler runs that came while the switch code was executed */
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

/* -- a world switch ---------------------------------------------------------------------------- */

static bool in_cross_page(uint32_t linear)
{
    return linear - WS_CROSS_LINEAR < WS_CROSS_BYTES;
}

static void watch_world(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct arrival *arrival = context;
    bool before = arrival->here, disturbed = arrival->disturbed;

    if (event->kind == WS_EVENT_VECTOR)
        arrival->disturbed |= arrival->here && in_cross_page(event->linear);
    else if (event->kind == WS_EVENT_RETURN)
        arrival->disturbed &= !in_cross_page(ws_machine_eip_linear(machine));
    else if (event->which == WS_CR3)
        arrival->here = ws_lab_world_of(arrival->lab, event->after) == arrival->world;
    if (before != arrival->here || disturbed != arrival->disturbed)
        ws_machine_stop(machine);
}

/* From the CR3 write on, look at each instruction of the switch. */
static uint64_t world_step(struct arrival *arrival, uint64_t left)
{
    if (arrival->here && !arrival->disturbed)
        arrival->seen = !in_cross_page(ws_machine_eip_linear(arrival->lab->machine));
    return arrival->here && !arrival->disturbed ? 1 : left;
}

/* -- a context switch -------------------------------------------------------------------------- */

static void watch_crossing(void *context, const struct ws_crossing *crossing)
{
    struct arrival *arrival = context;

    if (ws_lab_process_of(arrival->lab, crossing->after.value[WS_CR3]) != arrival->process)
        return;
    arrival->seen = true;
    ws_machine_stop(arrival->lab->machine);
}

/* -- both -------------------------------------------------------------------------------------- */

/* Breakpoints on the way do not end it. */
static enum ws_status run_on(struct arrival *arrival)
{
    struct ws_machine *machine = arrival->lab->machine;
    uint64_t limit = ws_machine_mark(machine) + WS_SWITCH_LIMIT;

    for (;;) {
        uint64_t mark = ws_machine_mark(machine), steps = limit - mark;

        if (!arrival->process)
            steps = world_step(arrival, steps);
        if (arrival->seen)
            return WS_OK;
        if (mark >= limit)
            return WS_TIMEOUT;
        if (ws_machine_run(machine, steps) == WS_STOP_HALT && !arrival->seen)
            return WS_HALTED;
    }
}

static enum ws_status run_until_world(struct arrival *arrival)
{
    struct ws_machine *machine = arrival->lab->machine;
    uint32_t kinds = WS_EVENT_MASK(CONTROL_REGISTER) | WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN);
    enum ws_status status = ws_machine_listen(machine, kinds, watch_world, arrival);

    arrival->here = ws_lab_running_world(arrival->lab) == arrival->world;
    if (status == WS_OK)
        status = run_on(arrival);
    ws_machine_unlisten(machine, watch_world, arrival);
    return status;
}

static enum ws_status run_until_process(struct arrival *arrival)
{
    struct ws_watcher *watcher;
    enum ws_status status = ws_watcher_new(&watcher, arrival->lab->machine);

    if (status != WS_OK)
        return status;
    status = ws_watcher_listen(watcher, watch_crossing, arrival);
    if (status == WS_OK)
        status = run_on(arrival);
    ws_watcher_free(watcher);
    return status;
}

/* Run until the end of the switch was seen. */
static enum ws_status run_until(struct arrival *arrival)
{
    enum ws_status status = arrival->process ? run_until_process(arrival) : run_until_world(arrival);
    enum ws_status failure = ws_machine_failure(arrival->lab->machine);

    return failure == WS_OK ? status : failure;
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

/* Write the request into the running world, and raise the interrupt that announces it. */
static enum ws_status request(struct ws_world *running, uint8_t vector, size_t field, uint32_t word)
{
    enum ws_status status = ws__world_poke(running, running->resident + (uint32_t)field, &word, sizeof word);

    if (status == WS_OK)
        ws_machine_interrupt(running->lab->machine, vector);
    return status;
}

static enum ws_status request_world(struct ws_world *to)
{
    struct ws_world *running = ws_lab_running_world(to->lab);

    if (!running || !running->resident || !to->resident || running == to)
        return WS_BAD_ARGUMENT;
    return request(running, WS_VECTOR_WORLD_SWITCH, offsetof(struct ws_resident, request_world), ws_world_context(to));
}

enum ws_status ws_world_switch(struct ws_world *to)
{
    struct arrival arrival = {.lab = to->lab, .world = to};
    enum ws_status status = request_world(to);

    return status == WS_OK ? run_until(&arrival) : status;
}

/* Breakpoints on the way do not end it. */
static enum ws_status run_to(struct ws_machine *machine, uint64_t mark)
{
    while (ws_machine_mark(machine) < mark)
        if (ws_machine_run(machine, mark - ws_machine_mark(machine)) == WS_STOP_HALT)
            return WS_HALTED;
    return WS_OK;
}

enum ws_status ws_world_switch_interrupted(struct ws_world *to, struct ws_interruption *interruption)
{
    struct arrival arrival = {.lab = to->lab, .world = to};
    struct ws_machine *machine = to->lab->machine;
    enum ws_status status = interruption->mark < ws_machine_mark(machine) ? WS_BAD_ARGUMENT : request_world(to);

    if (status == WS_OK)
        status = run_to(machine, interruption->mark);
    if (status != WS_OK)
        return status;
    interruption->linear = ws_machine_eip_linear(machine);
    if (interruption->nmi)
        ws_machine_nmi(machine);
    else
        ws_machine_interrupt(machine, interruption->vector);
    return run_until(&arrival);
}

enum ws_status ws_context_switch(struct ws_process *to)
{
    struct arrival arrival = {.lab = to->world->lab, .world = to->world, .process = to};
    enum ws_status status;

    if (ws_lab_running_world(arrival.lab) != to->world || ws_lab_running_process(arrival.lab) == to)
        return WS_BAD_ARGUMENT;
    status = request(to->world, WS_VECTOR_CONTEXT_SWITCH, offsetof(struct ws_resident, request_process), to->block);
    return status == WS_OK ? run_until(&arrival) : status;
}
