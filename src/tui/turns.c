/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns are taken by iret, and by vectors. */
#include "tui/turns.h"

#include <stdlib.h>

#include <worldswitch/exception.h>
#include <worldswitch/hosted.h>
#include <worldswitch/machine.h>

#include "base/grow.h"
#include "watch/watcher.h"

static bool turns_grow(struct ws__turns *turns)
{
    struct ws_view_turn *grown = ws__grow(turns->turn, turns->count, &turns->capacity, sizeof *grown);
    turns->failed |= !grown;
    if (grown)
        turns->turn = grown;
    return grown != NULL;
}

/* From the instruction behind the event's on, it is another one's turn.  A vector from outside comes in front of its
 * instruction, which is not executed then. */
static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__turns *turns = context;
    bool vm = ws_machine_cpl(machine) > 0;
    bool before = event->kind == WS_EVENT_VECTOR && event->origin == WS_ORIGIN_EXTERNAL;
    uint64_t mark = event->mark + !before;
    if (ws__watcher_held(turns->watcher) || vm == (event->cpl > 0) ||
        ws_hosted_vmm_number(ws_watcher_world(turns->watcher, NULL)) < 0)
        return;
    if ((!turns->count || turns->turn[turns->count - 1].mark <= mark) && turns_grow(turns))
        turns->turn[turns->count++] = (struct ws_view_turn){.mark = mark, .vm = vm};
}

enum ws_status ws__turns_init(struct ws__turns *turns, struct ws_machine *machine, struct ws_watcher *watcher)
{
    *turns = (struct ws__turns){.machine = machine, .watcher = watcher};
    return ws_machine_listen(machine, WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN), event_take, turns);
}

void ws__turns_release(struct ws__turns *turns)
{
    if (turns->machine)
        ws_machine_unlisten(turns->machine, event_take, turns);
    free(turns->turn);
    *turns = (struct ws__turns){0};
}

void ws__turns_copy(struct ws__turns *turns, const struct ws__turns *from, uint64_t mark)
{
    for (size_t at = 0; at < from->count && from->turn[at].mark < mark && turns_grow(turns); at++)
        turns->turn[turns->count++] = from->turn[at];
}

void ws__turns_anew(struct ws__turns *turns)
{
    turns->count = 0;
}
