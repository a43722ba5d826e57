/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large memory of zeros, of which only a part will be used.
 *
 * The host finds memory for a page of it when the page is written, and not before.  calloc() does the same at first.
 * But where as much was freed before, it takes that, and writes zeros to all of it.
 */
#ifndef WS_BASE_ZEROS_H
#define WS_BASE_ZEROS_H

#include <stddef.h>

/* So many bytes, more than none, on whole pages of the host.  The caller owns them.  NULL: no memory. */
void *ws__zeros_new(size_t bytes);
/* `bytes` as for ws__zeros_new(); `memory` may be NULL. */
void ws__zeros_free(void *memory, size_t bytes);

#endif
