/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of roles and glyphs.
 */
#include <worldswitch/view.h>

#include <assert.h>

#include "view/rows.h"

struct role_row {
    const char *name;
    char letter;
};

static const struct role_row role_table[WS_ROLE_COUNT] = {
#define WS_ROLE_ROW(name, letter, text, meaning) [WS_ROLE_##name] = {text, letter},
    WS_ROLE_TABLE(WS_ROLE_ROW)
#undef WS_ROLE_ROW
};

static const char *const glyph_table[WS_GLYPH_COUNT][2] = {
#define WS_GLYPH_ROW(name, utf8, ascii) [WS_GLYPH_##name] = {utf8, ascii},
    WS_GLYPH_TABLE(WS_GLYPH_ROW)
#undef WS_GLYPH_ROW
};

const char *ws__role_name(enum ws_role role)
{
    assert((unsigned)role < WS_ROLE_COUNT);
    return role_table[role].name;
}

char ws__role_letter(enum ws_role role)
{
    if (role >= WS_ROLE_SCREEN_FIRST)
        return 'x';
    assert((unsigned)role < WS_ROLE_COUNT);
    return role_table[role].letter;
}

enum ws_role ws__role_of_world(unsigned world)
{
    unsigned last = WS_ROLE_WORLD_3 - WS_ROLE_WORLD_0;
    return (enum ws_role)(WS_ROLE_WORLD_0 + (world < last ? world : last));
}

const char *ws__glyph_text(enum ws_glyph glyph, bool ascii)
{
    assert((unsigned)glyph < WS_GLYPH_COUNT);
    return glyph_table[glyph][ascii];
}
