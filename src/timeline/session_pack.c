/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compression of session files, where zstd is there. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "timeline/session_file.h"

#include <stdlib.h>

#ifdef HAVE_ZSTD

#include <zstd.h>
#include <zstd_errors.h>

enum { LEVEL = 3 };

const char *ws_session_zstd(void)
{
    return ZSTD_versionString();
}

/* `bytes` of which `size` will be used, and the closing NUL; what *out held is lost. */
static enum ws_status room_make(struct ws_buffer *out, size_t bytes)
{
    ws_buffer_release(out);
    out->data = malloc(bytes + 1);
    if (!out->data)
        return WS_NO_MEMORY;
    out->capacity = bytes + 1;
    return WS_OK;
}

/* zstd has written so many bytes, or says why not. */
static enum ws_status room_filled(struct ws_buffer *out, size_t size)
{
    if (ZSTD_isError(size))
        return ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation ? WS_NO_MEMORY : WS_BAD_IMAGE;
    out->size = size;
    out->data[size] = '\0';
    return WS_OK;
}

enum ws_status ws__session_compress(const struct ws_buffer *content, struct ws_buffer *out)
{
    size_t most = ZSTD_compressBound(content->size);
    enum ws_status status = room_make(out, most);
    if (status == WS_OK)
        status = room_filled(out, ZSTD_compress(out->data, most, content->data, content->size, LEVEL));
    return status == WS_OK ? WS_OK : WS_NO_MEMORY; /* with enough room, nothing else can be missing */
}

enum ws_status ws__session_expand(const void *bytes, size_t size, size_t expanded, struct ws_buffer *out)
{
    enum ws_status status = room_make(out, expanded);
    if (status == WS_OK)
        status = room_filled(out, ZSTD_decompress(out->data, expanded, bytes, size));
    return status == WS_OK && out->size != expanded ? WS_BAD_IMAGE : status;
}

#else

const char *ws_session_zstd(void)
{
    return "";
}

enum ws_status ws__session_compress(const struct ws_buffer *content, struct ws_buffer *out)
{
    (void)content;
    (void)out;
    return WS_UNSUPPORTED;
}

enum ws_status ws__session_expand(const void *bytes, size_t size, size_t expanded, struct ws_buffer *out)
{
    (void)bytes;
    (void)size;
    (void)expanded;
    (void)out;
    return WS_UNSUPPORTED;
}

#endif
