/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86/idt.h"

#include <string.h>

enum ws__idt_state ws__idt_find(const struct ws_registers *registers, uint8_t vector, struct ws__idt_entry *out)
{
    uint32_t offset = vector * (uint32_t)WS_DESCRIPTOR_BYTES;
    *out = (struct ws__idt_entry){.offset = offset, .linear = registers->value[WS_IDTR_BASE] + offset};
    return offset + WS_DESCRIPTOR_BYTES - 1 > registers->value[WS_IDTR_LIMIT] ? WS__IDT_BEYOND : WS__IDT_UNMAPPED;
}

enum ws__idt_state ws__idt_decode(struct ws__idt_entry *entry)
{
    static const uint16_t types = 1u << WS_TYPE_TASK_GATE | 1u << WS_TYPE_INTERRUPT_GATE16 | 1u << WS_TYPE_TRAP_GATE16 |
                                  1u << WS_TYPE_INTERRUPT_GATE32 | 1u << WS_TYPE_TRAP_GATE32;
    static const uint8_t empty[WS_DESCRIPTOR_BYTES];
    ws_gate_decode(&entry->gate, entry->raw);
    if (entry->gate.system && types >> entry->gate.type & 1)
        return entry->gate.present ? WS__IDT_GATE : WS__IDT_ABSENT;
    return memcmp(entry->raw, empty, sizeof empty) ? WS__IDT_INVALID : WS__IDT_EMPTY;
}

enum ws__idt_state ws__idt_read(const struct ws_physical *memory, const struct ws_registers *registers, uint8_t vector,
                                struct ws__idt_entry *out)
{
    enum ws__idt_state state = ws__idt_find(registers, vector, out);
    if (state == WS__IDT_BEYOND)
        return state;
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    if (ws_page_read(memory, registers, out->linear, raw, sizeof raw) < sizeof raw)
        return state;
    memcpy(out->raw, raw, sizeof raw);
    return ws__idt_decode(out);
}

uint32_t ws__idt_type(const struct ws__idt_entry *entry)
{
    enum { TYPE_BYTE = 5, S_AND_TYPE = 0x1f };
    return entry->raw[TYPE_BYTE] & S_AND_TYPE;
}

uint8_t ws__gate_slot_bytes(const struct ws_gate *gate)
{
    if (gate->type == WS_TYPE_INTERRUPT_GATE32 || gate->type == WS_TYPE_TRAP_GATE32)
        return 4;
    return gate->type == WS_TYPE_INTERRUPT_GATE16 || gate->type == WS_TYPE_TRAP_GATE16 ? 2 : 0;
}
