/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal: rows go out, names of keys come in.
 */
#ifndef WS_TUI_SCREEN_H
#define WS_TUI_SCREEN_H

#include <stdbool.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>
#include <worldswitch/view.h>

#include "tui/theme.h"

struct ws__screen;

/* Take over the terminal.  WS_OK; WS_UNSUPPORTED with a line in `why`; WS_NO_MEMORY. */
enum ws_status ws__screen_open(struct ws__screen **out, bool color, struct ws_buffer *why);
/* Give it back. NULL is allowed. */
void ws__screen_close(struct ws__screen *screen);

void ws__screen_size(const struct ws__screen *screen, unsigned *width, unsigned *height);
/* What has changed is sent.  The cursor stands in the last row, before `column`; if that is 0, on the row that the
 * next key acts on, rows->focus: screen readers and magnifiers follow it. */
void ws__screen_paint(struct ws__screen *screen, const struct ws_rows *rows, unsigned column);
/* From the next painting on, roles look so. */
void ws__screen_theme(struct ws__screen *screen, enum ws__theme theme);
/* One row at the bottom, over what was painted. */
void ws__screen_note(struct ws__screen *screen, const char *text);

enum { WS__KEY_BYTES = 12 };

enum ws__input {
    WS__INPUT_KEY,     /* `key` has its name */
    WS__INPUT_NONE,    /* the time is over, or the key means nothing */
    WS__INPUT_RESIZED, /* the window has another size */
    WS__INPUT_PASTE,   /* text was pasted */
    WS__INPUT_CLICK,   /* of the mouse */
    WS__INPUT_WHEEL_UP,
    WS__INPUT_WHEEL_DOWN,
    WS__INPUT_STOP, /* Ctrl-C */
    WS__INPUT_GONE  /* the terminal does not answer any more, or another process wants an end */
};

/* What was pasted last; borrowed until the next key.  Anything may be in it. */
const char *ws__screen_pasted(const struct ws__screen *screen);

/* Where the last click was, from 0. */
void ws__screen_clicked(const struct ws__screen *screen, unsigned *column, unsigned *row);
/* Take clicks and the wheel, or leave them to the terminal. */
void ws__screen_mouse(struct ws__screen *screen, bool on);

/* Wait for a key, at most `milliseconds`; -1: as long as it takes; 0: not at all. */
enum ws__input ws__screen_key(struct ws__screen *screen, int milliseconds, char key[WS__KEY_BYTES]);

#endif
