/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing run of bytes, mostly text.
 *
 * Invariants: `data[size]` is always a readable NUL once anything was appended; `data` is NULL only while
 * nothing was.  Running out of memory is remembered in `failed` and later appends do nothing, so that a
 * long chain of appends needs one check, at its end.
 */
#ifndef WORLDSWITCH_BUFFER_H
#define WORLDSWITCH_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct ws_buffer {
    char *data;      /* owned by the buffer until ws_buffer_detach() */
    size_t size;     /* bytes in use, the closing NUL not counted */
    size_t capacity; /* bytes allocated */
    bool failed;     /* an append did not fit: the content is incomplete, until ws_buffer_release() */
};

#define WS_BUFFER_INIT \
    {                  \
        0              \
    }

void ws_buffer_release(struct ws_buffer *buffer);

/* Forget the content, keep the memory.  A failure is not forgotten: of what is made in pieces, one is lost. */
void ws_buffer_clear(struct ws_buffer *buffer);

/* Append `size` bytes; they may be NULs. */
void ws_buffer_append(struct ws_buffer *buffer, const void *bytes, size_t size);

/* Append as printf would write. */
void ws_buffer_printf(struct ws_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The content as a string, never NULL; borrowed until the next call that changes the buffer. */
const char *ws_buffer_text(const struct ws_buffer *buffer);

/* Hand the bytes to the caller, who frees them with free(); the buffer is empty afterwards. */
char *ws_buffer_detach(struct ws_buffer *buffer);

#endif
