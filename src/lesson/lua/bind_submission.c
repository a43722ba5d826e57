/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a check is called with: the submission, and submission:link().
 *
 * A Lua error may end a check anywhere; so all that is built belongs to the script, not to the function that builds it.
 */
#include <string.h>

#include <worldswitch/image.h>

#include "lesson/lua/bind.h"
#include "lesson/program.h"
#include "lesson/sound.h"

/* -- submission:link{at=, with={}, symbols={}} ------------------------------------------------------- */

static void build_clear(struct ws__script *script)
{
    ws__build_release(&script->build);
    ws_buffer_release(&script->program);
    for (size_t i = 0; i < WS__BIND_WITH; i++)
        ws_buffer_release(&script->with[i]);
}

void ws__bind_submission_release(struct ws__script *script)
{
    build_clear(script);
    ws_buffer_release(&script->unbuilt);
}

/* Read the lab's own sources, named in the list at the top of the stack. */
static size_t withs_get(lua_State *lua, struct ws__script *script, struct ws__source_text with[WS__BIND_WITH])
{
    char path[1024];
    size_t count = 0;
    if (lua_isnil(lua, -1))
        return 0;
    luaL_checktype(lua, -1, LUA_TTABLE);
    while (lua_rawgeti(lua, -1, (lua_Integer)count + 1) == LUA_TSTRING) {
        const char *name = lua_tostring(lua, -1);
        if (count == WS__BIND_WITH || !ws__bind_name_is_plain(name))
            luaL_error(lua, "link: \"%s\" is no file of the lab, or one too many", name);
        snprintf(path, sizeof path, "%s/%s", script->submission->folder, name);
        if (ws_file_read(path, WS__SOURCE_BYTES, &script->with[count]) != WS_OK)
            luaL_error(lua, "link: cannot read \"%s\"", path);
        with[count] = (struct ws__source_text){name, script->with[count].data, script->with[count].size};
        count++;
        lua_pop(lua, 1); /* the table keeps the name */
    }
    lua_pop(lua, 1);
    return count;
}

/* The symbols in the table at the top of the stack. */
static size_t symbols_get(lua_State *lua, struct ws__build_symbol symbol[WS__BIND_SYMBOLS])
{
    size_t count = 0;
    if (lua_isnil(lua, -1))
        return 0;
    luaL_checktype(lua, -1, LUA_TTABLE);
    for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
        const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";
        if (count == WS__BIND_SYMBOLS || !ws__bind_name_is_plain(name))
            luaL_error(lua, "link: \"%s\" is no symbol, or one too many", name);
        symbol[count++] = (struct ws__build_symbol){name, (uint32_t)luaL_checkinteger(lua, -1)};
    }
    return count;
}

static void symbol_push(void *context, const char *name, uint32_t linear)
{
    lua_State *lua = context;
    lua_pushinteger(lua, linear);
    lua_setfield(lua, -2, name);
}

/* Of the listing: the line's number, at the linear address where its code begins. */
struct lines {
    lua_State *lua;
    uint32_t begin;
};

static void line_push(void *context, unsigned line, uint32_t offset)
{
    struct lines *lines = context;
    lua_pushinteger(lines->lua, line);
    lua_rawseti(lines->lua, -2, (lua_Integer)lines->begin + offset);
}

/* Push the program: a table. */
static void program_push(lua_State *lua, struct ws__script *script, uint32_t linear)
{
    const struct ws_buffer *elf = &script->build.elf;
    struct lines lines = {lua, linear};
    ws__bind_status(lua, "link", ws__program_bytes(elf->data, elf->size, linear, &script->program));
    lua_newtable(lua);
    lua_pushinteger(lua, linear);
    lua_setfield(lua, -2, "linear");
    lua_pushlstring(lua, ws_buffer_text(&script->program), script->program.size);
    lua_setfield(lua, -2, "bytes");
    lua_newtable(lua);
    enum ws_status status = ws__program_symbols(elf->data, elf->size, symbol_push, lua);
    ws__bind_status(lua, "link", status);
    if (lua_getfield(lua, -1, "submission_text_begin") == LUA_TNUMBER)
        lines.begin = (uint32_t)lua_tointeger(lua, -1);
    lua_pop(lua, 1);
    lua_setfield(lua, -2, "symbols");
    lua_newtable(lua);
    ws__program_lines(ws_buffer_text(&script->build.listing), line_push, &lines);
    lua_setfield(lua, -2, "lines");
}

static int submission_link(lua_State *lua)
{
    static const char *const known[] = {"at", "with", "symbols", NULL};
    struct ws__script *script = ws__script_of(lua);
    struct ws__source_text with[WS__BIND_WITH];
    struct ws__build_symbol symbol[WS__BIND_SYMBOLS];
    ws__bind_fields_only(lua, 2, "link", known);
    build_clear(script);
    lua_settop(lua, 2);
    lua_getfield(lua, 2, "with");
    size_t withs = withs_get(lua, script, with);
    lua_getfield(lua, 2, "symbols");
    size_t symbols = symbols_get(lua, symbol);
    const struct ws__submission *submission = script->submission;
    const struct ws__build_plan plan = {
        .submission = {submission->name, submission->text, submission->bytes},
        .with = with,
        .withs = withs,
        .symbol = symbol,
        .symbols = symbols,
        .linear = (uint32_t)ws__bind_field_number(lua, 2, "at", UINT32_MAX),
    };
    script->built = ws__build(&plan, &script->build);
    if (script->built != WS__BUILT) {
        ws_buffer_append(&script->unbuilt, script->build.said.data, script->build.said.size);
        return luaL_error(lua, "the submission was not built");
    }
    program_push(lua, script, plan.linear);
    return 1;
}

/* -- calling the check --------------------------------------------------------------------------------- */

static int check_call(lua_State *lua)
{
    const struct ws__submission *submission = ws__script_of(lua)->submission;
    if (lua_getglobal(lua, "check") != LUA_TFUNCTION)
        return luaL_error(lua, "lesson.lua: there is no function check()");
    lua_newtable(lua);
    lua_pushstring(lua, submission->name);
    lua_setfield(lua, -2, "name");
    lua_pushlstring(lua, submission->text, submission->bytes);
    lua_setfield(lua, -2, "text");
    lua_pushcfunction(lua, submission_link);
    lua_setfield(lua, -2, "link");
    lua_call(lua, 1, 0);
    return 0;
}

enum ws__build_result ws__script_check(struct ws__script *script, const struct ws__submission *submission,
                                       enum ws_status *status, struct ws_buffer *why)
{
    script->submission = submission;
    script->built = WS__BUILT;
    lua_pushcfunction(script->lua, check_call);
    *status = ws__script_protected(script, 0, why);
    script->submission = NULL;
    if (script->built == WS__BUILD_REFUSED) {
        ws_buffer_clear(why);
        ws_buffer_append(why, script->unbuilt.data, script->unbuilt.size);
    }
    return script->built;
}
