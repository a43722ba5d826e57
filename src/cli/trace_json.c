/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trace records as JSON, one object a line: numbers decimal, addresses "0x%08x".
 */
#include <stdio.h>
#include <stdlib.h>

#include <worldswitch/exception.h>
#include <worldswitch/paging.h>

#include "cli/trace.h"
#include "front/fault.h"
#include "front/json.h"
#include "front/place.h"

/* Where the address has no symbol, the record has no such field. */
static void symbol_set(struct ws__json *json, const char *field, const struct ws__trace_style *style, uint32_t linear)
{
    char name[WS__PLACE_BYTES];
    if (ws__place_name(name, style->symbols, linear))
        ws__json_text(json, field, name);
}

static void categories_set(struct ws__json *json, const char *field, uint32_t set)
{
    json_t *list = ws__json_list(json, field);
    for (unsigned i = 0; i < WS_CATEGORY_COUNT; i++)
        if (set >> i & 1)
            ws__json_list_text(json, list, ws_category_name((enum ws_category)i));
}

/* Only Linux has some. */
static void task_set(struct ws__json *json, const char *field, const struct ws_task *task)
{
    if (*task->name)
        ws__json_text(json, field, task->name);
}

static void crossing_write(struct ws_buffer *out, const struct ws__trace_style *style,
                           const struct ws_crossing *crossing)
{
    struct ws__json json = ws__json_begin("crossing");
    (void)style;
    ws__json_text(&json, "kind", ws_crossing_kind_name((enum ws_crossing_kind)crossing->kind));
    ws__json_text(&json, "from", crossing->from);
    ws__json_text(&json, "to", crossing->to);
    task_set(&json, "from_task", &crossing->from_task);
    task_set(&json, "to_task", &crossing->to_task);
    ws__json_number(&json, "begin", crossing->begin);
    ws__json_number(&json, "end", crossing->end);
    ws__json_number(&json, "instructions", crossing->instructions);
    categories_set(&json, "changed", crossing->changed);
    categories_set(&json, "kept", crossing->kept);
    ws__json_write(&json, out);
}

static void vector_fields(struct ws__json *json, const struct ws__trace_style *style, const struct ws_event *event)
{
    static const char *const origin[] = {"exception", "software", "external"};
    const struct ws_exception_info *info = ws_vector_info((uint8_t)event->which, (enum ws_origin)event->origin);
    ws__json_number(json, "vector", event->which);
    ws__json_text(json, "name", info->name);
    if (event->irq >= 0)
        ws__json_number(json, "irq", (uint64_t)event->irq);
    ws__json_text(json, "origin", event->origin < 3 ? origin[event->origin] : "?");
    ws__json_address(json, "eip", event->before);
    symbol_set(json, "eip_symbol", style, event->before);
    if (event->kind == WS_EVENT_VECTOR) {
        ws__json_address(json, "handler", event->after);
        symbol_set(json, "handler_symbol", style, event->after);
    }
    if (event->has_error_code)
        ws__json_number(json, "error_code", event->error_code);
    if (event->cr2)
        ws__json_address(json, "cr2", event->cr2);
    if (event->origin == WS_ORIGIN_EXCEPTION)
        ws__json_reason(json, "reason", &event->reason);
}

static void io_fields(struct ws__json *json, const struct ws_event *event)
{
    if (event->kind == WS_EVENT_NO_MEMORY)
        ws__json_address(json, "phys", event->which);
    else
        ws__json_number(json, "port", event->which);
    ws__json_text(json, "direction", event->write ? "out" : "in");
    ws__json_number(json, "bytes", event->bytes);
    ws__json_number(json, "value", event->after);
    if (event->irq >= 0)
        ws__json_number(json, "ends_irq", (uint64_t)event->irq);
}

static void change_fields(struct ws__json *json, const struct ws_event *event, const char *name)
{
    ws__json_text(json, "register", name);
    ws__json_address(json, "before", event->before);
    ws__json_address(json, "after", event->after);
}

static void event_fields(struct ws__json *json, const struct ws__trace_style *style, const struct ws_event *event)
{
    switch (event->kind) {
    case WS_EVENT_CONTROL_REGISTER:
        change_fields(json, event, ws_register_info((enum ws_register)event->which)->name);
        break;
    case WS_EVENT_TABLE_LOAD:
    case WS_EVENT_TASK:
        change_fields(json, event, ws__trace_table(event));
        break;
    case WS_EVENT_VECTOR:
    case WS_EVENT_FAULT_CHAIN:
        vector_fields(json, style, event);
        break;
    case WS_EVENT_RETURN:
        ws__json_address(json, "eip", event->after);
        symbol_set(json, "eip_symbol", style, event->after);
        ws__json_number(json, "ring", event->which);
        break;
    case WS_EVENT_IO:
    case WS_EVENT_NO_CHIP:
    case WS_EVENT_NO_MEMORY:
        io_fields(json, event);
        break;
    case WS_EVENT_STALE:
        ws__json_address(json, "page", event->which);
        if (event->reason.code)
            ws__json_reason(json, "reason", &event->reason);
        break;
    case WS_EVENT_HALT:
        ws__json_flag(json, "interrupts", event->which);
        break;
    case WS_EVENT_REQUEST:
        ws__json_number(json, "vector", event->which);
        break;
    default:
        break;
    }
}

static void event_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_event *event,
                        const char *world)
{
    struct ws__json json = ws__json_begin("event");
    ws__json_number(&json, "at", event->mark);
    ws__json_text(&json, "kind", ws_event_name((enum ws_event_kind)event->kind));
    ws__json_text(&json, "world", world);
    ws__json_address(&json, "linear", event->linear);
    symbol_set(&json, "symbol", style, event->linear);
    event_fields(&json, style, event);
    ws__json_write(&json, out);
}

static void instruction_write(struct ws_buffer *out, const struct ws__trace_style *style,
                              const struct ws__trace_instruction *instruction)
{
    struct ws_instruction decoded;
    const char *why = ws__trace_why(instruction);
    ws__trace_decode(style, instruction, &decoded);
    char bytes[2 * WS_INSTRUCTION_BYTES + 1] = "";
    for (unsigned i = 0; i < decoded.size; i++)
        snprintf(bytes + 2 * i, 3, "%02x", decoded.bytes[i]);
    struct ws__json json = ws__json_begin("instruction");
    ws__json_number(&json, "at", instruction->mark);
    ws__json_text(&json, "world", instruction->world);
    ws__json_number(&json, "cpl", instruction->cpl);
    ws__json_address(&json, "linear", instruction->linear);
    ws__json_text(&json, "bytes", bytes);
    ws__json_text(&json, "text", decoded.text);
    symbol_set(&json, "symbol", style, instruction->linear);
    if (*why)
        ws__json_text(&json, "why", why);
    ws__json_write(&json, out);
}

static struct ws__json step_make(const struct ws_forward_path *path, unsigned number)
{
    const struct ws_forward_step *step = &path->step[number];
    enum ws_forward_kind kind = (enum ws_forward_kind)path->kind;
    struct ws__json json = ws__json_begin(NULL);
    ws__json_text(&json, "step", ws_forward_step_name(kind, number));
    ws__json_number(&json, "at", step->mark);
    ws__json_text(&json, "world", step->world);
    ws__json_text(&json, "process", step->process);
    ws__json_address(&json, "linear", step->linear);
    ws__json_address(&json, "target", step->target);
    ws__json_text(&json, "text", ws_forward_step_text(kind, number));
    return json;
}

static void path_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_forward_path *path)
{
    struct ws__json json = ws__json_begin("event");
    (void)style;
    ws__json_number(&json, "at", path->end);
    ws__json_text(&json, "kind", "path");
    ws__json_text(&json, "path", ws_forward_kind_name((enum ws_forward_kind)path->kind));
    ws__json_number(&json, "vector", path->vector);
    ws__json_text(&json, "from", path->vmm);
    ws__json_text(&json, "to", path->host);
    ws__json_text(&json, "process", path->vmx);
    json_t *steps = ws__json_list(&json, "steps");
    for (unsigned number = 0; number < path->steps; number++)
        if (path->step[number].mark)
            ws__json_list_record(&json, steps, step_make(path, number));
    ws__json_write(&json, out);
}

static void finding_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_finding *finding)
{
    struct ws__json json = ws__json_begin("finding");
    (void)style;
    ws__json_number(&json, "at", finding->mark);
    ws__json_text(&json, "rule", finding->rule);
    ws__json_text(&json, "text", finding->text);
    ws__json_write(&json, out);
}

static void halt_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_halt *halt)
{
    ws__fault_halt_write(out, halt, style->symbols);
}

const struct ws__trace_format ws__trace_jsonl = {
    .crossing = crossing_write,
    .event = event_write,
    .path = path_write,
    .instruction = instruction_write,
    .finding = finding_write,
    .halt = halt_write,
};
