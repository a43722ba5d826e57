/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's descriptor tables: GDT, LDT, TSS, IDT.
 *
 * All segments are flat; what they differ in is the ring.  FS and GS come from the LDT, for no reason but
 * that a world switch must bring back an LDT, too.
 */
#include <worldswitch/segment.h>

#include "guest/boot/tables.h"
#include "guest/host/host.h"

enum { GDT_ENTRIES = HOST_LOCAL / 8 + 1, LDT_ENTRIES = 2, VECTORS = 256, GATE_RING_3 = 3 << 13 };
/* SDM 3A §6.11 "IDT Descriptors": an interrupt gate turns interrupts off, a trap gate does not. */
enum { GATE_INTERRUPT = 0x8e00, GATE_TRAP = 0x8f00 };

_Alignas(8) uint8_t host_gdt[8 * GDT_ENTRIES];
static _Alignas(8) uint8_t host_ldt[8 * LDT_ENTRIES];
_Alignas(8) uint8_t host_tss[WS_TSS_BYTES];
_Alignas(8) uint8_t host_idt[8 * VECTORS];

void descriptor_put(uint8_t *at, uint32_t base, uint32_t limit, uint32_t access)
{
    uint32_t *word = (uint32_t *)at;

    word[0] = base << 16 | (limit & 0xffff);
    word[1] = (base & 0xff000000) | (access << 8 & 0x00f0ff00) | (limit & 0x000f0000) |
              (base >> 16 & 0xff);
}

void gate_put(uint8_t *at, uint16_t selector, uint32_t eip, uint32_t type)
{
    uint32_t *word = (uint32_t *)at;

    word[0] = (uint32_t)selector << 16 | (eip & 0xffff);
    word[1] = (eip & 0xffff0000) | type;
}

void task_put(uint8_t *tss, uint16_t ss0, uint32_t esp0)
{
    *(uint32_t *)(tss + WS_TSS_ESP0) = esp0;
    *(uint32_t *)(tss + WS_TSS_SS0) = ss0;
    /* The I/O map begins behind the segment's end: there is none, all ports are denied.
     * SDM 1 §19.5.2 "I/O Permission Bit Map". */
    *(uint16_t *)(tss + WS_TSS_IO_MAP) = WS_TSS_BYTES;
}

static void gdt_fill(void)
{
    static const struct {
        uint16_t selector;
        uint16_t access;
    } flat[] = {
        {HOST_CODE, FLAT_CODE},
        {HOST_DATA, FLAT_DATA},
        {HOST_MORE, FLAT_DATA},
        {HOST_USER_CODE & ~3, FLAT_CODE | RING_3},
        {HOST_USER_DATA & ~3, FLAT_DATA | RING_3},
    };

    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++)
        descriptor_put(host_gdt + flat[i].selector, 0, FLAT_LIMIT, flat[i].access);
    descriptor_put(host_gdt + HOST_TASK, (uint32_t)host_tss, WS_TSS_BYTES - 1, SYSTEM_TASK);
    descriptor_put(host_gdt + HOST_LOCAL, (uint32_t)host_ldt, sizeof host_ldt - 1, SYSTEM_LOCAL);
    descriptor_put(host_ldt + WS_LDT_FS, 0, FLAT_LIMIT, FLAT_DATA | RING_3);
    descriptor_put(host_ldt + WS_LDT_GS, 0, FLAT_LIMIT, FLAT_DATA | RING_3);
}

static void idt_fill(void)
{
    for (const uint32_t *row = vector_table; row[1]; row += 2)
        gate_put(host_idt + 8 * row[0], HOST_CODE, row[1],
                 row[0] == VECTOR_CALL ? GATE_TRAP | GATE_RING_3 : GATE_INTERRUPT);
}

void tables_init(void)
{
    static struct ws_cross_table gdtr, idtr;

    gdt_fill();
    idt_fill();
    task_put(host_tss, HOST_DATA, 0);
    gdtr = (struct ws_cross_table){sizeof host_gdt - 1, (uint32_t)host_gdt};
    idtr = (struct ws_cross_table){sizeof host_idt - 1, (uint32_t)host_idt};
    tables_load(&gdtr, &idtr);
}
