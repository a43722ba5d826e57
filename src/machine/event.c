/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event table's lookup.
 */
#include <worldswitch/event.h>

#include <stddef.h>

static const char *const event_name[WS_EVENT_COUNT] = {
#define WS_EVENT_ROW(name, text, meaning) [WS_EVENT_##name] = text,
    WS_EVENT_TABLE(WS_EVENT_ROW)
#undef WS_EVENT_ROW
};

const char *ws_event_name(enum ws_event_kind kind)
{
    if ((size_t)kind >= WS_EVENT_COUNT)
        return "unknown";
    return event_name[kind];
}
