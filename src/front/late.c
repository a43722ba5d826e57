/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching a run afterwards.
 */
#include "front/late.h"

#include "front/system.h"

enum {
    NEARS_AT_BOOT = 16,             /* GDTR and IDTR are loaded some times while CR3 is, too */
    SETTLED = 2 * WS_CROSSING_LIMIT /* so long after one of the two loads, no switch is under way any more */
};

static const uint32_t kinds =
    WS_EVENT_MASK(TABLE_LOAD) | WS_EVENT_MASK(CONTROL_REGISTER) | WS_EVENT_MASK(TASK); /* a task switch loads CR3 */

static bool changes_tables(const struct ws_event *event)
{
    return event->kind == WS_EVENT_TABLE_LOAD && event->before != event->after &&
           (event->which == WS_GDTR_BASE || event->which == WS_IDTR_BASE);
}

static bool changes_space(const struct ws_event *event)
{
    return event->kind == WS_EVENT_TASK ||
           (event->kind == WS_EVENT_CONTROL_REGISTER && event->which == WS_CR3 && event->before != event->after);
}

/* Two worlds differ in the bases of GDT or IDT, and in CR3.  So a switch between them loads both. */
static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__late *late = &((struct ws__system *)context)->late;
    bool tables = changes_tables(event), space = changes_space(event);
    struct ws_registers registers;
    if (!tables && !space)
        return;
    ws_machine_registers(machine, &registers);
    if (!(registers.value[WS_CR0] & WS_CR0_PG))
        return;
    if (tables)
        late->tables = event->mark;
    else
        late->space = event->mark;
    uint64_t apart = late->tables > late->space ? late->tables - late->space : late->space - late->tables;
    if (!late->tables || !late->space || apart > SETTLED)
        return;
    late->nears++;
    late->mark = event->mark;
    if (late->nears == NEARS_AT_BOOT)
        ws_machine_stop(machine);
}

/* Names that come with the guest need no past. */
static bool names_are_told(const struct ws__system *system)
{
    uint32_t linear;
    return system->lab || ws_symbols_find(system->symbols, "ws_names", &linear) == WS_OK ||
           ws_symbols_find(system->symbols, "cross", &linear) == WS_OK;
}

enum ws_status ws__late_begin(struct ws__system *system)
{
    if (names_are_told(system))
        return WS_OK;
    enum ws_status status = ws_machine_listen(system->machine, kinds, event_take, system);
    return status == WS_OK ? ws_snapshot_take(&system->late.start, system->machine) : status;
}

/* Go back, and come to that mark again, watched. */
static enum ws_status watched_run(struct ws__system *system, uint64_t mark)
{
    uint64_t now;
    ws_snapshot_restore(system->late.start, system->machine);
    enum ws_status status = ws__system_watch(system);
    if (status != WS_OK)
        return status;
    system->late.again = true;
    while ((now = ws_machine_mark(system->machine)) < mark &&
           ws_machine_run(system->machine, mark - now) != WS_STOP_HALT)
        continue;
    system->late.again = false;
    return WS_OK;
}

enum ws_status ws__late_look(struct ws__system *system)
{
    struct ws__late *late = &system->late;
    if (!late->start || late->nears < NEARS_AT_BOOT)
        return WS_OK;
    ws_machine_unlisten(system->machine, event_take, system);
    enum ws_status status = watched_run(system, ws_machine_mark(system->machine));
    ws__late_end(system);
    return status;
}

/* The run's end stays as it is: what was learned holds for it. */
static enum ws_status past_watch(struct ws__system *system)
{
    struct ws__late *late = &system->late;
    struct ws_snapshot *end;
    uint64_t mark = ws_machine_mark(system->machine);
    if (!late->nears)
        return WS_OK;
    ws_machine_unlisten(system->machine, event_take, system);
    enum ws_status status = ws_snapshot_take(&end, system->machine);
    if (status != WS_OK)
        return status;
    status = watched_run(system, mark - late->mark < SETTLED ? mark : late->mark + SETTLED);
    if (status == WS_OK)
        ws_watcher_settle(system->watcher);
    ws_snapshot_restore(end, system->machine);
    ws_snapshot_free(end);
    return status;
}

enum ws_status ws__late_world(struct ws__system *system, const char **world)
{
    enum ws_status status = system->late.start ? past_watch(system) : WS_OK;
    ws__late_end(system);
    if (status == WS_OK && !system->watcher)
        status = ws__system_watch(system);
    if (status != WS_OK)
        return status;
    ws_watcher_settle(system->watcher);
    *world = ws_watcher_world(system->watcher, NULL);
    return ws_machine_failure(system->machine);
}

void ws__late_end(struct ws__system *system)
{
    ws_snapshot_free(system->late.start);
    system->late.start = NULL;
}
