/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The paths that were seen. */
#include "tui/paths.h"

#include <stdlib.h>

#include <worldswitch/hosted.h>

#include "base/grow.h"

/* The path whose first steps were told before: others may have begun since. */
static struct ws_forward_path *path_find(const struct ws__paths *paths, const struct ws_forward_path *path)
{
    for (size_t at = paths->count; at-- > 0;)
        if (paths->path[at].kind == path->kind && paths->path[at].step[0].mark == path->step[0].mark)
            return &paths->path[at];
    return NULL;
}

/* Room for one more; NULL: there is no memory. */
static struct ws_forward_path *path_add(struct ws__paths *paths)
{
    struct ws_forward_path *grown = ws__grow(paths->path, paths->count, &paths->capacity, sizeof *grown);
    paths->failed |= !grown;
    if (!grown)
        return NULL;
    paths->path = grown;
    return &paths->path[paths->count++];
}

/* A path is told step by step; the first one begins it. */
static void step_take(void *context, const struct ws_forward_path *path, unsigned step)
{
    struct ws__paths *paths = context;
    if (paths->failed)
        return;
    struct ws_forward_path *known = step == 0 ? path_add(paths) : path_find(paths, path);
    if (known)
        *known = *path;
}

void ws__paths_copy(struct ws__paths *paths, const struct ws__paths *from, uint64_t mark)
{
    for (size_t at = 0; at < from->count && !paths->failed; at++) {
        const struct ws_forward_path *path = &from->path[at];
        bool whole = path->steps && path->step[path->steps - 1].mark < mark && path->end < mark;
        struct ws_forward_path *copy = whole ? path_add(paths) : NULL;
        if (copy)
            *copy = *path;
    }
}

enum ws_status ws__paths_init(struct ws__paths *paths, struct ws_machine *machine, struct ws_watcher *watcher)
{
    *paths = (struct ws__paths){.machine = machine, .watcher = watcher};
    enum ws_status status = ws_forward_new(&paths->forward, machine, watcher);
    if (status == WS_OK)
        ws_forward_listen(paths->forward, step_take, paths);
    return status;
}

void ws__paths_release(struct ws__paths *paths)
{
    ws_forward_free(paths->forward);
    free(paths->path);
    *paths = (struct ws__paths){0};
}

void ws__paths_anew(void *context)
{
    struct ws__paths *paths = context;
    struct ws_machine *machine = paths->machine;
    struct ws_watcher *watcher = paths->watcher;
    ws__paths_release(paths);
    if (ws__paths_init(paths, machine, watcher) != WS_OK)
        paths->failed = true;
}

/* How many steps were known at `mark`: of an interrupt, i to iv when the driver had executed int;
 * of a request, all when it was at its end.  See ws_forward_listener. */
static unsigned steps_known(const struct ws_forward_path *path, uint64_t mark)
{
    if (path->kind == WS_FORWARD_REQUEST)
        return path->end < mark ? path->steps : 0;
    if (path->step[3].mark > mark)
        return 0;
    return path->steps > 4 && path->step[4].mark >= mark ? 4 : path->steps;
}

uint64_t ws__paths_last(const struct ws__paths *paths, enum ws_forward_kind kind, uint64_t mark,
                        struct ws_forward_path *out)
{
    const struct ws_forward_path *last[2] = {NULL, NULL};
    uint64_t count[2] = {0, 0};
    *out = (struct ws_forward_path){0};
    for (size_t at = 0; at < paths->count && steps_known(&paths->path[at], mark); at++) {
        const struct ws_forward_path *path = &paths->path[at];
        bool disk = kind == WS_FORWARD_INTERRUPT && path->vector == WS_HOSTED_DISK_VECTOR;
        if (path->kind != kind)
            continue;
        last[disk] = path;
        count[disk]++;
    }
    bool disk = last[1] != NULL;
    if (!last[disk])
        return 0;
    *out = *last[disk];
    out->steps = (uint8_t)steps_known(out, mark);
    return count[disk];
}
