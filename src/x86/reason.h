/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making a reason.
 */
#ifndef WS_X86_REASON_H
#define WS_X86_REASON_H

#include <worldswitch/paging.h>
#include <worldswitch/reason.h>
#include <worldswitch/segment.h>

/* The row of that name with its values; at least one value, 0 if the sentence takes none. */
#define WS__REASON(name, ...) ((struct ws_reason){WS_REASON_##name, {__VA_ARGS__}})

/* A descriptor's type as a value for %t. */
static inline uint32_t ws__reason_type(const struct ws_descriptor *descriptor)
{
    return descriptor->type | (uint32_t)descriptor->system << 4 | (uint32_t)descriptor->big << 5;
}

/* Why a selector cannot be used that lies beyond its table's limit. */
struct ws_reason ws__reason_beyond(uint16_t selector, uint32_t limit);
/* Why this walk failed: the entry that decided. */
struct ws_reason ws__reason_page(const struct ws_translation *walk);

#endif
