/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of looks. */
#include "tui/theme.h"

#include <assert.h>
#include <string.h>

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE };

/* clang-format off */
static const struct ws__look look_table[WS__THEMES][WS_ROLE_COUNT] = {
    /* Eight colours, which are what the person has chosen for the terminal. */
    [WS__THEME_TERMINAL] = {
        [WS_ROLE_TEXT] = {0, -1, -1},
        [WS_ROLE_DIM] = {WS__LOOK_DIM, -1, -1},
        [WS_ROLE_TITLE] = {WS__LOOK_BOLD, -1, -1},
        [WS_ROLE_CURRENT] = {WS__LOOK_REVERSE, -1, -1},
        [WS_ROLE_SELECTED] = {WS__LOOK_BOLD | WS__LOOK_UNDERLINE, -1, -1},
        [WS_ROLE_CHANGED] = {WS__LOOK_BOLD, MAGENTA, MAGENTA},
        [WS_ROLE_APPEARED] = {WS__LOOK_BOLD, BLUE, BLUE},
        [WS_ROLE_VANISHED] = {WS__LOOK_BOLD, RED, RED},
        [WS_ROLE_SHARED] = {WS__LOOK_BOLD, -1, -1},
        [WS_ROLE_WHY] = {0, -1, -1},
        [WS_ROLE_KEY] = {WS__LOOK_BOLD, -1, -1},
        [WS_ROLE_WARNING] = {WS__LOOK_BOLD, MAGENTA, MAGENTA},
        [WS_ROLE_WORLD_0] = {WS__LOOK_BOLD, BLUE, BLUE},
        [WS_ROLE_WORLD_1] = {WS__LOOK_BOLD, RED, RED},
        [WS_ROLE_WORLD_2] = {WS__LOOK_BOLD, MAGENTA, MAGENTA},
        [WS_ROLE_WORLD_3] = {WS__LOOK_BOLD, CYAN, CYAN},
    },
    /* On black; each colour has a contrast of 7 or more there: WCAG 2.1, 1.4.6. */
    [WS__THEME_CONTRAST] = {
        [WS_ROLE_TEXT] = {0, WHITE, 231},
        [WS_ROLE_DIM] = {0, WHITE, 252},
        [WS_ROLE_TITLE] = {WS__LOOK_BOLD, WHITE, 231},
        [WS_ROLE_CURRENT] = {WS__LOOK_BOLD | WS__LOOK_REVERSE, WHITE, 231},
        [WS_ROLE_SELECTED] = {WS__LOOK_BOLD | WS__LOOK_UNDERLINE, WHITE, 231},
        [WS_ROLE_CHANGED] = {WS__LOOK_BOLD, YELLOW, 226},
        [WS_ROLE_APPEARED] = {WS__LOOK_BOLD, CYAN, 123},
        [WS_ROLE_VANISHED] = {WS__LOOK_BOLD, YELLOW, 215},
        [WS_ROLE_SHARED] = {WS__LOOK_BOLD, WHITE, 231},
        [WS_ROLE_WHY] = {0, WHITE, 231},
        [WS_ROLE_KEY] = {WS__LOOK_BOLD, WHITE, 231},
        [WS_ROLE_WARNING] = {WS__LOOK_BOLD | WS__LOOK_UNDERLINE, YELLOW, 226},
        [WS_ROLE_WORLD_0] = {WS__LOOK_BOLD, CYAN, 123},
        [WS_ROLE_WORLD_1] = {WS__LOOK_BOLD, YELLOW, 215},
        [WS_ROLE_WORLD_2] = {WS__LOOK_BOLD, GREEN, 120},
        [WS_ROLE_WORLD_3] = {WS__LOOK_BOLD, WHITE, 225},
    },
    /* Legible on white and on black, and apart for eyes that lack one of the three kinds of cones. */
    [WS__THEME_COLORBLIND] = {
        [WS_ROLE_TEXT] = {0, -1, -1},
        [WS_ROLE_DIM] = {WS__LOOK_DIM, -1, -1},
        [WS_ROLE_TITLE] = {WS__LOOK_BOLD, -1, -1},
        [WS_ROLE_CURRENT] = {WS__LOOK_REVERSE, -1, -1},
        [WS_ROLE_SELECTED] = {WS__LOOK_BOLD | WS__LOOK_UNDERLINE, -1, -1},
        [WS_ROLE_CHANGED] = {WS__LOOK_BOLD, MAGENTA, 163},
        [WS_ROLE_APPEARED] = {WS__LOOK_BOLD, BLUE, 33},
        [WS_ROLE_VANISHED] = {WS__LOOK_BOLD, YELLOW, 166},
        [WS_ROLE_SHARED] = {WS__LOOK_BOLD, -1, -1},
        [WS_ROLE_WHY] = {0, -1, -1},
        [WS_ROLE_KEY] = {WS__LOOK_BOLD, -1, -1},
        [WS_ROLE_WARNING] = {WS__LOOK_BOLD, MAGENTA, 163},
        [WS_ROLE_WORLD_0] = {WS__LOOK_BOLD, BLUE, 33},
        [WS_ROLE_WORLD_1] = {WS__LOOK_BOLD, YELLOW, 166},
        [WS_ROLE_WORLD_2] = {WS__LOOK_BOLD, MAGENTA, 163},
        [WS_ROLE_WORLD_3] = {WS__LOOK_BOLD, CYAN, 102},
    },
};
/* clang-format on */

static const struct {
    const char *name, *text;
} theme_table[WS__THEMES] = {
#define WS_THEME_ROW(name, word, text) [WS__THEME_##name] = {word, text},
    WS_THEME_TABLE(WS_THEME_ROW)
#undef WS_THEME_ROW
};

const struct ws__look *ws__theme_look(enum ws__theme theme, enum ws_role role)
{
    assert((unsigned)theme < WS__THEMES && (unsigned)role < WS_ROLE_COUNT);
    return &look_table[theme][role];
}

short ws__theme_ground(enum ws__theme theme, bool many)
{
    enum { CUBE_BLACK = 16 };
    if (theme != WS__THEME_CONTRAST)
        return -1;
    return many ? CUBE_BLACK : BLACK;
}

const char *ws__theme_name(enum ws__theme theme)
{
    assert((unsigned)theme < WS__THEMES);
    return theme_table[theme].name;
}

const char *ws__theme_text(enum ws__theme theme)
{
    assert((unsigned)theme < WS__THEMES);
    return theme_table[theme].text;
}

bool ws__theme_find(const char *name, enum ws__theme *theme)
{
    for (unsigned at = 0; at < WS__THEMES; at++) {
        if (strcmp(theme_table[at].name, name) != 0)
            continue;
        *theme = (enum ws__theme)at;
        return true;
    }
    return false;
}

/* 16 colours, a cube of 6 * 6 * 6 with these steps, and 24 greys. */
uint32_t ws__theme_rgb(short color)
{
    static const uint8_t step[] = {0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff};
    static const uint32_t own[] = {0x000000, 0xb00020, 0x1a7f37, 0x8a6d00, 0x0550ae, 0x9b1fa0, 0x0a7578, 0xd0d0d0};
    enum { CUBE = 16, GREYS = 232, SIDE = 6 };
    unsigned number = (unsigned)color;
    assert(color >= 0 && color < 256);
    if (number < CUBE)
        return own[number & 7];
    if (number >= GREYS)
        return (8 + 10 * (number - GREYS)) * 0x010101u;
    number -= CUBE;
    return (uint32_t)step[number / (SIDE * SIDE)] << 16 | (uint32_t)step[number / SIDE % SIDE] << 8 |
           step[number % SIDE];
}
