/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which characters may be shown, and what stands for the others. */
#include "base/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Characters that are not shown, by their numbers in Unicode, ascending. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x0000, 0x001f},     /* control characters: escape, bell, newline */
    {0x007f, 0x009f},     /* more of them; 0x9b begins a command, as escape does */
    {0x00ad, 0x00ad},     /* soft hyphen */
    {0x061c, 0x061c},     /* direction of Arabic */
    {0x180e, 0x180e},     /* a separator that cannot be seen */
    {0x200b, 0x200f},     /* of no width; directions */
    {0x2028, 0x202e},     /* new lines and paragraphs; directions */
    {0x2060, 0x206f},     /* of no width; directions */
    {0xd800, 0xdfff},     /* halves of a character in UTF-16: no UTF-8 */
    {0xfeff, 0xfeff},     /* byte order mark */
    {0xfff0, 0xffff},     /* annotations, and no characters */
    {0xe0000, 0xe0fff},   /* tags */
    {0xf0000, 0xffffffff} /* private, and beyond Unicode */
};

static bool is_hidden(uint32_t character)
{
    size_t i = 0;
    while (hidden[i].last < character)
        i++;
    return hidden[i].first <= character;
}

/* How long a character is that begins with this byte; 0: none does. */
static size_t length_of(uint8_t first)
{
    if (first < 0x80)
        return 1;
    return first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

/* The length of the printable character at `text`; 0: there is none. */
static size_t printable_length(const char *text, size_t bytes)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* shorter ones would do for smaller numbers */
    size_t length = length_of((uint8_t)*text);
    if (!length || length > bytes)
        return 0;
    uint32_t character = length == 1 ? (uint8_t)*text : (uint8_t)*text & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (((uint8_t)text[i] & 0xc0) != 0x80)
            return 0;
        character = character << 6 | ((uint8_t)text[i] & 0x3f);
    }
    return character < least[length] || is_hidden(character) ? 0 : length;
}

size_t ws__printable_escape(char byte, char piece[WS__PIECE_BYTES])
{
    snprintf(piece, WS__PIECE_BYTES, "\\x%02x", (uint8_t)byte);
    return 1;
}

size_t ws__printable_piece(const char *text, size_t bytes, char piece[WS__PIECE_BYTES])
{
    size_t length = printable_length(text, bytes);
    if (!length)
        return ws__printable_escape(*text, piece);
    memcpy(piece, text, length);
    piece[length] = '\0';
    return length;
}

void ws__printable_append(struct ws_buffer *out, const char *text, size_t bytes)
{
    char piece[WS__PIECE_BYTES];
    for (size_t at = 0; at < bytes;) {
        at += ws__printable_piece(text + at, bytes - at, piece);
        ws_buffer_append(out, piece, strlen(piece));
    }
}

void ws__printable_copy(char *out, size_t room, const char *text)
{
    char piece[WS__PIECE_BYTES];
    size_t used = 0, bytes = strlen(text);
    for (size_t at = 0; at < bytes;) {
        at += ws__printable_piece(text + at, bytes - at, piece);
        size_t length = strlen(piece);
        if (length >= room - used)
            break;
        memcpy(out + used, piece, length);
        used += length;
    }
    out[used] = '\0';
}
