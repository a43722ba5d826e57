/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of text. */
#include <stdarg.h>

#include "guest/programs/user.h"

enum { LINE_BYTES = 200 };

struct line {
    char text[LINE_BYTES];
    uint32_t end;
};

static void put(struct line *line, char c)
{
    if (line->end < LINE_BYTES)
        line->text[line->end++] = c;
}

static void put_number(struct line *line, uint32_t value)
{
    if (value >= 10)
        put_number(line, value / 10);
    put(line, (char)('0' + value % 10));
}

static void put_text(struct line *line, const char *text)
{
    while (*text)
        put(line, *text++);
}

void say(const char *format, ...)
{
    struct line line = {.end = 0};
    va_list values;

    va_start(values, format);
    for (; *format; format++) {
        if (format[0] == '%' && format[1] == 's')
            put_text(&line, va_arg(values, const char *));
        else if (format[0] == '%' && format[1] == 'u')
            put_number(&line, va_arg(values, uint32_t));
        else
            put(&line, *format);
        format += format[0] == '%';
    }
    va_end(values);
    put(&line, '\n');
    file_write(FILE_CONSOLE, line.text, line.end);
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *at = to;

    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes) : : "memory");
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    void *at = to;

    __asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(value) : "memory");
    return to;
}
