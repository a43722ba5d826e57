/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of stretches.
 *
 * Its places follow from where translations stand in the engine's buffer.  Two of them are so far
 * apart that hardly ever both want the same place; then the later one takes the next free one, and
 * is only found by ws__stretch_find().  None is ever dropped before the engine forgets the
 * translation: what was translated could not be told any more.
 */
#include "unicorn/block_table.h"

#include <stdlib.h>
#include <string.h>

bool ws__stretches_init(struct ws__stretches *stretches)
{
    *stretches = (struct ws__stretches){0};
    stretches->table = calloc(WS__STRETCHES, sizeof *stretches->table);
    stretches->used = calloc(WS__STRETCHES, sizeof *stretches->used);
    return stretches->table && stretches->used;
}

void ws__stretches_release(struct ws__stretches *stretches)
{
    if (stretches->table && stretches->used)
        ws__stretches_clear(stretches);
    free(stretches->table);
    free(stretches->used);
    *stretches = (struct ws__stretches){0};
}

void ws__stretches_clear(struct ws__stretches *stretches)
{
    for (uint32_t i = 0; i < stretches->count; i++) {
        struct ws__stretch *stretch = &stretches->table[stretches->used[i]];
        free(stretch->site);
        free(stretch->code);
        *stretch = (struct ws__stretch){0};
    }
    stretches->count = 0;
}

/* The place where it is, or would be.  The table is never full. */
static uint32_t place_find(const struct ws__stretches *stretches, uintptr_t translation)
{
    uint32_t place = (translation >> WS__STRETCH_SPACING_BITS) % WS__STRETCHES;
    while (stretches->table[place].translation && stretches->table[place].translation != translation)
        place = (place + 1) % WS__STRETCHES;
    return place;
}

struct ws__stretch *ws__stretch_find(const struct ws__stretches *stretches, uintptr_t translation)
{
    struct ws__stretch *stretch = &stretches->table[place_find(stretches, translation)];
    return stretch->translation ? stretch : NULL;
}

struct ws__stretch *ws__stretch_add(struct ws__stretches *stretches, const struct ws__stretch *stretch)
{
    struct ws__stretch_code *code = stretch->code;
    uint32_t place = place_find(stretches, stretch->translation);
    if (stretches->count == WS__STRETCHES - 1)
        return NULL;
    stretches->used[stretches->count++] = place;
    stretches->table[place] = *stretch;
    stretches->table[place].touches |= WS__TOUCHES_KICK;
    memcpy(code->copy, code->first, code->in_first);
    if (code->second)
        memcpy(code->copy + code->in_first, code->second, code->bytes - code->in_first);
    return &stretches->table[place];
}

bool ws__stretch_unchanged(const struct ws__stretch *stretch, const struct ws__stretch *present)
{
    const struct ws__stretch_code *code = stretch->code;
    if (present == stretch && !code->writes)
        return true;
    return memcmp(code->first, code->copy, code->in_first) == 0 &&
           (!code->second || memcmp(code->second, code->copy + code->in_first, code->bytes - code->in_first) == 0);
}

int ws__stretch_index(const struct ws__stretch *stretch, uint32_t linear, unsigned *bytes)
{
    const struct ws__stretch_code *code = stretch->code;
    uint32_t offset = linear - code->linear;
    int index = 0;
    if (!ws__stretch_what(stretch, linear))
        return -1;
    for (uint32_t i = 0; i < offset; i++)
        index += code->what[i] & WS__BEGINS;
    for (*bytes = 1; !(code->what[offset + *bytes] & WS__BEGINS); ++*bytes)
        continue;
    return index;
}
