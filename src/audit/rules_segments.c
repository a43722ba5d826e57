/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about descriptors.
 */
#include <string.h>

#include "audit/rules.h"

static bool entered_read(const struct ws__case *judged, uint32_t linear, void *out, size_t bytes)
{
    return ws_machine_read_as(judged->machine, judged->now, linear, out, bytes) == WS_OK;
}

/* The descriptor that a selector names in the entered world's tables.  false: it is outside them, or not mapped. */
static bool descriptor_read(const struct ws__case *judged, uint16_t selector, struct ws_descriptor *out)
{
    const uint32_t *value = judged->crossing->after.value;
    uint32_t base = value[WS_GDTR_BASE], limit = value[WS_GDTR_LIMIT];
    uint32_t offset = (uint32_t)(selector & WS_SELECTOR_INDEX);
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    struct ws_descriptor ldt;
    if (selector & WS_SELECTOR_TI) {
        ws_machine_segment(judged->machine, WS_LDTR, &ldt);
        base = ldt.base;
        limit = ldt.limit;
    }
    if (offset + WS_DESCRIPTOR_BYTES - 1 > limit || !entered_read(judged, base + offset, raw, sizeof(raw)))
        return false;
    ws_descriptor_decode(out, raw);
    return true;
}

static bool is_busy_tss(const struct ws_descriptor *descriptor)
{
    return descriptor->system && descriptor->present &&
           (descriptor->type == WS_TYPE_TSS32_BUSY || descriptor->type == WS_TYPE_TSS16_BUSY);
}

enum { PIECE = 64 * WS_DESCRIPTOR_BYTES };

/* The GDT's bytes from `offset` to `end`; a descriptor that is not mapped is read as zeros, which are none. */
static void piece_read(const struct ws__case *judged, uint32_t offset, uint32_t end, uint8_t piece[PIECE])
{
    uint32_t base = judged->crossing->after.value[WS_GDTR_BASE];
    if (entered_read(judged, base + offset, piece, end - offset))
        return;
    for (uint32_t at = offset; at < end; at += WS_DESCRIPTOR_BYTES)
        if (!entered_read(judged, base + at, piece + (at - offset), WS_DESCRIPTOR_BYTES))
            memset(piece + (at - offset), 0, WS_DESCRIPTOR_BYTES);
}

static void others_check(const struct ws__case *judged, uint32_t offset, uint32_t end, struct ws_buffer *wrong)
{
    uint32_t task = judged->crossing->after.value[WS_TR] & WS_SELECTOR_INDEX;
    struct ws_descriptor descriptor;
    uint8_t piece[PIECE];
    piece_read(judged, offset, end, piece);
    for (uint32_t at = offset; at < end; at += WS_DESCRIPTOR_BYTES) {
        ws_descriptor_decode(&descriptor, piece + (at - offset));
        if (at != task && is_busy_tss(&descriptor))
            ws_buffer_printf(wrong, "%sthe task 0x%04x is busy too", wrong->size ? "; " : "", at);
    }
}

void ws__rule_one_task_busy(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    (void)category;
    const uint32_t *value = judged->crossing->after.value;
    struct ws_descriptor descriptor;
    uint16_t task = value[WS_TR] & WS_SELECTOR_INDEX;
    if (!task || !descriptor_read(judged, task, &descriptor) || !is_busy_tss(&descriptor))
        ws_buffer_printf(wrong, "the task that TR names, 0x%04x, is not busy", value[WS_TR]);
    uint32_t end = (value[WS_GDTR_LIMIT] + 1) & ~(uint32_t)(WS_DESCRIPTOR_BYTES - 1); /* of the last whole one */
    for (uint32_t offset = WS_DESCRIPTOR_BYTES; offset < end; offset += PIECE)
        others_check(judged, offset, end - offset < PIECE ? end : offset + PIECE, wrong);
}

/* -- segment registers --------------------------------------------------------------------------------- */

/* The accessed bit of code and data, and the busy bit of a TSS, change by being loaded. */
static unsigned comparable_type(const struct ws_descriptor *descriptor)
{
    return descriptor->type & ~(descriptor->system ? 2u : (unsigned)WS_TYPE_ACCESSED);
}

static bool descriptors_agree(const struct ws_descriptor *table, const struct ws_descriptor *loaded)
{
    return table->base == loaded->base && table->limit == loaded->limit && table->system == loaded->system &&
           comparable_type(table) == comparable_type(loaded) && table->dpl == loaded->dpl && table->present;
}

static void register_check(const struct ws__case *judged, enum ws_register which, struct ws_buffer *wrong)
{
    const char *name = ws_register_info(which)->name, *separator = wrong->size ? "; " : "";
    uint16_t selector = (uint16_t)judged->crossing->after.value[which];
    struct ws_descriptor table, loaded;
    bool may_be_null = which != WS_CS && which != WS_SS && which != WS_TR;
    if (!(selector & ~WS_SELECTOR_RPL)) {
        if (!may_be_null)
            ws_buffer_printf(wrong, "%s%s is null", separator, name);
        return;
    }
    if (!descriptor_read(judged, selector, &table)) {
        ws_buffer_printf(wrong, "%s%s holds 0x%04x, which the world's tables do not have", separator, name, selector);
        return;
    }
    ws_machine_segment(judged->machine, which, &loaded);
    if (!descriptors_agree(&table, &loaded))
        ws_buffer_printf(wrong, "%s%s has loaded base 0x%08x, but 0x%04x names %s, base 0x%08x", separator, name,
                         loaded.base, selector, ws_descriptor_type_text(&table), table.base);
}

void ws__rule_segments_loaded(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    (void)category;
    static const uint8_t loaded[] = {WS_CS, WS_SS, WS_DS, WS_ES, WS_FS, WS_GS, WS_LDTR, WS_TR};
    for (unsigned i = 0; i < sizeof(loaded); i++)
        register_check(judged, (enum ws_register)loaded[i], wrong);
}
