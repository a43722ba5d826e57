/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view: the visualizer.
 */
#define _POSIX_C_SOURCE 200809L

#include <unistd.h>

#include "front/record.h"
#include "front/system.h"
#include "tui/tui.h"

int ws__cmd_view(const struct ws__options *options)
{
    struct ws__system system;
    struct ws_buffer why = WS_BUFFER_INIT;
    uint64_t frontier = 0;
    int result = ws__system_open(&system, options, true, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    struct ws_tui_options tui = {
        .machine = system.machine,
        .watcher = system.watcher,
        .symbols = system.symbols,
        .record = system.session,
        .records = options->record != NULL,
        .frontier = &frontier,
        .syntax = (enum ws_syntax)options->syntax,
        .ascii = options->ascii,
        .color = ws__options_colored(options, STDOUT_FILENO),
        .history_bytes = options->history_bytes,
        .mark = system.placed ? system.session->end : 0,
    };
    if (system.placed && (result = ws__record_verify(system.session, tui.mark)) != WS__EXIT_DONE) {
        ws__system_close(&system);
        return result;
    }
    enum ws_status status = ws_tui_run(&tui, &why);
    if (status != WS_OK) {
        ws__complain(status == WS_UNSUPPORTED ? "\"worldswitch trace\" needs no terminal" : NULL, "%s",
                     why.size ? ws_buffer_text(&why) : ws_status_text(status));
        result = WS__EXIT_HOST;
    } else if (options->record) {
        result = ws__record_end_visited(&system, options, frontier);
    }
    ws_buffer_release(&why);
    ws__system_close(&system);
    return result;
}
