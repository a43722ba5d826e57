/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests: everything a person can ask the visualizer for, in one table.
 *
 * The table feeds the keys, the key line, the help panel and the list in the manual page. A new key
 * is a new row and a function; a row without a function does not link.
 */
#ifndef WS_TUI_REQUEST_H
#define WS_TUI_REQUEST_H

#include <stddef.h>

#include <worldswitch/view.h>

/* name, its function ws__do_..., keys (several are separated by blanks), two words for the key
 * line, what it does, the key that reverses it. Rows that say nothing are not listed in the help:
 * the row that they reverse lists them. */
/* clang-format off */
#define WS_REQUEST_TABLE(X)                                                                         \
    X(STEP, step, "s Right", "step", "one instruction", "S")                                        \
    X(STEP_BACK, step_back, "S Left", "back", "", "")                                               \
    X(OVER, over, "n", "over", "one instruction; calls and interrupts count as one", "N")           \
    X(OVER_BACK, over_back, "N", "", "", "")                                                        \
    X(CROSSING, crossing, "c", "next switch", "to the next crossing, context or world switch", "C") \
    X(CROSSING_BACK, crossing_back, "C", "", "", "")                                                \
    X(WORLD, world, "w", "world switch", "to the next world switch", "W")                           \
    X(WORLD_BACK, world_back, "W", "", "", "")                                                      \
    X(FINISH, finish, "f", "", "to the end of this crossing or handler", "F")                       \
    X(FINISH_BACK, finish_back, "F", "", "", "")                                                    \
    X(BACK, back, "Ctrl-O", "", "back to where the last jump began", "")                            \
    X(TIMES, times, "0", "", "digits, then a key: it is pressed so often; 40s needs no 0 before", "") \
    X(START, start, "g Home", "", "to the start of the timeline", "G")                              \
    X(END, end, "G End", "", "", "")                                                                \
    X(COMMAND, command, ":", "", "a command: a mark, a request, set, why, help WORD; Tab completes", "") \
    X(MARK_SET, mark_set, "m", "", "and a letter: name this mark", "")                              \
    X(MARK_VISIT, mark_visit, "'", "", "and a letter: go to the mark of that name", "")             \
    X(TYPE, type, "y", "", "type a line on the guest's keyboard", "")                                \
    X(BREAKPOINT, breakpoint, "b", "", "breakpoint here, or at the cursor of the code panel", "")   \
    X(SEARCH, search, "/", "", "search: cr3, eip=ADDRESS, vector=14, world=NAME", "")               \
    X(SEARCH_NEXT, search_next, "]", "", "the next place like that", "[")                           \
    X(SEARCH_BACK, search_back, "[", "", "", "")                                                    \
    X(PANEL_NEXT, panel_next, "Tab", "", "the next panel", "")                                      \
    X(PANEL, panel, "1 2 3 4 5 6 7 8 9", "", "a panel; again: its next section", "")                  \
    X(STACK, stack, "e", "", "panel: the stack, frames, contexts in the cross page", "")              \
    X(MEMORY, memory, "i", "", "panel: memory at an address, or symbol", "")                        \
    X(DEVICES, devices, "v", "", "panel: the devices", "")                                          \
    X(DIFFERENCE, difference, "=", "", "panel: what differs from the last switch; again: from here on", "") \
    X(NOTES, notes, "r", "", "panel: marks with names, places found", "")                           \
    X(DOWN, down, "j Down", "", "scroll the panel, move its cursor", "k")                           \
    X(UP, up, "k Up", "", "", "")                                                                   \
    X(PAGE_DOWN, page_down, "PgDn", "", "the same by pages", "PgUp")                                \
    X(PAGE_UP, page_up, "PgUp", "", "", "")                                                         \
    X(GO, go, "Enter", "", "go to the chosen crossing, step or note", "")                                         \
    X(MAXIMIZE, maximize, "o", "", "maximize the panel, or make it small again", "")                \
    X(WALK, walk, "p", "", "choose the address, or symbol, whose page walk is shown", "")           \
    X(WITHOUT, without, "x", "", "go on without this instruction, in a branch of the run", "X")     \
    X(RECORDED, recorded, "X", "", "", "")                                                          \
    X(SYNTAX, syntax, "a", "", "AT&T or Intel syntax", "")                                          \
    X(PLAY, play, "Space", "", "play; again: pause", "")                                            \
    X(FASTER, faster, "+", "", "play faster", "-")                                                  \
    X(SLOWER, slower, "-", "", "", "")                                                              \
    X(TOUR, tour, "t", "tour", "the guided tour: begin, go on; Esc ends it", "T")                    \
    X(TOUR_BACK, tour_back, "T", "", "", "")                                                        \
    X(TIME_ON, time_on, "}", "", "move the cursor of the time strip; Enter goes there", "{")         \
    X(TIME_BACK, time_back, "{", "", "", "")                                                        \
    X(ZOOM, zoom, "z", "", "zoom into the time strip", "Z")                                         \
    X(ZOOM_OUT, zoom_out, "Z", "", "", "")                                                          \
    X(DUMP, dump, "d", "", "write the screen to a file, as text", "")                               \
    X(HELP, help, "? h F1", "help", "this help", "")                                                \
    X(QUIT, quit, "q F10", "leave", "leave", "")
/* clang-format on */

enum ws_request {
#define WS_REQUEST_ENUM(name, verb, keys, hint, text, back) WS_REQUEST_##name,
    WS_REQUEST_TABLE(WS_REQUEST_ENUM)
#undef WS_REQUEST_ENUM
        WS_REQUEST_COUNT,
    WS_REQUEST_NONE = WS_REQUEST_COUNT
};

/* The name of a key as the table writes it: "s", "Space", "PgUp". `*which` is its place among the
 * request's keys, from 0.  WS_REQUEST_NONE if no request has it. */
enum ws_request ws__request_find(const char *key, unsigned *which);

/* The request whose name a line begins with, as words: "step back"; the longest of several.  `*length` gets how long
 * the name is.  WS_REQUEST_NONE if there is none. */
enum ws_request ws__request_named(const char *line, size_t *length);

/* Its row of the table; a constant.  Its name, as "step_back". */
const struct ws_view_key *ws__request_row(enum ws_request request);
const char *ws__request_name(enum ws_request request);

/* The name of its first key. */
void ws__request_key(enum ws_request request, char *key, size_t bytes);

/* Fill `key` with the rows for the help (those with a text) and the key line (with a hint); returns
 * how many, at most
 * WS_REQUEST_COUNT. */
size_t ws__request_keys(struct ws_view_key key[WS_REQUEST_COUNT]);

#endif
