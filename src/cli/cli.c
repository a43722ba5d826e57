/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of commands, and the way to them.
 */
#define _POSIX_C_SOURCE 200809L

#include "front/commands.h"

#include <locale.h>
#include <signal.h>

#include "front/options.h"

const struct ws__command ws__commands[] = {
#define WS__COMMAND_ROW(text, name, function, summary) [WS__COMMAND_##name] = {text, function, summary},
    WS__COMMAND_TABLE(WS__COMMAND_ROW)
#undef WS__COMMAND_ROW
};

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
