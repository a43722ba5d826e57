/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A symbol table from inside: for the image writer, which needs them all.
 */
#ifndef WS_IMAGE_SYMBOLS_H
#define WS_IMAGE_SYMBOLS_H

#include <worldswitch/image.h>

struct ws__symbol {
    char *name; /* owned by the table */
    uint32_t linear;
    uint32_t bytes; /* 0: unknown */
};

/* All symbols by ascending address; borrowed until the table changes. `symbols` may be NULL. */
const struct ws__symbol *ws__symbols_list(const struct ws_symbols *symbols, size_t *count);

#endif
