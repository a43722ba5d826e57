/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The visualizer's loop: paint, wait for a key, do it.
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 600
#endif

#include "tui/tui.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "tui/screen.h"
#include "tui/viewer.h"

enum { QUEUE = 64, NOTES = 16 };

/* Keys that were pressed during a long jump, to be done after it. */
struct queue {
    char key[QUEUE][WS__KEY_BYTES];
    size_t first;
    size_t count;
};

struct tui {
    struct ws__viewer *viewer;
    struct ws__screen *screen;
    struct ws_rows rows;
    struct queue queue;
    unsigned asked; /* how often a jump asked whether to go on */
    bool gone;
    enum ws_status failure; /* what is shown would be wrong */
};

static void queue_put(struct queue *queue, const char *key)
{
    if (queue->count < QUEUE)
        snprintf(queue->key[(queue->first + queue->count++) % QUEUE], WS__KEY_BYTES, "%s", key);
}

static bool queue_get(struct queue *queue, char key[WS__KEY_BYTES])
{
    if (!queue->count)
        return false;
    snprintf(key, WS__KEY_BYTES, "%s", queue->key[queue->first]);
    queue->first = (queue->first + 1) % QUEUE;
    queue->count--;
    return true;
}

static void tui_paint(struct tui *tui)
{
    unsigned width, height;
    ws__screen_size(tui->screen, &width, &height);
    ws__viewer_resize(tui->viewer, width, height);
    ws_rows_clear(&tui->rows, width);
    ws_view_screen(&tui->rows, &tui->viewer->state);
    tui->failure = tui->rows.failed ? WS_NO_MEMORY : ws__viewer_failure(tui->viewer);
    if (tui->failure != WS_OK)
        return;
    ws__screen_theme(tui->screen, tui->viewer->theme);
    ws__screen_mouse(tui->screen, tui->viewer->mouse);
    ws__screen_paint(tui->screen, &tui->rows, tui->viewer->state.input_column);
}

/* A long jump asks whether to go on. */
static bool tui_asked(void *context, uint64_t mark)
{
    struct tui *tui = context;
    const char *errand = tui->viewer->errand;
    char key[WS__KEY_BYTES], note[80];
    enum ws__input input;

    if (tui->asked++ % NOTES == NOTES - 1) {
        if (errand)
            snprintf(note, sizeof note, " looking for \"%.20s\", mark %llu; Esc stops", errand,
                     (unsigned long long)mark);
        else
            snprintf(note, sizeof note, " running, mark %llu; Esc stops", (unsigned long long)mark);
        ws__screen_note(tui->screen, note);
    }
    while ((input = ws__screen_key(tui->screen, 0, key)) != WS__INPUT_NONE) {
        bool stop =
            input == WS__INPUT_STOP || input == WS__INPUT_GONE || (input == WS__INPUT_KEY && strcmp(key, "Esc") == 0);
        if (stop) {
            tui->queue.count = 0;
            tui->gone = input == WS__INPUT_GONE;
            return true;
        }
        if (input == WS__INPUT_KEY)
            queue_put(&tui->queue, key);
    }
    return false;
}

/* Wait for something to do, and do it; false when it was the last. */
static bool tui_turn(struct tui *tui)
{
    struct ws__viewer *viewer = tui->viewer;
    char key[WS__KEY_BYTES];
    int wait = viewer->playing ? (int)ws__viewer_tick_length(viewer) : -1;
    enum ws__input input = WS__INPUT_KEY;
    unsigned column, row;

    if (!queue_get(&tui->queue, key))
        input = ws__screen_key(tui->screen, wait, key);
    switch (input) {
    case WS__INPUT_KEY:
        tui->asked = 0;
        ws__viewer_key(viewer, key);
        break;
    case WS__INPUT_NONE:
        if (viewer->playing)
            ws__viewer_tick(viewer);
        break;
    case WS__INPUT_RESIZED:
        break;
    case WS__INPUT_CLICK:
        ws__screen_clicked(tui->screen, &column, &row);
        ws__viewer_click(viewer, column, row);
        break;
    case WS__INPUT_WHEEL_UP:
    case WS__INPUT_WHEEL_DOWN:
        ws__viewer_wheel(viewer, input == WS__INPUT_WHEEL_DOWN);
        break;
    case WS__INPUT_PASTE:
        ws__viewer_paste(viewer, ws__screen_pasted(tui->screen));
        break;
    case WS__INPUT_STOP:
        ws__viewer_interrupt(viewer);
        break;
    case WS__INPUT_GONE:
        return false;
    }
    return !viewer->leave && !tui->gone;
}

static void tui_loop(struct tui *tui, uint64_t mark)
{
    ws__viewer_interruptible(tui->viewer, tui_asked, tui);
    ws__viewer_arrive(tui->viewer);
    if (tui->viewer->options.tour)
        ws__tour_visit(tui->viewer, 1);
    else if (tui->viewer->options.offer)
        ws__viewer_say(tui->viewer, "welcome! t takes the guided tour, some minutes; other keys go on without it");
    tui_paint(tui);
    if (mark) {
        ws__viewer_arrived(tui->viewer, ws_timeline_seek(tui->viewer->timeline, mark), "mark so large");
        tui_paint(tui);
    }
    while (tui->failure == WS_OK && tui_turn(tui))
        tui_paint(tui);
}

enum ws_status ws_tui_run(const struct ws_tui_options *options, struct ws_buffer *why)
{
    struct tui tui = {0};
    struct ws_tui_options adapted = *options;
    enum ws_status status;

    setlocale(LC_ALL, "");
    adapted.ascii |= strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    status = ws__viewer_new(&tui.viewer, &adapted);
    if (status == WS_OK)
        status = ws__screen_open(&tui.screen, options->color, why);
    if (status == WS_OK) {
        ws_rows_init(&tui.rows, WS_SCREEN_WIDTH, adapted.ascii);
        tui_loop(&tui, options->mark);
        ws_rows_release(&tui.rows);
        status = tui.failure;
        if (options->frontier)
            *options->frontier = ws__viewer_frontier(tui.viewer);
    }
    ws__screen_close(tui.screen);
    ws__viewer_free(tui.viewer);
    if (status != WS_OK && !why->size)
        ws_buffer_printf(why, "%s; a smaller --memory may help", ws_status_text(status));
    return status;
}
