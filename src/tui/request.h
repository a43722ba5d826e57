/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests: everything a person can ask the visualizer for, in one table.
 *
 * The table feeds the keys, the key line, the help panel and the list in the manual page.  A new key is a new row and a
 * function in the session's table; a row without a function does not compile.
 */
#ifndef WS_TUI_REQUEST_H
#define WS_TUI_REQUEST_H

#include <stddef.h>

#include <worldswitch/view.h>

/* name, keys (several are separated by blanks), two words for the key line, what it does, the key that reverses it.
 * Rows without keys text are not listed in the help: the row that reverses them lists them. */
#define WS_REQUEST_TABLE(X)                                                                                            \
    X(STEP, "s Right", "step", "one instruction", "S")                                                                 \
    X(STEP_BACK, "S Left", "", "", "")                                                                                 \
    X(OVER, "n", "over", "one instruction; calls and interrupts count as one", "N")                                    \
    X(OVER_BACK, "N", "", "", "")                                                                                      \
    X(CROSSING, "c", "next switch", "to the next crossing, context or world switch", "C")                              \
    X(CROSSING_BACK, "C", "", "", "")                                                                                  \
    X(WORLD, "w", "world switch", "to the next world switch", "W")                                                     \
    X(WORLD_BACK, "W", "", "", "")                                                                                     \
    X(FINISH, "f", "", "to the end of this crossing or handler", "F")                                                  \
    X(FINISH_BACK, "F", "", "", "")                                                                                    \
    X(START, "g Home", "", "to the start of the timeline", "G")                                                        \
    X(END, "G End", "", "", "")                                                                                        \
    X(COMMAND, ":", "", "a number goes to that mark", "")                                                              \
    X(MARK_SET, "m", "", "and a letter: name this mark", "")                                                           \
    X(MARK_VISIT, "'", "", "and a letter: go to the mark of that name", "")                                            \
    X(BREAKPOINT, "b", "", "breakpoint here, or at the cursor of the code panel", "")                                  \
    X(SEARCH, "/", "", "search: cr3, eip=ADDRESS, vector=14, world=NAME", "")                                          \
    X(SEARCH_NEXT, "]", "", "the next place like that", "[")                                                           \
    X(SEARCH_BACK, "[", "", "", "")                                                                                    \
    X(PANEL_NEXT, "Tab", "", "the next panel", "")                                                                     \
    X(PANEL, "1 2 3 4 5 6 7", "", "a panel; again: its next section", "")                                              \
    X(DOWN, "j Down", "", "scroll the panel, move its cursor", "k")                                                    \
    X(UP, "k Up", "", "", "")                                                                                          \
    X(PAGE_DOWN, "PgDn", "", "the same by pages", "PgUp")                                                              \
    X(PAGE_UP, "PgUp", "", "", "")                                                                                     \
    X(GO, "Enter", "", "go to the chosen crossing", "")                                                                \
    X(MAXIMIZE, "o", "", "maximize the panel, or make it small again", "")                                             \
    X(WALK, "p", "", "choose the address, or symbol, whose page walk is shown", "")                                    \
    X(SYNTAX, "a", "", "AT&T or Intel syntax", "")                                                                     \
    X(PLAY, "Space", "", "play; again: pause", "")                                                                     \
    X(FASTER, "+", "", "play faster", "-")                                                                             \
    X(SLOWER, "-", "", "", "")                                                                                         \
    X(DUMP, "d", "", "write the screen to a file, as text", "")                                                        \
    X(HELP, "? h F1", "help", "this help", "")                                                                         \
    X(QUIT, "q F10", "leave", "leave", "")

enum ws_request {
#define WS_REQUEST_ENUM(name, keys, hint, text, back) WS_REQUEST_##name,
    WS_REQUEST_TABLE(WS_REQUEST_ENUM)
#undef WS_REQUEST_ENUM
        WS_REQUEST_COUNT,
    WS_REQUEST_NONE = WS_REQUEST_COUNT
};

/* The name of a key as the table writes it: "s", "Space", "PgUp".  `*which` is its place among the request's keys, from
 * 0.  WS_REQUEST_NONE if no request has it. */
enum ws_request ws__request_find(const char *key, unsigned *which);

/* Fill `key` with the rows for the help and the key line; returns how many, at most WS_REQUEST_COUNT. */
size_t ws__request_keys(struct ws_view_key key[WS_REQUEST_COUNT]);

#endif
