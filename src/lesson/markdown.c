/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Markdown on a terminal: line by line, with a paragraph kept until it ends. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "lesson/markdown.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_CMARK
#include <cmark.h>
#endif

#include "lesson/fold.h"

enum { CODE_INDENT = 4, MARKER_MOST = 8 };

/* What is being written. */
struct page {
    struct ws_buffer *out;
    unsigned columns;
    struct ws_buffer paragraph;   /* not written yet */
    char marker[MARKER_MOST + 1]; /* of the list's item that it is; "" */
    unsigned indent;              /* of the paragraph */
    bool code;                    /* in a block of it */
    bool gap;                     /* an empty line is due before the next text */
};

static size_t line_length(const char *line)
{
    return strcspn(line, "\n");
}

/* -- inline -------------------------------------------------------------------------------------------- */

/* Without "**", and with links as "text (address)"; what stands between backquotes stays as it is. */
static void inline_append(struct ws_buffer *out, const char *text, size_t bytes)
{
    bool quoted = false;
    for (size_t at = 0; at < bytes; at++) {
        quoted ^= text[at] == '`';
        if (!quoted && bytes - at > 1 && !strncmp(text + at, "**", 2))
            at++;
        else if (!quoted && text[at] == '[')
            continue;
        else if (!quoted && bytes - at > 1 && !strncmp(text + at, "](", 2))
            ws_buffer_append(out, " ", 1);
        else if (!quoted && text[at] == ']')
            continue;
        else
            ws_buffer_append(out, text + at, 1);
    }
}

/* -- blocks -------------------------------------------------------------------------------------------- */

static void gap_write(struct page *page)
{
    if (page->gap && page->out->size)
        ws_buffer_append(page->out, "\n", 1);
    page->gap = false;
}

static void paragraph_end(struct page *page)
{
    struct ws_buffer shown = WS_BUFFER_INIT;
    if (!page->paragraph.size)
        return;
    gap_write(page);
    inline_append(&shown, page->paragraph.data, page->paragraph.size);
    size_t begin = page->out->size, marker = strlen(page->marker);
    ws__fold(page->out, ws_buffer_text(&shown), page->indent, page->columns);
    if (marker && !page->out->failed)
        memcpy(page->out->data + begin + page->indent - marker, page->marker, marker);
    page->marker[0] = 0;
    page->out->failed |= shown.failed || page->paragraph.failed;
    ws_buffer_release(&shown);
    ws_buffer_clear(&page->paragraph);
}

static void heading_write(struct page *page, const char *line, size_t bytes)
{
    size_t depth = strspn(line, "#"), text = depth + strspn(line + depth, " ");
    paragraph_end(page);
    page->gap = true;
    gap_write(page);
    inline_append(page->out, line + text, bytes - text);
    ws_buffer_append(page->out, "\n", 1);
    for (size_t i = text; i < bytes && depth < 3; i++)
        ws_buffer_append(page->out, depth == 1 ? "=" : "-", 1);
    ws_buffer_append(page->out, "\n", depth < 3);
    page->gap = true;
    page->indent = 0;
}

/* How long a list's marker is, with the blank behind it; 0: the line begins no item. */
static size_t marker_length(const char *line, size_t bytes)
{
    size_t digits = 0;
    while (digits < 3 && digits < bytes && isdigit((unsigned char)line[digits]))
        digits++;
    if (digits && bytes > digits + 1 && line[digits] == '.' && line[digits + 1] == ' ')
        return digits + 2;
    return bytes > 1 && (*line == '-' || *line == '*') && line[1] == ' ' ? 2 : 0;
}

static void text_take(struct page *page, const char *line, size_t bytes)
{
    size_t blanks = strspn(line, " ");
    blanks = blanks < bytes ? blanks : bytes;
    size_t marker = marker_length(line + blanks, bytes - blanks);
    if (marker) {
        paragraph_end(page);
        memcpy(page->marker, line + blanks, marker);
        page->marker[marker] = 0;
        page->indent = (unsigned)(blanks + marker);
    } else if (!page->paragraph.size) {
        page->indent = blanks ? page->indent : 0; /* a further paragraph of an item */
    }
    if (page->paragraph.size)
        ws_buffer_append(&page->paragraph, " ", 1);
    ws_buffer_append(&page->paragraph, line + blanks + marker, bytes - blanks - marker);
}

static void line_take(struct page *page, const char *line, size_t bytes)
{
    size_t blanks = strspn(line, " ");
    if (bytes >= blanks + 3 && !strncmp(line + blanks, "```", 3)) {
        paragraph_end(page);
        page->code = !page->code;
        gap_write(page);
        page->gap = !page->code;
    } else if (page->code) {
        ws_buffer_printf(page->out, "%*s", bytes ? CODE_INDENT : 0, "");
        ws_buffer_append(page->out, line, bytes);
        ws_buffer_append(page->out, "\n", 1);
    } else if (blanks >= bytes) {
        paragraph_end(page);
        page->gap = true;
    } else if (*line == '#') {
        heading_write(page, line, bytes);
    } else if (strncmp(line, "<!--", 4) != 0) {
        text_take(page, line, bytes);
    }
}

void ws__markdown_terminal(const char *text, unsigned columns, struct ws_buffer *out)
{
    struct page page = {.out = out, .columns = columns};
    while (*text) {
        size_t bytes = line_length(text);
        line_take(&page, text, bytes);
        text += bytes + (text[bytes] == '\n');
    }
    paragraph_end(&page);
    out->failed |= page.paragraph.failed;
    ws_buffer_release(&page.paragraph);
}

/* -- HTML ---------------------------------------------------------------------------------------------- */

enum ws_status ws__markdown_html(const char *text, const char *title, struct ws_buffer *out)
{
#ifdef HAVE_CMARK
    char *body = cmark_markdown_to_html(text, strlen(text), CMARK_OPT_DEFAULT);
    if (!body)
        return WS_NO_MEMORY;
    ws_buffer_printf(out,
                     "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s</title>\n"
                     "<style>\nbody { max-width: 50em; margin: 2em auto; padding: 0 1em; line-height: 1.4 }\n"
                     "pre { overflow-x: auto }\n</style>\n"
                     "</head>\n<body>\n%s</body>\n</html>\n",
                     title, body);
    free(body);
    return out->failed ? WS_NO_MEMORY : WS_OK;
#else
    (void)text;
    (void)title;
    (void)out;
    return WS_UNSUPPORTED;
#endif
}

/* -- parts --------------------------------------------------------------------------------------------- */

static bool line_is_heading(const char *line, const char *name)
{
    return !strncmp(line, "## ", 3) && line_length(line) == 3 + strlen(name) && !strncmp(line + 3, name, strlen(name));
}

/* Append the lines that are in the section, or those that are not. */
static bool section_split(const char *text, const char *name, bool wanted, struct ws_buffer *out)
{
    bool inside = false, found = false;
    while (*text) {
        size_t bytes = line_length(text), whole = bytes + (text[bytes] == '\n');
        bool heading = line_is_heading(text, name);
        if (!strncmp(text, "## ", 3))
            inside = heading;
        found |= heading;
        if (inside == wanted && !(heading && wanted))
            ws_buffer_append(out, text, whole);
        text += whole;
    }
    return found;
}

bool ws__markdown_section(const char *text, const char *name, struct ws_buffer *out)
{
    return section_split(text, name, true, out);
}

void ws__markdown_without(const char *text, const char *name, struct ws_buffer *out)
{
    section_split(text, name, false, out);
}

bool ws__markdown_item(const char *text, unsigned number, struct ws_buffer *out)
{
    bool inside = false, found = false;
    while (*text) {
        size_t bytes = line_length(text);
        size_t marker = isdigit((unsigned char)*text) ? marker_length(text, bytes) : 0;
        if (marker)
            inside = strtoul(text, NULL, 10) == number;
        if (inside) {
            size_t blanks = marker ? marker : strspn(text, " ");
            ws_buffer_append(out, text + blanks, bytes > blanks ? bytes - blanks : 0);
            ws_buffer_append(out, "\n", 1);
            found = true;
        }
        text += bytes + (text[bytes] == '\n');
    }
    return found;
}
