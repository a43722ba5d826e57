/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of the binding, and its arguments. */
#include "lesson/lua/bind.h"

#include <string.h>

enum { NAME_MOST = 64 };

struct ws__script *ws__script_of(lua_State *lua)
{
    return *(struct ws__script **)lua_getextraspace(lua);
}

/* -- arguments ----------------------------------------------------------------------------------------- */

void ws__bind_status(lua_State *lua, const char *what, enum ws_status status)
{
    ws__script_of(lua)->no_memory |= status == WS_NO_MEMORY;
    if (status != WS_OK)
        luaL_error(lua, "%s: %s", what, ws_status_text(status));
}

bool ws__bind_done(lua_State *lua, const char *what, enum ws_status status)
{
    if (status == WS_OK)
        return true;
    if (status != WS_HALTED && status != WS_TIMEOUT && status != WS_NOT_FOUND)
        ws__bind_status(lua, what, status);
    lua_pushnil(lua);
    lua_pushstring(lua, ws_status_text(status));
    return false;
}

struct ws__guest *ws__bind_guest(lua_State *lua, int index)
{
    struct ws__guest *guest = luaL_checkudata(lua, index, WS__TYPE_GUEST);
    if (!guest->machine)
        luaL_error(lua, "the machine was released");
    return guest;
}

struct ws__guest *ws__bind_ready(lua_State *lua, int index)
{
    struct ws__guest *guest = ws__bind_guest(lua, index);
    if (!guest->watcher)
        luaL_error(lua, "nothing is loaded: call lab:enter(world), or lab:load(world)");
    return guest;
}

struct ws__guest *ws__bind_audited(lua_State *lua, int index, const char *what)
{
    struct ws__guest *guest = ws__bind_ready(lua, index);
    if (!guest->audit)
        luaL_error(lua, "%s: this machine was opened with {audit = false}", what);
    return guest;
}

uint64_t ws__bind_number(lua_State *lua, int index, uint64_t most)
{
    lua_Integer number = luaL_checkinteger(lua, index);
    if (number < 0 || (uint64_t)number > most)
        luaL_argerror(lua, index, "the number is out of its range");
    return (uint64_t)number;
}

uint32_t ws__bind_linear(lua_State *lua, int index)
{
    return (uint32_t)ws__bind_number(lua, index, UINT32_MAX);
}

uint64_t ws__bind_field_number(lua_State *lua, int index, const char *name, uint64_t most)
{
    if (!lua_istable(lua, index) || lua_getfield(lua, index, name) == LUA_TNIL)
        return 0;
    int good;
    lua_Integer number = lua_tointegerx(lua, -1, &good);
    if (!good || number < 0 || (uint64_t)number > most)
        luaL_error(lua, "\"%s\" is not a number from 0 to %I", name, (lua_Integer)most);
    lua_pop(lua, 1);
    return (uint64_t)number;
}

const char *ws__bind_field_text(lua_State *lua, int index, const char *name)
{
    if (!lua_istable(lua, index) || lua_getfield(lua, index, name) == LUA_TNIL)
        return NULL;
    if (lua_type(lua, -1) != LUA_TSTRING)
        luaL_error(lua, "\"%s\" is not a text", name);
    const char *text = lua_tostring(lua, -1);
    lua_pop(lua, 1); /* the table keeps it */
    return text;
}

bool ws__bind_field_flag(lua_State *lua, int index, const char *name)
{
    bool flag = lua_istable(lua, index) && lua_getfield(lua, index, name) != LUA_TNIL && lua_toboolean(lua, -1);
    if (lua_istable(lua, index))
        lua_pop(lua, 1);
    return flag;
}

struct ws_disasm *ws__bind_disasm(lua_State *lua)
{
    struct ws__script *script = ws__script_of(lua);
    if (!script->disasm)
        ws__bind_status(lua, "disasm", ws_disasm_new(&script->disasm));
    return script->disasm;
}

void ws__bind_fields_only(lua_State *lua, int index, const char *what, const char *const *known)
{
    if (lua_isnoneornil(lua, index))
        return;
    luaL_checktype(lua, index, LUA_TTABLE);
    for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
        const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "?";
        size_t i = 0;
        while (known[i] && strcmp(known[i], name) != 0)
            i++;
        if (!known[i])
            luaL_error(lua, "%s: unknown option \"%s\"", what, name);
    }
}

void ws__bind_registers(lua_State *lua, int index, struct ws_registers *registers)
{
    luaL_checktype(lua, index, LUA_TTABLE);
    for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
        const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "?";
        enum ws_register which = ws_register_find(name);
        int good;
        lua_Integer number = lua_tointegerx(lua, -1, &good);
        if (which == WS_REGISTER_COUNT)
            luaL_error(lua, "there is no register \"%s\"", name);
        if (!good || number < INT32_MIN || number > UINT32_MAX)
            luaL_error(lua, "the value of \"%s\" is not a number of 32 bits", name);
        registers->value[which] = (uint32_t)number;
    }
}

bool ws__bind_name_is_plain(const char *name)
{
    size_t length = strlen(name);
    return length && length < NAME_MOST && !strchr("-.", *name) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length;
}

/* -- types --------------------------------------------------------------------------------------------- */

/* Objects may go in any order: the lab is kept by its worlds' and processes' user values, and who comes later than its
 * end finds that the machine was released. */
static int guest_collect(lua_State *lua)
{
    ws__guest_release(luaL_checkudata(lua, 1, WS__TYPE_GUEST));
    return 0;
}

/* `methods`: lists of them, which end with NULL. */
static void type_make(lua_State *lua, const char *name, const luaL_Reg *const *methods)
{
    luaL_newmetatable(lua, name);
    lua_newtable(lua);
    for (; *methods; methods++)
        luaL_setfuncs(lua, *methods, 0);
    lua_setfield(lua, -2, "__index");
    lua_pushboolean(lua, 0);
    lua_setfield(lua, -2, "__metatable"); /* a check does not change what objects can do */
    lua_pop(lua, 1);
}

void ws__bind_all(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"lab", ws__bind_open_lab},       {"laboratory", ws__bind_open_laboratory},
        {"hosted", ws__bind_open_hosted}, {"image", ws__bind_open_image},
        {"cross", ws__bind_cross},        {NULL, NULL},
    };
    static const luaL_Reg *const guest[] = {ws__bind_machine_methods, ws__bind_lab_methods, ws__bind_cross_methods,
                                            NULL};
    static const luaL_Reg *const world[] = {ws__bind_world_methods, NULL};
    static const luaL_Reg *const process[] = {ws__bind_process_methods, NULL};
    type_make(lua, WS__TYPE_GUEST, guest);
    type_make(lua, WS__TYPE_WORLD, world);
    type_make(lua, WS__TYPE_PROCESS, process);
    luaL_getmetatable(lua, WS__TYPE_GUEST);
    lua_pushcfunction(lua, guest_collect);
    lua_setfield(lua, -2, "__gc");
    lua_pop(lua, 1);
    lua_newtable(lua);
    luaL_setfuncs(lua, functions, 0);
    lua_setglobal(lua, "worldswitch");
    lua_pushcfunction(lua, ws__bind_expect);
    lua_setglobal(lua, "expect");
}
