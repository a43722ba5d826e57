/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of text. */
#include "guest/programs/user.h"

enum { LINE_BYTES = 200 };

void say(const char *format, ...)
{
    char line[LINE_BYTES];
    uint32_t bytes;
    va_list values;

    va_start(values, format);
    bytes = text_make(line, LINE_BYTES, format, values);
    va_end(values);
    line[bytes] = '\n'; /* in the place of the 0 */
    file_write(FILE_CONSOLE, line, bytes + 1);
}
