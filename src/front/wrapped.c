/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines end between words. */
#include "front/wrapped.h"

#include <string.h>

enum { COLUMNS = 80 };

void ws__wrapped_write(FILE *out, const char *text, size_t column, size_t indent)
{
    const char *before = "";
    while (*text) {
        size_t word = strcspn(text, " ");
        if (*before && column + 1 + word > COLUMNS) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            before = "";
        }
        fprintf(out, "%s%.*s", before, (int)word, text);
        column += strlen(before) + word;
        before = " ";
        text += word + (text[word] == ' ');
    }
    fputc('\n', out);
}
