/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The visualizer: a terminal on a timeline.
 */
#ifndef WS_TUI_TUI_H
#define WS_TUI_TUI_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/crossing.h>
#include <worldswitch/disasm.h>
#include <worldswitch/image.h>
#include <worldswitch/machine.h>
#include <worldswitch/session.h>
#include <worldswitch/status.h>

/* Which system is looked at: the guided tour is about two of them. */
enum ws_tui_system { WS_TUI_OTHER, WS_TUI_LAB, WS_TUI_HOSTED };

/* What to show; everything is borrowed until ws_tui_run() returns. */
struct ws_tui_options {
    struct ws_machine *machine;       /* loaded, not run yet */
    struct ws_watcher *watcher;       /* of this machine, since before its first instruction, names given */
    const struct ws_symbols *symbols; /* may be NULL */
    struct ws_session *record;        /* with named marks and notes to go to; may be NULL */
    bool records;                     /* names that the person gives go there */
    bool replays;                     /* the run is a recorded one: it has its input */
    uint64_t mark;                    /* go there first; 0: stay at the start */
    uint64_t *frontier;               /* gets how far the run has been; may be NULL */
    uint64_t history_bytes;           /* for the timeline's snapshots; 0: the default */
    uint8_t system;                   /* enum ws_tui_system */
    bool tour;                        /* begin with the guided tour */
    bool offer;                       /* begin with a line that offers it */
    uint8_t *next; /* gets the system in which the tour goes on; may be NULL: there is no other one */
    enum ws_syntax syntax;
    bool ascii;    /* no line-drawing characters, whatever the locale says */
    bool color;    /* colours, if the terminal has them */
    uint8_t theme; /* enum ws__theme: how roles look */
    bool mouse;    /* clicks and the wheel come in; the terminal keeps them otherwise, to select text */
};

/*
 * Take over the terminal on standard input and output until the person leaves. Calls setlocale().
 * The terminal is as it was before on every way out, signals that end the program included.
 * WS_OK; WS_UNSUPPORTED if this is no terminal, or one that cannot place a cursor; WS_NO_MEMORY.
 * `why` gets one line about what is wrong and what to do, without newline, if it is not WS_OK;
 * nothing was drawn then, if the terminal is at fault.
 */
enum ws_status ws_tui_run(const struct ws_tui_options *options, struct ws_buffer *why);

#endif
