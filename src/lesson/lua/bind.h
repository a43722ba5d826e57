/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the binding share.
 *
 * A Lua error leaves C by longjmp: nothing that is only on C's side may be owned across a call that can raise one.
 */
#ifndef WS_LESSON_LUA_BIND_H
#define WS_LESSON_LUA_BIND_H

#include <stdbool.h>
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

#include <worldswitch/crossing.h>
#include <worldswitch/disasm.h>
#include <worldswitch/registers.h>
#include <worldswitch/status.h>

#include "lesson/build.h"
#include "lesson/guest.h"
#include "lesson/lua/script.h"
#include "lesson/report.h"

enum { WS__BIND_WITH = 8, WS__BIND_SYMBOLS = 64 };

struct ws__script {
    lua_State *lua;
    struct ws_disasm *disasm; /* NULL: nobody asked for it */
    struct ws__report report;
    uint64_t random; /* the state of math.random() */
    bool closed;
    bool no_memory;                          /* the library had none: whatever the script made of it */
    const struct ws__submission *submission; /* while a check runs; else NULL */
    enum ws__build_result built;             /* how its last submission:link() ended */
    struct ws__build build;                  /* what that made */
    struct ws_buffer program, unbuilt, with[WS__BIND_WITH];
};

/* Whose Lua it is. */
struct ws__script *ws__script_of(lua_State *lua);

/* Names of the types, as in messages. */
#define WS__TYPE_GUEST   "worldswitch.machine"
#define WS__TYPE_WORLD   "worldswitch.world"
#define WS__TYPE_PROCESS "worldswitch.process"

/* -- bind.c: arguments ------------------------------------------------------------------------- */

/* Raise an error unless the status is WS_OK: "WHAT: the status's text". */
void ws__bind_status(lua_State *lua, const char *what, enum ws_status status);

/* Did the guest do what it was to do?  true; else push nil and the status's text: it halted, or had not come to the end
 * when the patience was over.  Raise an error for all other statuses. */
bool ws__bind_done(lua_State *lua, const char *what, enum ws_status status);

/* The guest at `index`; it was not released, and, if `ready`, it can run. */
struct ws__guest *ws__bind_guest(lua_State *lua, int index);
struct ws__guest *ws__bind_ready(lua_State *lua, int index);
/* And it is audited: it was not opened with {audit = false}. */
struct ws__guest *ws__bind_audited(lua_State *lua, int index, const char *what);

/* Is it a name that is no path, and no option either? */
bool ws__bind_name_is_plain(const char *name);

/* The first argument, which is a laboratory; the world at `index`. */
struct ws__guest *ws__bind_lab(lua_State *lua);
struct ws_world *ws__bind_world(lua_State *lua, int index);

/* A number from 0 to `most`. */
uint64_t ws__bind_number(lua_State *lua, int index, uint64_t most);
uint32_t ws__bind_linear(lua_State *lua, int index);

/* Fields of a table of options at `index`, which may be absent: a number from 0 to `most`, 0 if it is not there; a
 * text, NULL if it is not there; true or false, false if it is not there. */
uint64_t ws__bind_field_number(lua_State *lua, int index, const char *name, uint64_t most);
const char *ws__bind_field_text(lua_State *lua, int index, const char *name);
bool ws__bind_field_flag(lua_State *lua, int index, const char *name);
/* Raise an error if the table has other fields than these, which end with NULL. */
void ws__bind_fields_only(lua_State *lua, int index, const char *what, const char *const *known);
/* Are the registers in the table at `index`?  Put those that are into *registers. */
void ws__bind_registers(lua_State *lua, int index, struct ws_registers *registers);

/* The script's disassembler, which is made when it is asked for first. */
struct ws_disasm *ws__bind_disasm(lua_State *lua);

/* -- bind_table.c: the library's structures as tables, pushed -------------------------------------- */

/* Set a field of the table at the top of the stack. */
void ws__bind_set_number(lua_State *lua, const char *field, uint64_t number);
void ws__bind_set_text(lua_State *lua, const char *field, const char *text);
void ws__bind_set_flag(lua_State *lua, const char *field, bool flag);

void ws__bind_push_registers(lua_State *lua, const struct ws_registers *registers);
void ws__bind_push_crossing(lua_State *lua, const struct ws_crossing *crossing);
void ws__bind_push_path(lua_State *lua, const struct ws_forward_path *path);
void ws__bind_push_event(lua_State *lua, const struct ws_event *event);
void ws__bind_push_halt(lua_State *lua, const struct ws_halt *halt);
void ws__bind_push_finding(lua_State *lua, const struct ws_finding *finding);

/* -- script.c, bind_submission.c ------------------------------------------------------------------- */

/* Call the function that was pushed, with so many arguments.  What ws__script_run() answers. */
enum ws_status ws__script_protected(struct ws__script *script, int arguments, struct ws_buffer *why);
void ws__bind_submission_release(struct ws__script *script);

/* -- the parts ------------------------------------------------------------------------------------- */

/* Methods of each type, which end with NULL; bind.c makes the types of them. */
extern const luaL_Reg ws__bind_machine_methods[];
extern const luaL_Reg ws__bind_lab_methods[];
extern const luaL_Reg ws__bind_cross_methods[]; /* of a laboratory, too */
extern const luaL_Reg ws__bind_world_methods[];
extern const luaL_Reg ws__bind_process_methods[];

/* worldswitch.lab(), .laboratory(), .hosted(), .image(). */
int ws__bind_open_lab(lua_State *lua);
int ws__bind_open_laboratory(lua_State *lua);
int ws__bind_open_hosted(lua_State *lua);
int ws__bind_open_image(lua_State *lua);
/* worldswitch.cross() */
int ws__bind_cross(lua_State *lua);
/* expect(name, points, condition, explanation, machine, mark) */
int ws__bind_expect(lua_State *lua);

/* Make the types, and the table `worldswitch`. */
void ws__bind_all(lua_State *lua);
/* Take away what makes runs differ, or reads files. */
void ws__bind_close(lua_State *lua);

#endif
