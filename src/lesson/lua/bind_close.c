/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Closed scripts: nothing in them depends on the machine that they run on, on the time, or on where things are in
 * memory.
 */
#include <stdlib.h>
#include <string.h>

#include "lesson/lua/bind.h"

enum { PRINTED_MOST = 1 << 16 };

/* -- random numbers ------------------------------------------------------------------------------------ */

/* SplitMix64: every seed is as good as another. */
static uint64_t random_next(struct ws__script *script)
{
    uint64_t mixed = script->random += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
}

/* math.random(), (most), (least, most), as Lua's own. */
static int math_random(lua_State *lua)
{
    uint64_t number = random_next(ws__script_of(lua));
    if (lua_gettop(lua) == 0) {
        lua_pushnumber(lua, (lua_Number)(number >> 11) / 9007199254740992.0);
        return 1;
    }
    lua_Integer least = lua_gettop(lua) > 1 ? luaL_checkinteger(lua, 1) : 1;
    lua_Integer most = luaL_checkinteger(lua, lua_gettop(lua) > 1 ? 2 : 1);
    luaL_argcheck(lua, least <= most, 1, "the interval is empty");
    uint64_t span = (uint64_t)most - (uint64_t)least + 1;
    lua_pushinteger(lua, (lua_Integer)((uint64_t)least + (span ? number % span : number)));
    return 1;
}

static int math_randomseed(lua_State *lua)
{
    ws__script_of(lua)->random = (uint64_t)luaL_checkinteger(lua, 1);
    return 0;
}

/* -- printing ------------------------------------------------------------------------------------------ */

static int report_print(lua_State *lua)
{
    struct ws_buffer *printed = &ws__script_of(lua)->report.printed;
    for (int i = 1; i <= lua_gettop(lua); i++) {
        size_t bytes;
        const char *text = luaL_tolstring(lua, i, &bytes);
        if (printed->size + bytes + 2 > PRINTED_MOST)
            return luaL_error(lua, "print: this is too much text for a report");
        ws_buffer_printf(printed, "%s%s", i > 1 ? "\t" : "", text);
        lua_pop(lua, 1);
    }
    ws_buffer_append(printed, "\n", 1);
    return 0;
}

/* -- going through tables ------------------------------------------------------------------------------ */

/* pairs() in Lua goes as the keys' hashes fall, and these differ from process to process.  Here: numbers first, then
 * texts, each in their order; other keys have none, and are an error. */
static const char sorted_pairs[] = "local next, type, sort, error = next, type, table.sort, error\n"
                                   "local function before(a, b)\n"
                                   "  local at, bt = type(a), type(b)\n"
                                   "  if at ~= bt then return at == 'number' end\n"
                                   "  return a < b\n"
                                   "end\n"
                                   "return function(t)\n"
                                   "  local keys, n, i = {}, 0, 0\n"
                                   "  for key in next, t do\n"
                                   "    if type(key) ~= 'number' and type(key) ~= 'string' then\n"
                                   "      error('pairs: a key is neither a number nor a text', 2)\n"
                                   "    end\n"
                                   "    n = n + 1\n"
                                   "    keys[n] = key\n"
                                   "  end\n"
                                   "  sort(keys, before)\n"
                                   "  return function()\n"
                                   "    i = i + 1\n"
                                   "    if keys[i] ~= nil then return keys[i], t[keys[i]] end\n"
                                   "  end, t, nil\n"
                                   "end\n";

static void function_set(lua_State *lua, const char *table, const char *name, lua_CFunction function)
{
    lua_getglobal(lua, table);
    lua_pushcfunction(lua, function);
    lua_setfield(lua, -2, name);
    lua_pop(lua, 1);
}

void ws__bind_close(lua_State *lua)
{
    static const char *const gone[] = {"collectgarbage", "dofile", "load", "loadfile", "next", "require"};
    if (luaL_loadstring(lua, sorted_pairs) != LUA_OK)
        lua_error(lua);
    lua_call(lua, 0, 1);
    lua_setglobal(lua, "pairs");
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        lua_pushnil(lua);
        lua_setglobal(lua, gone[i]);
    }
    function_set(lua, "_G", "print", report_print);
    function_set(lua, "math", "random", math_random);
    function_set(lua, "math", "randomseed", math_randomseed);
}
