/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of commands, and the way to them.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "base/printable.h"

const struct ws__command ws__commands[] = {
#define WS__COMMAND_ROW(text, name, function, summary) [WS__COMMAND_##name] = {text, function, summary},
    WS__COMMAND_TABLE(WS__COMMAND_ROW)
#undef WS__COMMAND_ROW
};

enum { LINE_BYTES = 1 << 14 };

/* Paths, names and notes in it come from anybody; whatever they are, it is one line.  Memory is not needed for it. */
static void line_say(const char *text)
{
    char line[LINE_BYTES], shown[LINE_BYTES];
    ws__printable_copy(shown, sizeof shown - sizeof "worldswitch: \n", text);
    int length = snprintf(line, sizeof line, "worldswitch: %s\n", shown);
    fwrite(line, 1, (size_t)length, stderr);
}

void ws__complain(const char *hint, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    line_say(text);
    if (hint)
        line_say(hint);
}

int ws__complain_unread(enum ws_status status, const char *path)
{
    int error = errno;
    if (status == WS_NO_MEMORY)
        return ws__complain_status(status, path);
    ws__complain(NULL, "cannot read \"%s\": %s", path, error ? strerror(error) : ws_status_text(status));
    return WS__EXIT_USAGE;
}

int ws__complain_status(enum ws_status status, const char *what)
{
    const char *hint = status == WS_ENGINE ? "\"worldswitch doctor\" says more" : NULL;
    ws__complain(hint, "%s: %s", what, ws_status_text(status));
    return status == WS_BAD_ARGUMENT || status == WS_BAD_IMAGE || status == WS_UNSUPPORTED || status == WS_NO_ROOM
               ? WS__EXIT_USAGE
               : WS__EXIT_HOST;
}

int ws__cli_main(int argc, char **argv)
{
    struct ws__options options;
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is seen where it is written to */
    int status = ws__options_parse(&options, argc, argv);
    if (status != WS__EXIT_DONE)
        return status;
    if (options.version)
        return ws__cmd_version(&options);
    if (options.help)
        return ws__cmd_help(&options);
    return ws__commands[options.command].run(&options);
}
