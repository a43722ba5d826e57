/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All listeners of the viewer, together. */
#include "tui/heard.h"

#include <stdlib.h>

enum ws_status ws__heard_new(struct ws__heard **out, struct ws_machine *machine, struct ws_watcher *watcher,
                             bool hosted)
{
    struct ws__heard *heard = *out = calloc(1, sizeof *heard);
    if (!heard)
        return WS_NO_MEMORY;
    enum ws_status status = ws__paths_init(&heard->paths, machine, watcher);
    if (status == WS_OK)
        status = ws__causes_init(&heard->causes, machine, watcher, hosted);
    if (status == WS_OK)
        status = ws__pushed_init(&heard->pushed, machine, watcher);
    if (status == WS_OK)
        status = ws__paged_init(&heard->paged, machine, watcher);
    return status == WS_OK && hosted ? ws__turns_init(&heard->turns, machine, watcher) : status;
}

void ws__heard_free(struct ws__heard *heard)
{
    if (!heard)
        return;
    ws__turns_release(&heard->turns);
    ws__paged_release(&heard->paged);
    ws__pushed_release(&heard->pushed);
    ws__causes_release(&heard->causes);
    ws__paths_release(&heard->paths);
    free(heard);
}

void ws__heard_copy(struct ws__heard *heard, const struct ws__heard *from, uint64_t mark)
{
    ws__paths_copy(&heard->paths, &from->paths, mark);
    ws__causes_copy(&heard->causes, &from->causes, mark);
    ws__pushed_copy(&heard->pushed, &from->pushed, mark);
    ws__turns_copy(&heard->turns, &from->turns, mark);
    ws__paged_copy(&heard->paged, &from->paged, mark);
}

void ws__heard_anew(struct ws__heard *heard)
{
    ws__paths_anew(&heard->paths);
    ws__causes_anew(&heard->causes);
    ws__pushed_anew(&heard->pushed);
    ws__turns_anew(&heard->turns);
    ws__paged_anew(&heard->paged);
}

bool ws__heard_failed(const struct ws__heard *heard)
{
    return heard->paths.failed || heard->causes.failed || heard->pushed.failed || heard->turns.failed;
}
