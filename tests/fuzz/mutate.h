/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One try with a file that may be anything.  Shared by the fuzzer and by the test in make check.
 */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/image.h>

#include "image/image_plan.h"

/* Does everything in the plan lie in the file and in memory, ascending, and the entry in a part? */
static inline bool plan_is_sound(const struct ws__image_plan *plan, const uint8_t *file, size_t bytes,
                                 uint32_t memory_bytes)
{
    uint64_t end = 0;
    bool entered = false;
    for (size_t i = 0; i < plan->count; i++) {
        const struct ws__image_part *part = &plan->part[i];
        size_t offset = (size_t)(part->content - file);
        if (part->phys < end || part->content_bytes > part->bytes || offset > bytes ||
            part->content_bytes > bytes - offset)
            return false;
        end = (uint64_t)part->phys + part->bytes;
        entered |= plan->entry - part->phys < part->bytes;
    }
    return entered && end <= memory_bytes;
}

/* Read the file as an image and for its symbols; abort if the answer is not sound. */
static inline enum ws_status image_try(const uint8_t *file, size_t bytes)
{
    enum { MEMORY = 16 << 20 };
    struct ws_buffer why = WS_BUFFER_INIT;
    struct ws__image_plan plan;
    struct ws_symbols *symbols;
    enum ws_status status = ws__image_plan_read(&plan, file, bytes, MEMORY, &why);
    if (status == WS_OK && !plan_is_sound(&plan, file, bytes, MEMORY))
        abort();
    if (status == WS_OK)
        ws__image_plan_release(&plan);
    else if (status != WS_NO_MEMORY && (!why.size || strchr(why.data, '\n')))
        abort(); /* a refusal without a reason of one line */
    ws_buffer_release(&why);

    if (ws_symbols_new(&symbols) == WS_OK) {
        uint32_t offset;
        ws_symbols_read(symbols, file, bytes);
        const char *name = ws_symbols_at(symbols, 0x100010, &offset);
        if (name && ws_symbols_find(symbols, name, &offset) != WS_OK)
            abort();
        ws_symbols_free(symbols);
    }
    return status;
}

#endif
