/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What steps do: events are collected while one instruction is executed, the last one when a mark is arrived at, and
 * the next one ahead of time.  The machine executes it, and the timeline takes it back, so that what the screen says
 * will happen is what does happen.
 */
#include "tui/viewer.h"

enum {
    KINDS = WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(FAULT_CHAIN) | WS_EVENT_MASK(IO) | WS_EVENT_MASK(RETURN) |
            WS_EVENT_MASK(HALT) | WS_EVENT_MASK(TASK)
};

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__viewer *viewer = context;
    struct ws_view_doing *doing = viewer->collects;
    (void)machine;
    if (!doing || event->mark != viewer->collects_mark)
        return;
    if (doing->events == WS_VIEW_EVENTS)
        doing->more++;
    else
        doing->event[doing->events++] = *event;
}

enum ws_status ws__ahead_init(struct ws__viewer *viewer)
{
    return ws_machine_listen(viewer->options.machine, KINDS, event_take, viewer);
}

void ws__ahead_release(struct ws__viewer *viewer)
{
    ws_machine_unlisten(viewer->options.machine, event_take, viewer);
}

void ws__collect_begin(struct ws__viewer *viewer, struct ws_view_doing *doing)
{
    *doing = (struct ws_view_doing){0};
    viewer->collects = doing;
    viewer->collects_mark = ws_timeline_mark(viewer->timeline);
}

void ws__collect_end(struct ws__viewer *viewer)
{
    viewer->collects = NULL;
}

void ws__ahead_look(struct ws__viewer *viewer)
{
    struct ws_machine *machine = viewer->options.machine;
    struct ws_view_ahead *ahead = &viewer->state.ahead;
    uint64_t mark = ws_timeline_mark(viewer->timeline);
    *ahead = (struct ws_view_ahead){0};
    if (ws_machine_halt(machine)->reason != WS_HALT_NONE)
        return;
    ws__collect_begin(viewer, &ahead->doing);
    enum ws_seek seek = ws_timeline_step(viewer->timeline, 1);
    ws__collect_end(viewer);
    ahead->known = seek == WS_SEEK_THERE || seek == WS_SEEK_END;
    ahead->halt = ws_machine_halt(machine)->reason;
    ahead->cpl = ws_machine_cpl(machine);
    ws_machine_registers(machine, &ahead->registers);
    ws_timeline_seek(viewer->timeline, mark);
}
