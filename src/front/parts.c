/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of a long job. */
#include "front/parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <worldswitch/image.h>

#include "front/complain.h"

enum { FILE_LIMIT = 256 << 20 };

int ws__parts_parse(const char *text, unsigned *shard, unsigned *shards)
{
    int end = 0;
    *shard = *shards = 1;
    if (text && (sscanf(text, "%5u/%5u%n", shard, shards, &end) != 2 || text[end] || !*shard || *shard > *shards)) {
        ws__complain("such as --shard 2/8, the second of eight parts", "--shard: \"%s\" is not I/N with I from 1 to N",
                     text);
        return WS__EXIT_USAGE;
    }
    return WS__EXIT_DONE;
}

int ws__parts_refuse(const struct ws__parts_line *line, const char *what)
{
    ws__complain(line->hint, "%s:%lu: %s", line->path, line->number, what);
    return WS__EXIT_USAGE;
}

int ws__parts_differ(const struct ws__parts_line *line, const char *what)
{
    ws__complain("make all parts anew, from the same files, with the same options", "%s:%lu: %s", line->path,
                 line->number, what);
    return WS__EXIT_USAGE;
}

static int lines_take(const char *text, size_t bytes, struct ws__parts_line line, ws__parts_take *take, void *context)
{
    const char *end = text + bytes;
    for (; text < end; line.number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = newline ? (size_t)(newline - text) : (size_t)(end - text);
        json_error_t error; /* a lack of memory stands in errno only */
        errno = 0;
        json_t *record = json_loadb(text, length, 0, &error);
        if (!record && errno == ENOMEM)
            return ws__complain_status(WS_NO_MEMORY, line.path);
        if (!record && !newline && line.number > 1)
            break;
        int result = record ? take(context, record, &line) : ws__parts_refuse(&line, "not a line of JSON");
        json_decref(record);
        if (result != WS__EXIT_DONE)
            return result;
        text += length + 1;
    }
    return bytes ? WS__EXIT_DONE : ws__parts_refuse(&line, "the file is empty");
}

int ws__parts_read(const char *path, const char *hint, ws__parts_take *take, void *context)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    errno = 0;
    enum ws_status status = ws_file_read(path, FILE_LIMIT, &file);
    struct ws__parts_line line = {path, 1, hint};
    int result =
        status == WS_OK ? lines_take(file.data, file.size, line, take, context) : ws__complain_unread(status, path);
    ws_buffer_release(&file);
    return result;
}
