/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of commands, and the way to them.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"

const struct ws__command ws__commands[] = {
#define WS__COMMAND_ROW(text, name, function, summary) [WS__COMMAND_##name] = {text, function, summary},
    WS__COMMAND_TABLE(WS__COMMAND_ROW)
#undef WS__COMMAND_ROW
};

void ws__complain(const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("worldswitch: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    if (hint)
        fprintf(stderr, "worldswitch: %s\n", hint);
    va_end(arguments);
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
