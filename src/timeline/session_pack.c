/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compression of session files, where zstd is there. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "timeline/session_file.h"

#include <stdlib.h>

#ifdef HAVE_ZSTD

#include <zstd.h>

enum { LEVEL = 3 };

const char *ws_session_zstd(void)
{
    return ZSTD_versionString();
}

bool ws__session_compress(const struct ws_buffer *content, struct ws_buffer *out)
{
    size_t most = ZSTD_compressBound(content->size);
    char *packed = malloc(most);
    size_t size = packed ? ZSTD_compress(packed, most, content->data, content->size, LEVEL) : 0;
    bool good = packed && !ZSTD_isError(size);
    if (good)
        ws_buffer_append(out, packed, size);
    free(packed);
    return good && !out->failed;
}

enum ws_status ws__session_expand(const void *bytes, size_t size, size_t expanded,
                                  struct ws_buffer *out)
{
    char *content = malloc(expanded ? expanded : 1);
    if (!content)
        return WS_NO_MEMORY;
    enum ws_status status = ZSTD_decompress(content, expanded, bytes, size) == expanded ? WS_OK : WS_BAD_IMAGE;
    if (status == WS_OK) {
        ws_buffer_append(out, content, expanded);
        status = out->failed ? WS_NO_MEMORY : WS_OK;
    }
    free(content);
    return status;
}

#else

const char *ws_session_zstd(void)
{
    return "";
}

bool ws__session_compress(const struct ws_buffer *content, struct ws_buffer *out)
{
    (void)content;
    (void)out;
    return false;
}

enum ws_status ws__session_expand(const void *bytes, size_t size, size_t expanded,
                                  struct ws_buffer *out)
{
    (void)bytes;
    (void)size;
    (void)expanded;
    (void)out;
    return WS_UNSUPPORTED;
}

#endif
