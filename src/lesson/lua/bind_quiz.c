/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lab's function quiz(): one question, read from the table that it returns. */
#include <string.h>

#include "lesson/lua/bind.h"
#include "lesson/quiz.h"

/* What is called, and where the question goes. */
struct quiz_call {
    size_t number;
    unsigned attempt;
    struct ws__quiz_question *question;
    bool none; /* the lab has no such function */
};

/* Append the field of the table at `index`: a text or a number; an address has its base. */
static void field_read(lua_State *lua, int index, unsigned form, struct ws_buffer *out)
{
    size_t bytes;
    if (lua_isinteger(lua, index) && form == WS__QUIZ_ADDRESS) {
        ws_buffer_printf(out, "0x%08x", (unsigned)ws__bind_number(lua, index, UINT32_MAX));
        return;
    }
    const char *text = luaL_tolstring(lua, index, &bytes);
    ws_buffer_append(out, text, bytes);
    lua_pop(lua, 1);
}

static void text_field(lua_State *lua, int table, const char *name, unsigned form, struct ws_buffer *out)
{
    int type = lua_getfield(lua, table, name);
    if (type == LUA_TSTRING || type == LUA_TNUMBER)
        field_read(lua, lua_gettop(lua), form, out);
    else if (type != LUA_TNIL)
        luaL_error(lua, "quiz: \"%s\" is neither a text nor a number", name);
    lua_pop(lua, 1);
}

static unsigned form_read(lua_State *lua, int table)
{
    static const char *const forms[] = {
#define FORM_NAME(name, text) text,
        WS__QUIZ_FORM_TABLE(FORM_NAME)
#undef FORM_NAME
            NULL,
    };
    lua_getfield(lua, table, "form");
    int form = luaL_checkoption(lua, -1, NULL, forms);
    lua_pop(lua, 1);
    return (unsigned)form;
}

/* The list {{value, feedback}, ...}. */
static void wrongs_read(lua_State *lua, int table, struct ws__quiz_question *question)
{
    if (lua_getfield(lua, table, "wrong") == LUA_TNIL) {
        lua_pop(lua, 1);
        return;
    }
    luaL_checktype(lua, -1, LUA_TTABLE);
    while (lua_rawgeti(lua, -1, (lua_Integer)question->wrongs + 1) == LUA_TTABLE) {
        if (question->wrongs == WS__QUIZ_WRONGS)
            luaL_error(lua, "quiz: more than %d wrong answers", WS__QUIZ_WRONGS);
        struct ws__quiz_wrong *wrong = &question->wrong[question->wrongs++];
        const int row = lua_gettop(lua);
        lua_rawgeti(lua, row, 1);
        field_read(lua, row + 1, question->form, &wrong->value);
        lua_rawgeti(lua, row, 2);
        field_read(lua, row + 2, WS__QUIZ_TEXT, &wrong->feedback);
        lua_settop(lua, row - 1);
    }
    lua_pop(lua, 2);
}

static int quiz_call(lua_State *lua)
{
    static const char *const known[] = {"kind", "text", "code", "answer", "form", "wrong", "way", "tolerance", NULL};
    struct quiz_call *call = lua_touserdata(lua, 1);
    struct ws__quiz_question *question = call->question;
    call->none = lua_getglobal(lua, "quiz") != LUA_TFUNCTION;
    if (call->none)
        return 0;
    lua_pushinteger(lua, (lua_Integer)call->number);
    lua_pushinteger(lua, call->attempt);
    lua_call(lua, 2, 1);
    const int table = lua_gettop(lua);
    luaL_checktype(lua, table, LUA_TTABLE);
    ws__bind_fields_only(lua, table, "quiz", known);
    question->form = form_read(lua, table);
    text_field(lua, table, "kind", WS__QUIZ_TEXT, &question->kind);
    text_field(lua, table, "text", WS__QUIZ_TEXT, &question->text);
    text_field(lua, table, "code", WS__QUIZ_TEXT, &question->code);
    text_field(lua, table, "way", WS__QUIZ_TEXT, &question->way);
    text_field(lua, table, "answer", question->form, &question->answer);
    question->tolerance = (unsigned long)ws__bind_field_number(lua, table, "tolerance", UINT32_MAX);
    wrongs_read(lua, table, question);
    return 0;
}

static bool question_failed(const struct ws__quiz_question *question)
{
    bool failed = question->kind.failed || question->text.failed || question->code.failed || question->way.failed ||
                  question->answer.failed;
    for (size_t i = 0; i < question->wrongs; i++)
        failed |= question->wrong[i].value.failed || question->wrong[i].feedback.failed;
    return failed;
}

enum ws_status ws__script_quiz(struct ws__script *script, uint64_t seed, size_t number, unsigned attempt,
                               struct ws__quiz_question *out, struct ws_buffer *why)
{
    struct quiz_call call = {number, attempt, out, false};
    script->random = seed;
    lua_pushcfunction(script->lua, quiz_call);
    lua_pushlightuserdata(script->lua, &call);
    enum ws_status status = ws__script_protected(script, 1, why);
    if (status == WS_OK && call.none)
        return WS_NOT_FOUND;
    return question_failed(out) ? WS_NO_MEMORY : status;
}
