/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of at most 80 columns, whatever the terminal has: help looks the same everywhere. */
#include "front/wrapped.h"

#include <string.h>

#include "base/wrap.h"

enum { COLUMNS = 80 };

static void file_take(void *context, const char *text, size_t bytes)
{
    fwrite(text, 1, bytes, context);
}

void ws__wrapped_write(FILE *out, const char *text, size_t column, size_t indent)
{
    ws__wrap_line(file_take, out, text, strlen(text), (struct ws__wrap){COLUMNS, column, indent});
    fputc('\n', out);
}
