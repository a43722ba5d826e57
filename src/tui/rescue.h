/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal as it was, given back whatever happens.
 */
#ifndef WS_TUI_RESCUE_H
#define WS_TUI_RESCUE_H

#include <stdbool.h>

/* Remember the terminal's modes, and the strings that leave the full screen; catch the signals that
 * end a program.  Call it when terminfo is set up, before the screen is. */
void ws__rescue_begin(void);
/* Curses restores the terminal itself from here on in the usual way; put signal handlers back. */
void ws__rescue_end(void);
/* Curses puts handlers of its own on some signals when it starts: take them again. */
void ws__rescue_catch(void);
/* Was Ctrl-C pressed, or SIGINT sent, since the last question? */
bool ws__rescue_interrupted(void);
/* Was it another process that sent SIGINT?  Then the program shall end. */
bool ws__rescue_told(void);
/* The screen is open: have the terminal tell what is pasted from what is typed; and no more. */
void ws__rescue_paste(bool on);

#endif
