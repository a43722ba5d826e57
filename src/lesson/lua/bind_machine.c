/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines: opening them, running them, looking into them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>

#include "lesson/lua/bind.h"

enum { READ_MOST = 1 << 20 };

/* -- opening ------------------------------------------------------------------------------------------- */

/* {tlb = "keep"} */
static uint32_t tlb_get(lua_State *lua, int index, const char *what)
{
    const char *text = ws__bind_field_text(lua, index, "tlb");
    if (!text || !strcmp(text, "coherent"))
        return WS_TLB_COHERENT;
    if (strcmp(text, "keep") != 0)
        luaL_error(lua, "%s: tlb is \"coherent\" or \"keep\", not \"%s\"", what, text);
    return WS_TLB_KEEP;
}

/* The options of worldswitch.image() are more: its `known` say so. */
static void options_get(lua_State *lua, int index, const char *what, const char *const *known,
                        struct ws_machine_options *options)
{
    ws__bind_fields_only(lua, index, what, known);
    *options = (struct ws_machine_options){
        .memory_bytes = (uint32_t)ws__bind_field_number(lua, index, "memory", UINT32_MAX),
        .max_instructions = ws__bind_field_number(lua, index, "limit", INT64_MAX),
        .ips = ws__bind_field_number(lua, index, "ips", INT64_MAX),
        .tlb = tlb_get(lua, index, what),
    };
}

/* Push a guest that owns nothing yet; from here on, Lua releases it.
 * The options at `index` may say {audit = false}. */
static struct ws__guest *guest_push(lua_State *lua, int index)
{
    bool unaudited = false;
    if (lua_istable(lua, index)) {
        unaudited = lua_getfield(lua, index, "audit") == LUA_TBOOLEAN && !lua_toboolean(lua, -1);
        lua_pop(lua, 1);
    }
    struct ws__guest *guest = lua_newuserdatauv(lua, sizeof *guest, 0);
    *guest = (struct ws__guest){.unaudited = unaudited};
    luaL_setmetatable(lua, WS__TYPE_GUEST);
    return guest;
}

static int open_as(lua_State *lua, const char *what, const char *const *known,
                   enum ws_status (*guest_open)(struct ws__guest *guest, const struct ws_machine_options *options))
{
    struct ws_machine_options options;
    options_get(lua, 1, what, known, &options);
    unsigned vms = (unsigned)ws__bind_field_number(lua, 1, "vms", WS_HOSTED_VMS_MOST);
    struct ws__guest *guest = guest_push(lua, 1);
    guest->vms = vms;
    ws__bind_status(lua, what, guest_open(guest, &options));
    return 1;
}

#define OPTIONS_OF_ALL "memory", "limit", "ips", "tlb", "audit"
static const char *const of_all[] = {OPTIONS_OF_ALL, NULL};
static const char *const of_hosted[] = {OPTIONS_OF_ALL, "vms", NULL};
static const char *const of_image[] = {OPTIONS_OF_ALL, "bytes", "disk", NULL};

int ws__bind_open_lab(lua_State *lua)
{
    return open_as(lua, "worldswitch.lab", of_all, ws__guest_open_lab);
}

int ws__bind_open_laboratory(lua_State *lua)
{
    return open_as(lua, "worldswitch.laboratory", of_all, ws__guest_open_laboratory);
}

int ws__bind_open_hosted(lua_State *lua)
{
    return open_as(lua, "worldswitch.hosted", of_hosted, ws__guest_open_hosted);
}

/* The bytes of a field; NULL: there is none. The table keeps them. */
static const char *field_bytes(lua_State *lua, int index, const char *name, size_t *bytes)
{
    *bytes = 0;
    if (!ws__bind_field_text(lua, index, name))
        return NULL;
    lua_getfield(lua, index, name);
    const char *content = lua_tolstring(lua, -1, bytes);
    lua_pop(lua, 1);
    return content;
}

int ws__bind_open_image(lua_State *lua)
{
    struct ws_machine_options options;
    struct ws__guest_files files = {.path = luaL_checkstring(lua, 1)};
    struct ws_buffer why = WS_BUFFER_INIT;
    options_get(lua, 2, "worldswitch.image", of_image, &options);
    files.image = field_bytes(lua, 2, "bytes", &files.image_bytes);
    files.disk = field_bytes(lua, 2, "disk", &files.disk_bytes);
    struct ws__guest *guest = guest_push(lua, 2);
    errno = 0;
    enum ws_status status = ws__guest_open_image(guest, &options, &files, &why);
    char line[256];
    strncpy(line, status == WS_BAD_FILE && errno ? strerror(errno) : ws_buffer_text(&why), sizeof line - 1);
    line[sizeof line - 1] = 0;
    ws_buffer_release(&why);
    if (status == WS_NO_MEMORY)
        ws__bind_status(lua, "worldswitch.image", status);
    if (status != WS_OK)
        return luaL_error(lua, "worldswitch.image: \"%s\": %s", files.path, *line ? line : ws_status_text(status));
    return 1;
}

/* -- running ------------------------------------------------------------------------------------------- */

static struct ws_timeline *timeline_get(lua_State *lua, struct ws__guest *guest)
{
    struct ws_timeline *timeline;
    ws__bind_status(lua, "the machine", ws__guest_timeline(guest, &timeline));
    return timeline;
}

/* Push how a journey ended. */
static int seek_push(lua_State *lua, struct ws__guest *guest, enum ws_seek seek)
{
    static const char *const text[] = {
        [WS_SEEK_THERE] = "there", [WS_SEEK_START] = "start",           [WS_SEEK_NONE] = "none",
        [WS_SEEK_END] = "end",     [WS_SEEK_BREAKPOINT] = "breakpoint", [WS_SEEK_INTERRUPTED] = "interrupted",
    };
    ws__bind_status(lua, "the machine", ws_machine_failure(guest->machine));
    if (seek == WS_SEEK_NO_MEMORY || guest->failed)
        ws__bind_status(lua, "the machine", WS_NO_MEMORY);
    lua_pushstring(lua, text[seek]);
    return 1;
}

static int machine_run(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    struct ws_timeline *timeline = timeline_get(lua, guest);
    if (lua_isnoneornil(lua, 2))
        return seek_push(lua, guest, ws_timeline_end(timeline));
    return seek_push(lua, guest, ws_timeline_step(timeline, (int64_t)ws__bind_number(lua, 2, INT64_MAX)));
}

static int machine_step(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    lua_Integer count = luaL_optinteger(lua, 2, 1);
    return seek_push(lua, guest, ws_timeline_step(timeline_get(lua, guest), count));
}

static int machine_back(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    int64_t count = (int64_t)ws__bind_number(lua, 2, INT64_MAX);
    return seek_push(lua, guest, ws_timeline_step(timeline_get(lua, guest), -count));
}

static int machine_seek(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    return seek_push(lua, guest, ws_timeline_seek(timeline_get(lua, guest), ws__bind_number(lua, 2, INT64_MAX)));
}

static int machine_run_to(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    if (ws__bind_number(lua, 2, INT64_MAX) < ws_machine_mark(guest->machine))
        return luaL_error(lua, "run_to: mark %d is behind: seek() goes back", (int)lua_tointeger(lua, 2));
    return machine_seek(lua);
}

/* The crossing that begins at this mark; NULL: none that is known. */
static const struct ws_crossing *crossing_at(const struct ws__guest *guest, uint64_t mark)
{
    for (size_t i = 0; i < guest->crossings; i++)
        if (guest->crossing[i].begin == mark)
            return &guest->crossing[i];
    return NULL;
}

/* The names of kinds, and "any" behind them. */
static const char *const crossing_kinds[] = {
#define CROSSING_NAME(name, text, meaning) text,
    WS_CROSSING_TABLE(CROSSING_NAME)
#undef CROSSING_NAME
        "any",
    NULL,
};

/* Run until a crossing of that kind has ended, and push it; nil and how the run ended, if there is none. */
static int machine_run_to_crossing(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    int kind = luaL_checkoption(lua, 2, "any", crossing_kinds);
    struct ws_timeline *timeline = timeline_get(lua, guest);
    for (;;) {
        const struct ws_crossing *crossing = crossing_at(guest, ws_machine_mark(guest->machine));
        enum ws_seek seek = crossing ? WS_SEEK_THERE : ws_timeline_next_crossing(timeline, kind == WS_CROSSING_WORLD);
        crossing = crossing_at(guest, ws_machine_mark(guest->machine));
        if (seek != WS_SEEK_THERE || !crossing) {
            lua_pushnil(lua);
            return 1 + seek_push(lua, guest, seek);
        }
        seek = ws_timeline_seek(timeline, crossing->end);
        if (kind == WS_CROSSING_KINDS || crossing->kind == kind) {
            seek_push(lua, guest, seek);
            ws__bind_push_crossing(lua, crossing);
            return 1;
        }
    }
}

static const char *const event_kinds[] = {
#define EVENT_NAME(name, text, meaning) [WS_EVENT_##name] = text,
    WS_EVENT_TABLE(EVENT_NAME)
#undef EVENT_NAME
        [WS_EVENT_COUNT] = NULL,
};

/* What run_to_event() looks for, and found. */
struct wanted {
    bool any; /* whatever `which` is */
    uint32_t which;
    struct ws_event found;
};

static bool event_match(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct wanted *wanted = context;
    (void)machine;
    if (!wanted->any && event->which != wanted->which)
        return false;
    wanted->found = *event;
    return true;
}

/* Run until an event of that kind is about to happen, and push it; nil and how the run ended, if there is none. */
static int machine_run_to_event(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    struct wanted wanted = {.any = lua_isnoneornil(lua, 3)};
    const struct ws_query query = {1u << luaL_checkoption(lua, 2, NULL, event_kinds), event_match, &wanted};
    if (!wanted.any)
        wanted.which = ws__bind_linear(lua, 3);
    enum ws_seek seek = ws_timeline_next(timeline_get(lua, guest), &query);
    if (seek != WS_SEEK_THERE) {
        lua_pushnil(lua);
        return 1 + seek_push(lua, guest, seek);
    }
    ws__bind_push_event(lua, &wanted.found);
    return 1;
}

/* Note events of these kinds from now on; their names are the arguments. */
static int machine_note(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    uint32_t kinds = 0;
    for (int i = 2; i <= lua_gettop(lua); i++)
        kinds |= 1u << luaL_checkoption(lua, i, NULL, event_kinds);
    ws__bind_status(lua, "note", ws__guest_note(guest, kinds));
    return 0;
}

static int machine_noted(lua_State *lua)
{
    const struct ws__guest *guest = ws__bind_guest(lua, 1);
    lua_createtable(lua, (int)guest->noteds, 0);
    for (size_t i = 0; i < guest->noteds; i++) {
        ws__bind_push_event(lua, &guest->noted[i].event);
        lua_pushstring(lua, guest->noted[i].world);
        lua_setfield(lua, -2, "world");
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* No event: what ends the journey is a breakpoint, or the end of the run. */
static bool event_none(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)context;
    (void)machine;
    (void)event;
    return false;
}

/* Does the i-th address of the list at `index`, which is at the top of the stack, stand there before? */
static bool break_repeated(lua_State *lua, int index, lua_Integer i)
{
    bool repeated = false;
    for (lua_Integer before = 1; before < i && !repeated; before++) {
        lua_rawgeti(lua, index, before);
        repeated = lua_rawequal(lua, -1, -2);
        lua_pop(lua, 1);
    }
    return repeated;
}

/* Set or remove breakpoints at the addresses in the list at `index`. */
static void breaks_toggle(lua_State *lua, int index, struct ws_timeline *timeline)
{
    for (lua_Integer i = 1; lua_rawgeti(lua, index, i) == LUA_TNUMBER; i++) {
        if (!break_repeated(lua, index, i))
            ws__bind_status(lua, "run_to_linear", ws_timeline_break_toggle(timeline, ws__bind_linear(lua, -1)));
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
}

/* Run until an instruction at one of these addresses is about to begin, and push its address; nil and how the run
 * ended, if none does. */
static int machine_run_to_linear(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    const struct ws_query query = {WS_EVENT_MASK(HALT), event_none, NULL};
    struct ws_timeline *timeline = timeline_get(lua, guest);
    lua_settop(lua, 2);
    if (!lua_istable(lua, 2)) {
        lua_createtable(lua, 1, 0);
        lua_pushinteger(lua, ws__bind_linear(lua, 2));
        lua_rawseti(lua, -2, 1);
        lua_replace(lua, 2);
    }
    breaks_toggle(lua, 2, timeline);
    enum ws_seek seek = ws_timeline_next(timeline, &query);
    breaks_toggle(lua, 2, timeline);
    if (seek != WS_SEEK_BREAKPOINT) {
        lua_pushnil(lua);
        return 1 + seek_push(lua, guest, seek);
    }
    lua_pushinteger(lua, ws_machine_eip_linear(guest->machine));
    return 1;
}

static int machine_interrupt(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    uint8_t vector = (uint8_t)ws__bind_number(lua, 2, 255);
    ws__guest_touch(guest);
    ws_machine_interrupt(guest->machine, vector);
    return 0;
}

/* -- looking ------------------------------------------------------------------------------------------- */

static int machine_mark(lua_State *lua)
{
    lua_pushinteger(lua, (lua_Integer)ws_machine_mark(ws__bind_guest(lua, 1)->machine));
    return 1;
}

static int machine_regs(lua_State *lua)
{
    struct ws_registers registers;
    ws_machine_registers(ws__bind_guest(lua, 1)->machine, &registers);
    ws__bind_push_registers(lua, &registers);
    return 1;
}

static int machine_reg(lua_State *lua)
{
    struct ws_registers registers;
    ws_machine_registers(ws__bind_guest(lua, 1)->machine, &registers);
    enum ws_register which = ws_register_find(luaL_checkstring(lua, 2));
    if (which == WS_REGISTER_COUNT)
        return luaL_error(lua, "there is no register \"%s\"", lua_tostring(lua, 2));
    lua_pushinteger(lua, registers.value[which]);
    return 1;
}

/* Push bytes that `phys` or the linear address names; nil, if they are not there. */
static int bytes_push(lua_State *lua, bool phys)
{
    struct ws__guest *guest = ws__bind_guest(lua, 1);
    uint32_t address = ws__bind_linear(lua, 2);
    size_t bytes = (size_t)ws__bind_number(lua, 3, READ_MOST);
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(lua, &buffer, bytes);
    enum ws_status status = phys ? ws_machine_read_phys(guest->machine, address, out, bytes)
                                 : ws_machine_read(guest->machine, address, out, bytes);
    luaL_pushresultsize(&buffer, bytes);
    if (status != WS_OK)
        lua_pushnil(lua);
    return 1;
}

static int machine_mem(lua_State *lua)
{
    return bytes_push(lua, false);
}

static int machine_phys(lua_State *lua)
{
    return bytes_push(lua, true);
}

/* Four bytes as a number. */
static int machine_word(lua_State *lua)
{
    uint32_t word;
    struct ws__guest *guest = ws__bind_guest(lua, 1);
    enum ws_status status = ws_machine_read(guest->machine, ws__bind_linear(lua, 2), &word, sizeof word);
    if (status != WS_OK)
        lua_pushnil(lua);
    else
        lua_pushinteger(lua, word);
    return 1;
}

/* How an address is translated; nil: it is not. */
static int machine_walk(lua_State *lua)
{
    struct ws_translation walk;
    struct ws__guest *guest = ws__bind_guest(lua, 1);
    if (!ws_machine_translate(guest->machine, ws__bind_linear(lua, 2), WS_ACCESS_READ, false, &walk)) {
        lua_pushnil(lua);
        return 1;
    }
    lua_newtable(lua);
    ws__bind_set_number(lua, "phys", walk.phys);
    ws__bind_set_number(lua, "pde", walk.pde);
    ws__bind_set_number(lua, "pte", walk.pte);
    ws__bind_set_number(lua, "pde_phys", walk.pde_phys);
    ws__bind_set_number(lua, "pte_phys", walk.pte_phys);
    ws__bind_set_flag(lua, "writable", walk.writable);
    ws__bind_set_flag(lua, "user", walk.user);
    return 1;
}

/* The instruction at an address: its text, and how many bytes it has; nil: it is not mapped. */
static int machine_disasm(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_guest(lua, 1);
    uint32_t linear = ws__bind_linear(lua, 2);
    uint8_t code[WS_INSTRUCTION_BYTES];
    size_t bytes = sizeof code;
    struct ws_instruction one;
    while (bytes && ws_machine_read(guest->machine, linear, code, bytes) != WS_OK)
        bytes--; /* the page behind it is not mapped */
    if (!bytes) {
        lua_pushnil(lua);
        return 1;
    }
    ws_disasm_one(ws__bind_disasm(lua), code, bytes, linear, true, WS_SYNTAX_ATT, &one);
    lua_pushstring(lua, one.text);
    lua_pushinteger(lua, one.size);
    return 2;
}

static int machine_write(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    uint32_t linear = ws__bind_linear(lua, 2);
    size_t bytes;
    const char *content = luaL_checklstring(lua, 3, &bytes);
    ws__guest_touch(guest);
    ws__bind_status(lua, "write", ws_machine_write(guest->machine, linear, content, bytes));
    return 0;
}

static int machine_halt(lua_State *lua)
{
    const struct ws_halt *halt = ws_machine_halt(ws__bind_guest(lua, 1)->machine);
    if (halt->reason == WS_HALT_NONE)
        lua_pushnil(lua);
    else
        ws__bind_push_halt(lua, halt);
    return 1;
}

static int machine_serial(lua_State *lua)
{
    size_t bytes;
    const char *text = ws_machine_serial(ws__bind_guest(lua, 1)->machine, &bytes);
    lua_pushlstring(lua, text, bytes);
    return 1;
}

static int machine_crossings(lua_State *lua)
{
    const struct ws__guest *guest = ws__bind_guest(lua, 1);
    lua_createtable(lua, (int)guest->crossings, 0);
    for (size_t i = 0; i < guest->crossings; i++) {
        ws__bind_push_crossing(lua, &guest->crossing[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int machine_paths(lua_State *lua)
{
    const struct ws__guest *guest = ws__bind_guest(lua, 1);
    lua_createtable(lua, (int)guest->paths, 0);
    for (size_t i = 0; i < guest->paths; i++) {
        ws__bind_push_path(lua, &guest->path[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int machine_audit(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_audited(lua, 1, "audit");
    ws__guest_finish(guest);
    lua_newtable(lua);
    for (size_t i = 0; i < ws_audit_findings(guest->audit); i++) {
        ws__bind_push_finding(lua, ws_audit_finding(guest->audit, i));
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int machine_hash(lua_State *lua)
{
    lua_pushinteger(lua, (lua_Integer)ws_machine_hash(ws__bind_guest(lua, 1)->machine));
    return 1;
}

static int machine_where(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_ready(lua, 1);
    lua_pushstring(lua, ws_watcher_world(guest->watcher, NULL));
    lua_pushstring(lua, ws_watcher_process(guest->watcher, NULL));
    return 2;
}

static int machine_symbol(lua_State *lua)
{
    uint32_t linear;
    const struct ws__guest *guest = ws__bind_guest(lua, 1);
    if (ws_symbols_find(ws__guest_symbols(guest), luaL_checkstring(lua, 2), &linear) == WS_OK)
        lua_pushinteger(lua, linear);
    else
        lua_pushnil(lua);
    return 1;
}

const luaL_Reg ws__bind_machine_methods[] = {
    {"run", machine_run},
    {"step", machine_step},
    {"back", machine_back},
    {"seek", machine_seek},
    {"run_to", machine_run_to},
    {"run_to_crossing", machine_run_to_crossing},
    {"run_to_event", machine_run_to_event},
    {"note", machine_note},
    {"noted", machine_noted},
    {"run_to_linear", machine_run_to_linear},
    {"interrupt", machine_interrupt},
    {"mark", machine_mark},
    {"regs", machine_regs},
    {"reg", machine_reg},
    {"mem", machine_mem},
    {"phys", machine_phys},
    {"word", machine_word},
    {"walk", machine_walk},
    {"disasm", machine_disasm},
    {"write", machine_write},
    {"halt", machine_halt},
    {"serial", machine_serial},
    {"crossings", machine_crossings},
    {"paths", machine_paths},
    {"audit", machine_audit},
    {"hash", machine_hash},
    {"where", machine_where},
    {"symbol", machine_symbol},
    {NULL, NULL},
};
