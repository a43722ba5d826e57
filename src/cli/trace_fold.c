/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folding.
 */
#include "cli/trace_fold.h"

#include <string.h>

enum {
    MARK_COLUMNS = 10, /* where a line of text begins, stands its mark */
    FEWEST = 3         /* fewer repetitions are written as they are */
};

/* FNV-1a */
static uint64_t key_of(const struct ws_buffer *text)
{
    uint64_t key = 0xcbf29ce484222325;
    for (size_t i = MARK_COLUMNS; i < text->size; i++)
        key = (key ^ (uint8_t)text->data[i]) * 0x100000001b3;
    return key;
}

static void key_add(struct ws__fold *fold, uint64_t key)
{
    if (fold->keys == 2 * WS__FOLD_PERIOD) {
        memmove(fold->key, fold->key + 1, sizeof fold->key - sizeof fold->key[0]);
        fold->keys--;
    }
    fold->key[fold->keys++] = key;
}

/* How many records the last ones repeat: 0 if they do not. */
static unsigned period_find(const struct ws__fold *fold)
{
    for (unsigned period = 1; 2 * period <= fold->keys; period++) {
        const uint64_t *last = fold->key + fold->keys - period;
        if (!memcmp(last, last - period, period * sizeof *last))
            return period;
    }
    return 0;
}

void ws__fold_end(struct ws__fold *fold, struct ws_buffer *out)
{
    if (fold->times >= FEWEST)
        ws_buffer_printf(out, "%10llu  the same %u event%s %llu times more, until here\n",
                         (unsigned long long)fold->mark, fold->period, fold->period == 1 ? "" : "s",
                         (unsigned long long)fold->times);
    ws_buffer_append(out, fold->held.data, fold->held.size);
    out->failed |= fold->held.failed;
    ws_buffer_clear(&fold->held);
    fold->keys = fold->period = fold->at = 0;
    fold->times = 0;
}

void ws__fold_put(struct ws__fold *fold, struct ws_buffer *out, uint64_t mark, const struct ws_buffer *text)
{
    uint64_t key = key_of(text);
    if (fold->period && key != fold->key[fold->keys - fold->period + fold->at])
        ws__fold_end(fold, out);
    if (!fold->period) {
        ws_buffer_append(out, text->data, text->size);
        key_add(fold, key);
        fold->period = period_find(fold);
        return;
    }
    ws_buffer_append(&fold->held, text->data, text->size);
    if (++fold->at < fold->period)
        return;
    fold->at = 0;
    fold->mark = mark;
    if (++fold->times >= FEWEST)
        ws_buffer_clear(&fold->held);
}

void ws__fold_release(struct ws__fold *fold)
{
    ws_buffer_release(&fold->held);
}
