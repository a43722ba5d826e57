/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts: their surroundings, and running them. */
#include "lesson/lua/script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lualib.h>

#include <worldswitch/image.h>

#include "front/output.h"
#include "lesson/lua/bind.h"

enum { SCRIPT_BYTES = 16 << 20, LOOK_INSTRUCTIONS = 1000000 };

const char *ws__script_version(void)
{
    return LUA_VERSION_MAJOR "." LUA_VERSION_MINOR "." LUA_VERSION_RELEASE;
}

/* -- surroundings -------------------------------------------------------------------------------------- */

static void libraries_open(lua_State *lua)
{
    static const luaL_Reg closed[] = {
        {LUA_GNAME, luaopen_base},       {LUA_TABLIBNAME, luaopen_table}, {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},
    };
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        luaL_requiref(lua, closed[i].name, closed[i].func, 1);
        lua_pop(lua, 1);
    }
}

/* Has the user asked to stop?  A script that does not end would never let anybody look. */
static void interrupt_look(lua_State *lua, lua_Debug *where)
{
    (void)where;
    if (ws__output_asked())
        luaL_error(lua, "interrupted");
}

/* Protected: there may be no memory for it. */
static int surroundings_make(lua_State *lua)
{
    bool closed = ws__script_of(lua)->closed;
    if (closed)
        libraries_open(lua);
    else
        luaL_openlibs(lua);
    ws__bind_all(lua);
    lua_sethook(lua, interrupt_look, LUA_MASKCOUNT, LOOK_INSTRUCTIONS);
    if (closed)
        ws__bind_close(lua);
    return 0;
}

enum ws_status ws__script_new(struct ws__script **out, enum ws__script_kind kind, uint64_t seed)
{
    struct ws__script *script = calloc(1, sizeof *script);
    if (!script)
        return WS_NO_MEMORY;
    script->closed = kind == WS__SCRIPT_CLOSED;
    script->random = seed;
    script->lua = luaL_newstate();
    if (script->lua) {
        *(struct ws__script **)lua_getextraspace(script->lua) = script;
        lua_pushcfunction(script->lua, surroundings_make);
        if (lua_pcall(script->lua, 0, 0, 0) == LUA_OK) {
            *out = script;
            return WS_OK;
        }
    }
    ws__script_free(script);
    return WS_NO_MEMORY;
}

void ws__script_free(struct ws__script *script)
{
    if (!script)
        return;
    if (script->lua)
        lua_close(script->lua);
    ws_disasm_free(script->disasm);
    ws__bind_submission_release(script);
    ws__report_release(&script->report);
    free(script);
}

void ws__script_reseed(struct ws__script *script, uint64_t seed)
{
    script->random = seed;
}

const struct ws__report *ws__script_report(const struct ws__script *script)
{
    return &script->report;
}

/* -- running ------------------------------------------------------------------------------------------- */

/* What Lua says of an error, as one line. */
static enum ws_status error_take(lua_State *lua, int status, struct ws_buffer *why)
{
    if (status == LUA_ERRMEM)
        return WS_NO_MEMORY;
    const char *text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "an error that is no text";
    ws_buffer_append(why, text, strcspn(text, "\n"));
    return why->failed ? WS_NO_MEMORY : WS_BAD_ARGUMENT;
}

enum ws_status ws__script_protected(struct ws__script *script, int arguments, struct ws_buffer *why)
{
    enum ws_status status = WS_OK;
    int result = lua_pcall(script->lua, arguments, 0, 0);
    if (result != LUA_OK)
        status = error_take(script->lua, result, why);
    lua_settop(script->lua, 0);
    return script->no_memory ? WS_NO_MEMORY : status;
}

/* What a script is called with: its text, its path, its words. */
struct call {
    const struct ws_buffer *text;
    const char *path;
    char *const *words;
    unsigned count;
};

/* A text that begins with "#!" says which program runs it; Lua need not know. */
static size_t first_line(const struct ws_buffer *text)
{
    const char *end;
    if (text->size < 2 || memcmp(text->data, "#!", 2) != 0)
        return 0;
    end = memchr(text->data, '\n', text->size);
    return end ? (size_t)(end - text->data) : text->size;
}

static int script_call(lua_State *lua)
{
    const struct call *call = lua_touserdata(lua, 1);
    size_t skipped = first_line(call->text);
    lua_pushfstring(lua, "@%s", call->path);
    if (luaL_loadbufferx(lua, ws_buffer_text(call->text) + skipped, call->text->size - skipped, lua_tostring(lua, -1),
                         "t") != LUA_OK)
        return lua_error(lua);
    luaL_checkstack(lua, (int)call->count + 2, "too many words");
    lua_createtable(lua, (int)call->count, 1);
    lua_pushstring(lua, call->path);
    lua_rawseti(lua, -2, 0);
    for (unsigned i = 0; i < call->count; i++) {
        lua_pushstring(lua, call->words[i]);
        lua_rawseti(lua, -2, i + 1);
    }
    lua_setglobal(lua, "arg");
    for (unsigned i = 0; i < call->count; i++)
        lua_pushstring(lua, call->words[i]);
    lua_call(lua, (int)call->count, 0);
    return 0;
}

enum ws_status ws__script_run(struct ws__script *script, const char *path, char *const *words, unsigned count,
                              struct ws_buffer *why)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    struct call call = {&text, path, words, count};
    lua_State *lua = script->lua;
    enum ws_status status = ws_file_read(path, SCRIPT_BYTES, &text);
    if (status == WS_OK) {
        lua_pushcfunction(lua, script_call);
        lua_pushlightuserdata(lua, &call);
        status = ws__script_protected(script, 1, why);
    }
    int error = errno;
    ws_buffer_release(&text);
    errno = error;
    return status;
}
