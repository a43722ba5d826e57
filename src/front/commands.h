/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program's commands.
 */
#ifndef WS_FRONT_COMMANDS_H
#define WS_FRONT_COMMANDS_H

#include "front/complain.h"

struct ws__options;

/* name, enumerator, function, what follows it, what it does */
#define WS__COMMAND_TABLE(X)                                                                                         \
    X("view", VIEW, ws__cmd_view, "the visualizer")                                                                  \
    X("run", RUN, ws__cmd_run, "run headless, serial port on standard output")                                       \
    X("trace", TRACE, ws__cmd_trace, "print the crossings and events of a run")                                      \
    X("why", WHY, ws__cmd_why, "run a guest to its end, and say why it ended so")                                    \
    X("lint", LINT, ws__cmd_lint, "run a guest, and say what the manual forbids and has not failed yet")             \
    X("figure", FIGURE, ws__cmd_figure, "draw figure 7-10 or 7-11 from the live machine")                            \
    X("compare", COMPARE, ws__cmd_compare, "context switch and world switch side by side: what changes, what stays") \
    X("audit", AUDIT, ws__cmd_audit, "go through the rules after each switch; which were broken, where, and why")    \
    X("diff", DIFF, ws__cmd_diff, "what differs between two marks of a run, by category, in words")                  \
    X("translate", TRANSLATE, ws__cmd_translate, "what the VMM's binary translator has made of which code, and why") \
    X("ablate", ABLATE, ws__cmd_ablate, "change each instruction of the switch in turn, report what goes wrong")     \
    X("image", IMAGE, ws__cmd_image, "write a built-in guest image to a file (it boots on QEMU and Bochs)")          \
    X("lesson", LESSON, ws__cmd_lesson, "labs: list, show, start, check, hint, quiz")                                \
    X("grade", GRADE, ws__cmd_grade, "check many submissions of a lab, and write a report")                          \
    X("lua", LUA, ws__cmd_lua, "run a script against the library")                                                   \
    X("doctor", DOCTOR, ws__cmd_doctor, "what works here, and what to do about the rest")                            \
    X("help", HELP, ws__cmd_help, "this text")                                                                       \
    X("version", VERSION, ws__cmd_version, "the version, and how this copy was built")

enum ws__command_name {
#define WS__COMMAND_ENUM(text, name, function, summary) WS__COMMAND_##name,
    WS__COMMAND_TABLE(WS__COMMAND_ENUM)
#undef WS__COMMAND_ENUM
        WS__COMMANDS
};

struct ws__command {
    const char *name;
    int (*run)(const struct ws__options *options); /* returns the exit status */
    const char *summary;
};

#define WS__COMMAND_DECLARE(text, name, function, summary) int function(const struct ws__options *options);
WS__COMMAND_TABLE(WS__COMMAND_DECLARE)
#undef WS__COMMAND_DECLARE

/* WS__COMMANDS rows, by enum ws__command_name. */
extern const struct ws__command ws__commands[];

/* The whole program.  Returns the exit status. */
int ws__cli_main(int argc, char **argv);

#endif
