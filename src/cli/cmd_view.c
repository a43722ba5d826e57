/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view: the visualizer, on a terminal, by lines, or by a script.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <worldswitch/view.h>

#include "front/record.h"
#include "front/system.h"
#include "tui/first.h"
#include "tui/plain.h"
#include "tui/terminal.h"
#include "tui/tui.h"

/* The size of a script's screen. */
static int size_parse(const char *text, unsigned *columns, unsigned *rows)
{
    int end = 0;
    *columns = WS_SCREEN_WIDTH;
    *rows = WS_SCREEN_HEIGHT;
    if (!text || (sscanf(text, "%3ux%3u%n", columns, rows, &end) == 2 && !text[end] && *columns && *rows))
        return WS__EXIT_DONE;
    ws__complain("such as: --size 80x24, each below 1000", "--size: \"%s\" is no size", text);
    return WS__EXIT_USAGE;
}

static int script_check(const struct ws__options *options)
{
    if (options->script && options->plain)
        ws__complain("leave one of them away", "--script and --plain: a script has a screen, line mode has none");
    else if (!options->script && (options->dump || options->size))
        ws__complain("give the keys: --script KEYS", "--%s: there is no script", options->dump ? "dump" : "size");
    else
        return WS__EXIT_DONE;
    return WS__EXIT_USAGE;
}

static bool ends(const char *name, const char *with)
{
    size_t length = name ? strlen(name) : 0, least = strlen(with);
    return length > least && strcmp(name + length - least, with) == 0;
}

static int script_run(const struct ws__options *options, const struct ws_tui_options *tui)
{
    struct ws_tui_script script = {.keys = options->script, .svg = ends(options->dump, ".svg")};
    struct ws_buffer screen = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    int result = size_parse(options->size, &script.width, &script.height);
    if (result != WS__EXIT_DONE)
        return result;
    enum ws_status status = ws_tui_script(tui, &script, &screen, &why);
    bool to_file = options->dump && strcmp(options->dump, "-") != 0;
    if (why.failed) {
        result = ws__complain_status(WS_NO_MEMORY, "--script");
    } else if (status == WS_BAD_ARGUMENT) {
        ws__complain(NULL, "--script: %s", ws_buffer_text(&why));
        result = WS__EXIT_USAGE;
    } else if (status != WS_OK) {
        result = ws__complain_status(status, "--script");
    } else if (to_file && ws_file_write(options->dump, screen.data, screen.size) != WS_OK) {
        ws__complain("choose another file", "\"%s\": %s", options->dump, strerror(errno));
        result = WS__EXIT_HOST;
    } else if (!to_file) {
        fwrite(screen.data, 1, screen.size, stdout);
    }
    ws_buffer_release(&screen);
    ws_buffer_release(&why);
    return result;
}

/* A terminal that cannot place a cursor gets line mode by itself. */
static bool is_dumb(void)
{
    struct ws__terminal terminal;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return false;
    ws__terminal_look(&terminal, STDOUT_FILENO);
    return terminal.known && !terminal.can_place;
}

static int viewer_run(const struct ws__options *options, const struct ws_tui_options *tui)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    int result = WS__EXIT_DONE;
    if (options->script)
        return script_run(options, tui);
    enum ws_status status = options->plain || is_dumb() ? ws_tui_plain(tui) : ws_tui_run(tui, &why);
    if (why.failed) {
        result = ws__complain_status(WS_NO_MEMORY, "the terminal");
    } else if (status != WS_OK) {
        ws__complain(status == WS_UNSUPPORTED ? "\"worldswitch view --plain\" needs no terminal" : NULL, "%s",
                     why.size ? ws_buffer_text(&why) : ws_status_text(status));
        result = WS__EXIT_HOST;
    }
    ws_buffer_release(&why);
    return result;
}

static enum ws_tui_system system_of(const struct ws__options *options)
{
    return options->image ? WS_TUI_OTHER : options->lab ? WS_TUI_LAB : WS_TUI_HOSTED;
}

/* The tour is offered once, to a person at a terminal who has asked for nothing special. */
static bool offers(const struct ws__options *options)
{
    return !options->script && !options->plain && !options->image && !options->record && isatty(STDIN_FILENO) &&
           isatty(STDOUT_FILENO) && !is_dumb() && ws__first_time();
}

/* Look at one system.  `*next` gets the one in which the tour goes on, if it does; it says whether this one begins with
 * it. */
static int system_view(const struct ws__options *options, uint8_t *next)
{
    struct ws__system system;
    uint64_t frontier = 0;
    bool tour = *next != WS_TUI_OTHER;
    int result = ws__system_open(&system, options, true, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    *next = WS_TUI_OTHER;
    struct ws_tui_options tui = {
        .machine = system.machine,
        .watcher = system.watcher,
        .symbols = system.symbols,
        .record = system.session,
        .records = options->record != NULL,
        .replays = system.replays,
        .frontier = &frontier,
        .syntax = (enum ws_syntax)options->syntax,
        .ascii = options->ascii,
        .color = ws__options_colored(options, STDOUT_FILENO),
        .theme = (uint8_t)options->theme,
        .mouse = options->mouse,
        .history_bytes = options->history_bytes,
        .mark = system.placed ? system.session->end : 0,
        .system = (uint8_t)system_of(options),
        .tour = tour,
        .offer = !tour && offers(options),
        .next = options->script || options->record ? NULL : next,
    };
    if (system.placed && (result = ws__record_verify(system.session, tui.mark)) != WS__EXIT_DONE) {
        ws__system_close(&system);
        return result;
    }
    result = viewer_run(options, &tui);
    if (result == WS__EXIT_DONE && options->record)
        result = ws__record_end_visited(&system, options, frontier);
    ws__system_close(&system);
    return result;
}

int ws__cmd_view(const struct ws__options *options)
{
    struct ws__options now = *options;
    uint8_t next = WS_TUI_OTHER;
    int result = script_check(options);
    if (result != WS__EXIT_DONE)
        return result;
    do {
        result = system_view(&now, &next);
        now.lab = next == WS_TUI_LAB;
    } while (result == WS__EXIT_DONE && next != WS_TUI_OTHER);
    return result;
}
