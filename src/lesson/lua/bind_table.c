/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The library's structures as Lua's tables. */
#include <worldswitch/exception.h>
#include <worldswitch/halt.h>

#include "lesson/lua/bind.h"

static void number_set(lua_State *lua, const char *field, uint64_t number)
{
    lua_pushinteger(lua, (lua_Integer)number);
    lua_setfield(lua, -2, field);
}

static void text_set(lua_State *lua, const char *field, const char *text)
{
    lua_pushstring(lua, text);
    lua_setfield(lua, -2, field);
}

static void flag_set(lua_State *lua, const char *field, bool flag)
{
    lua_pushboolean(lua, flag);
    lua_setfield(lua, -2, field);
}

void ws__bind_push_registers(lua_State *lua, const struct ws_registers *registers)
{
    lua_createtable(lua, 0, WS_REGISTER_COUNT);
    for (unsigned i = 0; i < WS_REGISTER_COUNT; i++)
        number_set(lua, ws_register_info((enum ws_register)i)->name, registers->value[i]);
}

/* The categories in a mask, as the keys of a set. */
static void categories_set(lua_State *lua, const char *field, uint32_t mask)
{
    lua_newtable(lua);
    for (unsigned i = 0; i < WS_CATEGORY_COUNT; i++)
        if (mask >> i & 1)
            flag_set(lua, ws_category_name((enum ws_category)i), true);
    lua_setfield(lua, -2, field);
}

void ws__bind_push_crossing(lua_State *lua, const struct ws_crossing *crossing)
{
    lua_newtable(lua);
    text_set(lua, "kind", ws_crossing_kind_name((enum ws_crossing_kind)crossing->kind));
    text_set(lua, "from", crossing->from);
    text_set(lua, "to", crossing->to);
    number_set(lua, "begin", crossing->begin);
    number_set(lua, "finish", crossing->end); /* `end` is a word of Lua's own */
    number_set(lua, "instructions", crossing->instructions);
    number_set(lua, "cr3_mark", crossing->cr3_mark);
    number_set(lua, "cr3_linear", crossing->cr3_linear);
    categories_set(lua, "changed", crossing->changed);
    categories_set(lua, "kept", crossing->kept);
    ws__bind_push_registers(lua, &crossing->before);
    lua_setfield(lua, -2, "before");
    ws__bind_push_registers(lua, &crossing->after);
    lua_setfield(lua, -2, "after");
}

void ws__bind_push_event(lua_State *lua, const struct ws_event *event)
{
    lua_newtable(lua);
    text_set(lua, "kind", ws_event_name((enum ws_event_kind)event->kind));
    number_set(lua, "mark", event->mark);
    number_set(lua, "linear", event->linear);
    number_set(lua, "which", event->which);
    number_set(lua, "before", event->before);
    number_set(lua, "after", event->after);
    number_set(lua, "cpl", event->cpl);
    if (event->has_error_code)
        number_set(lua, "error_code", event->error_code);
    if (event->kind == WS_EVENT_VECTOR)
        text_set(lua, "name", ws_vector_info((uint8_t)event->which, (enum ws_origin)event->origin)->mnemonic);
}

void ws__bind_push_halt(lua_State *lua, const struct ws_halt *halt)
{
    static const char *const name[] = {
#define HALT_NAME(name, status, text) [WS_HALT_##name] = #name,
        WS_HALT_TABLE(HALT_NAME)
#undef HALT_NAME
    };
    lua_newtable(lua);
    text_set(lua, "reason", name[halt->reason]);
    text_set(lua, "text", ws_halt_text((enum ws_halt_reason)halt->reason));
    number_set(lua, "mark", halt->mark);
    number_set(lua, "eip", halt->eip);
    number_set(lua, "cr3", halt->cr3);
    if (halt->reason == WS_HALT_EXIT)
        number_set(lua, "value", halt->exit_value);
    if (halt->reason == WS_HALT_TRIPLE_FAULT) {
        number_set(lua, "vector", halt->vector);
        text_set(lua, "name", ws_vector_info(halt->vector, (enum ws_origin)halt->origin)->mnemonic);
    }
}

void ws__bind_push_finding(lua_State *lua, const struct ws_finding *finding)
{
    lua_newtable(lua);
    text_set(lua, "rule", finding->rule);
    number_set(lua, "mark", finding->mark);
    text_set(lua, "text", finding->text);
}
