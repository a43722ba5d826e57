/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Editing a line. */
#include "tui/line.h"

#include <stdio.h>
#include <string.h>

void ws__line_set(struct ws__line *line, const char *text)
{
    snprintf(line->text, sizeof line->text, "%s", text);
    line->cursor = strlen(line->text);
}

void ws__line_insert(struct ws__line *line, const char *text)
{
    char rest[WS__LINE_BYTES];
    snprintf(rest, sizeof rest, "%s", line->text + line->cursor);
    size_t room = sizeof line->text - 1 - strlen(line->text), length = strlen(text);
    if (length > room)
        length = room;
    memcpy(line->text + line->cursor, text, length);
    line->cursor += length;
    snprintf(line->text + line->cursor, sizeof line->text - line->cursor, "%s", rest);
}

/* Take out the byte behind the cursor. */
static void byte_remove(struct ws__line *line)
{
    size_t length = strlen(line->text);
    if (line->cursor < length)
        memmove(line->text + line->cursor, line->text + line->cursor + 1, length - line->cursor);
}

static void left(struct ws__line *line)
{
    line->cursor -= line->cursor > 0;
}

static void right(struct ws__line *line)
{
    line->cursor += line->text[line->cursor] != '\0';
}

static void home(struct ws__line *line)
{
    line->cursor = 0;
}

static void end(struct ws__line *line)
{
    line->cursor = strlen(line->text);
}

static void backspace(struct ws__line *line)
{
    if (!line->cursor)
        return;
    line->cursor--;
    byte_remove(line);
}

static void clear(struct ws__line *line)
{
    ws__line_set(line, "");
}

static void line_show(struct ws__line *line, struct ws__lines *past, size_t at)
{
    if (past->at == past->count)
        snprintf(past->draft, sizeof past->draft, "%s", line->text);
    past->at = at;
    ws__line_set(line, at == past->count ? past->draft : past->line[at]);
}

bool ws__line_key(struct ws__line *line, struct ws__lines *past, const char *key)
{
    static const struct {
        const char *key;
        void (*edit)(struct ws__line *line);
    } rows[] = {{"Left", left},       {"Right", right},         {"Home", home},   {"End", end},
                {"Del", byte_remove}, {"Backspace", backspace}, {"Ctrl-U", clear}};
    for (size_t at = 0; at < sizeof rows / sizeof rows[0]; at++) {
        if (strcmp(rows[at].key, key) != 0)
            continue;
        rows[at].edit(line);
        return true;
    }
    bool up = strcmp(key, "Up") == 0, down = strcmp(key, "Down") == 0;
    if (up && past->at > 0)
        line_show(line, past, past->at - 1);
    else if (down && past->at < past->count)
        line_show(line, past, past->at + 1);
    else if (strcmp(key, "Space") == 0)
        ws__line_insert(line, " ");
    else if (strlen(key) == 1)
        ws__line_insert(line, key);
    else
        return up || down;
    return true;
}

void ws__lines_keep(struct ws__lines *past, const char *text)
{
    size_t at = 0;
    while (at < past->count && strcmp(past->line[at], text) != 0)
        at++;
    if (at == past->count && past->count == WS__LINES_KEPT)
        at = 0;
    if (*text && at < past->count) /* it moves to the end, or the oldest gives way */
        memmove(past->line[at], past->line[at + 1], (--past->count - at) * sizeof past->line[0]);
    if (*text)
        snprintf(past->line[past->count++], WS__LINE_BYTES, "%s", text);
    past->at = past->count;
    past->draft[0] = '\0';
}
