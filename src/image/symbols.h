/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A symbol table from inside: for those who fill it, and for the image writer, which needs them all.
 */
#ifndef WS_IMAGE_SYMBOLS_H
#define WS_IMAGE_SYMBOLS_H

#include <stddef.h>

#include <worldswitch/image.h>

struct ws__symbol {
    char *name; /* owned by the table */
    uint32_t linear;
    uint32_t bytes; /* 0: unknown */
};

/* Append out of order: the caller sorts, when all are there.  WS_OK or WS_NO_MEMORY; `name` is copied. */
enum ws_status ws__symbols_append(struct ws_symbols *symbols, const char *name, size_t length, uint32_t linear,
                                  uint32_t bytes);
void ws__symbols_sort(struct ws_symbols *symbols);

/* All symbols by ascending address; borrowed until the table changes. `symbols` may be NULL. */
const struct ws__symbol *ws__symbols_list(const struct ws_symbols *symbols, size_t *count);

#endif
