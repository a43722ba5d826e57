/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading out of memory that may end too soon. */
#include "base/reader.h"

#include <string.h>

const uint8_t *ws__reader_pass(struct ws__reader *reader, size_t size)
{
    const uint8_t *here = reader->at;
    if (size > reader->left) {
        reader->bad = true;
        return NULL;
    }
    reader->at += size;
    reader->left -= size;
    return here;
}

void ws__reader_bytes(struct ws__reader *reader, void *out, size_t size)
{
    const uint8_t *from = ws__reader_pass(reader, size);
    if (from)
        memcpy(out, from, size);
    else
        memset(out, 0, size);
}

uint32_t ws__reader_u32(struct ws__reader *reader)
{
    uint32_t value;
    ws__reader_bytes(reader, &value, sizeof value);
    return value;
}

uint64_t ws__reader_u64(struct ws__reader *reader)
{
    uint64_t value;
    ws__reader_bytes(reader, &value, sizeof value);
    return value;
}
