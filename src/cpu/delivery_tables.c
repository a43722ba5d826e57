/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors, as a CPU reads them on its way to a handler.
 */
#include "cpu/delivery.h"

bool ws__delivery_fault(struct ws__delivery *d, uint8_t vector, uint32_t error_code)
{
    *d->fault = (struct ws__raise){
        .raised = true,
        .vector = vector,
        .origin = WS_ORIGIN_EXCEPTION,
        .error_code = error_code,
        .return_eip = d->fault_eip,
        .fault_eip = d->fault_eip,
    };
    return false;
}

/* Read by linear address with supervisor rights; a page fault is raised. */
bool ws__delivery_read(struct ws__delivery *d, uint32_t linear, void *out, uint32_t bytes)
{
    uint32_t error_code;
    if (ws__cpu_read(d->cpu, &d->registers, linear, out, bytes, &error_code))
        return true;
    return ws__delivery_fault(d, WS_VECTOR_PF, error_code);
}

/* Where the GDT or LDT entry of a selector is. */
static uint32_t descriptor_linear(const struct ws__delivery *d, uint16_t selector)
{
    struct ws_descriptor ldt = {.base = d->registers.value[WS_GDTR_BASE]};
    if (selector & WS_SELECTOR_TI)
        ws__engine_segment(d->cpu->engine, WS_LDTR, &ldt);
    return ldt.base + (selector & ~7u);
}

static uint32_t table_limit(const struct ws__delivery *d, uint16_t selector)
{
    struct ws_descriptor ldt;
    if (!(selector & WS_SELECTOR_TI))
        return d->registers.value[WS_GDTR_LIMIT];
    ws__engine_segment(d->cpu->engine, WS_LDTR, &ldt);
    return d->registers.value[WS_LDTR] & ~7u ? ldt.limit : 0;
}

/* Fetch a descriptor from the GDT or LDT.  Beyond the table's limit it is `vector`(selector). */
bool ws__delivery_descriptor(struct ws__delivery *d, uint16_t selector, uint8_t vector, struct ws_descriptor *out)
{
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    if ((selector | 7u) > table_limit(d, selector))
        return ws__delivery_fault(d, vector, (selector & ~3u) | d->ext);
    if (!ws__delivery_read(d, descriptor_linear(d, selector), raw, sizeof raw))
        return false;
    ws_descriptor_decode(out, raw);
    return true;
}

/* Set the accessed bit of a segment that is about to be loaded; the table's page may be read-only.
 * SDM 3A §3.4.5.1 "Code- and Data-Segment Descriptor Types" */
bool ws__delivery_mark(struct ws__delivery *d, uint16_t selector, const struct ws_descriptor *descriptor)
{
    uint32_t error_code, access_byte = descriptor_linear(d, selector) + 5;
    uint8_t access;
    if (descriptor->type & WS_TYPE_ACCESSED)
        return true;
    if (!ws__delivery_read(d, access_byte, &access, sizeof access))
        return false;
    access |= WS_TYPE_ACCESSED;
    if (ws__cpu_write(d->cpu, &d->registers, access_byte, &access, sizeof access, false, &error_code))
        return true;
    return ws__delivery_fault(d, WS_VECTOR_PF, error_code);
}
