/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blanking regions:
 *
 *     / * region: save { what to do, in as many lines as it takes * /
 *             ...
 *     / * } * /
 */
#include "lesson/lesson.h"

#include <string.h>

/* Where in the text this stands, from `at` on; the text's size: nowhere. */
static size_t text_find(const struct ws_buffer *text, size_t at, const char *what)
{
    const char *found = strstr(ws_buffer_text(text) + at, what);
    return found ? (size_t)(found - text->data) : text->size;
}

/* Behind the end of the line that holds `at`. */
static size_t line_end(const struct ws_buffer *text, size_t at)
{
    size_t end = text_find(text, at, "\n");
    return end < text->size ? end + 1 : end;
}

static size_t line_begin(const struct ws_buffer *text, size_t at)
{
    while (at && text->data[at - 1] != '\n')
        at--;
    return at;
}

/* The region's code: from behind the comment that names it to the line that ends it.  false: there is none, or no
 * memory to look for it, which the text remembers. */
static bool region_find(struct ws_buffer *text, const char *name, size_t *begin, size_t *end)
{
    struct ws_buffer opening = WS_BUFFER_INIT;
    ws_buffer_printf(&opening, "region: %s {", name);
    if (opening.failed)
        text->failed = true;
    size_t at = text_find(text, 0, ws_buffer_text(&opening));
    ws_buffer_release(&opening);
    if (at == text->size)
        return false;
    *begin = line_end(text, text_find(text, at, "*/"));
    size_t closing = text_find(text, *begin, "/* } */");
    if (closing == text->size)
        return false;
    *end = line_begin(text, closing);
    return *end >= *begin;
}

static void piece_blank(struct ws_buffer *text, size_t begin, size_t end)
{
    static const char hole[] = "        # your code here\n";
    struct ws_buffer made = WS_BUFFER_INIT;
    ws_buffer_append(&made, text->data, begin);
    ws_buffer_append(&made, hole, sizeof hole - 1);
    ws_buffer_append(&made, text->data + end, text->size - end);
    ws_buffer_release(text);
    *text = made;
}

enum ws_status ws__regions_blank(const struct ws_buffer *source, const struct ws_buffer *blank, size_t blanks,
                                 struct ws_buffer *out, struct ws_buffer *why)
{
    ws_buffer_clear(out);
    ws_buffer_append(out, source->data, source->size);
    for (size_t i = 0; i < blanks && !out->failed; i++) {
        size_t begin, end;
        if (!region_find(out, ws_buffer_text(&blank[i]), &begin, &end)) {
            if (out->failed)
                break;
            ws_buffer_printf(why, "the solution has no region \"%s\", or the region has no end",
                             ws_buffer_text(&blank[i]));
            return why->failed ? WS_NO_MEMORY : WS_BAD_ARGUMENT;
        }
        piece_blank(out, begin, end);
    }
    return out->failed ? WS_NO_MEMORY : WS_OK;
}
