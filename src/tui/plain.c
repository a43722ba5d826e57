/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Line mode, and scripts: a viewer without a screen.
 */
#define _POSIX_C_SOURCE 200809L

#include "tui/plain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/rescue.h"
#include "tui/typed.h"

enum {
    PANEL_ROWS = 16,
    SCRIPT_BOUND = 200000000 /* instructions: a journey of a script looks no farther for what may never come */
};

/* -- answers ----------------------------------------------------------------------------------- */

/* A panel's section begins with a rule, "-- flags -----": its title is said without the line.  What is nothing but a
 * line is left out. */
static void row_print(const char *row, size_t length)
{
    bool rule = length > 3 && !memcmp(row, "-- ", 3);
    size_t drawn = strspn(row, "-+| ");
    while (rule && length > 3 && strchr("- ", row[length - 1]))
        length--;
    if (rule)
        printf("%.*s:\n", (int)length - 3, row + 3);
    else if (drawn < length)
        printf("%.*s\n", (int)length, row);
}

static enum ws_status rows_print(const struct ws_rows *rows)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_rows_write(rows, &text);
    enum ws_status status = rows->failed || text.failed ? WS_NO_MEMORY : WS_OK;
    const char *row = ws_buffer_text(&text);
    while (status == WS_OK && *row) {
        size_t length = strcspn(row, "\n");
        row_print(row, length);
        row += length + (row[length] == '\n');
    }
    ws_buffer_release(&text);
    return status;
}

static enum ws_status view_print(const struct ws__viewer *viewer, ws_view_draw *draw)
{
    struct ws_view_state state = viewer->state;
    struct ws_rows rows;
    state.ascii = true;
    state.width = WS_SCREEN_WIDTH;
    state.height = PANEL_ROWS;
    ws_rows_init(&rows, state.width, true);
    draw(&rows, &state);
    enum ws_status status = rows_print(&rows);
    ws_rows_release(&rows);
    return status;
}

/* The list of requests: a sentence each. */
static void help_print(const struct ws__viewer *viewer)
{
    printf("Type a request and Enter.  A number in front repeats it: 40s.  Enter alone says again where this is.\n");
    for (size_t at = 0; at < viewer->state.keys; at++) {
        const struct ws_view_key *key = &viewer->key[at];
        if (!*key->text)
            continue;
        for (const char *letter = key->keys; *letter; letter++)
            printf(*letter == ' ' ? " or " : "%c", *letter);
        printf(": %s.", key->text);
        if (*key->back)
            printf("  %s goes the other way.", key->back);
        putchar('\n');
    }
}

static void tour_print(const struct ws_view_state *state)
{
    if (state->tour)
        printf("Tour, step %u of %u: %s\n", state->tour_number, state->tour_count, state->tour);
}

/* What the viewer was before a request. */
struct before {
    uint64_t mark;
    unsigned panel;
    const char *tour;
    const struct ws__branch *branch;
};

static enum ws_status answer(struct ws__viewer *viewer, const char *line, const struct before *before)
{
    const struct ws_view_state *state = &viewer->state;
    enum ws_status status = WS_OK;
    bool asked = !*line, moved = state->mark != before->mark || viewer->branch != before->branch;
    if (viewer->playing) {
        viewer->playing = false;
        ws__viewer_say(viewer, "line mode does not play; 40s makes 40 steps");
    }
    if (state->message)
        printf("%s\n", state->message);
    if (state->tour != before->tour || asked)
        tour_print(state);
    if (state->panel == WS_PANEL_HELP && !state->post_mortem)
        help_print(viewer);
    else if (state->panel != before->panel || (*line && !moved && !state->message))
        status = view_print(viewer, ws_panel_info((enum ws_panel)state->panel)->draw);
    if (state->panel == WS_PANEL_HELP)
        ws__viewer_key(viewer, "Esc");
    if (status == WS_OK && (moved || asked) && viewer->prompt == WS__PROMPT_NONE)
        status = view_print(viewer, ws_view_plain);
    return status;
}

/* -- the loop ---------------------------------------------------------------------------------- */

/* Ctrl-C ends a long jump, and nothing else. */
static bool jump_asked(void *context, uint64_t mark)
{
    (void)context;
    (void)mark;
    return ws__rescue_interrupted();
}

/* Read a line; false at the end of the input. */
static bool line_read(char **line, size_t *room)
{
    for (;;) {
        if (isatty(STDIN_FILENO))
            printf("> ");
        fflush(stdout);
        errno = 0;
        ssize_t length = getline(line, room, stdin);
        if (length >= 0) {
            (*line)[strcspn(*line, "\r\n")] = '\0';
            return true;
        }
        if (!ws__rescue_interrupted() || errno != EINTR || ws__rescue_told())
            return false;
        clearerr(stdin);
        printf("\nq and Enter leaves; ? lists the requests\n");
    }
}

static enum ws_status turns_take(struct ws__viewer *viewer)
{
    char *line = NULL;
    size_t room = 0;
    enum ws_status status = view_print(viewer, ws_view_plain);
    tour_print(&viewer->state);
    while (status == WS_OK && !viewer->leave && line_read(&line, &room)) {
        struct before before = {viewer->state.mark, viewer->state.panel, viewer->state.tour, viewer->branch};
        viewer->state.message = NULL;
        if (*line || viewer->prompt != WS__PROMPT_NONE)
            ws__typed_line(viewer, line);
        if (!viewer->leave)
            status = answer(viewer, line, &before);
        if (status == WS_OK)
            status = ws__viewer_failure(viewer);
    }
    free(line);
    return status;
}

/* A viewer that stands where the options say. */
static enum ws_status viewer_open(struct ws__viewer **out, const struct ws_tui_options *options)
{
    enum ws_status status = ws__viewer_new(out, options);
    if (status != WS_OK)
        return status;
    ws__viewer_arrive(*out);
    if (options->tour)
        ws__tour_visit(*out, 1);
    if (options->mark)
        ws__viewer_arrived(*out, ws_timeline_seek((*out)->timeline, options->mark), "mark so large");
    return ws__viewer_failure(*out);
}

static void viewer_close(struct ws__viewer *viewer, const struct ws_tui_options *options)
{
    if (viewer && options->frontier)
        *options->frontier = ws__viewer_frontier(viewer);
    ws__viewer_free(viewer);
}

enum ws_status ws_tui_plain(const struct ws_tui_options *options)
{
    struct ws__viewer *viewer = NULL;
    ws__rescue_catch();
    enum ws_status status = viewer_open(&viewer, options);
    if (status == WS_OK) {
        ws__viewer_interruptible(viewer, jump_asked, NULL);
        status = turns_take(viewer);
    }
    viewer_close(viewer, options);
    return status;
}

enum ws_status ws_tui_script(const struct ws_tui_options *options, const struct ws_tui_script *script,
                             struct ws_buffer *out, struct ws_buffer *why)
{
    struct ws__viewer *viewer = NULL;
    enum ws_status status = viewer_open(&viewer, options);
    if (status == WS_OK) {
        ws__viewer_resize(viewer, script->width, script->height);
        ws_timeline_bound(viewer->timeline, SCRIPT_BOUND); /* a script cannot press Esc */
        const char *wrong = ws__typed_keys(viewer, script->keys);
        if (wrong) {
            ws_buffer_printf(why, "\"%s\": no key has this name; such as <Enter>, <PgDn>", wrong);
            status = WS_BAD_ARGUMENT;
        } else {
            status = ws__viewer_failure(viewer);
        }
    }
    if (status == WS_OK)
        status = script->svg ? ws__viewer_picture(viewer, out) : ws__viewer_screen(viewer, out);
    viewer_close(viewer, options);
    return status;
}
