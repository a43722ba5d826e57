/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A post-mortem on one screen.
 *
 * Who appends a line says how much it matters, by two bytes in front of it that no line has.  When all is told, the
 * rows of a terminal are shared out: first to what matters most.
 */
#include "timeline/why.h"

#include <string.h>

#include "base/wrap.h"

enum { MARK_RANK = 1, MARK_LINE = 2, MARK_BYTES = 2 };

static void mark_append(struct ws_buffer *out, char mark, enum ws__why_rank rank)
{
    const char bytes[MARK_BYTES] = {mark, (char)('a' + rank)};
    ws_buffer_append(out, bytes, sizeof bytes);
}

void ws__why_rank(struct ws_buffer *out, enum ws__why_rank rank)
{
    mark_append(out, MARK_RANK, rank);
}

void ws__why_line(struct ws_buffer *out, enum ws__why_rank rank)
{
    mark_append(out, MARK_LINE, rank);
}

/* A line with its newline. */
struct line {
    const char *text;
    size_t bytes;
    unsigned rank;
};

/* A way through all lines; all zero but for `text`: at the beginning. */
struct reader {
    const struct ws_buffer *text;
    size_t at;
    unsigned rank;
};

static bool line_next(struct reader *reader, struct line *line)
{
    const char *data = reader->text->data;
    size_t size = reader->text->size;
    unsigned alone = WS__WHY_RANKS;
    for (; reader->at < size && (data[reader->at] == MARK_RANK || data[reader->at] == MARK_LINE);
         reader->at += MARK_BYTES) {
        unsigned rank = (unsigned)(data[reader->at + 1] - 'a');
        alone = data[reader->at] == MARK_LINE ? rank : WS__WHY_RANKS;
        reader->rank = data[reader->at] == MARK_LINE ? reader->rank : rank;
    }
    if (reader->at >= size)
        return false;
    const char *end = memchr(data + reader->at, '\n', size - reader->at);
    line->text = data + reader->at;
    line->bytes = end ? (size_t)(end + 1 - line->text) : size - reader->at;
    line->rank = alone < WS__WHY_RANKS ? alone : reader->rank;
    reader->at += line->bytes;
    return true;
}

static size_t line_rows(const struct ws_why *why, const struct line *line)
{
    return ws__wrap_lines(NULL, line->text, line->bytes, why->columns);
}

static void note_append(struct ws_buffer *out, unsigned lines)
{
    ws_buffer_printf(out, "(%u %s less and %s left out: see why --all, or :why all)\n", lines,
                     lines > 1 ? "lines matter" : "line matters", lines > 1 ? "are" : "is");
}

/* How many of the rows say that lines are left out.  Where there is no memory to know it, `out` has failed. */
static size_t note_rows(const struct ws_why *why, struct ws_buffer *out)
{
    enum { MANY = 99 };
    struct ws_buffer note = WS_BUFFER_INIT;
    note_append(&note, MANY);
    size_t rows = ws__wrap_lines(NULL, ws_buffer_text(&note), note.size, why->columns);
    out->failed |= note.failed;
    ws_buffer_release(&note);
    return rows < why->rows ? rows : why->rows;
}

/* How many rows the lines of each rank get. */
static void share_out(const struct ws_why *why, const struct ws_buffer *text, struct ws_buffer *out,
                      size_t share[WS__WHY_RANKS])
{
    struct reader reader = {.text = text};
    struct line line;
    size_t all = 0, left;
    while (line_next(&reader, &line)) {
        size_t rows = why->rows ? line_rows(why, &line) : 0;
        share[line.rank] += rows;
        all += rows;
    }
    left = all <= why->rows ? all : why->rows - note_rows(why, out);
    for (unsigned rank = 0; rank < WS__WHY_RANKS; rank++) {
        share[rank] = share[rank] < left ? share[rank] : left;
        left -= share[rank];
    }
}

void ws__why_fit(const struct ws_why *why, struct ws_buffer *out, const struct ws_buffer *text)
{
    size_t share[WS__WHY_RANKS] = {0};
    struct reader reader = {.text = text};
    struct line line;
    unsigned left_out = 0;
    share_out(why, text, out, share);
    while (line_next(&reader, &line)) {
        size_t rows = why->rows ? line_rows(why, &line) : 0;
        bool fits = rows <= share[line.rank];
        if (fits)
            ws_buffer_append(out, line.text, line.bytes);
        share[line.rank] = fits ? share[line.rank] - rows : 0; /* none of the others, or one might miss its beginning */
        left_out += !fits;
    }
    if (left_out)
        note_append(out, left_out);
    out->failed |= text->failed;
}
