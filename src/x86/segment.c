/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors and gates: their eight bytes, taken apart into fields and put together again.
 *
 *   byte     7          6            5            4          3 2       1 0
 *   segment  base 31-24 G D/B - AVL  P DPL S type base 23-16 base 15-0 limit 15-0
 *                       limit 19-16
 *   gate     offset 31-16            P DPL S type parameters selector  offset 15-0
 */
#include <worldswitch/segment.h>

#include <string.h>

#include "x86/segment.h"

enum { LIMIT_UNIT = 4096, LIMIT_MAX = 0xfffff };

static uint32_t bytes_get(const uint8_t *raw, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value |= (uint32_t)raw[i] << 8 * i;
    return value;
}

static void bytes_put(uint8_t *raw, unsigned count, uint32_t value)
{
    for (unsigned i = 0; i < count; i++)
        raw[i] = (uint8_t)(value >> 8 * i);
}

static uint8_t access_byte(uint8_t type, bool system, uint8_t dpl, bool present)
{
    return (uint8_t)((type & 15) | (system ? 0 : 0x10) | (dpl & 3) << 5 | (present ? 0x80 : 0));
}

/* SDM 3A §3.4.5 "Segment Descriptors", figure 3-8 */
void ws_descriptor_decode(struct ws_descriptor *descriptor, const uint8_t raw[WS_DESCRIPTOR_BYTES])
{
    uint32_t limit = bytes_get(raw, 2) | (uint32_t)(raw[6] & 15) << 16;
    bool granular = raw[6] & 0x80;
    *descriptor = (struct ws_descriptor){
        .base = bytes_get(raw + 2, 3) | (uint32_t)raw[7] << 24,
        .limit = granular ? limit * LIMIT_UNIT + (LIMIT_UNIT - 1) : limit,
        .type = raw[5] & 15,
        .system = !(raw[5] & 0x10),
        .dpl = raw[5] >> 5 & 3,
        .present = raw[5] & 0x80,
        .available = raw[6] & 0x10,
        .big = raw[6] & 0x40,
        .granular = granular,
    };
}

void ws_descriptor_encode(uint8_t raw[WS_DESCRIPTOR_BYTES], const struct ws_descriptor *descriptor)
{
    bool granular = descriptor->granular || descriptor->limit > LIMIT_MAX;
    uint32_t limit = granular ? descriptor->limit / LIMIT_UNIT : descriptor->limit;
    bytes_put(raw, 2, limit);
    bytes_put(raw + 2, 3, descriptor->base);
    raw[5] = access_byte(descriptor->type, descriptor->system, descriptor->dpl, descriptor->present);
    raw[6] = (uint8_t)(limit >> 16 | (descriptor->available ? 0x10 : 0) | (descriptor->big ? 0x40 : 0) |
                       (granular ? 0x80 : 0));
    raw[7] = (uint8_t)(descriptor->base >> 24);
}

static bool gate_is_call(uint8_t type)
{
    return type == WS_TYPE_CALL_GATE16 || type == WS_TYPE_CALL_GATE32;
}

/* Which bits of the offset a gate of this type has: a 16-bit gate has no upper half, a task gate has no offset at
 * all. */
static uint32_t gate_offset_mask(uint8_t type)
{
    if (type == WS_TYPE_TASK_GATE)
        return 0;
    return type < WS_TYPE_TSS32 ? 0xffff : UINT32_MAX;
}

/* SDM 3A §6.11 "IDT Descriptors", figure 6-2; §5.8.3 "Call Gates", figure 5-8 */
void ws_gate_decode(struct ws_gate *gate, const uint8_t raw[WS_DESCRIPTOR_BYTES])
{
    uint8_t type = raw[5] & 15;
    uint32_t offset = bytes_get(raw, 2) | bytes_get(raw + 6, 2) << 16;
    *gate = (struct ws_gate){
        .offset = offset & gate_offset_mask(type),
        .selector = (uint16_t)bytes_get(raw + 2, 2),
        .type = type,
        .system = !(raw[5] & 0x10),
        .dpl = raw[5] >> 5 & 3,
        .present = raw[5] & 0x80,
        .parameters = gate_is_call(type) ? raw[4] & 31 : 0,
    };
}

void ws_gate_encode(uint8_t raw[WS_DESCRIPTOR_BYTES], const struct ws_gate *gate)
{
    uint32_t offset = gate->offset & gate_offset_mask(gate->type);
    bytes_put(raw, 2, offset);
    bytes_put(raw + 2, 2, gate->selector);
    raw[4] = gate_is_call(gate->type) ? gate->parameters & 31 : 0;
    raw[5] = access_byte(gate->type, gate->system, gate->dpl, gate->present);
    bytes_put(raw + 6, 2, offset >> 16);
}

bool ws_descriptor_is_gate(const struct ws_descriptor *descriptor)
{
    /* types 4 to 7 and 12, 14, 15; 13 is reserved */
    return descriptor->system && (descriptor->type & 4) && descriptor->type != 13;
}

bool ws__descriptor_limit_allows(const struct ws_descriptor *descriptor, uint32_t offset, uint32_t bytes)
{
    if (bytes == 0)
        return true;
    uint64_t last = (uint64_t)offset + bytes - 1;
    bool data = !descriptor->system && !(descriptor->type & WS_TYPE_CODE);
    if (data && (descriptor->type & WS_TYPE_EXPAND_DOWN))
        return offset > descriptor->limit && last <= (descriptor->big ? UINT32_MAX : 0xffff);
    /* SDM 3A §5.3 "Limit Checking" leaves open what a CPU does beyond 4 GiB; here the offset wraps. */
    return descriptor->limit == UINT32_MAX || last <= descriptor->limit;
}
