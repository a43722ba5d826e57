/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The growing buffer.
 */
#include <worldswitch/buffer.h>

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ws_buffer_release(struct ws_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct ws_buffer)WS_BUFFER_INIT;
}

void ws_buffer_clear(struct ws_buffer *buffer)
{
    buffer->size = 0;
    if (buffer->data)
        buffer->data[0] = '\0';
}

/* Make room for `more` bytes and the closing NUL. */
static bool buffer_reserve(struct ws_buffer *buffer, size_t more)
{
    if (buffer->failed || more > SIZE_MAX / 4 - buffer->size)
        goto fail;
    size_t needed = buffer->size + more + 1;
    if (needed <= buffer->capacity)
        return true;
    size_t capacity = buffer->capacity ? buffer->capacity : 64;
    while (capacity < needed)
        capacity *= 2;
    char *data = realloc(buffer->data, capacity);
    if (!data)
        goto fail;
    buffer->data = data;
    buffer->capacity = capacity;
    return true;

fail:
    buffer->failed = true;
    return false;
}

void ws_buffer_append(struct ws_buffer *buffer, const void *bytes, size_t size)
{
    if (!buffer_reserve(buffer, size))
        return;
    if (size)
        memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void ws_buffer_printf(struct ws_buffer *buffer, const char *format, ...)
{
    va_list measure, write;
    va_start(measure, format);
    va_copy(write, measure);
    int length = vsnprintf(NULL, 0, format, measure);
    va_end(measure);
    if (length >= 0 && buffer_reserve(buffer, (size_t)length)) {
        vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, write);
        buffer->size += (size_t)length;
    }
    va_end(write);
}

const char *ws_buffer_text(const struct ws_buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}

char *ws_buffer_detach(struct ws_buffer *buffer)
{
    if (!buffer->data && !buffer_reserve(buffer, 0))
        return NULL;
    char *data = buffer->data;
    data[buffer->size] = '\0';
    *buffer = (struct ws_buffer)WS_BUFFER_INIT;
    return data;
}
