/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a TSS back.
 *
 * SDM 3A §7.2.1 "Task-State Segment (TSS)": where each register is; §7.3 "Task Switching": which are saved.
 * CR3 and the LDT's selector are not: they only stand there since the task was made.
 */
#include "watch/task.h"

#include <string.h>

enum { TSS_BYTES = 104 };

static const struct {
    uint8_t offset;
    uint8_t which; /* enum ws_register */
} tss_slot[] = {
    {32, WS_EIP}, {36, WS_EFLAGS}, {40, WS_EAX}, {44, WS_ECX}, {48, WS_EDX}, {52, WS_EBX}, {56, WS_ESP}, {60, WS_EBP},
    {64, WS_ESI}, {68, WS_EDI},    {72, WS_ES},  {76, WS_CS},  {80, WS_SS},  {84, WS_DS},  {88, WS_FS},  {92, WS_GS},
};

bool ws__task_registers(const struct ws_machine *machine, uint16_t selector, const struct ws_registers *last,
                        struct ws_registers *out)
{
    uint8_t raw[WS_DESCRIPTOR_BYTES], tss[TSS_BYTES];
    struct ws_descriptor descriptor;
    uint32_t entry = last->value[WS_GDTR_BASE] + (uint32_t)(selector & WS_SELECTOR_INDEX);
    if (ws_machine_read(machine, entry, raw, sizeof(raw)) != WS_OK)
        return false;
    ws_descriptor_decode(&descriptor, raw);
    if (ws_machine_read(machine, descriptor.base, tss, sizeof(tss)) != WS_OK)
        return false;
    *out = *last;
    for (size_t i = 0; i < sizeof(tss_slot) / sizeof(tss_slot[0]); i++) {
        uint32_t value;
        memcpy(&value, tss + tss_slot[i].offset, sizeof(value));
        bool narrow = ws_register_info(tss_slot[i].which)->bits == 16;
        out->value[tss_slot[i].which] = narrow ? value & 0xffff : value;
    }
    out->value[WS_TR] = selector;
    return true;
}
