/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The characters of a VGA: code page 437.
 *
 * IBM Character Data Representation Architecture, "Code page 437".
 */
#include "view/code_page.h"

#include <stddef.h>

/* 0 to 31, then 127 to 255; what lies between is ASCII. */
static const char low[] = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
static const char high[] = "⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
                           "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

enum { DELETE = 127 };

/* How many bytes the character has that begins with this one. */
static size_t length_of(unsigned char first)
{
    if (first < 0x80)
        return 1;
    return first < 0xe0 ? 2 : 3;
}

size_t ws__code_page_character(uint8_t code, bool ascii, char text[WS__CODE_PAGE_BYTES])
{
    const char *at = code < ' ' ? low : high;
    size_t length = 1;
    bool plain = code >= ' ' && code < DELETE;
    for (unsigned left = code < ' ' ? code : code - DELETE; !plain && left; left--)
        at += length_of((unsigned char)*at);
    if (!plain)
        length = length_of((unsigned char)*at);
    if (plain || (ascii && length > 1)) {
        text[0] = plain ? (char)code : '.';
        return 1;
    }
    for (size_t i = 0; i < length; i++)
        text[i] = at[i];
    return length;
}
