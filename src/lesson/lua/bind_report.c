/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expect(): what a check collects. */
#include <stdlib.h>

#include "lesson/lua/bind.h"

enum { POINTS_MOST = 1000, TEXT_MOST = 4096 };

/* Keep the run of the first result that failed, so that the user can go there; the marks of other results are in no
 * recording.  That a run which was changed from outside cannot be kept is no error. */
static enum ws_status session_keep(struct ws__report *report, struct ws__guest *guest, uint64_t mark)
{
    struct ws_session *session = calloc(1, sizeof *session);
    enum ws_status status = session ? ws__guest_session(guest, mark, session) : WS_NO_MEMORY;
    if (status == WS_OK) {
        report->session = session;
        report->session_of = report->results - 1;
        report->result[report->session_of].placed = true;
        report->result[report->session_of].mark = mark;
    } else {
        free(session);
    }
    return status == WS_NO_MEMORY ? status : WS_OK;
}

/* Append argument `index`, whatever bytes a student has put into it: a text ends where it ends, not at a NUL. */
static void text_take(lua_State *lua, int index, struct ws_buffer *out)
{
    size_t bytes;
    const char *text = luaL_optlstring(lua, index, "", &bytes);
    for (size_t i = 0; i < bytes && i < TEXT_MOST; i++)
        if (text[i])
            ws_buffer_append(out, text + i, 1);
        else
            ws_buffer_printf(out, "\\x00");
}

/* expect(name, points, condition, explanation [, machine [, mark]]): returns the condition. */
int ws__bind_expect(lua_State *lua)
{
    struct ws__report *report = &ws__script_of(lua)->report;
    luaL_checkstring(lua, 1);
    luaL_optstring(lua, 4, "");
    unsigned points = (unsigned)ws__bind_number(lua, 2, POINTS_MOST);
    bool passed = lua_toboolean(lua, 3);
    struct ws__guest *guest = lua_isnoneornil(lua, 5) ? NULL : ws__bind_guest(lua, 5);
    uint64_t mark = guest ? ws_machine_mark(guest->machine) : 0;
    if (!lua_isnoneornil(lua, 6))
        mark = ws__bind_number(lua, 6, INT64_MAX);
    struct ws__result *result = ws__report_add(report);
    if (!result)
        ws__bind_status(lua, "expect", WS_NO_MEMORY);
    text_take(lua, 1, &result->name);
    text_take(lua, 4, &result->explanation);
    if (result->name.failed || result->explanation.failed)
        ws__bind_status(lua, "expect", WS_NO_MEMORY);
    result->points = points;
    result->passed = passed;
    if (guest && !passed && !report->session)
        ws__bind_status(lua, "expect", session_keep(report, guest, mark));
    lua_pushboolean(lua, passed);
    return 1;
}
