/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Laboratories, worlds and processes: what is built before the machine runs. */
#include <string.h>

#include <worldswitch/segment.h>

#include "lesson/lua/bind.h"

/* A world or a process is a pointer to the library's object; its user value keeps the laboratory. */
static void object_push(lua_State *lua, int lab, const char *type, void *object)
{
    void **box = lua_newuserdatauv(lua, sizeof(void *), 1);
    *box = object;
    lua_pushvalue(lua, lab);
    lua_setiuservalue(lua, -2, 1);
    luaL_setmetatable(lua, type);
}

/* The object at `index`, if its laboratory was not released. */
static void *object_get(lua_State *lua, int index, const char *type)
{
    void **box = luaL_checkudata(lua, index, type);
    lua_getiuservalue(lua, index, 1);
    const struct ws__guest *guest = luaL_testudata(lua, -1, WS__TYPE_GUEST);
    lua_pop(lua, 1);
    if (!guest || !guest->machine)
        luaL_error(lua, "the laboratory was released");
    return *box;
}

struct ws_world *ws__bind_world(lua_State *lua, int index)
{
    return object_get(lua, index, WS__TYPE_WORLD);
}

static struct ws_process *process_get(lua_State *lua, int index)
{
    return object_get(lua, index, WS__TYPE_PROCESS);
}

struct ws__guest *ws__bind_lab(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_guest(lua, 1);
    if (!guest->lab)
        luaL_error(lua, "this machine is no laboratory");
    return guest;
}

/* -- the laboratory ------------------------------------------------------------------------------------ */

static int lab_world(lua_State *lua)
{
    static const char *const known[] = {"name", "kernel_linear", "cr0", "cr2", "cr4", NULL};
    struct ws__guest *guest = ws__bind_lab(lua);
    struct ws_world *world;
    ws__bind_fields_only(lua, 2, "lab:world", known);
    const struct ws_world_options options = {
        .name = ws__bind_field_text(lua, 2, "name"),
        .kernel_linear = (uint32_t)ws__bind_field_number(lua, 2, "kernel_linear", UINT32_MAX),
        .cr0 = (uint32_t)ws__bind_field_number(lua, 2, "cr0", UINT32_MAX),
        .cr2 = (uint32_t)ws__bind_field_number(lua, 2, "cr2", UINT32_MAX),
        .cr4 = (uint32_t)ws__bind_field_number(lua, 2, "cr4", UINT32_MAX),
    };
    if (!options.name)
        luaL_error(lua, "lab:world: give it a name: lab:world{name=\"host\"}");
    ws__bind_status(lua, "lab:world", ws_world_new(guest->lab, &options, &world));
    object_push(lua, 1, WS__TYPE_WORLD, world);
    return 1;
}

static int lab_process(lua_State *lua)
{
    static const char *const known[] = {"name", "world", NULL};
    struct ws_process *process;
    ws__bind_lab(lua);
    ws__bind_fields_only(lua, 2, "lab:process", known);
    const char *name = ws__bind_field_text(lua, 2, "name");
    if (!name || lua_getfield(lua, 2, "world") != LUA_TUSERDATA)
        return luaL_error(lua, "lab:process: give it a name and a world: lab:process{name=\"A\", world=host}");
    struct ws_world *world = ws__bind_world(lua, lua_gettop(lua));
    ws__bind_status(lua, "lab:process", ws_process_new(world, name, &process));
    object_push(lua, 1, WS__TYPE_PROCESS, process);
    return 1;
}

static int lab_load(lua_State *lua)
{
    ws__bind_status(lua, "lab:load", ws__guest_load(ws__bind_lab(lua), ws__bind_world(lua, 2)));
    lua_settop(lua, 1);
    return 1;
}

static int lab_enter(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_lab(lua);
    struct ws_world *first = ws__bind_world(lua, 2);
    if (!guest->watcher)
        ws__bind_status(lua, "lab:enter", ws__guest_load(guest, first));
    if (!ws__bind_done(lua, "lab:enter", ws_lab_enter(guest->lab, first)))
        return 2;
    lua_settop(lua, 1);
    return 1;
}

static int switched(lua_State *lua, const char *what, enum ws_status status)
{
    if (!ws__bind_done(lua, what, status))
        return 2;
    lua_pushboolean(lua, true);
    return 1;
}

static int lab_switch(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_lab(lua);
    struct ws_world *to = ws__bind_world(lua, 2);
    ws__guest_touch(guest);
    return switched(lua, "lab:switch", ws_world_switch(to));
}

static int lab_context_switch(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_lab(lua);
    struct ws_process *to = process_get(lua, 2);
    ws__guest_touch(guest);
    return switched(lua, "lab:context_switch", ws_context_switch(to));
}

/* The name at -2 and the address at -1, if that is in the program.  A name that the laboratory has itself stays. */
static void place_name(lua_State *lua, struct ws__guest *guest, uint32_t linear, size_t bytes)
{
    static const char begin[] = "submission_text_begin"; /* a name of the lesson's, see build.c */
    if (lua_type(lua, -2) != LUA_TSTRING || !lua_isinteger(lua, -1))
        luaL_error(lua, "lab:symbols: the symbols are no table of names and addresses");
    const char *name = lua_tostring(lua, -2);
    uint64_t place = (uint64_t)lua_tointeger(lua, -1);
    if (place < linear || place - linear >= bytes || strcmp(name, begin) == 0)
        return;
    enum ws_status status = ws_lab_name_place(guest->lab, name, (uint32_t)place);
    if (status != WS_OVERLAP)
        ws__bind_status(lua, "lab:symbols", status);
}

static int lab_symbols(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_lab(lua);
    size_t bytes;
    luaL_checktype(lua, 2, LUA_TTABLE);
    uint32_t linear = (uint32_t)ws__bind_field_number(lua, 2, "linear", UINT32_MAX);
    if (lua_getfield(lua, 2, "bytes") != LUA_TSTRING || lua_getfield(lua, 2, "symbols") != LUA_TTABLE)
        return luaL_error(lua, "lab:symbols: give it what submission:link{} returned");
    lua_tolstring(lua, -2, &bytes);
    for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1))
        place_name(lua, guest, linear, bytes);
    return 0;
}

const luaL_Reg ws__bind_lab_methods[] = {
    {"world", lab_world},
    {"process", lab_process},
    {"symbols", lab_symbols},
    {"load", lab_load},
    {"enter", lab_enter},
    {"switch", lab_switch},
    {"context_switch", lab_context_switch},
    {NULL, NULL},
};

/* -- worlds -------------------------------------------------------------------------------------------- */

static int world_name(lua_State *lua)
{
    lua_pushstring(lua, ws_world_name(ws__bind_world(lua, 1)));
    return 1;
}

static int world_cr3(lua_State *lua)
{
    lua_pushinteger(lua, ws_world_cr3(ws__bind_world(lua, 1)));
    return 1;
}

static int world_kernel_linear(lua_State *lua)
{
    lua_pushinteger(lua, ws_world_kernel_linear(ws__bind_world(lua, 1)));
    return 1;
}

static int world_context(lua_State *lua)
{
    lua_pushinteger(lua, ws_world_context(ws__bind_world(lua, 1)));
    return 1;
}

static int world_selector(lua_State *lua)
{
    static const char *const use[] = {"kernel-code", "kernel-data", "kernel-more", "user-code", "user-data",
                                      "tss",         "ldt",         "fs",          "gs",        NULL};
    struct ws_world *world = ws__bind_world(lua, 1);
    lua_pushinteger(lua, ws_world_selector(world, (enum ws_selector_use)luaL_checkoption(lua, 2, NULL, use)));
    return 1;
}

/* Rights: a text of the letters w (may be written) and u (by ring 3, too). */
static unsigned rights_get(lua_State *lua, int index)
{
    const char *text = luaL_optstring(lua, index, "");
    if (text[strspn(text, "wu")])
        luaL_argerror(lua, index, "rights are made of the letters \"w\" and \"u\"");
    return (strchr(text, 'w') ? WS_MAP_WRITE : 0) | (strchr(text, 'u') ? WS_MAP_USER : 0);
}

static int world_map(lua_State *lua)
{
    struct ws_world *world = ws__bind_world(lua, 1);
    uint32_t linear = ws__bind_linear(lua, 2), bytes = ws__bind_linear(lua, 3);
    ws__bind_status(lua, "world:map", ws_world_map(world, linear, bytes, rights_get(lua, 4)));
    return 0;
}

static int world_write(lua_State *lua)
{
    struct ws_world *world = ws__bind_world(lua, 1);
    uint32_t linear = ws__bind_linear(lua, 2);
    size_t bytes;
    const char *content = luaL_checklstring(lua, 3, &bytes);
    ws__bind_status(lua, "world:write", ws_world_load(world, linear, content, (uint32_t)bytes));
    return 0;
}

static int world_gate(lua_State *lua)
{
    static const char *const type[] = {"interrupt", "trap", NULL};
    struct ws_world *world = ws__bind_world(lua, 1);
    unsigned vector = (unsigned)ws__bind_number(lua, 2, 255);
    uint32_t handler = ws__bind_linear(lua, 3);
    unsigned dpl = (unsigned)luaL_optinteger(lua, 4, 0);
    bool trap = luaL_checkoption(lua, 5, "interrupt", type);
    ws__bind_status(
        lua, "world:gate",
        ws_world_set_gate(world, vector, handler, dpl, trap ? WS_TYPE_TRAP_GATE32 : WS_TYPE_INTERRUPT_GATE32));
    return 0;
}

static int world_request_gate(lua_State *lua)
{
    static const char *const type[] = {"interrupt", "trap", NULL};
    bool trap = luaL_checkoption(lua, 2, NULL, type);
    ws__bind_status(
        lua, "world:request_gate",
        ws_world_set_request_gate(ws__bind_world(lua, 1), trap ? WS_TYPE_TRAP_GATE32 : WS_TYPE_INTERRUPT_GATE32));
    return 0;
}

static int world_regs(lua_State *lua)
{
    struct ws_registers registers;
    ws_world_registers(ws__bind_world(lua, 1), &registers);
    ws__bind_push_registers(lua, &registers);
    return 1;
}

static int world_set(lua_State *lua)
{
    struct ws_world *world = ws__bind_world(lua, 1);
    struct ws_registers registers;
    ws_world_registers(world, &registers);
    ws__bind_registers(lua, 2, &registers);
    ws__bind_status(lua, "world:set", ws_world_set_registers(world, &registers));
    return 0;
}

const luaL_Reg ws__bind_world_methods[] = {
    {"name", world_name},       {"cr3", world_cr3},           {"kernel_linear", world_kernel_linear},
    {"context", world_context}, {"selector", world_selector}, {"map", world_map},
    {"write", world_write},     {"gate", world_gate},         {"request_gate", world_request_gate},
    {"regs", world_regs},       {"set", world_set},           {NULL, NULL},
};

/* -- processes ----------------------------------------------------------------------------------------- */

static int process_name(lua_State *lua)
{
    lua_pushstring(lua, ws_process_name(process_get(lua, 1)));
    return 1;
}

static int process_cr3(lua_State *lua)
{
    lua_pushinteger(lua, ws_process_cr3(process_get(lua, 1)));
    return 1;
}

static int process_kernel_stack(lua_State *lua)
{
    lua_pushinteger(lua, ws_process_kernel_stack(process_get(lua, 1)));
    return 1;
}

static int process_map(lua_State *lua)
{
    struct ws_process *process = process_get(lua, 1);
    uint32_t linear = ws__bind_linear(lua, 2), bytes = ws__bind_linear(lua, 3);
    ws__bind_status(lua, "process:map", ws_process_map(process, linear, bytes, rights_get(lua, 4)));
    return 0;
}

static int process_write(lua_State *lua)
{
    struct ws_process *process = process_get(lua, 1);
    uint32_t linear = ws__bind_linear(lua, 2);
    size_t bytes;
    const char *content = luaL_checklstring(lua, 3, &bytes);
    ws__bind_status(lua, "process:write", ws_process_load(process, linear, content, (uint32_t)bytes));
    return 0;
}

static int process_regs(lua_State *lua)
{
    struct ws_registers registers;
    ws_process_registers(process_get(lua, 1), &registers);
    ws__bind_push_registers(lua, &registers);
    return 1;
}

static int process_set(lua_State *lua)
{
    struct ws_process *process = process_get(lua, 1);
    struct ws_registers registers;
    ws_process_registers(process, &registers);
    ws__bind_registers(lua, 2, &registers);
    ws__bind_status(lua, "process:set", ws_process_set_registers(process, &registers));
    return 0;
}

const luaL_Reg ws__bind_process_methods[] = {
    {"name", process_name},
    {"cr3", process_cr3},
    {"kernel_stack", process_kernel_stack},
    {"map", process_map},
    {"write", process_write},
    {"regs", process_regs},
    {"set", process_set},
    {NULL, NULL},
};
