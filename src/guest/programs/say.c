/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of text. */
#include "guest/programs/user.h"
#include "guest/shared/text.h"

enum { LINE_BYTES = 200 };

struct line {
    char text[LINE_BYTES];
    uint32_t end;
};

static void line_put(void *where, char c)
{
    struct line *line = where;

    if (line->end < LINE_BYTES)
        line->text[line->end++] = c;
}

void say(const char *format, ...)
{
    struct line line = {.end = 0};
    va_list values;

    va_start(values, format);
    text_format(line_put, &line, format, values);
    va_end(values);
    line_put(&line, '\n');
    file_write(FILE_CONSOLE, line.text, line.end);
}
