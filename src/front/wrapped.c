/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of at most 80 columns, whatever the terminal has: help looks the same everywhere. */
#include "front/wrapped.h"

#include <string.h>

#include "base/wrap.h"

enum { COLUMNS = 80 };

void ws__wrapped_write(FILE *out, const char *text, size_t column, size_t indent)
{
    struct ws_buffer rows = WS_BUFFER_INIT;
    ws__wrap_line(&rows, text, strlen(text), (struct ws__wrap){COLUMNS, column, indent});
    fprintf(out, "%s\n", ws_buffer_text(&rows));
    ws_buffer_release(&rows);
}
