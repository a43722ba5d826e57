/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session's life, and what its keys do.
 */
#include "tui/viewer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>

enum { SHADOW_LIMIT = 64 << 20 }; /* with more RAM than this, memory that changed is not shown */

/* -- life -------------------------------------------------------------------------------------- */

enum ws_status ws__session_new(struct ws__session **out, const struct ws_tui_options *options)
{
    struct ws__session *session = calloc(1, sizeof *session);
    enum ws_status status = WS_NO_MEMORY;
    struct ws_physical memory = ws_machine_memory(options->machine);

    if (!session)
        return WS_NO_MEMORY;
    session->options = *options;
    session->state.symbols = options->symbols;
    session->state.syntax = options->syntax;
    session->state.ascii = options->ascii;
    session->state.panel = WS_PANEL_SPACE;
    session->state.hosted = ws_hosted_is(options->symbols);
    session->state.keys = ws__request_keys(session->key);
    session->state.key = session->key;
    if (memory.bytes <= SHADOW_LIMIT && !(session->shadow = calloc(1, memory.bytes)))
        goto fail;
    status = ws_disasm_new(&session->state.disasm);
    if (status)
        goto fail;
    status = ws__paths_init(&session->paths, options->machine, options->watcher);
    if (status)
        goto fail;
    status = ws_timeline_new(&session->timeline, options->machine, options->watcher);
    if (status)
        goto fail;
    if (options->record)
        status = ws_timeline_checkpoints(session->timeline, options->record);
    if (status)
        goto fail;
    ws_timeline_on_anew(session->timeline, ws__paths_anew, &session->paths);
    if (options->history_bytes)
        ws_timeline_limit(session->timeline, options->history_bytes);
    session->speed = 2;
    ws__session_names(session);
    ws__session_resize(session, WS_SCREEN_WIDTH, WS_SCREEN_HEIGHT);
    *out = session;
    return WS_OK;

fail:
    ws__paths_release(&session->paths);
    ws_disasm_free(session->state.disasm);
    free(session->shadow);
    free(session);
    return status;
}

void ws__session_free(struct ws__session *session)
{
    if (!session)
        return;
    ws_timeline_free(session->timeline);
    ws__paths_release(&session->paths);
    ws_disasm_free(session->state.disasm);
    free(session->shadow);
    free(session);
}

enum ws_status ws__session_failure(const struct ws__session *session)
{
    if (session->starved || session->paths.failed)
        return WS_NO_MEMORY;
    return ws_machine_failure(session->options.machine);
}

void ws__session_resize(struct ws__session *session, unsigned width, unsigned height)
{
    session->state.width = width;
    session->state.height = height;
}

void ws__session_say(struct ws__session *session, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(session->message, sizeof session->message, format, list);
    va_end(list);
    session->state.message = session->message;
}

/* -- keys -------------------------------------------------------------------------------------- */

static ws__doer *const doer_table[WS_REQUEST_COUNT] = {
#define WS_REQUEST_DOER(name, verb, keys, hint, text, back) [WS_REQUEST_##name] = ws__do_##verb,
    WS_REQUEST_TABLE(WS_REQUEST_DOER)
#undef WS_REQUEST_DOER
};

void ws__session_key(struct ws__session *session, const char *key)
{
    unsigned which = 0;
    session->state.message = NULL;
    if (session->prompt != WS__PROMPT_NONE) {
        ws__session_prompt_key(session, key);
        return;
    }
    enum ws_request request = ws__request_find(key, &which);
    bool keeps_playing = request == WS_REQUEST_FASTER || request == WS_REQUEST_SLOWER;
    if (session->playing && !keeps_playing) {
        session->playing = false;
        if (request == WS_REQUEST_PLAY)
            return;
    }
    if (request != WS_REQUEST_NONE)
        doer_table[request](session, which);
    else if (strcmp(key, "Esc") == 0 && session->state.panel == WS_PANEL_HELP)
        ws__do_help(session, 0);
    else if (strcmp(key, "Esc") != 0)
        ws__session_say(session, "\"%s\" does nothing; ? shows the keys", key);
}

void ws__do_quit(struct ws__session *session, unsigned which)
{
    (void)which;
    session->leave = true;
}

/* -- playing ----------------------------------------------------------------------------------- */

static const struct speed {
    unsigned instructions; /* each tick */
    unsigned milliseconds; /* from tick to tick */
    const char *text;
} speed_table[] = {
    {1, 2000, "an instruction in two seconds"}, {1, 1000, "an instruction a second"},
    {1, 500, "2 instructions a second"},        {1, 200, "5 instructions a second"},
    {1, 100, "10 instructions a second"},       {1, 40, "25 instructions a second"},
    {4, 40, "100 instructions a second"},       {40, 40, "1000 instructions a second"},
    {400, 40, "10000 instructions a second"},
};

enum { SPEEDS = sizeof speed_table / sizeof speed_table[0] };

static void speed_say(struct ws__session *session)
{
    ws__session_say(session, "playing: %s; + faster, - slower, Space pauses", speed_table[session->speed].text);
}

void ws__do_play(struct ws__session *session, unsigned which)
{
    (void)which;
    session->playing = true;
    speed_say(session);
}

void ws__do_faster(struct ws__session *session, unsigned which)
{
    (void)which;
    if (session->speed + 1 < SPEEDS)
        session->speed++;
    speed_say(session);
}

void ws__do_slower(struct ws__session *session, unsigned which)
{
    (void)which;
    if (session->speed > 0)
        session->speed--;
    speed_say(session);
}

unsigned ws__session_tick_length(const struct ws__session *session)
{
    return speed_table[session->speed].milliseconds;
}

void ws__session_tick(struct ws__session *session)
{
    enum ws_seek seek = WS_SEEK_THERE;
    unsigned instructions = speed_table[session->speed].instructions;
    for (unsigned done = 1; done < instructions && seek == WS_SEEK_THERE; done++) {
        seek = ws_timeline_step(session->timeline, 1);
        if (ws_machine_break_at(session->options.machine, ws_machine_eip_linear(session->options.machine))) {
            session->playing = false;
            ws__session_arrived(session, WS_SEEK_BREAKPOINT, "");
            return;
        }
    }
    if (seek == WS_SEEK_THERE)
        seek = ws__session_step(session);
    if (seek != WS_SEEK_THERE) {
        session->playing = false;
        ws__session_arrived(session, seek, "");
    }
}
