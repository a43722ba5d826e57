/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A viewer's life, and what its keys do.
 */
#include "tui/viewer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>

#include "machine/ram_copy.h"
#include "tui/svg.h"

/* -- life -------------------------------------------------------------------------------------- */

/* Watching begins anew, elsewhere. */
static void watching_begin(void *context)
{
    struct ws__viewer *viewer = context;
    ws__heard_anew(viewer->heard);
}

enum ws_status ws__viewer_new(struct ws__viewer **out, const struct ws_tui_options *options)
{
    struct ws__viewer *viewer = calloc(1, sizeof *viewer);
    enum ws_status status = WS_NO_MEMORY;

    if (!viewer)
        return WS_NO_MEMORY;
    viewer->options = *options;
    viewer->state.symbols = options->symbols;
    viewer->state.syntax = options->syntax;
    viewer->state.ascii = options->ascii;
    viewer->state.panel = WS_PANEL_SPACE;
    memcpy(viewer->state.beside, (const uint8_t[]){WS_PANEL_STACK, WS_PANEL_CROSSINGS, WS_PANEL_SERIAL},
           sizeof viewer->state.beside);
    viewer->state.hosted = ws_hosted_is(options->symbols);
    viewer->state.keys = ws__request_keys(viewer->key);
    viewer->state.key = viewer->key;
    status = ws_disasm_new(&viewer->state.disasm);
    if (status)
        goto fail;
    status = ws__heard_new(&viewer->heard, options->machine, options->watcher, viewer->state.hosted);
    if (status)
        goto fail;
    status = ws__ahead_init(viewer);
    if (status)
        goto fail;
    status = ws_timeline_new(&viewer->timeline, options->machine, options->watcher);
    if (status)
        goto fail;
    if (options->record)
        status = ws_timeline_checkpoints(viewer->timeline, options->record);
    if (status)
        goto fail;
    ws_timeline_on_anew(viewer->timeline, watching_begin, viewer);
    if (options->history_bytes)
        ws_timeline_limit(viewer->timeline, options->history_bytes);
    viewer->speed = 2;
    viewer->theme = (enum ws__theme)options->theme;
    viewer->mouse = options->mouse;
    ws__viewer_names(viewer);
    ws__viewer_resize(viewer, WS_SCREEN_WIDTH, WS_SCREEN_HEIGHT);
    *out = viewer;
    return WS_OK;

fail:
    ws__viewer_free(viewer);
    return status;
}

void ws__viewer_free(struct ws__viewer *viewer)
{
    if (!viewer)
        return;
    ws__branch_leave(viewer);
    ws_timeline_free(viewer->timeline);
    ws__ahead_release(viewer);
    ws__heard_free(viewer->heard);
    ws_disasm_free(viewer->state.disasm);
    ws_buffer_release(&viewer->post_mortem);
    ws_buffer_release(&viewer->devices);
    ws_buffer_release(&viewer->difference);
    ws_state_release(&viewer->since);
    ws__ram_copy_release(viewer->before);
    free(viewer);
}

enum ws_status ws__viewer_failure(const struct ws__viewer *viewer)
{
    if (viewer->starved || ws__heard_failed(viewer->heard) || ws_timeline_failure(viewer->timeline) != WS_OK)
        return WS_NO_MEMORY;
    return ws_machine_failure(viewer->options.machine);
}

void ws__viewer_resize(struct ws__viewer *viewer, unsigned width, unsigned height)
{
    viewer->state.width = width;
    viewer->state.height = height;
}

static enum ws_status screen_write(const struct ws__viewer *viewer, bool svg, struct ws_buffer *out)
{
    struct ws_rows rows;
    ws_rows_init(&rows, viewer->state.width, viewer->state.ascii);
    ws_view_screen(&rows, &viewer->state);
    if (svg && !rows.failed)
        ws__svg_write(&rows, viewer->theme, out);
    else
        ws_rows_write(&rows, out);
    enum ws_status status = rows.failed || out->failed ? WS_NO_MEMORY : WS_OK;
    ws_rows_release(&rows);
    return status;
}

enum ws_status ws__viewer_screen(const struct ws__viewer *viewer, struct ws_buffer *out)
{
    return screen_write(viewer, false, out);
}

enum ws_status ws__viewer_picture(const struct ws__viewer *viewer, struct ws_buffer *out)
{
    return screen_write(viewer, true, out);
}

void ws__viewer_interruptible(struct ws__viewer *viewer, ws_timeline_asked *asked, void *context)
{
    viewer->asked = asked;
    viewer->asked_context = context;
    ws_timeline_interruptible(viewer->timeline, asked, context);
}

void ws__viewer_say(struct ws__viewer *viewer, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(viewer->message, sizeof viewer->message, format, list);
    va_end(list);
    viewer->state.message = viewer->message;
}

/* -- keys -------------------------------------------------------------------------------------- */

static ws__doer *const doer_table[WS_REQUEST_COUNT] = {
#define WS_REQUEST_DOER(name, verb, keys, hint, text, back) [WS_REQUEST_##name] = ws__do_##verb,
    WS_REQUEST_TABLE(WS_REQUEST_DOER)
#undef WS_REQUEST_DOER
};

static void key_do(struct ws__viewer *viewer, const char *key)
{
    unsigned which = 0;
    viewer->state.message = NULL;
    viewer->state.input_column = 0;
    if (viewer->prompt != WS__PROMPT_NONE) {
        ws__viewer_prompt_key(viewer, key);
        return;
    }
    enum ws_request request = ws__request_find(key, &which);
    unsigned panel = viewer->state.panel;
    bool keeps_playing = request == WS_REQUEST_FASTER || request == WS_REQUEST_SLOWER;
    if (viewer->playing && !keeps_playing) {
        viewer->playing = false;
        if (request == WS_REQUEST_PLAY)
            return;
    }
    if (request != WS_REQUEST_NONE)
        doer_table[request](viewer, which);
    else if (strcmp(key, "Esc") == 0 && viewer->state.panel == WS_PANEL_HELP)
        ws__do_help(viewer, 0);
    else if (strcmp(key, "Esc") == 0)
        ws__tour_end(viewer);
    else
        ws__viewer_say(viewer, "\"%s\" does nothing; ? shows the keys", key);
    viewer->digit = request == WS_REQUEST_PANEL ? which + 1 : 0;
    viewer->panel_before_digit = panel;
}

void ws__viewer_key(struct ws__viewer *viewer, const char *key)
{
    key_do(viewer, key);
    ws__notes_capture(viewer);
}

void ws__viewer_interrupt(struct ws__viewer *viewer)
{
    bool typing = viewer->prompt != WS__PROMPT_NONE, playing = viewer->playing;
    viewer->playing = false;
    if (typing)
        ws__viewer_key(viewer, "Esc");
    ws__viewer_say(viewer, "%s; Ctrl-C also stops long jumps; q leaves",
                   typing    ? "given up"
                   : playing ? "paused"
                             : "nothing to stop here");
}

void ws__do_quit(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    viewer->leave = true;
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

static void speed_say(struct ws__viewer *viewer)
{
    ws__viewer_say(viewer, "playing: %s; + faster, - slower, Space pauses", speed_table[viewer->speed].text);
}

void ws__do_play(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    viewer->playing = true;
    ws__jump_note(viewer);
    speed_say(viewer);
}

void ws__do_faster(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    if (viewer->speed + 1 < SPEEDS)
        viewer->speed++;
    speed_say(viewer);
}

void ws__do_slower(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    if (viewer->speed > 0)
        viewer->speed--;
    speed_say(viewer);
}

unsigned ws__viewer_tick_length(const struct ws__viewer *viewer)
{
    return speed_table[viewer->speed].milliseconds;
}

void ws__viewer_tick(struct ws__viewer *viewer)
{
    enum ws_seek seek = ws_timeline_walk(viewer->timeline, speed_table[viewer->speed].instructions);
    if (seek == WS_SEEK_THERE) {
        ws__viewer_arrive(viewer);
        return;
    }
    viewer->playing = false;
    ws__viewer_arrived(viewer, seek, "");
}
