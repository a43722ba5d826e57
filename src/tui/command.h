/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands: what is typed behind ":", and in line mode without it.
 *
 *   NAME                a mark of the recorded session; NAME=NOTE names this one
 *   2080  2,080  0x820  a mark; +5 and -40 count from here
 *   end  why  set ...   the table below
 *   40s  step back      a request by its key or its name, with a number in front
 */
#ifndef WS_TUI_COMMAND_H
#define WS_TUI_COMMAND_H

#include <worldswitch/buffer.h>

#include "tui/viewer.h"

/* word, what may follow, what it does; its function is ws__command_WORD. */
/* clang-format off */
#define WS_COMMAND_TABLE(X)                                                                           \
    X(end, "", "to the instruction that caused the end of the run, and say how it ended")             \
    X(why, "all", "the same, and tell the chain of causes; with all, leave nothing out")              \
    X(set, "NAME=VALUE", "change eax, cr4, byte ADDRESS, phys ADDRESS, in a branch") \
    X(break, "WHERE", "a breakpoint at ADDRESS, cr3, eax, vector=14, byte ADDRESS, world=vmm")        \
    X(breaks, "", "list the breakpoints")                                                             \
    X(unbreak, "NUMBER", "remove a breakpoint of the list, or all")                                   \
    X(help, "WORD", "what a key, a request or a command does")                                        \
    X(theme, "NAME", "how the screen looks: terminal, contrast, colorblind")                          \
    X(mouse, "", "take clicks and the wheel; again: leave them to the terminal, to select text")      \
    X(q, "", "leave")
/* clang-format on */

typedef void ws__command(struct ws__viewer *viewer, const char *argument);
#define WS_COMMAND_DECLARE(word, what, text) ws__command ws__command_##word;
WS_COMMAND_TABLE(WS_COMMAND_DECLARE)
#undef WS_COMMAND_DECLARE

/* Do what a line says.  What went wrong is viewer->message. */
void ws__command_run(struct ws__viewer *viewer, const char *line);

/* Do what a line says that is one of the table with something behind it.  false: it is not. */
bool ws__command_with_argument(struct ws__viewer *viewer, const char *line);

/* A mark, as it may be typed; counted from the present one with a sign in front.  false: it is none. */
bool ws__command_mark(const struct ws__viewer *viewer, const char *text, uint64_t *mark);

/* Complete the word in front of the cursor of viewer->line.  If there are several ways, they are appended to `choice`,
 * with commas between. */
void ws__command_complete(struct ws__viewer *viewer, struct ws_buffer *choice);

#endif
