/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Searching the timeline: what is typed behind "/", turned into a query about events.
 *
 *   cr0 cr2 cr3 cr4         a write to that control register
 *   gdtr idtr ldtr tr       a load of that table register
 *   vector, vector=14       a vector that is delivered
 *   eip=ADDRESS, eip=SYMBOL an instruction about to begin
 *   world=NAME              the first instruction in that world, behind a world switch; "vmm": in any of vmm1, vmm2
 *   eax and so on           an instruction that changes that register
 *   phys=ADDRESS            an instruction that changes the four bytes there, in physical memory
 */
#include "tui/viewer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>

#include "watch/watcher.h"

/* An event that is wanted: its kind, and what its `which` or `linear` must be. */
struct wanted {
    uint32_t kinds;
    uint32_t value;
    bool any;       /* whatever the value */
    bool by_linear; /* compare event->linear; else event->which */
    const char *world;
    bool change; /* of this value */
    struct ws_watch watch;
};

static bool wanted_match(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    const struct wanted *wanted = context;
    (void)machine;
    return wanted->any || (wanted->by_linear ? event->linear : event->which) == wanted->value;
}

static const struct register_name {
    const char *name;
    uint32_t which;
    uint32_t kinds;
} register_table[] = {
    {"cr0", WS_CR0, WS_EVENT_MASK(CONTROL_REGISTER)},  {"cr2", WS_CR2, WS_EVENT_MASK(CONTROL_REGISTER)},
    {"cr3", WS_CR3, WS_EVENT_MASK(CONTROL_REGISTER)},  {"cr4", WS_CR4, WS_EVENT_MASK(CONTROL_REGISTER)},
    {"gdtr", WS_GDTR_BASE, WS_EVENT_MASK(TABLE_LOAD)}, {"idtr", WS_IDTR_BASE, WS_EVENT_MASK(TABLE_LOAD)},
    {"ldtr", WS_LDTR, WS_EVENT_MASK(TABLE_LOAD)},      {"tr", WS_TR, WS_EVENT_MASK(TABLE_LOAD)},
};

static bool number_parse(const char *text, int base, uint32_t limit, uint32_t *value)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, base);
    *value = (uint32_t)number;
    return end != text && !*end && !errno && *text != '-' && number <= limit;
}

static bool eip_parse(const struct ws__viewer *viewer, const char *text, struct wanted *wanted)
{
    const struct ws_symbols *symbols = viewer->options.symbols;
    wanted->kinds = WS_EVENT_MASK(INSTRUCTION);
    wanted->by_linear = true;
    if (symbols && ws_symbols_find(symbols, text, &wanted->value) == WS_OK)
        return true;
    return number_parse(text, 16, UINT32_MAX, &wanted->value);
}

/* What has no events of its own is watched. */
static bool change_parse(const char *text, struct wanted *wanted)
{
    enum ws_register which = ws_register_find(text);
    wanted->watch = (struct ws_watch){.kind = WS_WATCH_REGISTER, .which = (uint8_t)which};
    wanted->change = which != WS_REGISTER_COUNT;
    if (strncmp(text, "phys=", 5) == 0) {
        wanted->watch = (struct ws_watch){.kind = WS_WATCH_MEMORY, .bytes = 4};
        wanted->change = number_parse(text + 5, 16, UINT32_MAX, &wanted->watch.phys);
    }
    return wanted->change;
}

static bool search_parse(const struct ws__viewer *viewer, const char *text, struct wanted *wanted)
{
    *wanted = (struct wanted){0};
    for (size_t at = 0; at < sizeof register_table / sizeof register_table[0]; at++) {
        if (strcmp(text, register_table[at].name) != 0)
            continue;
        wanted->kinds = register_table[at].kinds;
        wanted->value = register_table[at].which;
        return true;
    }
    if (change_parse(text, wanted))
        return true;
    if (strncmp(text, "eip=", 4) == 0)
        return eip_parse(viewer, text + 4, wanted);
    if (strncmp(text, "world=", 6) == 0) {
        wanted->world = text + 6;
        return *wanted->world;
    }
    wanted->kinds = WS_EVENT_MASK(VECTOR);
    wanted->any = strcmp(text, "vector") == 0;
    return wanted->any || (strncmp(text, "vector=", 7) == 0 && number_parse(text + 7, 0, 255, &wanted->value));
}

/* The world switch into `world` whose end is next after (or before) `mark`, among those that are
 * known. */
static const struct ws_crossing *arrival_find(const struct ws__viewer *viewer, const char *world, uint64_t mark,
                                              bool back)
{
    size_t count;
    const struct ws_crossing *crossing = ws_timeline_crossings(viewer->timeline, &count);
    const struct ws_crossing *found = NULL;
    for (size_t at = 0; at < count; at++) {
        const struct ws_crossing *candidate = &crossing[at];
        if (candidate->kind != WS_CROSSING_WORLD || !ws_hosted_world_is(candidate->to, world))
            continue;
        if (back && candidate->end < mark)
            found = candidate;
        if (!back && candidate->end > mark)
            return candidate;
    }
    return found;
}

/* An arrival that is not known yet is looked for without going back to each crossing on the way. */
struct arriving {
    const struct ws__viewer *viewer;
    const char *world;
    uint64_t mark;    /* behind it */
    size_t crossings; /* that were looked at */
};

static bool arrival_match(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct arriving *arriving = context;
    size_t count;
    (void)machine, (void)event;
    ws_timeline_crossings(arriving->viewer->timeline, &count);
    if (count == arriving->crossings)
        return false;
    arriving->crossings = count;
    return arrival_find(arriving->viewer, arriving->world, arriving->mark, false) != NULL;
}

/* Run from the frontier on until a crossing into that world has ended, which an event like these tells. */
static enum ws_seek arrival_discover(struct ws__viewer *viewer, const char *world, uint64_t mark)
{
    struct arriving arriving = {.viewer = viewer, .world = world, .mark = mark};
    struct ws_query query = {
        .kinds = WS_EVENT_MASK(RET) | WS_EVENT_MASK(RETURN) | WS_EVENT_MASK(CALL) | WS_EVENT_MASK(VECTOR) |
                 WS_EVENT_MASK(TABLE_LOAD) | WS_EVENT_MASK(CONTROL_REGISTER) | WS_EVENT_MASK(TASK),
        .match = arrival_match,
        .context = &arriving,
    };
    enum ws_seek seek = ws_timeline_seek(viewer->timeline, ws_timeline_frontier(viewer->timeline));
    return seek == WS_SEEK_THERE ? ws_timeline_next(viewer->timeline, &query) : seek;
}

static enum ws_seek world_seek(struct ws__viewer *viewer, const char *world, bool back)
{
    struct ws_timeline *timeline = viewer->timeline;
    uint64_t mark = ws_timeline_mark(timeline);
    enum ws_seek seek = WS_SEEK_THERE;
    const struct ws_crossing *arrival = arrival_find(viewer, world, mark, back);
    bool unseen = back ? !arrival && ws_timeline_watched(timeline) > ws_timeline_start(timeline)
                       : mark < ws_timeline_watched(timeline);
    if (unseen) {
        seek = ws_timeline_watch_all(timeline);
        if (seek == WS_SEEK_THERE)
            seek = ws_timeline_seek(timeline, mark);
        if (seek != WS_SEEK_THERE)
            return seek;
        arrival = arrival_find(viewer, world, mark, back);
    }
    if (!arrival && !back) {
        seek = arrival_discover(viewer, world, mark);
        arrival = arrival_find(viewer, world, mark, back);
    }
    if (!arrival)
        return back ? WS_SEEK_NONE : seek;
    return ws_timeline_seek(timeline, arrival->end);
}

static enum ws_seek event_seek(struct ws__viewer *viewer, struct wanted *wanted, bool back)
{
    struct ws_query query = {.kinds = wanted->kinds, .match = wanted_match, .context = wanted};
    if (wanted->change)
        return back ? ws_timeline_previous_change(viewer->timeline, &wanted->watch)
                    : ws_timeline_next_change(viewer->timeline, &wanted->watch);
    return back ? ws_timeline_previous(viewer->timeline, &query) : ws_timeline_next(viewer->timeline, &query);
}

/* Can a world have this name?  If not, say so now: nobody should wait for it until the end of the run. */
static bool world_check(struct ws__viewer *viewer, const char *world)
{
    const struct ws_watcher *watcher = viewer->options.watcher;
    bool hosted = viewer->state.hosted;
    bool made_up = !hosted && strncmp(world, "world-", 6) == 0; /* as worlds without a name are called */
    bool known = ws__watcher_knows(watcher, world, NULL) ||
                 (hosted && (strcmp(world, "host") == 0 || ws_hosted_vmm_number(world) >= 0));
    if (known || made_up || (!hosted && ws__watcher_may_learn(watcher)))
        return true;
    struct ws_buffer names = WS_BUFFER_INIT;
    ws__watcher_knows(watcher, world, &names);
    viewer->starved |= names.failed;
    ws__viewer_say(viewer, "no world is called \"%s\"; these are known: %s", world,
                   hosted ? "boot, host, and vmm or vmm1 and so on" : ws_buffer_text(&names));
    ws_buffer_release(&names);
    return false;
}

/* It was not found: stay where we were, and say how far was looked. */
static void search_fail(struct ws__viewer *viewer, const char *what, bool back)
{
    uint64_t here = viewer->state.mark, end = ws_timeline_frontier(viewer->timeline);
    ws_timeline_seek(viewer->timeline, here);
    ws__viewer_arrived(viewer, WS_SEEK_THERE, "");
    if (back)
        ws__viewer_say(viewer, "\"%s\": not found between the start and mark %llu", what, (unsigned long long)here);
    else
        ws__viewer_say(viewer, "\"%s\": not found between mark %llu and the end of the run, %llu", what,
                       (unsigned long long)here, (unsigned long long)end);
}

bool ws__search_condition(struct ws__viewer *viewer, const char *text, struct ws_break *out)
{
    struct wanted wanted;
    if (!search_parse(viewer, text, &wanted) || wanted.by_linear)
        return false;
    if (wanted.world && !world_check(viewer, wanted.world))
        return false;
    *out = (struct ws_break){
        .kind = wanted.change  ? WS_BREAK_CHANGE
                : wanted.world ? WS_BREAK_WORLD
                               : WS_BREAK_EVENT,
        .any = wanted.any,
        .kinds = wanted.kinds,
        .value = wanted.value,
        .watch = wanted.watch,
    };
    snprintf(out->world, sizeof out->world, "%s", wanted.world ? wanted.world : "");
    return true;
}

void ws__viewer_search(struct ws__viewer *viewer, bool back)
{
    struct wanted wanted;

    if (!search_parse(viewer, viewer->search, &wanted)) {
        ws__viewer_say(viewer, "\"%s\": search for cr3, eax, eip=ADDRESS, vector=14 or world=NAME", viewer->search);
        return;
    }
    if (wanted.world && !world_check(viewer, wanted.world))
        return;
    viewer->errand = viewer->search;
    enum ws_seek seek = wanted.world ? world_seek(viewer, wanted.world, back) : event_seek(viewer, &wanted, back);
    viewer->errand = NULL;
    if (seek == WS_SEEK_END || seek == WS_SEEK_NONE)
        search_fail(viewer, viewer->search, back);
    else {
        if (seek == WS_SEEK_THERE)
            ws__notes_found(viewer, viewer->search, ws_timeline_mark(viewer->timeline));
        ws__viewer_arrived(viewer, seek, viewer->search);
    }
}

void ws__do_search_next(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    if (viewer->search[0])
        ws__viewer_search(viewer, false);
    else
        ws__viewer_say(viewer, "nothing was searched for yet; / begins a search");
}

void ws__do_search_back(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    if (viewer->search[0])
        ws__viewer_search(viewer, true);
    else
        ws__viewer_say(viewer, "nothing was searched for yet; / begins a search");
}
