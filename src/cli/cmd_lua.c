/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lua: run a script against the library.  What its calls of expect() found is told at its end.
 */
#include <errno.h>

#include "front/options.h"
#include "front/output.h"
#include "lesson/lua/script.h"

static int report_write(const struct ws__options *options, const struct ws__report *report)
{
    struct ws__output output;
    if (!report->results)
        return WS__EXIT_DONE;
    int status = ws__output_open(&output, options->output);
    if (status != WS__EXIT_DONE)
        return status;
    ws__report_text(report, &output.pending);
    return ws__output_close(&output, ws__report_passed(report) ? WS__EXIT_DONE : WS__EXIT_WANTING);
}

static int script_run(const struct ws__options *options, struct ws__script *script)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    const char *path = options->word[0];
    errno = 0;
    enum ws_status status = ws__script_run(script, path, options->word + 1, options->words - 1, &why);
    int result = ws__output_printed(); /* what the script has printed itself is in C's buffer */
    if (status == WS_BAD_FILE || status == WS_NO_MEMORY) {
        result = ws__complain_unread(status, path);
    } else if (status != WS_OK) {
        result = ws__complain_why(status, path, &why);
    }
    ws_buffer_release(&why);
    return result == WS__EXIT_DONE ? report_write(options, ws__script_report(script)) : result;
}

int ws__cmd_lua(const struct ws__options *options)
{
    struct ws__script *script;
    if (!options->words) {
        ws__complain("such as: worldswitch lua SCRIPT.lua", "name the script");
        return WS__EXIT_USAGE;
    }
    enum ws_status status = ws__script_new(&script, WS__SCRIPT_OPEN, 0);
    if (status == WS_UNSUPPORTED) {
        ws__complain("install liblua5.4-dev, then configure and build again", "this copy was built without Lua");
        return WS__EXIT_HOST;
    }
    if (status != WS_OK)
        return ws__complain_status(status, options->word[0]);
    int result = script_run(options, script);
    ws__script_free(script);
    return result;
}
