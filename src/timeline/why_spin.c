/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that makes no progress: what did it do over and over before the end?
 */
#include "timeline/why.h"

#include <string.h>

#include <worldswitch/exception.h>

enum {
    WINDOW = 100000, /* instructions before the end that are looked at */
    PLACES = 16,     /* so few different ones are a loop */
    SHOWN = 8
};

struct spin {
    uint32_t place[PLACES]; /* the instructions, in the order in which they were seen first */
    unsigned places;
    bool many;              /* there were more */
    struct ws_event raised; /* the first exception in the window; kind INSTRUCTION: none was seen */
    uint64_t times;         /* it was raised, at the same place */
};

static void instruction_see(struct spin *spin, uint32_t linear)
{
    for (unsigned i = 0; i < spin->places; i++) {
        if (spin->place[i] == linear)
            return;
    }
    spin->many |= spin->places == PLACES;
    if (spin->places < PLACES)
        spin->place[spin->places++] = linear;
}

static void exception_see(struct spin *spin, const struct ws_event *event)
{
    if (event->origin != WS_ORIGIN_EXCEPTION)
        return;
    if (!spin->times)
        spin->raised = *event;
    spin->times += event->which == spin->raised.which && event->before == spin->raised.before;
}

static void event_see(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)machine;
    if (event->kind == WS_EVENT_INSTRUCTION)
        instruction_see(context, event->linear);
    else
        exception_see(context, event);
}

static void exception_append(const struct ws_why *why, struct ws_buffer *out, const struct spin *spin, uint64_t window)
{
    const struct ws_event *event = &spin->raised;
    ws_buffer_printf(out, "no progress: %s %s at ", ws_exception_info((uint8_t)event->which)->mnemonic,
                     ws_exception_info((uint8_t)event->which)->name);
    ws__why_place(why, out, event->linear);
    ws_buffer_printf(out, ", raised %llu times in the last %llu instructions\n  ", (unsigned long long)spin->times,
                     (unsigned long long)window);
    ws__why_instruction(why, out, event->linear);
    ws_buffer_printf(out, "\n  ");
    ws_reason_append(out, &event->reason);
    ws_buffer_printf(out, "\n  [%s]\n  its handler returns to the same instruction each time\n",
                     ws_reason_citation(&event->reason));
}

static void loop_append(const struct ws_why *why, struct ws_buffer *out, const struct spin *spin, uint64_t window)
{
    ws_buffer_printf(out, "no progress: the last %llu instructions were the same %u\n", (unsigned long long)window,
                     spin->places);
    for (unsigned i = 0; i < spin->places && i < SHOWN; i++) {
        ws_buffer_printf(out, "  ");
        ws__why_place(why, out, spin->place[i]);
        ws_buffer_printf(out, "  ");
        ws__why_instruction(why, out, spin->place[i]);
        ws_buffer_printf(out, "\n");
    }
    if (spin->places > SHOWN)
        ws_buffer_printf(out, "  and %u more\n", spin->places - SHOWN);
}

void ws__why_spin(const struct ws_why *why, struct ws_buffer *out)
{
    enum { LEAST = 3 }; /* less often is no repetition */
    struct spin spin = {.places = 0};
    uint64_t end = ws_machine_mark(why->machine), start = ws_timeline_start(why->timeline);
    uint64_t window = end - start < WINDOW ? end - start : WINDOW;
    if (!ws__why_visit(why, out, end - window) ||
        !ws__why_listen(why, out, WS_EVENT_MASK(INSTRUCTION) | WS_EVENT_MASK(VECTOR), event_see, &spin))
        return;
    ws__why_visit(why, out, end);
    ws_machine_unlisten(why->machine, event_see, &spin);
    if (spin.times >= LEAST)
        exception_append(why, out, &spin, window);
    else if (spin.places && !spin.many && window > PLACES)
        loop_append(why, out, &spin, window);
    ws_buffer_printf(out, "at the end, mark %llu: ", (unsigned long long)end);
    ws__why_place(why, out, ws_machine_eip_linear(why->machine));
    ws_buffer_printf(out, "  ");
    ws__why_instruction(why, out, ws_machine_eip_linear(why->machine));
    ws_buffer_printf(out, "\n");
}

/* -- nested exceptions ------------------------------------------------------------------------- */

/* The last row of equal exceptions. */
struct row {
    struct ws_event event;  /* its first one */
    struct ws_event before; /* the exception in front of it; kind INSTRUCTION: none was seen */
    uint64_t times;
};

static void row_see(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct row *row = context;
    (void)machine;
    if (event->origin != WS_ORIGIN_EXCEPTION)
        return;
    if (row->times && event->which == row->event.which && event->before == row->event.before) {
        row->times++;
        return;
    }
    row->before = row->event;
    row->event = *event;
    row->times = 1;
}

static void exception_name(const struct ws_why *why, struct ws_buffer *out, const struct ws_event *event)
{
    const struct ws_exception_info *info = ws_exception_info((uint8_t)event->which);
    ws_buffer_printf(out, "%s %s at mark %llu, ", info->mnemonic, info->name, (unsigned long long)event->mark);
    ws__why_place(why, out, event->linear);
}

bool ws__why_exceptions(const struct ws_why *why, struct ws_buffer *out, uint64_t mark, bool dead)
{
    enum { LEAST = 3 };
    struct row row = {.times = 0};
    uint64_t start = ws_timeline_start(why->timeline), window = mark - start < WINDOW ? mark - start : WINDOW;
    if (!ws__why_visit(why, out, mark - window) || !ws__why_listen(why, out, WS_EVENT_MASK(VECTOR), row_see, &row))
        return false;
    ws__why_visit(why, out, UINT64_MAX);
    ws_machine_unlisten(why->machine, row_see, &row);
    if (!row.times || (dead && row.times < LEAST))
        return false;
    if (row.times < LEAST)
        ws_buffer_printf(out, "the last exception before it: ");
    else
        ws_buffer_printf(out, "it began earlier: an exception was raised %llu times at the same place, first as\n  ",
                         (unsigned long long)row.times);
    exception_name(why, out, &row.event);
    ws_buffer_printf(out, "\n    ");
    ws_reason_append(out, &row.event.reason);
    if (row.times >= LEAST && row.before.kind == WS_EVENT_VECTOR) {
        ws_buffer_printf(out, "\n  before that: ");
        exception_name(why, out, &row.before);
        ws_buffer_printf(out, "\n    ");
        ws_reason_append(out, &row.before.reason);
    }
    ws_buffer_printf(out, "\n");
    return row.times >= LEAST;
}
