/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Themes: how a role looks.  The terminal and the SVG writer paint from this one table.
 *
 * A role's attributes and colours only repeat what its text says: who sees none of them misses nothing.
 */
#ifndef WS_TUI_THEME_H
#define WS_TUI_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/view.h>

enum { WS__LOOK_BOLD = 1, WS__LOOK_DIM = 2, WS__LOOK_UNDERLINE = 4, WS__LOOK_REVERSE = 8 };

/* name, word, what it is for */
#define WS_THEME_TABLE(X)                                   \
    X(TERMINAL, "terminal", "the terminal's own colours")   \
    X(CONTRAST, "contrast", "bright on black, nothing dim") \
    X(COLORBLIND, "colorblind", "colours that every kind of eye tells apart")

enum ws__theme {
#define WS_THEME_ENUM(name, word, text) WS__THEME_##name,
    WS_THEME_TABLE(WS_THEME_ENUM)
#undef WS_THEME_ENUM
        WS__THEMES
};

/* Colours are numbers of the terminal: 0 to 7 are its own, 16 to 231 a cube of red, green and blue; -1 is its usual
 * one. */
struct ws__look {
    uint8_t attributes;
    short few;  /* on a terminal of 8 colours */
    short many; /* of 256 */
};

/* The look of a role that is no cell of the guest's screen; a constant. */
const struct ws__look *ws__theme_look(enum ws__theme theme, enum ws_role role);
/* The colour behind everything: -1 is the terminal's. */
short ws__theme_ground(enum ws__theme theme, bool many);

/* "contrast", and what it is for; constants. */
const char *ws__theme_name(enum ws__theme theme);
const char *ws__theme_text(enum ws__theme theme);
/* false: no theme has that name. */
bool ws__theme_find(const char *name, enum ws__theme *theme);

/* A colour's number of 256 as 0xRRGGBB, as xterm has it; the first 8 are the terminal's own, of which nobody knows. */
uint32_t ws__theme_rgb(short color);

#endif
