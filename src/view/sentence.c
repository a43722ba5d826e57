/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events in words.  A sentence says what the machine has told, and nothing that would have to be guessed.
 */
#include "view/sentence.h"

#include <worldswitch/exception.h>
#include <worldswitch/hosted.h>

/* Ports by their chips; what is not listed is named by its number alone. */
static const struct {
    uint16_t first, last;
    const char *chip;
} port_table[] = {
    {0x20, 0x21, "interrupt controller"},
    {0x40, 0x43, "timer"},
    {0x60, 0x60, "keyboard"},
    {0x64, 0x64, "keyboard"},
    {0x70, 0x71, "clock"},
    {0xa0, 0xa1, "second interrupt controller"},
    {0xf4, 0xf4, "debug exit"},
    {0x1f0, 0x1f7, "disk"},
    {0x3d4, 0x3d5, "text screen"},
    {0x3f6, 0x3f6, "disk"},
    {0x3f8, 0x3ff, "serial port"},
};

static const char *port_chip(uint32_t port)
{
    for (size_t at = 0; at < sizeof port_table / sizeof port_table[0]; at++)
        if (port >= port_table[at].first && port <= port_table[at].last)
            return port_table[at].chip;
    return NULL;
}

void ws__sentence_vector(struct ws_buffer *out, const struct ws_event *event)
{
    const struct ws_exception_info *info = ws_vector_info((uint8_t)event->which, (enum ws_origin)event->origin);
    if (event->irq >= 0)
        ws_buffer_printf(out, "%sIRQ %d (vector %u)", event->irq ? "" : "timer, ", event->irq, event->which);
    else if (*info->mnemonic)
        ws_buffer_printf(out, "%s, %s", info->mnemonic, info->name);
    else if (event->origin == WS_ORIGIN_SOFTWARE)
        ws_buffer_printf(out, "int 0x%x", event->which);
    else
        ws_buffer_printf(out, "interrupt, vector %u", event->which);
}

static void place_append(struct ws_buffer *out, const struct ws_view_state *state, uint32_t linear)
{
    char symbol[64];
    ws__view_symbol(state, linear, symbol, sizeof symbol);
    ws_buffer_printf(out, *symbol ? "%s (%08x)" : "%s%08x", symbol, linear);
}

/* Where a vector went: CR3 does not change on the way, so its handler is of the world that is mapped. */
static void handler_append(struct ws_buffer *out, const struct ws_view_state *state, const struct ws_event *event)
{
    ws_buffer_printf(out, ": to %s's handler ", state->side[state->here].world);
    place_append(out, state, event->after);
    if (event->has_error_code) {
        ws_buffer_printf(out, ", error code 0x%x", event->error_code);
        ws_error_code_describe(out, (uint8_t)event->which, event->error_code);
    }
    if (event->which == WS_VECTOR_PF && event->origin == WS_ORIGIN_EXCEPTION)
        ws_buffer_printf(out, ", cr2 %08x", event->cr2);
}

static void reason_append(struct ws_buffer *out, const struct ws_event *event)
{
    if (event->origin != WS_ORIGIN_EXCEPTION || event->reason.code == WS_REASON_NONE)
        return;
    ws_buffer_printf(out, ": ");
    ws_reason_append(out, &event->reason);
}

static void port_append(struct ws_buffer *out, const struct ws_event *event)
{
    const char *chip = port_chip(event->which);
    ws_buffer_printf(out, "%s port 0x%x%s%s: 0x%0*x", event->write ? "writes to" : "reads from", event->which,
                     chip ? ", " : "", chip ? chip : "", 2 * event->bytes, event->after);
    if (event->kind == WS_EVENT_IO && event->irq >= 0)
        ws_buffer_printf(out, ", which ends IRQ %d", event->irq);
}

void ws__sentence_event(struct ws_buffer *out, const struct ws_view_state *state, const struct ws_event *event,
                        bool reason)
{
    switch (event->kind) {
    case WS_EVENT_VECTOR:
        ws__sentence_vector(out, event);
        handler_append(out, state, event);
        break;
    case WS_EVENT_FAULT_CHAIN:
        ws__sentence_vector(out, event);
        ws_buffer_printf(out, ": it cannot be delivered");
        break;
    case WS_EVENT_IO:
        port_append(out, event);
        return;
    case WS_EVENT_RETURN:
        ws_buffer_printf(out, "returns to ring %u, to ", event->which);
        place_append(out, state, event->after);
        return;
    case WS_EVENT_HALT:
        ws_buffer_printf(out, "the CPU sleeps, with interrupts %s", event->which ? "on" : "off");
        return;
    case WS_EVENT_TASK:
        ws_buffer_printf(out, "another task: TR %04x becomes %04x", event->before, event->after);
        return;
    default:
        ws_buffer_printf(out, "%s", ws_event_name((enum ws_event_kind)event->kind));
        return;
    }
    if (reason)
        reason_append(out, event);
}

/* -- requests ------------------------------------------------------------------------------------------ */

void ws__sentence_request(struct ws_buffer *out, uint32_t request, uint32_t argument)
{
    const char *text = ws_hosted_request_text(request);
    if (request == WS_HOSTED_REQUEST_INTERRUPT) {
        ws_buffer_printf(out, "forwards vector %u", argument);
        return;
    }
    ws_buffer_printf(out, "request %u%s%s", request, *text ? ", " : "", text);
    if (request == WS_HOSTED_REQUEST_CONSOLE && argument >= ' ' && argument <= '~')
        ws_buffer_printf(out, " '%c'", (int)argument);
}

void ws__sentence_cause(struct ws_buffer *out, const struct ws_view_cause *cause)
{
    if (cause->mail)
        ws__sentence_request(out, cause->request, cause->argument);
    else if (cause->vectored && cause->event.origin == WS_ORIGIN_SOFTWARE && cause->event.cpl == 3)
        ws_buffer_printf(out, "system call");
    else if (cause->vectored)
        ws__sentence_vector(out, &cause->event);
}

const struct ws_event *ws__view_exception_ahead(const struct ws_view_state *state)
{
    const struct ws_view_doing *doing = &state->ahead.doing;
    for (unsigned at = 0; state->ahead.known && at < doing->events; at++) {
        const struct ws_event *event = &doing->event[at];
        bool vector = event->kind == WS_EVENT_VECTOR || event->kind == WS_EVENT_FAULT_CHAIN;
        if (vector && event->origin == WS_ORIGIN_EXCEPTION)
            return event;
    }
    return NULL;
}
