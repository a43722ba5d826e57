/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking for a saved stack pointer.  Where a kernel keeps it is its own affair, so all of memory is looked at.  That
 * takes milliseconds, and is asked only of a return onto a stack that was never seen before.
 */
#include "watch/saved.h"

#include <string.h>

enum { BLOCK = 1024, NEAR = 64 / 4 }; /* words */

static uint32_t word_at(const struct ws_physical *memory, uint32_t index)
{
    uint32_t word;
    memcpy(&word, memory->ram + (size_t)index * sizeof word, sizeof word);
    return word;
}

/* Without a jump in it, a compiler makes it fast. */
static bool block_holds(const struct ws_physical *memory, uint32_t first, uint32_t low, uint32_t span)
{
    bool any = false;
    for (uint32_t i = first; i < first + BLOCK; i++)
        any |= word_at(memory, i) - low <= span;
    return any;
}

static bool counts(const struct ws__saved_except *except, uint32_t index)
{
    return index * 4 - except->phys >= except->bytes;
}

/* The next such word from `index` on; `words`: there is none. */
static uint32_t word_next(const struct ws_physical *memory, uint32_t index, uint32_t low, uint32_t span,
                          const struct ws__saved_except *except)
{
    uint32_t words = memory->bytes / 4;
    while (index < words) {
        if (index % BLOCK == 0 && words - index >= BLOCK && !block_holds(memory, index, low, span)) {
            index += BLOCK;
            continue;
        }
        if (word_at(memory, index) - low <= span && counts(except, index))
            break;
        index++;
    }
    return index < words ? index : words;
}

bool ws__saved_word(const struct ws_physical *memory, uint32_t low, uint32_t high,
                    const struct ws__saved_except *except)
{
    return word_next(memory, 0, low, high - low, except) < memory->bytes / 4;
}

bool ws__saved_pair(const struct ws_physical *memory, uint32_t one, uint32_t other,
                    const struct ws__saved_except *except)
{
    uint32_t words = memory->bytes / 4;
    for (uint32_t at = word_next(memory, 0, one, 0, except); at < words;
         at = word_next(memory, at + 1, one, 0, except)) {
        uint32_t end = at + NEAR < words ? at + NEAR + 1 : words;
        for (uint32_t i = at < NEAR ? 0 : at - NEAR; i < end; i++)
            if (i != at && word_at(memory, i) == other && counts(except, i))
                return true;
    }
    return false;
}
