/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and gates, put together. */
#include "guest/shared/tables.h"

void descriptor_put(uint8_t *at, uint32_t base, uint32_t limit, uint32_t access)
{
    uint32_t *word = (uint32_t *)at;

    word[0] = base << 16 | (limit & 0xffff);
    word[1] = (base & 0xff000000) | (access << 8 & 0x00f0ff00) | (limit & 0x000f0000) | (base >> 16 & 0xff);
}

void task_put(uint8_t *tss, uint16_t ss0, uint32_t esp0)
{
    *(uint32_t *)(tss + WS_TSS_ESP0) = esp0;
    *(uint32_t *)(tss + WS_TSS_SS0) = ss0;
    /* The I/O map begins behind the segment's end: there is none, all ports are denied.
     * SDM 1 §19.5.2 "I/O Permission Bit Map". */
    *(uint16_t *)(tss + WS_TSS_IO_MAP) = WS_TSS_BYTES;
}

void idt_fill(struct gate *idt, uint16_t code)
{
    for (const uint32_t *row = vector_table; row[1]; row += 2)
        idt[row[0]] = (struct gate){(uint16_t)row[1], code, GATE_INTERRUPT, (uint16_t)(row[1] >> 16)};
}
