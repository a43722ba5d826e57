/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The library's structures as Lua's tables. */
#include <worldswitch/exception.h>
#include <worldswitch/halt.h>

#include "lesson/lua/bind.h"

void ws__bind_set_number(lua_State *lua, const char *field, uint64_t number)
{
    lua_pushinteger(lua, (lua_Integer)number);
    lua_setfield(lua, -2, field);
}

void ws__bind_set_text(lua_State *lua, const char *field, const char *text)
{
    lua_pushstring(lua, text);
    lua_setfield(lua, -2, field);
}

void ws__bind_set_flag(lua_State *lua, const char *field, bool flag)
{
    lua_pushboolean(lua, flag);
    lua_setfield(lua, -2, field);
}

void ws__bind_push_registers(lua_State *lua, const struct ws_registers *registers)
{
    lua_createtable(lua, 0, WS_REGISTER_COUNT);
    for (unsigned i = 0; i < WS_REGISTER_COUNT; i++)
        ws__bind_set_number(lua, ws_register_info((enum ws_register)i)->name, registers->value[i]);
}

/* The categories in a mask, as the keys of a set. */
static void categories_set(lua_State *lua, const char *field, uint32_t mask)
{
    lua_newtable(lua);
    for (unsigned i = 0; i < WS_CATEGORY_COUNT; i++)
        if (mask >> i & 1)
            ws__bind_set_flag(lua, ws_category_name((enum ws_category)i), true);
    lua_setfield(lua, -2, field);
}

void ws__bind_push_crossing(lua_State *lua, const struct ws_crossing *crossing)
{
    lua_newtable(lua);
    ws__bind_set_text(lua, "kind", ws_crossing_kind_name((enum ws_crossing_kind)crossing->kind));
    ws__bind_set_text(lua, "from", crossing->from);
    ws__bind_set_text(lua, "to", crossing->to);
    ws__bind_set_number(lua, "from_thread", crossing->from_thread);
    ws__bind_set_number(lua, "to_thread", crossing->to_thread);
    ws__bind_set_number(lua, "begin", crossing->begin);
    ws__bind_set_number(lua, "finish", crossing->end); /* `end` is a word of Lua's own */
    ws__bind_set_number(lua, "instructions", crossing->instructions);
    ws__bind_set_number(lua, "cr3_mark", crossing->cr3_mark);
    ws__bind_set_number(lua, "cr3_linear", crossing->cr3_linear);
    categories_set(lua, "changed", crossing->changed);
    categories_set(lua, "kept", crossing->kept);
    ws__bind_push_registers(lua, &crossing->before);
    lua_setfield(lua, -2, "before");
    ws__bind_push_registers(lua, &crossing->after);
    lua_setfield(lua, -2, "after");
}

/* The names are those of a record that `trace` writes. */
void ws__bind_push_path(lua_State *lua, const struct ws_forward_path *path)
{
    enum ws_forward_kind kind = (enum ws_forward_kind)path->kind;
    lua_newtable(lua);
    ws__bind_set_text(lua, "path", ws_forward_kind_name(kind));
    ws__bind_set_text(lua, "from", path->vmm);
    ws__bind_set_text(lua, "to", path->host);
    ws__bind_set_text(lua, "process", path->vmx);
    ws__bind_set_number(lua, "vector", path->vector);
    ws__bind_set_number(lua, "at", path->end);
    lua_newtable(lua);
    for (unsigned i = 0, count = 0; i < path->steps; i++) {
        if (!path->step[i].mark)
            continue; /* a request without a system call */
        lua_newtable(lua);
        ws__bind_set_text(lua, "step", ws_forward_step_name(kind, i));
        ws__bind_set_text(lua, "text", ws_forward_step_text(kind, i));
        ws__bind_set_text(lua, "world", path->step[i].world);
        ws__bind_set_text(lua, "process", path->step[i].process);
        ws__bind_set_number(lua, "at", path->step[i].mark);
        ws__bind_set_number(lua, "linear", path->step[i].linear);
        ws__bind_set_number(lua, "target", path->step[i].target);
        lua_rawseti(lua, -2, ++count);
    }
    lua_setfield(lua, -2, "steps");
}

void ws__bind_push_event(lua_State *lua, const struct ws_event *event)
{
    lua_newtable(lua);
    ws__bind_set_text(lua, "kind", ws_event_name((enum ws_event_kind)event->kind));
    ws__bind_set_number(lua, "mark", event->mark);
    ws__bind_set_number(lua, "linear", event->linear);
    ws__bind_set_number(lua, "which", event->which);
    ws__bind_set_number(lua, "before", event->before);
    ws__bind_set_number(lua, "after", event->after);
    ws__bind_set_number(lua, "cpl", event->cpl);
    if (event->has_error_code)
        ws__bind_set_number(lua, "error_code", event->error_code);
    if (event->kind == WS_EVENT_VECTOR || event->kind == WS_EVENT_FAULT_CHAIN)
        ws__bind_set_text(lua, "name", ws_vector_info((uint8_t)event->which, (enum ws_origin)event->origin)->mnemonic);
}

void ws__bind_push_halt(lua_State *lua, const struct ws_halt *halt)
{
    static const char *const name[] = {
#define HALT_NAME(name, status, text) [WS_HALT_##name] = #name,
        WS_HALT_TABLE(HALT_NAME)
#undef HALT_NAME
    };
    lua_newtable(lua);
    ws__bind_set_text(lua, "reason", name[halt->reason]);
    ws__bind_set_text(lua, "text", ws_halt_text((enum ws_halt_reason)halt->reason));
    ws__bind_set_number(lua, "mark", halt->mark);
    ws__bind_set_number(lua, "eip", halt->eip);
    ws__bind_set_number(lua, "cr3", halt->cr3);
    if (halt->reason == WS_HALT_EXIT)
        ws__bind_set_number(lua, "value", halt->exit_value);
    if (halt->reason == WS_HALT_TRIPLE_FAULT) {
        ws__bind_set_number(lua, "vector", halt->vector);
        ws__bind_set_text(lua, "name", ws_vector_info(halt->vector, (enum ws_origin)halt->origin)->mnemonic);
    }
}

void ws__bind_push_finding(lua_State *lua, const struct ws_finding *finding)
{
    lua_newtable(lua);
    ws__bind_set_text(lua, "rule", finding->rule);
    ws__bind_set_number(lua, "mark", finding->mark);
    ws__bind_set_text(lua, "text", finding->text);
}
