/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * help and version: drawn from the tables of commands and options.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "front/options.h"
#include "front/output.h"
#include "front/wrapped.h"

static const char exit_statuses[] = "\nExit status: 0 done; odd: the guest left through port 0xf4; 2 bad usage or\n"
                                    "unreadable input; 4 the guest triple-faulted; 6 the instruction limit was\n"
                                    "reached; 8 the guest sleeps for ever; 10 the host failed (memory, file,\n"
                                    "terminal); 12 checked and found wanting; 130 interrupted.\n";

static void program_help(void)
{
    printf("worldswitch [COMMAND] [OPTIONS] [IMAGE]\n"
           "Watch context switches and world switches, made by real x86 code on an\nemulated CPU.\n\n"
           "Commands (without one: view on a terminal, else trace):\n");
    for (unsigned i = 0; i < WS__COMMANDS; i++) {
        printf("  %-9s  ", ws__commands[i].name);
        ws__wrapped_write(stdout, ws__commands[i].summary, 13, 13);
    }
    printf("\nIMAGE is a multiboot ELF file, or with --flat any 32-bit code; without one, the\n"
           "built-in hosted system is used, or with --lab the laboratory.\n\nOptions:\n");
    ws__options_list(stdout, WS__COMMANDS);
    fputs(exit_statuses, stdout);
}

/* What follows a command's options. */
static const char *words_of(enum ws__command_name command)
{
    if (command == WS__COMMAND_ABLATE)
        return "[NUMBER | --merge FILE...]";
    if (command == WS__COMMAND_FIGURE)
        return "7-10 | 7-11 [IMAGE]";
    if (command == WS__COMMAND_HELP)
        return "[COMMAND]";
    if (command == WS__COMMAND_LESSON)
        return "list | show N | start N [DIR] | check N [FILE | NAME=ANSWER...] | hint N [HINT] | quiz N";
    if (command == WS__COMMAND_GRADE)
        return "SUBMISSIONS --lesson N";
    if (command == WS__COMMAND_LUA)
        return "SCRIPT [WORD...]";
    if (command == WS__COMMAND_DIFF)
        return "MARK MARK [IMAGE]";
    if (command == WS__COMMAND_TRANSLATE)
        return "[MARK] [IMAGE]";
    return command <= WS__COMMAND_AUDIT ? "[IMAGE]" : "";
}

/* What else is to be known of a command. */
static const char *notes_of(enum ws__command_name command)
{
    if (command == WS__COMMAND_FIGURE)
        return "\nFigures, of Modern Operating Systems, section 7.12:\n"
               "  7-10  the hosted architecture, with the way of the last forwarded interrupt\n"
               "        and of the last request of the virtual machine\n"
               "  7-11  both address spaces of a context switch and of a world switch\n";
    if (command == WS__COMMAND_ABLATE)
        return "\nNUMBER is one of the 45 instructions: only that one is tried.\n";
    return "";
}

static void command_help(enum ws__command_name name)
{
    const struct ws__command *command = &ws__commands[name];
    size_t column = (size_t)printf("worldswitch %s [OPTIONS] ", command->name);
    ws__wrapped_write(stdout, words_of(name), column, column);
    printf("%s\n%s\nOptions:\n", command->summary, notes_of(name));
    ws__options_list(stdout, name);
    fputs(exit_statuses, stdout);
}

/* "help view" is "view --help". */
static int word_help(const char *word)
{
    for (unsigned i = 0; i < WS__COMMANDS; i++) {
        if (strcmp(ws__commands[i].name, word) != 0)
            continue;
        command_help((enum ws__command_name)i);
        return ws__output_printed();
    }
    ws__complain("\"worldswitch help\" lists the commands", "\"%s\" is no command", word);
    return WS__EXIT_USAGE;
}

int ws__cmd_help(const struct ws__options *options)
{
    if (options->named && options->command == WS__COMMAND_HELP && options->words)
        return word_help(options->word[0]);
    if (!options->named || options->command == WS__COMMAND_HELP)
        program_help();
    else
        command_help(options->command);
    return ws__output_printed();
}
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION  "unknown"
#define WS_BUILD_SUMMARY "built without configure"
#endif

int ws__cmd_version(const struct ws__options *options)
{
    printf("worldswitch %s\n", PACKAGE_VERSION);
    if (!options->quiet)
        printf("%s\n", WS_BUILD_SUMMARY);
    return ws__output_printed();
}
