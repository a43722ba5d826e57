/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text as the tools want it. */
#include "lesson/encoding.h"

#include <string.h>

/* Its mark (The Unicode Standard, 23.8, "Byte Order Mark"), or a first character that has a zero byte. */
static bool is_utf16(const struct ws_buffer *text)
{
    const char *data = text->data;
    return text->size >= 2 && (!memcmp(data, "\xff\xfe", 2) || !memcmp(data, "\xfe\xff", 2) || (!data[0] && data[1]) ||
                               (data[0] && !data[1]));
}

bool ws__encoding_plain(struct ws_buffer *text)
{
    size_t from = text->size >= 3 && !memcmp(text->data, "\xef\xbb\xbf", 3) ? 3 : 0, to = 0;
    if (is_utf16(text))
        return false;
    for (; from < text->size; from++) {
        char c = text->data[from];
        if (c == '\r' && from + 1 < text->size && text->data[from + 1] == '\n')
            continue;
        text->data[to++] = c == '\r' ? '\n' : c;
    }
    if (text->size)
        text->data[to] = 0;
    text->size = to;
    return true;
}
