/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's descriptor tables: GDT, LDT, TSS, IDT.
 *
 * All segments are flat; what they differ in is the ring.  FS and GS come from the LDT, for no reason but
 * that a world switch must bring back an LDT, too.
 */
#include "guest/host/host.h"

enum { GDT_ENTRIES = HOST_LOCAL / 8 + 1, LDT_ENTRIES = 2, VECTORS = 256 };

_Alignas(8) uint8_t host_gdt[8 * GDT_ENTRIES];
static _Alignas(8) uint8_t host_ldt[8 * LDT_ENTRIES];
_Alignas(8) uint8_t host_tss[WS_TSS_BYTES];
static _Alignas(8) struct gate host_idt[VECTORS];

void tables_init(void)
{
    const struct ws_cross_table gdtr = {sizeof host_gdt - 1, (uint32_t)host_gdt};
    const struct ws_cross_table idtr = {sizeof host_idt - 1, (uint32_t)host_idt};

    descriptor_put(host_gdt + HOST_CODE, 0, FLAT_LIMIT, FLAT_CODE);
    descriptor_put(host_gdt + HOST_DATA, 0, FLAT_LIMIT, FLAT_DATA);
    descriptor_put(host_gdt + HOST_MORE, 0, FLAT_LIMIT, FLAT_DATA);
    descriptor_put(host_gdt + WS_GDT_USER_CODE, 0, FLAT_LIMIT, FLAT_CODE | RING_3);
    descriptor_put(host_gdt + WS_GDT_USER_DATA, 0, FLAT_LIMIT, FLAT_DATA | RING_3);
    descriptor_put(host_gdt + HOST_TASK, (uint32_t)host_tss, WS_TSS_BYTES - 1, SYSTEM_TASK);
    descriptor_put(host_gdt + HOST_LOCAL, (uint32_t)host_ldt, sizeof host_ldt - 1, SYSTEM_LOCAL);
    descriptor_put(host_ldt + WS_LDT_FS, 0, FLAT_LIMIT, FLAT_DATA | RING_3);
    descriptor_put(host_ldt + WS_LDT_GS, 0, FLAT_LIMIT, FLAT_DATA | RING_3);
    idt_fill(host_idt, HOST_CODE);
    host_idt[VECTOR_CALL].type = GATE_TRAP | GATE_RING_3;
    task_put(host_tss, HOST_DATA, 0);
    tables_load(&gdtr, &idtr);
}
