/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of blocks: a hash table with linear probing.
 *
 * The index of a block follows from the address of its translation in the engine's buffer.  Translations are so far
 * apart that two of them seldom get the same index.  If they do, the later one takes the next free entry.  Only
 * ws__block_find() finds it there, so it never passes in the block hook.
 *
 * A block stays in the table until the engine forgets its translations.  If an entry were dropped earlier, the library
 * would no longer know which bytes were translated.
 */
#include "unicorn/block_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/zeros.h"

bool ws__block_table_init(struct ws__block_table *blocks)
{
    *blocks = (struct ws__block_table){0};
    blocks->table = ws__zeros_new(WS__BLOCKS * sizeof *blocks->table);
    blocks->used = ws__zeros_new(WS__BLOCKS * sizeof *blocks->used);
    return blocks->table && blocks->used;
}

void ws__block_table_release(struct ws__block_table *blocks)
{
    if (blocks->table && blocks->used)
        ws__block_table_clear(blocks);
    ws__zeros_free(blocks->table, WS__BLOCKS * sizeof *blocks->table);
    ws__zeros_free(blocks->used, WS__BLOCKS * sizeof *blocks->used);
    *blocks = (struct ws__block_table){0};
}

void ws__block_table_clear(struct ws__block_table *blocks)
{
    for (uint32_t i = 0; i < blocks->count; i++) {
        struct ws__block *block = &blocks->table[blocks->used[i]];
        free(block->point);
        free(block->code);
        *block = (struct ws__block){0};
    }
    blocks->count = 0;
}

/* The index of the entry where the block is, or else where it can be added.  The loop ends, since the table is never
 * full. */
static uint32_t place_find(const struct ws__block_table *blocks, uintptr_t translation)
{
    uint32_t place = (translation >> WS__BLOCK_SPACING_BITS) % WS__BLOCKS;
    while (blocks->table[place].translation && blocks->table[place].translation != translation)
        place = (place + 1) % WS__BLOCKS;
    return place;
}

struct ws__block *ws__block_find(const struct ws__block_table *blocks, uintptr_t translation)
{
    struct ws__block *block = &blocks->table[place_find(blocks, translation)];
    return block->translation ? block : NULL;
}

struct ws__block *ws__block_add(struct ws__block_table *blocks, const struct ws__block *block)
{
    struct ws__block_code *code = block->code;
    uint32_t place = place_find(blocks, block->translation);
    if (blocks->count == WS__BLOCKS - 1)
        return NULL;
    blocks->used[blocks->count++] = place;
    blocks->table[place] = *block;
    blocks->table[place].touches |= WS__TOUCHES_ALWAYS | WS__TOUCHES_CODE_LIMITS;
    memcpy(code->copy, code->first, code->in_first);
    if (code->second)
        memcpy(code->copy + code->in_first, code->second, code->bytes - code->in_first);
    return &blocks->table[place];
}

void ws__block_table_ask(struct ws__block_table *blocks, uint32_t linear)
{
    for (uint32_t i = 0; i < blocks->count; i++) {
        struct ws__block *block = &blocks->table[blocks->used[i]];
        block->asks |= linear - block->code->linear < block->code->bytes;
    }
}

bool ws__block_unchanged(const struct ws__block *block, const struct ws__block *present)
{
    const struct ws__block_code *code = block->code;
    if (present == block && !code->writes)
        return true;
    return memcmp(code->first, code->copy, code->in_first) == 0 &&
           (!code->second || memcmp(code->second, code->copy + code->in_first, code->bytes - code->in_first) == 0);
}

int ws__block_index(const struct ws__block *block, uint32_t linear, unsigned *bytes)
{
    const struct ws__block_code *code = block->code;
    uint32_t offset = linear - code->linear;
    int index = 0;
    if (!ws__block_what(block, linear))
        return -1;
    for (uint32_t i = 0; i < offset; i++)
        index += code->what[i] & WS__BEGINS;
    for (*bytes = 1; !(code->what[offset + *bytes] & WS__BEGINS); ++*bytes)
        continue;
    return index;
}
