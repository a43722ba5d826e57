/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trace records as JSON, one object a line: numbers decimal, addresses "0x%08x".
 */
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include <worldswitch/exception.h>

#include "cli/place.h"
#include "cli/trace.h"

/* Append and give up `record`, which may be NULL: then memory ran out, and the output will say so. */
static void record_append(struct ws_buffer *out, json_t *record)
{
    char *line = record ? json_dumps(record, JSON_COMPACT) : NULL;
    if (line)
        ws_buffer_printf(out, "%s\n", line);
    else
        out->failed = true;
    free(line);
    json_decref(record);
}

static json_t *address(uint32_t linear)
{
    return json_sprintf("0x%08x", linear);
}

/* Where the address has no symbol, the record has no such field. */
static void symbol_set(json_t *record, const char *field, const struct ws__trace_style *style, uint32_t linear)
{
    char name[WS__PLACE_BYTES];
    if (record && ws__place_name(name, style->symbols, linear))
        json_object_set_new(record, field, json_string(name));
}

static json_t *categories(uint32_t set)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < WS_CATEGORY_COUNT; i++)
        if (set >> i & 1)
            json_array_append_new(list, json_string(ws_category_name((enum ws_category)i)));
    return list;
}

static void crossing_write(struct ws_buffer *out, const struct ws__trace_style *style,
                           const struct ws_crossing *crossing)
{
    (void)style;
    record_append(out, json_pack("{ss ss ss ss sI sI sI so so}", "type", "crossing", "kind",
                                 ws_crossing_kind_name((enum ws_crossing_kind)crossing->kind), "from", crossing->from,
                                 "to", crossing->to, "begin", (json_int_t)crossing->begin, "end",
                                 (json_int_t)crossing->end, "instructions", (json_int_t)crossing->instructions,
                                 "changed", categories(crossing->changed), "kept", categories(crossing->kept)));
}

static void vector_fields(json_t *record, const struct ws__trace_style *style, const struct ws_event *event)
{
    static const char *const origin[] = {"exception", "software", "external"};
    json_object_set_new(record, "vector", json_integer(event->which));
    const struct ws_exception_info *info = ws_vector_info((uint8_t)event->which, (enum ws_origin)event->origin);
    json_object_set_new(record, "name", json_string(info->name));
    if (event->irq >= 0)
        json_object_set_new(record, "irq", json_integer(event->irq));
    json_object_set_new(record, "origin", json_string(event->origin < 3 ? origin[event->origin] : "?"));
    json_object_set_new(record, "eip", address(event->before));
    symbol_set(record, "eip_symbol", style, event->before);
    json_object_set_new(record, "handler", address(event->after));
    symbol_set(record, "handler_symbol", style, event->after);
    if (event->has_error_code)
        json_object_set_new(record, "error_code", json_integer(event->error_code));
}

static void io_fields(json_t *record, const struct ws_event *event)
{
    json_object_set_new(record, "port", json_integer(event->which));
    json_object_set_new(record, "direction", json_string(event->write ? "out" : "in"));
    json_object_set_new(record, "bytes", json_integer(event->bytes));
    json_object_set_new(record, "value", json_integer(event->after));
}

static void change_fields(json_t *record, const struct ws_event *event, const char *name)
{
    json_object_set_new(record, "register", json_string(name));
    json_object_set_new(record, "before", address(event->before));
    json_object_set_new(record, "after", address(event->after));
}

static void event_fields(json_t *record, const struct ws__trace_style *style, const struct ws_event *event)
{
    switch (event->kind) {
    case WS_EVENT_CONTROL_REGISTER:
        change_fields(record, event, ws_register_info((enum ws_register)event->which)->name);
        break;
    case WS_EVENT_TABLE_LOAD:
    case WS_EVENT_TASK:
        change_fields(record, event, ws__trace_table(event));
        break;
    case WS_EVENT_VECTOR:
        vector_fields(record, style, event);
        break;
    case WS_EVENT_RETURN:
        json_object_set_new(record, "eip", address(event->after));
        symbol_set(record, "eip_symbol", style, event->after);
        json_object_set_new(record, "ring", json_integer(event->which));
        break;
    case WS_EVENT_IO:
    case WS_EVENT_NO_CHIP:
        io_fields(record, event);
        break;
    case WS_EVENT_HALT:
        json_object_set_new(record, "interrupts", json_boolean(event->which));
        break;
    case WS_EVENT_REQUEST:
        json_object_set_new(record, "vector", json_integer(event->which));
        break;
    default:
        break;
    }
}

static void event_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_event *event,
                        const char *world)
{
    json_t *record = json_pack("{ss sI ss ss so}", "type", "event", "at", (json_int_t)event->mark, "kind",
                               ws_event_name((enum ws_event_kind)event->kind), "world", world, "linear",
                               address(event->linear));
    symbol_set(record, "symbol", style, event->linear);
    if (record)
        event_fields(record, style, event);
    record_append(out, record);
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
    json_t *record = json_pack("{ss sI ss si so ss ss}", "type", "instruction", "at", (json_int_t)instruction->mark,
                               "world", instruction->world, "cpl", (int)instruction->cpl, "linear",
                               address(instruction->linear), "bytes", bytes, "text", decoded.text);
    symbol_set(record, "symbol", style, instruction->linear);
    if (record && *why)
        json_object_set_new(record, "why", json_string(why));
    record_append(out, record);
}

static json_t *step_pack(const struct ws_forward_path *path, unsigned number)
{
    const struct ws_forward_step *step = &path->step[number];
    enum ws_forward_kind kind = (enum ws_forward_kind)path->kind;
    return json_pack("{ss sI ss ss so so ss}", "step", ws_forward_step_name(kind, number), "at", (json_int_t)step->mark,
                     "world", step->world, "process", step->process, "linear", address(step->linear), "target",
                     address(step->target), "text", ws_forward_step_text(kind, number));
}

static void path_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_forward_path *path)
{
    json_t *steps = json_array();
    (void)style;
    for (unsigned number = 0; number < path->steps; number++)
        if (path->step[number].mark)
            json_array_append_new(steps, step_pack(path, number));
    record_append(out, json_pack("{ss sI ss ss si ss ss ss so}", "type", "event", "at", (json_int_t)path->end, "kind",
                                 "path", "path", ws_forward_kind_name((enum ws_forward_kind)path->kind), "vector",
                                 (int)path->vector, "from", path->vmm, "to", path->host, "process", path->vmx, "steps",
                                 steps));
}

static void finding_write(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_finding *finding)
{
    (void)style;
    record_append(out, json_pack("{ss sI ss ss}", "type", "finding", "at", (json_int_t)finding->mark, "rule",
                                 finding->rule, "text", finding->text));
}

const struct ws__trace_format ws__trace_jsonl = {
    .crossing = crossing_write,
    .event = event_write,
    .path = path_write,
    .instruction = instruction_write,
    .finding = finding_write,
};
