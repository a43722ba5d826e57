/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records in JSON. */
#include "front/json.h"

#include <string.h>

#include "base/printable.h"

struct ws__json ws__json_begin(const char *type)
{
    struct ws__json json = {.object = json_object()};
    json.failed = !json.object;
    if (type)
        ws__json_text(&json, "type", type);
    return json;
}

/* Jansson takes NULL for a value as a failure, and owns the value in any case. */
static void field_set(struct ws__json *json, const char *field, json_t *value)
{
    json->failed |= json_object_set_new(json->object, field, value) != 0;
}

static json_t *text_make(const char *text)
{
    struct ws_buffer printable = WS_BUFFER_INIT;
    ws__printable_append(&printable, text, strlen(text));
    json_t *value = printable.failed ? NULL : json_string(ws_buffer_text(&printable));
    ws_buffer_release(&printable);
    return value;
}

void ws__json_text(struct ws__json *json, const char *field, const char *text)
{
    field_set(json, field, text_make(text));
}

void ws__json_reason(struct ws__json *json, const char *field, const struct ws_reason *reason)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_reason_append(&text, reason);
    ws__json_text(json, field, ws_buffer_text(&text));
    json->failed |= text.failed;
    ws_buffer_release(&text);
}

void ws__json_number(struct ws__json *json, const char *field, uint64_t number)
{
    field_set(json, field, json_integer((json_int_t)number));
}

void ws__json_flag(struct ws__json *json, const char *field, bool flag)
{
    field_set(json, field, json_boolean(flag));
}

void ws__json_address(struct ws__json *json, const char *field, uint32_t linear)
{
    field_set(json, field, json_sprintf("0x%08x", linear));
}

json_t *ws__json_list(struct ws__json *json, const char *field)
{
    json_t *list = json_array();
    field_set(json, field, list);
    return json->failed ? NULL : list;
}

void ws__json_list_text(struct ws__json *json, json_t *list, const char *text)
{
    json->failed |= json_array_append_new(list, text_make(text)) != 0;
}

void ws__json_list_record(struct ws__json *json, json_t *list, struct ws__json record)
{
    json->failed |= record.failed;
    json->failed |= json_array_append_new(list, record.object) != 0;
}

/* Jansson does not look at each failure of its own buffer; ours remembers. */
static int bytes_append(const char *bytes, size_t size, void *out)
{
    ws_buffer_append(out, bytes, size);
    return 0;
}

void ws__json_line(const json_t *value, struct ws_buffer *out)
{
    out->failed |= !value || json_dump_callback(value, bytes_append, out, JSON_COMPACT) != 0;
    ws_buffer_append(out, "\n", 1);
}

json_t *ws__json_take(struct ws__json *json)
{
    json_t *object = json->object;
    if (json->failed) {
        json_decref(object);
        object = NULL;
    }
    *json = (struct ws__json){0};
    return object;
}

void ws__json_write(struct ws__json *json, struct ws_buffer *out)
{
    json_t *object = ws__json_take(json);
    ws__json_line(object, out);
    json_decref(object);
}
