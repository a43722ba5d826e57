/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Laying two address spaces over each other: walk both lists of runs at once, cutting wherever either has an edge.
 */
#include "timeline/space.h"

#include <stdlib.h>

/* The part of a map's run that covers `linear`; bytes 0, and the distance to the next run in *gap, if there is none. */
static struct ws_mapping part_at(const struct ws_page_map *map, size_t *index, uint64_t linear, uint64_t *reach)
{
    while (*index < map->count && map->run[*index].linear + map->run[*index].bytes <= linear)
        ++*index;
    struct ws_mapping part = {0};
    if (*index == map->count)
        return part;
    const struct ws_mapping *run = &map->run[*index];
    uint64_t edge = run->linear > linear ? run->linear : run->linear + run->bytes;
    if (edge < *reach)
        *reach = edge;
    if (run->linear > linear)
        return part;
    part = *run;
    part.linear = (uint32_t)linear;
    part.phys = run->phys + (uint32_t)(linear - run->linear);
    part.bytes = edge - linear;
    return part;
}

static enum ws__space_change change_of(const struct ws_mapping *before, const struct ws_mapping *after)
{
    if (!after->bytes)
        return WS__SPACE_GOES;
    if (!before->bytes)
        return WS__SPACE_COMES;
    bool same = before->phys == after->phys && before->user == after->user && before->writable == after->writable;
    return same ? WS__SPACE_STAYS : WS__SPACE_DIFFERS;
}

static bool continues(const struct ws_mapping *first, const struct ws_mapping *next)
{
    if (!first->bytes || !next->bytes)
        return !first->bytes && !next->bytes;
    return first->phys + (uint32_t)first->bytes == next->phys && first->user == next->user &&
           first->writable == next->writable;
}

/* Does `next` go on where `last` ends, with the same fate? Then let it grow. */
static bool run_grow(struct ws__space_run *last, const struct ws__space_run *next)
{
    if (last->change != next->change || last->linear + last->bytes != next->linear ||
        !continues(&last->before, &next->before) || !continues(&last->after, &next->after))
        return false;
    last->bytes += next->bytes;
    last->before.bytes += next->before.bytes;
    last->after.bytes += next->after.bytes;
    return true;
}

enum ws_status ws__space_overlay(const struct ws_page_map *before, const struct ws_page_map *after,
                                 struct ws__space_run **out, size_t *count)
{
    /* Each edge cuts once, so there are no more pieces than edges. */
    struct ws__space_run *runs = calloc(2 * (before->count + after->count) + 1, sizeof(*runs));
    size_t used = 0, in_before = 0, in_after = 0;
    if (!runs)
        return WS_NO_MEMORY;
    for (uint64_t linear = 0, reach; linear < UINT64_C(1) << 32; linear = reach) {
        reach = UINT64_C(1) << 32;
        struct ws__space_run run = {.linear = (uint32_t)linear};
        run.before = part_at(before, &in_before, linear, &reach);
        run.after = part_at(after, &in_after, linear, &reach);
        run.bytes = reach - linear;
        if (!run.before.bytes && !run.after.bytes)
            continue;
        if (run.before.bytes)
            run.before.bytes = run.bytes;
        if (run.after.bytes)
            run.after.bytes = run.bytes;
        run.change = (uint8_t)change_of(&run.before, &run.after);
        if (!used || !run_grow(&runs[used - 1], &run))
            runs[used++] = run;
    }
    *out = runs;
    *count = used;
    return WS_OK;
}
