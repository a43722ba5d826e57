/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world switch itself: the built-in one as a table, one of the user's own, and what is tried on either. */
#include <string.h>

#include <worldswitch/disasm.h>
#include <worldswitch/storm.h>

#include "lesson/lua/bind.h"

enum { SLOTS = 64 };

/* -- worldswitch.cross() ------------------------------------------------------------------------------- */

static void step_push(lua_State *lua, const struct ws_cross_step *step)
{
    const uint8_t *code = ws_cross_page() + (step->linear - WS_CROSS_LINEAR);
    struct ws_instruction one;
    ws_disasm_one(ws__bind_disasm(lua), code, step->size, step->linear, true, WS_SYNTAX_ATT, &one);
    lua_newtable(lua);
    ws__bind_set_number(lua, "number", step->number);
    ws__bind_set_number(lua, "linear", step->linear);
    ws__bind_set_number(lua, "bytes", step->size);
    ws__bind_set_text(lua, "phase", ws_cross_phase_text((enum ws_cross_phase)step->phase));
    ws__bind_set_text(lua, "why", step->why);
    ws__bind_set_text(lua, "without", step->without);
    ws__bind_set_text(lua, "text", one.text);
}

int ws__bind_cross(lua_State *lua)
{
    struct ws_cross_step step;
    lua_newtable(lua);
    lua_pushlstring(lua, (const char *)ws_cross_page(), ws_cross_built_in()->bytes);
    lua_setfield(lua, -2, "bytes");
    lua_newtable(lua);
    for (unsigned number = 1; ws_cross_step_get(number, &step); number++) {
        step_push(lua, &step);
        lua_rawseti(lua, -2, number);
    }
    lua_setfield(lua, -2, "steps");
    return 1;
}

/* -- lab:set_cross() ----------------------------------------------------------------------------------- */

static unsigned slot_what(lua_State *lua, const char *name)
{
    enum ws_register which = ws_register_find(name ? name : "");
    if (name && !strcmp(name, "frame"))
        return WS_SLOT_FRAME;
    if (name && !strcmp(name, "tss_descriptor"))
        return WS_SLOT_TSS_DESCRIPTOR;
    if (which == WS_REGISTER_COUNT)
        luaL_error(lua, "lab:set_cross: a slot cannot hold \"%s\"", name ? name : "?");
    return which;
}

/* The table at the top of the stack. */
static void slot_get(lua_State *lua, struct ws_cross_slot *slot)
{
    static const char *const known[] = {"what", "place", "offset", "bytes", NULL};
    int index = lua_gettop(lua);
    ws__bind_fields_only(lua, index, "lab:set_cross: a slot", known);
    slot->what = (uint8_t)slot_what(lua, ws__bind_field_text(lua, index, "what"));
    const char *place = ws__bind_field_text(lua, index, "place");
    if (!place || (strcmp(place, "context") != 0 && strcmp(place, "stack") != 0))
        luaL_error(lua, "lab:set_cross: a slot's place is \"context\" or \"stack\"");
    slot->place = *place == 'c' ? WS_SLOT_IN_CONTEXT : WS_SLOT_ON_STACK;
    slot->offset = (uint16_t)ws__bind_field_number(lua, index, "offset", UINT16_MAX);
    slot->bytes = (uint8_t)ws__bind_field_number(lua, index, "bytes", 4);
    if (!slot->bytes)
        slot->bytes = 4;
}

static uint32_t slots_get(lua_State *lua, struct ws_cross_slot slot[SLOTS])
{
    uint32_t count = 0;
    luaL_checktype(lua, -1, LUA_TTABLE);
    for (; lua_rawgeti(lua, -1, (lua_Integer)count + 1) == LUA_TTABLE; lua_pop(lua, 1)) {
        if (count == SLOTS)
            luaL_error(lua, "lab:set_cross: there are more than %d slots", SLOTS);
        slot_get(lua, &slot[count++]);
    }
    lua_pop(lua, 1);
    return count;
}

/* A number that is left out stays as the built-in switch has it. */
static void number_get(lua_State *lua, const char *name, uint32_t *out)
{
    if (lua_getfield(lua, 2, name) != LUA_TNIL)
        *out = (uint32_t)ws__bind_field_number(lua, 2, name, WS_CROSS_BYTES);
    lua_pop(lua, 1);
}

static int lab_set_cross(lua_State *lua)
{
    static const char *const known[] = {"code",        "entry", "contexts", "context_bytes", "wipe", "wipe_bytes",
                                        "frame_bytes", "slots", NULL};
    struct ws_cross_slot slot[SLOTS] = {{0}};
    struct ws_cross_code code = *ws_cross_built_in();
    size_t bytes;
    struct ws__guest *guest = ws__bind_lab(lua);
    ws__bind_fields_only(lua, 2, "lab:set_cross", known);
    code.code = ws__bind_field_text(lua, 2, "code");
    if (!code.code)
        return luaL_error(lua, "lab:set_cross: give it the code: lab:set_cross{code=program.bytes}");
    lua_getfield(lua, 2, "code");
    lua_tolstring(lua, -1, &bytes);
    code.bytes = bytes > WS_CROSS_BYTES ? WS_CROSS_BYTES + 1 : (uint32_t)bytes; /* too much is refused */
    number_get(lua, "entry", &code.entry);
    number_get(lua, "contexts", &code.contexts_offset);
    number_get(lua, "context_bytes", &code.context_bytes);
    number_get(lua, "wipe", &code.wipe_offset);
    number_get(lua, "wipe_bytes", &code.wipe_bytes);
    number_get(lua, "frame_bytes", &code.frame_bytes);
    if (lua_getfield(lua, 2, "slots") != LUA_TNIL) {
        code.slot = slot;
        code.slots = slots_get(lua, slot);
    }
    ws__bind_status(lua, "lab:set_cross", ws_lab_set_cross(guest->lab, &code));
    return 0;
}

/* -- lab:storm(), lab:ablate() ------------------------------------------------------------------------- */

/* What the verdicts are collected with.  A Lua error must not pass through the library: what is pushed between its
 * calls cannot fail but for memory, and that ends the run as a judge's "enough". */
struct trial {
    lua_State *lua;
    bool stop;  /* at the first that is found wanting */
    int failed; /* a status of Lua's */
};

/* Finish the row at the top of the stack, and append it to the list, which is the first argument. */
static void row_end(lua_State *lua, bool found, const struct ws_finding *finding)
{
    if (found) {
        ws__bind_push_finding(lua, finding);
        lua_setfield(lua, -2, "finding");
    }
    lua_rawseti(lua, 1, (lua_Integer)lua_rawlen(lua, 1) + 1);
}

static int storm_row(lua_State *lua)
{
    const struct ws_storm_verdict *verdict = lua_touserdata(lua, 2);
    lua_newtable(lua);
    ws__bind_set_number(lua, "boundary", verdict->boundary);
    ws__bind_set_number(lua, "boundaries", verdict->boundaries);
    ws__bind_set_number(lua, "mark", verdict->mark);
    ws__bind_set_number(lua, "linear", verdict->linear);
    ws__bind_set_text(lua, "status", ws_status_text(verdict->status));
    ws__bind_set_number(lua, "served", verdict->served);
    ws__bind_set_flag(lua, "sound", verdict->sound);
    row_end(lua, verdict->found, &verdict->finding);
    return 0;
}

static int change_row(lua_State *lua)
{
    const struct ws_change_verdict *verdict = lua_touserdata(lua, 2);
    lua_newtable(lua);
    ws__bind_set_number(lua, "number", verdict->number);
    ws__bind_set_number(lua, "linear", verdict->instruction.linear);
    ws__bind_set_text(lua, "text", verdict->instruction.text);
    ws__bind_set_text(lua, "status", ws_status_text(verdict->status));
    ws__bind_set_flag(lua, "noticed", verdict->noticed);
    row_end(lua, verdict->found, &verdict->finding);
    return 0;
}

/* Append a row to the list at the top of the stack. */
static bool row_append(struct trial *trial, lua_CFunction row, const void *verdict)
{
    lua_pushcfunction(trial->lua, row);
    lua_pushvalue(trial->lua, -2);
    lua_pushlightuserdata(trial->lua, (void *)(uintptr_t)verdict);
    trial->failed = lua_pcall(trial->lua, 2, 0, 0);
    return trial->failed == LUA_OK;
}

static bool storm_judge(void *context, const struct ws_storm_verdict *verdict)
{
    struct trial *trial = context;
    return row_append(trial, storm_row, verdict) && !(trial->stop && !verdict->sound);
}

static bool change_judge(void *context, const struct ws_change_verdict *verdict)
{
    return row_append(context, change_row, verdict);
}

/* Give the list, or say that there is none, or raise what went wrong. */
static int trial_end(lua_State *lua, const struct trial *trial, struct ws__guest *guest, size_t crossings,
                     const char *what, enum ws_status status)
{
    guest->crossings = crossings; /* those of the trials never happened */
    if (trial->failed != LUA_OK)
        return lua_error(lua);
    return ws__bind_done(lua, what, status) ? 1 : 2;
}

static int lab_storm(lua_State *lua)
{
    static const char *const known[] = {"nmi", "stop", NULL};
    struct ws__guest *guest = ws__bind_lab(lua);
    ws__bind_audited(lua, 1, "lab:storm");
    ws__bind_fields_only(lua, 3, "lab:storm", known);
    struct trial trial = {.lua = lua, .stop = ws__bind_field_flag(lua, 3, "stop")};
    struct ws_storm_options options = {
        .to = ws__bind_world(lua, 2),
        .watcher = guest->watcher,
        .audit = guest->audit,
        .nmi = ws__bind_field_flag(lua, 3, "nmi"),
    };
    size_t crossings = guest->crossings;
    ws__guest_touch(guest);
    ws__bind_status(lua, "lab:storm", ws_lab_storm_prepare(guest->lab));
    luaL_checkstack(lua, 8, NULL);
    lua_newtable(lua);
    return trial_end(lua, &trial, guest, crossings, "lab:storm", ws_storm(&options, storm_judge, &trial));
}

static int lab_ablate(lua_State *lua)
{
    static const char *const kinds[] = {"remove", "swap", NULL};
    static const enum ws_ablation_kind kind[] = {WS_ABLATION_REMOVE, WS_ABLATION_SWAP};
    struct ws__guest *guest = ws__bind_lab(lua);
    ws__bind_audited(lua, 1, "lab:ablate");
    struct trial trial = {.lua = lua};
    struct ws_storm_options options = {.to = ws__bind_world(lua, 2), .watcher = guest->watcher, .audit = guest->audit};
    enum ws_ablation_kind chosen = kind[luaL_checkoption(lua, 3, "remove", kinds)];
    size_t crossings = guest->crossings;
    ws__guest_touch(guest);
    luaL_checkstack(lua, 8, NULL);
    lua_newtable(lua);
    return trial_end(lua, &trial, guest, crossings, "lab:ablate",
                     ws_cross_ablate(&options, chosen, change_judge, &trial));
}

/* -- lab:image() --------------------------------------------------------------------------------------- */

static int image_push(lua_State *lua)
{
    const struct ws_buffer *image = lua_touserdata(lua, 1);
    lua_pushlstring(lua, ws_buffer_text(image), image->size);
    return 1;
}

static int lab_image(lua_State *lua)
{
    struct ws__guest *guest = ws__bind_lab(lua);
    struct ws_buffer image = WS_BUFFER_INIT;
    if (!guest->first)
        return luaL_error(lua, "nothing is loaded: call lab:load(world)");
    enum ws_status status = ws_lab_write_image(guest->lab, guest->first, &image);
    lua_pushcfunction(lua, image_push);
    lua_pushlightuserdata(lua, &image);
    int failed = status == WS_OK ? lua_pcall(lua, 1, 1, 0) : LUA_OK;
    ws_buffer_release(&image);
    if (failed != LUA_OK)
        return lua_error(lua);
    ws__bind_status(lua, "lab:image", status);
    return 1;
}

const luaL_Reg ws__bind_cross_methods[] = {
    {"set_cross", lab_set_cross}, {"storm", lab_storm}, {"ablate", lab_ablate}, {"image", lab_image}, {NULL, NULL},
};
