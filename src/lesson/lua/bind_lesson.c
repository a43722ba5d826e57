/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a lab says of itself: its global texts, lists and files. */
#include <stdlib.h>
#include <string.h>

#include "lesson/lesson.h"
#include "lesson/lua/bind.h"

/* name, text */
static int text_set(lua_State *lua)
{
    lua_pushstring(lua, lua_touserdata(lua, 2));
    lua_setglobal(lua, lua_touserdata(lua, 1));
    return 0;
}

enum ws_status ws__script_set_text(struct ws__script *script, const char *name, const char *text)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    lua_pushcfunction(script->lua, text_set);
    lua_pushlightuserdata(script->lua, (void *)(uintptr_t)name);
    lua_pushlightuserdata(script->lua, (void *)(uintptr_t)text);
    enum ws_status status = ws__script_protected(script, 2, &why);
    ws_buffer_release(&why);
    return status == WS_OK ? WS_OK : WS_NO_MEMORY;
}

static int prepare_call(lua_State *lua)
{
    if (lua_getglobal(lua, "prepare") != LUA_TNIL)
        lua_call(lua, 0, 0);
    lua_gc(lua, LUA_GCCOLLECT);
    return 0;
}

enum ws_status ws__script_prepare(struct ws__script *script, struct ws_buffer *why)
{
    lua_pushcfunction(script->lua, prepare_call);
    return ws__script_protected(script, 0, why);
}

/* Where files go. */
struct files {
    const char *name;
    struct ws__handout *out;
    size_t count;
};

/* The next free place, if the name and the bytes at the top of the stack are a file. */
static void file_take(lua_State *lua, struct files *files)
{
    size_t bytes;
    const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";
    if (!ws__bind_name_is_plain(name) || lua_type(lua, -1) != LUA_TSTRING || files->count == WS__LESSON_HANDOUTS)
        luaL_error(lua, "lesson.lua: %s: \"%s\" is no file, or one too many", files->name, name);
    const char *content = lua_tolstring(lua, -1, &bytes);
    struct ws__handout *file = &files->out[files->count++];
    ws_buffer_printf(&file->name, "%s", name);
    ws_buffer_append(&file->bytes, content, bytes);
}

static int files_read(lua_State *lua)
{
    struct files *files = lua_touserdata(lua, 1);
    if (lua_getglobal(lua, files->name) == LUA_TNIL)
        return 0;
    lua_call(lua, 0, 1);
    luaL_checktype(lua, -1, LUA_TTABLE);
    for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1))
        file_take(lua, files);
    return 0;
}

static int files_order(const void *a, const void *b)
{
    const struct ws__handout *left = a, *right = b;
    return strcmp(ws_buffer_text(&left->name), ws_buffer_text(&right->name));
}

enum ws_status ws__script_files(struct ws__script *script, const char *name, struct ws__handout *out, size_t *count,
                                struct ws_buffer *why)
{
    struct files files = {name, out, 0};
    lua_pushcfunction(script->lua, files_read);
    lua_pushlightuserdata(script->lua, &files);
    enum ws_status status = ws__script_protected(script, 1, why);
    qsort(out, files.count, sizeof *out, files_order);
    *count = files.count;
    for (size_t i = 0; i < files.count; i++)
        if (out[i].name.failed || out[i].bytes.failed)
            status = WS_NO_MEMORY;
    return status;
}

/* name, where to: push nothing; fill the buffer. */
static int text_read(lua_State *lua)
{
    struct ws_buffer *out = lua_touserdata(lua, 2);
    int type = lua_getglobal(lua, lua_touserdata(lua, 1));
    if (type == LUA_TFUNCTION) {
        lua_call(lua, 0, 1);
        type = lua_type(lua, -1);
    }
    if (type == LUA_TSTRING || type == LUA_TNUMBER)
        ws_buffer_printf(out, "%s", lua_tostring(lua, -1));
    else if (type != LUA_TNIL)
        return luaL_error(lua, "lesson.lua: \"%s\" is no text", (const char *)lua_touserdata(lua, 1));
    return 0;
}

enum ws_status ws__script_text(struct ws__script *script, const char *name, struct ws_buffer *out,
                               struct ws_buffer *why)
{
    lua_pushcfunction(script->lua, text_read);
    lua_pushlightuserdata(script->lua, (void *)(uintptr_t)name);
    lua_pushlightuserdata(script->lua, out);
    enum ws_status status = ws__script_protected(script, 2, why);
    return out->failed ? WS_NO_MEMORY : status;
}

/* Where the items of a list go. */
struct list {
    const char *name;
    struct ws_buffer *out;
    size_t most, count;
};

static int list_read(lua_State *lua)
{
    struct list *list = lua_touserdata(lua, 1);
    if (lua_getglobal(lua, list->name) == LUA_TNIL)
        return 0;
    luaL_checktype(lua, -1, LUA_TTABLE);
    for (; list->count < list->most && lua_rawgeti(lua, -1, (lua_Integer)list->count + 1) == LUA_TSTRING;
         lua_pop(lua, 1))
        ws_buffer_printf(&list->out[list->count++], "%s", lua_tostring(lua, -1));
    return 0;
}

enum ws_status ws__script_list(struct ws__script *script, const char *name, struct ws_buffer *out, size_t most,
                               size_t *count, struct ws_buffer *why)
{
    struct list list = {name, out, most, 0};
    lua_pushcfunction(script->lua, list_read);
    lua_pushlightuserdata(script->lua, &list);
    enum ws_status status = ws__script_protected(script, 1, why);
    *count = list.count;
    for (size_t i = 0; i < list.count; i++)
        if (out[i].failed)
            status = WS_NO_MEMORY;
    return status;
}
