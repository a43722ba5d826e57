/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbols from a System.map: text, as `nm` writes it and Linux's /proc/kallsyms has it.
 *
 *   c1000000 T _stext
 *   c1d0a000 t some_driver_init     [some_driver]
 */
#include <stdbool.h>
#include <string.h>

#include "image/symbols.h"

enum { DIGITS = 8 };

struct line {
    uint32_t linear;
    char kind;
    const char *name;
    size_t length;
};

static bool digits_read(const char *text, uint32_t *out)
{
    static const char digits[] = "0123456789abcdef";
    *out = 0;
    for (int i = 0; i < DIGITS; i++) {
        const char *digit = memchr(digits, text[i], sizeof digits - 1);
        if (!digit)
            return false;
        *out = *out << 4 | (uint32_t)(digit - digits);
    }
    return true;
}

/* A carriage return may stand at the end: what a serial port has said ends its lines so. */
static bool line_read(const char *text, size_t bytes, struct line *out)
{
    enum { KIND = DIGITS + 1, NAME = KIND + 2 };
    if (bytes <= NAME || !digits_read(text, &out->linear) || text[DIGITS] != ' ' || text[NAME - 1] != ' ')
        return false;
    out->kind = text[KIND];
    out->name = text + NAME;
    out->length = 0;
    while (NAME + out->length < bytes && !memchr(" \t\r", out->name[out->length], 3))
        out->length++;
    return out->length && !memchr(out->name, 0, out->length);
}

/* Of a constant the number is no address; 0 stands where the kernel does not tell. */
static bool line_is_wanted(const struct line *line)
{
    return line->linear && line->kind != 'a' && line->kind != 'A' && line->kind != 'U';
}

/* Read all lines: count those that are wanted, and append them if `symbols` is not NULL. */
static enum ws_status lines_read(struct ws_symbols *symbols, const char *text, size_t bytes, size_t *wanted)
{
    enum ws_status status = WS_OK;
    *wanted = 0;
    for (size_t at = 0; at < bytes && status == WS_OK;) {
        const char *end = memchr(text + at, '\n', bytes - at);
        size_t length = end ? (size_t)(end - (text + at)) : bytes - at;
        struct line line;
        if (!line_read(text + at, length, &line))
            return WS_BAD_IMAGE;
        if (line_is_wanted(&line)) {
            (*wanted)++;
            if (symbols)
                status = ws__symbols_append(symbols, line.name, line.length, line.linear, 0);
        }
        at += length + 1;
    }
    return status;
}

enum ws_status ws_symbols_read_map(struct ws_symbols *symbols, const void *text, size_t bytes)
{
    size_t wanted;
    enum ws_status status = lines_read(NULL, text, bytes, &wanted);
    if (status == WS_OK && !wanted)
        status = WS_BAD_IMAGE;
    if (status == WS_OK) {
        status = lines_read(symbols, text, bytes, &wanted);
        ws__symbols_sort(symbols);
    }
    return status;
}
