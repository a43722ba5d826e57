/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CR0.PG is set. */
#include "tui/paged.h"

#include <worldswitch/machine.h>

#include "watch/watcher.h"

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__paged *paged = context;
    (void)machine;
    if (!ws__watcher_held(paged->watcher) && !paged->since && event->which == WS_CR0 && event->after & WS_CR0_PG)
        paged->since = event->mark + 1;
}

enum ws_status ws__paged_init(struct ws__paged *paged, struct ws_machine *machine, struct ws_watcher *watcher)
{
    *paged = (struct ws__paged){.machine = machine, .watcher = watcher};
    return ws_machine_listen(machine, WS_EVENT_MASK(CONTROL_REGISTER), event_take, paged);
}

void ws__paged_release(struct ws__paged *paged)
{
    if (paged->machine)
        ws_machine_unlisten(paged->machine, event_take, paged);
    *paged = (struct ws__paged){0};
}

void ws__paged_copy(struct ws__paged *paged, const struct ws__paged *from, uint64_t mark)
{
    paged->since = from->since <= mark ? from->since : 0;
}

void ws__paged_anew(struct ws__paged *paged)
{
    paged->since = 0;
}
