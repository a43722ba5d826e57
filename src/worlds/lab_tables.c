/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world's tables: GDT, LDT, TSS and IDT on one page.
 *
 * Each world's entries begin behind the places of all worlds made before, which are empty here but
 * for one: every GDT has a kernel code segment at the places where all the other worlds have
 * theirs. Between the switch's popfl and its lret, interrupts may be on while CS still is the left
 * world's selector; an interrupt that comes there pushes it, and its iret must find it again
 * (SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures").  No other selector of one world
 * names anything in another.
 */
#include <assert.h>
#include <string.h>

#include <worldswitch/segment.h>

#include "worlds/lab.h"

#define FLAT_LIMIT 0xffffffffu

/* The flat segments of every world's GDT; its TSS and LDT are segments of its own. */
static const struct flat_row {
    uint16_t offset; /* from the world's first entry */
    uint8_t type;
    uint8_t dpl;
} flat_rows[] = {
    {WS_GDT_KERNEL_CODE, WS_TYPE_CODE | WS_TYPE_READABLE, 0},
    {WS_GDT_KERNEL_DATA, WS_TYPE_WRITABLE, 0},
    {WS_GDT_KERNEL_MORE, WS_TYPE_WRITABLE, 0},
    {WS_GDT_USER_CODE, WS_TYPE_CODE | WS_TYPE_READABLE, 3},
    {WS_GDT_USER_DATA, WS_TYPE_WRITABLE, 3},
};

/* Up to the last world's kernel code, or to this world's own end; with some bytes of the next entry,
 * so that no two worlds have the same limit. */
static uint32_t gdt_limit(unsigned index)
{
    uint32_t code = (WS_CROSS_CONTEXTS - 1) * WS_GDT_STRIDE + WS_GDT_KERNEL_CODE + WS_DESCRIPTOR_BYTES - 1 + index;
    uint32_t own = (index + 1) * WS_GDT_STRIDE - 1;

    return own > code ? own : code;
}

unsigned ws__tables_last_vector(unsigned index)
{
    return 255 - index;
}

static void put_flat(uint8_t *raw, uint8_t type, uint8_t dpl)
{
    struct ws_descriptor flat = {
        .limit = FLAT_LIMIT, .type = type, .dpl = dpl, .present = true, .big = true, .granular = true};

    ws_descriptor_encode(raw, &flat);
}

static void put_system(uint8_t *raw, uint8_t type, uint32_t base, uint32_t bytes)
{
    struct ws_descriptor segment = {.base = base, .limit = bytes - 1, .type = type, .system = true, .present = true};

    ws_descriptor_encode(raw, &segment);
}

static void build_gdt(uint8_t *gdt, unsigned index, uint32_t tables, bool busy)
{
    uint8_t *first = gdt + index * WS_GDT_STRIDE;
    size_t i;

    for (i = 0; i < WS_CROSS_CONTEXTS; i++)
        put_flat(gdt + i * WS_GDT_STRIDE + WS_GDT_KERNEL_CODE, WS_TYPE_CODE | WS_TYPE_READABLE, 0);
    for (i = 0; i < sizeof flat_rows / sizeof *flat_rows; i++)
        put_flat(first + flat_rows[i].offset, flat_rows[i].type, flat_rows[i].dpl);
    put_system(first + WS_GDT_TSS, busy ? WS_TYPE_TSS32_BUSY : WS_TYPE_TSS32, tables + WS_TABLES_TSS, WS_TSS_BYTES);
    put_system(first + WS_GDT_LDT, WS_TYPE_LDT, tables + WS_TABLES_LDT, (index + 1) * WS_LDT_STRIDE);
}

/* Two segments that only an LDT knows: so FS and GS show whether LDTR was switched. */
static void build_ldt(uint8_t *ldt, unsigned index)
{
    put_flat(ldt + index * WS_LDT_STRIDE + WS_LDT_FS, WS_TYPE_WRITABLE, 3);
    put_flat(ldt + index * WS_LDT_STRIDE + WS_LDT_GS, WS_TYPE_WRITABLE, 3);
}

/* SDM 3A §7.2.1 "Task-State Segment (TSS)": of all that, a kernel without task gates needs the
 * ring-0 stack, and an I/O map base that lies beyond the limit, which means that ring 3 has no
 * ports. */
static void build_tss(uint8_t *tss, unsigned index, uint32_t esp0)
{
    uint32_t ss0 = index * WS_GDT_STRIDE + WS_GDT_KERNEL_DATA;
    uint16_t io_map = WS_TSS_BYTES;

    memcpy(tss + WS_TSS_ESP0, &esp0, sizeof esp0);
    memcpy(tss + WS_TSS_SS0, &ss0, sizeof ss0);
    memcpy(tss + WS_TSS_IO_MAP, &io_map, sizeof io_map);
}

void ws__tables_build(uint8_t *ram, unsigned index, uint32_t tables, uint32_t esp0, bool busy)
{
    assert(index < WS_CROSS_CONTEXTS);
    build_gdt(ram + WS_TABLES_GDT, index, tables, busy);
    build_ldt(ram + WS_TABLES_LDT, index);
    build_tss(ram + WS_TABLES_TSS, index, esp0);
}

void ws__tables_describe(struct ws_registers *registers, unsigned index, uint32_t tables)
{
    uint32_t *value = registers->value, first = index * WS_GDT_STRIDE;

    value[WS_GDTR_BASE] = tables + WS_TABLES_GDT;
    value[WS_GDTR_LIMIT] = gdt_limit(index);
    value[WS_IDTR_BASE] = tables + WS_TABLES_IDT;
    value[WS_IDTR_LIMIT] = (ws__tables_last_vector(index) + 1) * WS_DESCRIPTOR_BYTES - 1;
    value[WS_TR] = first + WS_GDT_TSS;
    value[WS_LDTR] = first + WS_GDT_LDT;
    value[WS_CS] = first + WS_GDT_KERNEL_CODE;
    value[WS_SS] = first + WS_GDT_KERNEL_DATA;
}
