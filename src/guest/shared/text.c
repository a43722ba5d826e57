/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text with values in it. */
#include "guest/shared/text.h"

static void put_string(text_put *put, void *where, const char *text)
{
    while (*text)
        put(where, *text++);
}

/* With so many digits at least. */
static void put_number(text_put *put, void *where, uint32_t value, uint32_t base, int digits)
{
    if (value >= base || digits > 1)
        put_number(put, where, value / base, base, digits - 1);
    put(where, "0123456789abcdef"[value % base]);
}

void text_format(text_put *put, void *where, const char *format, va_list values)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(where, *format);
        } else if (*++format == 's') {
            put_string(put, where, va_arg(values, const char *));
        } else if (*format == 'u') {
            put_number(put, where, va_arg(values, uint32_t), 10, 1);
        } else {
            put_string(put, where, "0x");
            put_number(put, where, va_arg(values, uint32_t), 16, *format == 'p' ? 8 : 1);
        }
    }
}

struct room {
    char *to;
    uint32_t left;
};

static void room_put(void *where, char c)
{
    struct room *room = where;

    if (room->left > 1) {
        *room->to++ = c;
        room->left--;
    }
}

uint32_t text_make(char *to, uint32_t bytes, const char *format, va_list values)
{
    struct room room = {to, bytes};

    text_format(room_put, &room, format, values);
    *room.to = 0;
    return (uint32_t)(room.to - to);
}

uint32_t text_print(char *to, uint32_t bytes, const char *format, ...)
{
    uint32_t length;
    va_list values;

    va_start(values, format);
    length = text_make(to, bytes, format, values);
    va_end(values);
    return length;
}

bool text_equal(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}
