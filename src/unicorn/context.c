/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segment registers and the CPL in a saved context.
 */
#include "unicorn/context.h"

#include <string.h>

void ws__engine_context_segment(const struct ws__context_layout *layout, const void *context, enum ws_register which,
                                struct ws_descriptor *out)
{
    struct ws__engine_segment raw;
    ws__context_layout_segment(layout, context, which, &raw);
    *out = (struct ws_descriptor){
        .base = raw.base,
        .limit = raw.limit,
        .type = raw.attributes >> 8 & 15,
        .system = !(raw.attributes >> 12 & 1),
        .dpl = raw.attributes >> 13 & 3,
        .present = raw.attributes >> 15 & 1,
        .available = raw.attributes >> 20 & 1,
        .big = raw.attributes >> 22 & 1,
        .granular = raw.attributes >> 23 & 1,
    };
}

void ws__engine_context_segment_set(const struct ws__context_layout *layout, void *context, enum ws_register which,
                                    uint16_t selector, const struct ws_descriptor *descriptor)
{
    struct ws__engine_segment segment = {selector, descriptor->base, descriptor->limit, 0};
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    ws_descriptor_encode(raw, descriptor);
    memcpy(&segment.attributes, raw + 4, sizeof segment.attributes);
    if (!descriptor->system)
        segment.attributes |= WS_TYPE_ACCESSED << 8;
    ws__context_layout_segment_set(layout, context, which, &segment);
}

void ws__engine_context_selector_set(const struct ws__context_layout *layout, void *context, enum ws_register which,
                                     uint16_t selector)
{
    struct ws__engine_segment segment = {.selector = selector};
    ws__context_layout_segment_set(layout, context, which, &segment);
}

/* Bits of Unicorn's mode word, whose lowest two bits are the CPL: the code segment is a 32-bit one; the stack segment
 * is a 32-bit one; segment bases must be added to addresses; CR0.TS.  context_layout.c tests that the first two are at
 * these places, and tests/guest/taskgate.S that the last one is. */
enum { FLAG_CODE_BIG = 1 << 4, FLAG_STACK_BIG = 1 << 5, FLAG_ADD_BASES = 1 << 6, FLAG_TS = 1 << 11 };

static uint32_t flags_for(const struct ws__context_layout *layout, const void *context, uint32_t flags)
{
    struct ws_descriptor code, stack, data, extra;
    ws__engine_context_segment(layout, context, WS_CS, &code);
    ws__engine_context_segment(layout, context, WS_SS, &stack);
    ws__engine_context_segment(layout, context, WS_DS, &data);
    ws__engine_context_segment(layout, context, WS_ES, &extra);
    bool add = !code.big || (stack.base | data.base | extra.base) != 0;
    flags &= ~(uint32_t)(FLAG_CODE_BIG | FLAG_STACK_BIG | FLAG_ADD_BASES);
    return flags | (code.big ? FLAG_CODE_BIG : 0) | (stack.big ? FLAG_STACK_BIG : 0) | (add ? FLAG_ADD_BASES : 0);
}

void ws__engine_context_cpl_set(const struct ws__context_layout *layout, void *context, unsigned cpl)
{
    uint8_t *at = (uint8_t *)context + layout->flags;
    uint32_t flags;
    memcpy(&flags, at, sizeof flags);
    flags = (flags_for(layout, context, flags) & ~(uint32_t)WS_SELECTOR_RPL) | cpl;
    memcpy(at, &flags, sizeof flags);
}

void ws__engine_context_ts_set(const struct ws__context_layout *layout, void *context)
{
    uint8_t *at = (uint8_t *)context + layout->flags;
    uint32_t flags;
    memcpy(&flags, at, sizeof flags);
    flags |= FLAG_TS;
    memcpy(at, &flags, sizeof flags);
}
