/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows become texts of a fixed width: each piece says how wide it is, so that columns stand below each other in every
 * font.
 */
#include "tui/svg.h"

#include <string.h>

/* In pixels: a column, a row, from a row's top to its base line, around the whole. */
enum { COLUMN = 8, ROW = 17, BASE = 13, EDGE = 8 };

/* The fonts' letters are 0.602 times as wide as this, which is a column: not all programs obey textLength. */
static const char LETTERS[] = "13.3";

/* What a piece of text looks like, resolved for paper. */
struct ink {
    uint32_t front, behind; /* 0xRRGGBB */
    bool filled;            /* there is something behind it */
    uint8_t attributes;
};

static const uint32_t paper[] = {0xffffff,
                                 0x1f2328}; /* the ground and the text where a theme leaves it to the terminal */

static uint32_t color_of(short color, bool front)
{
    return color < 0 ? paper[front] : ws__theme_rgb(color);
}

/* A cell of the guest's screen, whose PC counts its colours blue, green, red. */
static struct ink cell_ink(unsigned attribute)
{
    static const uint32_t color[] = {0x000000, 0x0000aa, 0x00aa00, 0x00aaaa, 0xaa0000, 0xaa00aa, 0xaa5500, 0xaaaaaa,
                                     0x555555, 0x5555ff, 0x55ff55, 0x55ffff, 0xff5555, 0xff55ff, 0xffff55, 0xffffff};
    return (struct ink){.front = color[attribute & 15], .behind = color[attribute >> 4 & 7], .filled = true};
}

static struct ink ink_of(enum ws__theme theme, unsigned role)
{
    if (role >= WS_ROLE_SCREEN_FIRST)
        return cell_ink(role - WS_ROLE_SCREEN_FIRST);
    const struct ws__look *look = ws__theme_look(theme, (enum ws_role)role);
    struct ink ink = {.front = color_of(look->many, true),
                      .behind = color_of(ws__theme_ground(theme, true), false),
                      .attributes = look->attributes};
    if (look->attributes & WS__LOOK_REVERSE) {
        uint32_t front = ink.front;
        ink.front = ink.behind;
        ink.behind = front;
        ink.filled = true;
    }
    return ink;
}

static void text_append(struct ws_buffer *out, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes; at++)
        if (text[at] == '&')
            ws_buffer_printf(out, "&amp;");
        else if (text[at] == '<')
            ws_buffer_printf(out, "&lt;");
        else if (text[at] == '>')
            ws_buffer_printf(out, "&gt;");
        else
            ws_buffer_append(out, text + at, 1);
}

static void span_append(struct ws_buffer *out, const char *text, const struct ws_span *span, const struct ink *ink,
                        unsigned column, size_t row)
{
    unsigned x = EDGE + column * COLUMN, width = span->columns * COLUMN;
    size_t y = EDGE + row * ROW;
    if (ink->filled)
        ws_buffer_printf(out, "<rect x=\"%u\" y=\"%zu\" width=\"%u\" height=\"%d\" fill=\"#%06x\"/>\n", x, y, width,
                         ROW, (unsigned)ink->behind);
    if (strspn(text, " ") >= span->bytes && !(ink->attributes & WS__LOOK_UNDERLINE))
        return;
    ws_buffer_printf(out, "<text x=\"%u\" y=\"%zu\" textLength=\"%u\" fill=\"#%06x\"", x, y + BASE, width,
                     (unsigned)ink->front);
    if (ink->attributes & WS__LOOK_BOLD)
        ws_buffer_printf(out, " font-weight=\"bold\"");
    if (ink->attributes & WS__LOOK_DIM)
        ws_buffer_printf(out, " fill-opacity=\"0.75\"");
    if (ink->attributes & WS__LOOK_UNDERLINE)
        ws_buffer_printf(out, " text-decoration=\"underline\"");
    ws_buffer_printf(out, ">");
    text_append(out, text, span->bytes);
    ws_buffer_printf(out, "</text>\n");
}

static void row_append(struct ws_buffer *out, const struct ws_rows *rows, size_t number, enum ws__theme theme)
{
    const struct ws_row *row = &rows->row[number];
    unsigned column = 0;
    for (size_t at = row->first; at < row->first + row->spans; at++) {
        const struct ws_span *span = &rows->span[at];
        struct ink ink = ink_of(theme, span->role);
        if (span->columns)
            span_append(out, rows->text.data + span->offset, span, &ink, column, number);
        column += span->columns;
    }
}

void ws__svg_write(const struct ws_rows *rows, enum ws__theme theme, struct ws_buffer *out)
{
    unsigned width = rows->width * COLUMN + 2 * EDGE;
    size_t height = rows->count * ROW + 2 * EDGE;
    ws_buffer_printf(out,
                     "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %zu\" width=\"%u\" height=\"%zu\" "
                     "role=\"img\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"%s\" "
                     "xml:space=\"preserve\">\n<title>worldswitch view, %u columns and %zu rows</title>\n"
                     "<rect width=\"100%%\" height=\"100%%\" fill=\"#%06x\"/>\n",
                     width, height, width, height, LETTERS, rows->width, rows->count,
                     (unsigned)color_of(ws__theme_ground(theme, true), false));
    for (size_t at = 0; at < rows->count; at++)
        row_append(out, rows, at, theme);
    ws_buffer_printf(out, "</svg>\n");
}
