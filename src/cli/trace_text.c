/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trace records as text: the mark, what it is, and the rest in words.
 */
#include <stdio.h>

#include <worldswitch/exception.h>

#include "cli/trace.h"
#include "front/place.h"

#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define PLAIN "\033[0m"

static void line_begin(struct ws_buffer *out, uint64_t mark, const char *what)
{
    ws_buffer_printf(out, "%10llu  %-16s  ", (unsigned long long)mark, what);
}

static void categories_append(struct ws_buffer *out, const char *label, uint32_t categories)
{
    ws_buffer_printf(out, "%30s%s:", "", label);
    for (unsigned i = 0; i < WS_CATEGORY_COUNT; i++)
        if (categories >> i & 1)
            ws_buffer_printf(out, " %s", ws_category_name((enum ws_category)i));
    ws_buffer_printf(out, "%s\n", categories ? "" : " nothing");
}

static void crossing_write(struct ws_buffer *out, const struct ws__trace_style *style,
                           const struct ws_crossing *crossing)
{
    if (style->colored)
        ws_buffer_printf(out, BOLD);
    char what[32], from[WS_WHO_BYTES], to[WS_WHO_BYTES];
    snprintf(what, sizeof what, "%s switch", ws_crossing_kind_name((enum ws_crossing_kind)crossing->kind));
    ws_crossing_who(crossing, false, from);
    ws_crossing_who(crossing, true, to);
    line_begin(out, crossing->begin, what);
    ws_buffer_printf(out, "%s -> %s, %llu instructions, until mark %llu\n", from, to,
                     (unsigned long long)crossing->instructions, (unsigned long long)crossing->end);
    if (style->colored)
        ws_buffer_printf(out, PLAIN);
    categories_append(out, "changed", crossing->changed);
    categories_append(out, "kept", crossing->kept);
}

static void vector_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_event *event)
{
    const struct ws_exception_info *info = ws_vector_info((uint8_t)event->which, (enum ws_origin)event->origin);
    static const char *const origin[] = {"exception", "software", "external"};
    ws_buffer_printf(out, "%u ", event->which);
    if (event->irq >= 0)
        ws_buffer_printf(out, "IRQ %d", event->irq);
    else
        ws_buffer_printf(out, "%s%s%s", info->mnemonic, *info->mnemonic ? " " : "", info->name);
    ws_buffer_printf(out, " (%s)", event->origin < 3 ? origin[event->origin] : "?");
    if (event->has_error_code) {
        ws_buffer_printf(out, ", error code 0x%x", event->error_code);
        ws_error_code_describe(out, (uint8_t)event->which, event->error_code);
    }
    if (event->cr2)
        ws_buffer_printf(out, ", cr2 0x%08x", event->cr2);
    ws_buffer_printf(out, ", at ");
    ws__place_append(out, style->symbols, event->before);
    if (event->kind == WS_EVENT_VECTOR) {
        ws_buffer_printf(out, ", handler ");
        ws__place_append(out, style->symbols, event->after);
    }
    if (event->origin == WS_ORIGIN_EXCEPTION) {
        ws_buffer_printf(out, ": ");
        ws_reason_append(out, &event->reason);
    }
}

static void event_details(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_event *event)
{
    switch (event->kind) {
    case WS_EVENT_CONTROL_REGISTER:
        ws_buffer_printf(out, "%s 0x%08x -> 0x%08x", ws_register_info((enum ws_register)event->which)->name,
                         event->before, event->after);
        break;
    case WS_EVENT_TABLE_LOAD:
    case WS_EVENT_TASK:
        ws_buffer_printf(out, "%s 0x%08x -> 0x%08x", ws__trace_table(event), event->before, event->after);
        break;
    case WS_EVENT_VECTOR:
    case WS_EVENT_FAULT_CHAIN:
        vector_write(out, style, event);
        break;
    case WS_EVENT_RETURN:
        ws_buffer_printf(out, "to ");
        ws__place_append(out, style->symbols, event->after);
        ws_buffer_printf(out, ", ring %u", event->which);
        break;
    case WS_EVENT_IO:
    case WS_EVENT_NO_CHIP:
        ws_buffer_printf(out, "%s port 0x%04x, %u byte%s, 0x%0*x", event->write ? "out" : "in", event->which,
                         event->bytes, event->bytes == 1 ? "" : "s", 2 * event->bytes, event->after);
        if (event->irq >= 0)
            ws_buffer_printf(out, ", ends IRQ %d", event->irq);
        break;
    case WS_EVENT_NO_MEMORY:
        ws_buffer_printf(out, "%s 0x%08x, %u byte%s, 0x%0*x", event->write ? "write to" : "read from", event->which,
                         event->bytes, event->bytes == 1 ? "" : "s", 2 * event->bytes, event->after);
        break;
    case WS_EVENT_STALE:
        if (event->reason.code)
            ws_reason_append(out, &event->reason);
        else
            ws_buffer_printf(out, "0x%08x is used after its page table entry was changed, with no invlpg between",
                             event->which);
        break;
    case WS_EVENT_HALT:
        ws_buffer_printf(out, "interrupts %s", event->which ? "on" : "off");
        break;
    case WS_EVENT_REQUEST:
        ws_buffer_printf(out, "vector %u", event->which);
        break;
    default:
        break;
    }
}

static void event_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_event *event,
                        const char *world)
{
    char name[WS__PLACE_BYTES];
    line_begin(out, event->mark, ws_event_name((enum ws_event_kind)event->kind));
    event_details(out, style, event);
    ws_buffer_printf(out, "  (%s", world);
    /* A vector says itself where it came. */
    if (event->kind != WS_EVENT_VECTOR && event->kind != WS_EVENT_FAULT_CHAIN &&
        ws__place_name(name, style->symbols, event->linear))
        ws_buffer_printf(out, ", %s", name);
    ws_buffer_printf(out, ")\n");
}

static void instruction_write(struct ws_buffer *out, const struct ws__trace_style *style,
                              const struct ws__trace_instruction *instruction)
{
    struct ws_instruction decoded;
    const char *why = ws__trace_why(instruction);
    ws__trace_decode(style, instruction, &decoded);
    char where[WS__PLACE_BYTES];
    ws__place_name(where, style->symbols, instruction->linear);
    ws_buffer_printf(out, "%10llu  %-8s %u  %08x  %-28s %-32s", (unsigned long long)instruction->mark,
                     instruction->world, instruction->cpl, instruction->linear, where, decoded.text);
    if (*why)
        ws_buffer_printf(out, "  %s; %s%s", style->colored ? DIM : "", why, style->colored ? PLAIN : "");
    ws_buffer_append(out, "\n", 1);
}

/* "interrupt, vector 46, vmm -> host: i 12685298, ii 12685348, ..." */
static void path_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_forward_path *path)
{
    enum ws_forward_kind kind = (enum ws_forward_kind)path->kind;
    const char *separator = ":";
    (void)style;
    line_begin(out, path->end, "path");
    ws_buffer_printf(out, "%s, vector %u, %s -> %s", ws_forward_kind_name(kind), path->vector, path->vmm, path->host);
    for (unsigned step = 0; step < path->steps; step++) {
        if (!path->step[step].mark)
            continue;
        ws_buffer_printf(out, "%s %s %llu", separator, ws_forward_step_name(kind, step),
                         (unsigned long long)path->step[step].mark);
        separator = ",";
    }
    ws_buffer_printf(out, "  (%s)\n", path->vmx);
}

static void finding_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_finding *finding)
{
    (void)style;
    line_begin(out, finding->mark, "audit");
    ws_buffer_printf(out, "%s: %s\n", finding->rule, finding->text);
}

const struct ws__trace_format ws__trace_text = {
    .crossing = crossing_write,
    .event = event_write,
    .path = path_write,
    .instruction = instruction_write,
    .finding = finding_write,
};
