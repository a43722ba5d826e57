/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes of crossings. */
#include "tui/causes.h"

#include <stdlib.h>
#include <string.h>

#include <worldswitch/cross.h>

#include "base/grow.h"
#include "watch/watcher.h"

/* The entries of an address space; `add` makes room for one that is not known, in the place of the oldest. */
static struct ws__entries *entries_of(struct ws__causes *causes, uint32_t cr3, bool add)
{
    for (size_t at = 0; at < causes->spaces; at++)
        if (causes->space[at].cr3 == cr3)
            return &causes->space[at];
    if (!add)
        return NULL;
    if (causes->spaces == WS__CAUSE_SPACES)
        memmove(causes->space, causes->space + 1, --causes->spaces * sizeof causes->space[0]);
    struct ws__entries *entries = &causes->space[causes->spaces++];
    *entries = (struct ws__entries){.cr3 = cr3};
    return entries;
}

/* Handlers whose frames lie below `esp` are no more: the stack grows downwards. */
static void entries_drop(struct ws__entries *entries, uint32_t esp)
{
    while (entries->depth && entries->event[entries->depth - 1].esp < esp)
        entries->depth--;
}

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__causes *causes = context;
    struct ws_registers now;
    if (ws__watcher_held(causes->watcher))
        return;
    ws_machine_registers(machine, &now);
    struct ws__entries *entries = entries_of(causes, now.value[WS_CR3], event->kind == WS_EVENT_VECTOR);
    if (!entries)
        return;
    bool outer = event->kind == WS_EVENT_VECTOR ? event->cpl > ws_machine_cpl(machine) : event->which > event->cpl;
    /* The stack of the inner ring is empty in front of such a vector, and behind such a return. */
    if (outer)
        entries->depth = 0;
    else
        entries_drop(entries, event->esp);
    if (event->kind != WS_EVENT_VECTOR)
        return;
    if (entries->depth == WS__CAUSE_DEPTH)
        memmove(entries->event, entries->event + 1, --entries->depth * sizeof entries->event[0]);
    entries->event[entries->depth++] = *event;
}

/* What the VMM has written for the host. */
static void mail_read(const struct ws__causes *causes, const struct ws_crossing *crossing, struct ws_view_cause *cause)
{
    struct ws_cross_mailbox mail;
    if (!causes->hosted || crossing->kind != WS_CROSSING_WORLD || strcmp(crossing->to, "host") != 0 ||
        ws_machine_read_as(causes->machine, &crossing->after, WS_CROSS_LINEAR + WS_CROSS_MAILBOX_OFFSET, &mail,
                           sizeof mail) != WS_OK)
        return;
    cause->mail = true;
    cause->request = mail.request;
    cause->argument = mail.argument;
}

/* Room for one more; NULL: there is no memory. */
static struct ws_view_cause *cause_add(struct ws__causes *causes)
{
    struct ws_view_cause *grown = ws__grow(causes->cause, causes->count, &causes->capacity, sizeof *grown);
    causes->failed |= !grown;
    if (!grown)
        return NULL;
    causes->cause = grown;
    return &causes->cause[causes->count++];
}

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct ws__causes *causes = context;
    struct ws_view_cause *cause = cause_add(causes);
    if (!cause)
        return;
    *cause = (struct ws_view_cause){.begin = crossing->begin};
    const struct ws__entries *entries = entries_of(causes, crossing->before.value[WS_CR3], false);
    for (unsigned at = entries ? entries->depth : 0; at-- > 0;) {
        if (entries->event[at].mark >= crossing->begin)
            continue; /* it came in the midst */
        cause->vectored = true;
        cause->event = entries->event[at];
        break;
    }
    mail_read(causes, crossing, cause);
}

enum ws_status ws__causes_init(struct ws__causes *causes, struct ws_machine *machine, struct ws_watcher *watcher,
                               bool hosted)
{
    *causes = (struct ws__causes){.machine = machine, .watcher = watcher, .hosted = hosted};
    enum ws_status status =
        ws_machine_listen(machine, WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN), event_take, causes);
    return status == WS_OK ? ws_watcher_listen(watcher, crossing_take, causes) : status;
}

void ws__causes_release(struct ws__causes *causes)
{
    if (causes->machine) {
        ws_machine_unlisten(causes->machine, event_take, causes);
        ws_watcher_unlisten(causes->watcher, crossing_take, causes);
    }
    free(causes->cause);
    *causes = (struct ws__causes){0};
}

void ws__causes_copy(struct ws__causes *causes, const struct ws__causes *from, uint64_t mark)
{
    for (size_t at = 0; at < from->count && from->cause[at].begin < mark; at++) {
        struct ws_view_cause *cause = cause_add(causes);
        if (!cause)
            return;
        *cause = from->cause[at];
    }
}

void ws__causes_anew(struct ws__causes *causes)
{
    causes->count = causes->spaces = 0;
}
