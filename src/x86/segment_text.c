/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors, gates and selectors described in words.
 */
#include <worldswitch/segment.h>

#include <stddef.h>

/* SDM 3A §3.5 "System Descriptor Types", table 3-2 */
static const char *const system_text[16] = {
    [0] = "reserved type 0",
    [WS_TYPE_TSS16] = "16-bit TSS (available)",
    [WS_TYPE_LDT] = "LDT",
    [WS_TYPE_TSS16_BUSY] = "16-bit TSS (busy)",
    [WS_TYPE_CALL_GATE16] = "16-bit call gate",
    [WS_TYPE_TASK_GATE] = "task gate",
    [WS_TYPE_INTERRUPT_GATE16] = "16-bit interrupt gate",
    [WS_TYPE_TRAP_GATE16] = "16-bit trap gate",
    [8] = "reserved type 8",
    [WS_TYPE_TSS32] = "32-bit TSS (available)",
    [10] = "reserved type 10",
    [WS_TYPE_TSS32_BUSY] = "32-bit TSS (busy)",
    [WS_TYPE_CALL_GATE32] = "32-bit call gate",
    [13] = "reserved type 13",
    [WS_TYPE_INTERRUPT_GATE32] = "32-bit interrupt gate",
    [WS_TYPE_TRAP_GATE32] = "32-bit trap gate",
};

/* SDM 3A §3.4.5.1 "Code- and Data-Segment Descriptor Types", table 3-1, by type without the
 * accessed bit; then D/B */
static const char *const segment_text[8][2] = {
    {"data, read-only, 16-bit", "data, read-only"},
    {"data, writable, 16-bit", "data, writable"},
    {"data, read-only, expand-down, 16-bit", "data, read-only, expand-down"},
    {"data, writable, expand-down, 16-bit", "data, writable, expand-down"},
    {"16-bit code, execute-only", "32-bit code, execute-only"},
    {"16-bit code, readable", "32-bit code, readable"},
    {"16-bit code, execute-only, conforming", "32-bit code, execute-only, conforming"},
    {"16-bit code, readable, conforming", "32-bit code, readable, conforming"},
};

const char *ws_descriptor_type_text(const struct ws_descriptor *descriptor)
{
    if (descriptor->system)
        return system_text[descriptor->type & 15];
    return segment_text[descriptor->type >> 1 & 7][descriptor->big];
}

static bool descriptor_is_empty(const struct ws_descriptor *descriptor)
{
    return descriptor->system && descriptor->type == 0 && !descriptor->present && descriptor->base == 0 &&
           descriptor->limit == 0;
}

void ws_descriptor_describe(struct ws_buffer *out, const struct ws_descriptor *descriptor)
{
    bool data = !descriptor->system && !(descriptor->type & WS_TYPE_CODE);
    if (descriptor_is_empty(descriptor)) {
        ws_buffer_printf(out, "empty");
        return;
    }
    ws_buffer_printf(out, "%s", ws_descriptor_type_text(descriptor));
    if (!ws_descriptor_is_gate(descriptor))
        ws_buffer_printf(out, ", base 0x%08x, %s 0x%08x", descriptor->base,
                         data && descriptor->type & WS_TYPE_EXPAND_DOWN ? "valid above" : "limit", descriptor->limit);
    ws_buffer_printf(out, ", DPL %u, %s", descriptor->dpl, descriptor->present ? "present" : "not present");
}

void ws_gate_describe(struct ws_buffer *out, const struct ws_gate *gate)
{
    const struct ws_descriptor descriptor = {.system = gate->system, .type = gate->type};
    if (gate->system && gate->type == 0 && !gate->present) {
        ws_buffer_printf(out, "empty");
        return;
    }
    if (!ws_descriptor_is_gate(&descriptor))
        ws_buffer_printf(out, "not a gate (%s type %u)", gate->system ? "system" : "segment", gate->type);
    else if (gate->type == WS_TYPE_TASK_GATE)
        ws_buffer_printf(out, "task gate to TSS 0x%04x", gate->selector);
    else
        ws_buffer_printf(out, "%s to 0x%04x:0x%08x", system_text[gate->type], gate->selector, gate->offset);
    if (gate->parameters)
        ws_buffer_printf(out, ", %u parameters", gate->parameters);
    ws_buffer_printf(out, ", DPL %u, %s", gate->dpl, gate->present ? "present" : "not present");
}

void ws_selector_describe(struct ws_buffer *out, uint16_t selector)
{
    unsigned rpl = selector & WS_SELECTOR_RPL;
    ws_buffer_printf(out, "0x%04x: ", selector);
    if (selector < WS_SELECTOR_TI) /* SDM 3A §3.4.2 "Segment Selectors": entry 0 of the GDT is never used */
        ws_buffer_printf(out, "null selector, RPL %u", rpl);
    else
        ws_buffer_printf(out, "%s entry %u, RPL %u", selector & WS_SELECTOR_TI ? "LDT" : "GDT", selector >> 3, rpl);
}
