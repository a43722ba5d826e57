/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the CR3 write and the end of a world switch: the entered world is mapped, and the switch code runs in it.
 *
 * What it finds there it may load, and little else: its task may lose its busy mark, its descriptors become accessed,
 * and below its ESP the stack is free.  All else of its tables and its stack must stay.  And interrupts stay off until
 * it has its handlers and its stack.
 *
 * A thorough audit looks behind each instruction, and so knows which one it was; else only the end tells.
 */
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "worlds/layout.h"

/* -- the entered world's memory ------------------------------------------------------------------------ */

static void range_take(struct ws_audit *audit, const char *what, uint32_t linear, uint32_t bytes, bool descriptors)
{
    struct ws__between *between = &audit->between;
    struct ws__range *range = &between->range[between->ranges];
    *range = (struct ws__range){.what = what, .linear = linear, .descriptors = descriptors};
    range->bytes = bytes < WS__RANGE_BYTES ? bytes : WS__RANGE_BYTES;
    if (range->bytes && ws_machine_read_as(audit->machine, &between->due, linear, range->copy, range->bytes) == WS_OK)
        between->ranges++;
}

/* The segment that a selector of the entered world's GDT names. */
static struct ws_descriptor system_segment(const struct ws_audit *audit, enum ws_register which)
{
    const uint32_t *due = audit->between.due.value;
    struct ws_descriptor segment = {.present = false};
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    uint32_t entry = due[WS_GDTR_BASE] + (due[which] & WS_SELECTOR_INDEX);
    if (due[which] & WS_SELECTOR_INDEX &&
        ws_machine_read_as(audit->machine, &audit->between.due, entry, raw, sizeof raw) == WS_OK)
        ws_descriptor_decode(&segment, raw);
    return segment;
}

static void ranges_take(struct ws_audit *audit)
{
    const uint32_t *due = audit->between.due.value;
    struct ws_descriptor task = system_segment(audit, WS_TR), local = system_segment(audit, WS_LDTR);
    audit->between.ranges = 0;
    range_take(audit, "GDT", due[WS_GDTR_BASE], due[WS_GDTR_LIMIT] + 1, true);
    range_take(audit, "IDT", due[WS_IDTR_BASE], due[WS_IDTR_LIMIT] + 1, false);
    if (local.present)
        range_take(audit, "LDT", local.base, local.limit + 1, true);
    if (task.present)
        range_take(audit, "TSS", task.base, WS_TSS_BYTES, false);
    range_take(audit, "stack", due[WS_ESP], -due[WS_ESP] % WS_PAGE_BYTES, false);
}

/* By being loaded, a descriptor becomes accessed or busy. */
static uint8_t comparable(const struct ws__range *range, uint32_t at, uint8_t byte, uint8_t type_byte)
{
    bool system = !(type_byte & 0x10);
    if (!range->descriptors || at % WS_DESCRIPTOR_BYTES != WS_DESCRIPTOR_TYPE_BYTE)
        return byte;
    return byte & (uint8_t) ~(system ? WS_TSS_BUSY : WS_TYPE_ACCESSED);
}

/* The first byte that has changed; `bytes` if none has. */
static uint32_t range_differs(const struct ws__range *range, const uint8_t *now)
{
    uint32_t at = 0;
    if (!memcmp(now, range->copy, range->bytes))
        return range->bytes;
    while (at < range->bytes &&
           comparable(range, at, now[at], range->copy[at]) == comparable(range, at, range->copy[at], range->copy[at]))
        at++;
    return at;
}

static void place_say(struct ws_buffer *out, const struct ws__range *range, uint32_t at)
{
    if (!strcmp(range->what, "IDT"))
        ws_buffer_printf(out, "gate %u of the entered world's IDT", at / WS_DESCRIPTOR_BYTES);
    else if (!strcmp(range->what, "TSS") && at / 4 == WS_TSS_ESP0 / 4)
        ws_buffer_printf(out, "esp0 in the entered world's TSS");
    else if (range->descriptors)
        ws_buffer_printf(out, "descriptor 0x%04x of the entered world's %s", at & ~7u, range->what);
    else
        ws_buffer_printf(out, "the entered world's %s", range->what);
}

static void memory_check(struct ws_audit *audit, uint64_t mark, uint32_t linear)
{
    struct ws__between *between = &audit->between;
    uint8_t now[WS__RANGE_BYTES];
    for (unsigned i = 0; i < between->ranges; i++) {
        const struct ws__range *range = &between->range[i];
        if (ws_machine_read_as(audit->machine, &between->due, range->linear, now, range->bytes) != WS_OK)
            continue; /* told by the rule about its address space */
        uint32_t at = range_differs(range, now), word = at & ~3u, was = 0, is = 0;
        if (at == range->bytes)
            continue;
        uint32_t bytes = range->bytes - word < 4 ? range->bytes - word : 4;
        memcpy(&was, range->copy + word, bytes);
        memcpy(&is, now + word, bytes);
        struct ws_buffer text = WS_BUFFER_INIT;
        ws__instruction_say(audit, &text, linear);
        ws_buffer_printf(&text, "%s", linear ? " changes " : "the switch has changed ");
        place_say(&text, range, at);
        ws_buffer_printf(&text, ": 0x%08x was 0x%08x, is 0x%08x", range->linear + word, was, is);
        ws__finding_say(audit, RULE_MEMORY, mark, linear, &text);
        between->ranges = 0; /* said once */
    }
}

/* -- interrupts ---------------------------------------------------------------------------------------- */

static void interrupts_check(struct ws_audit *audit, const struct ws_registers *now)
{
    struct ws__between *between = &audit->between;
    bool on = now->value[WS_EFLAGS] & WS_EFLAGS_IF;
    if (!on || between->interrupts || ws__is_whole(&between->due, now))
        return;
    between->interrupts = true; /* said once */
    struct ws_buffer text = WS_BUFFER_INIT;
    ws__instruction_say(audit, &text, between->last_linear);
    ws_buffer_printf(&text, " turns interrupts on before the entered world has its %s",
                     now->value[WS_IDTR_BASE] == between->due.value[WS_IDTR_BASE] ? "stack" : "handlers");
    ws__finding_say(audit, RULE_INTERRUPTS_OFF, between->last_mark, between->last_linear, &text);
}

/* -- from the CR3 write to the end --------------------------------------------------------------------- */

static void cr3_take(struct ws_audit *audit, const struct ws_event *event)
{
    struct ws__between *between = &audit->between;
    struct ws_registers now, before;
    char left[WS_NAME_BYTES];
    ws_machine_registers(audit->machine, &now);
    before = now;
    before.value[WS_CR3] = event->before;
    between->open = false;
    if (event->before == event->after || !ws_watcher_open(audit->watcher, NULL))
        return;
    snprintf(left, sizeof left, "%s", ws_watcher_world(audit->watcher, &before));
    const char *entered = ws_watcher_world(audit->watcher, &now);
    const struct ws_registers *due = ws__due_find(audit, entered);
    if (!due || !strcmp(left, entered))
        return;
    *between = (struct ws__between){
        .open = true,
        .due = *due,
        .left = before,
        .interrupts = now.value[WS_EFLAGS] & WS_EFLAGS_IF, /* that is told by the rule itself */
        .cr3_mark = event->mark,
        .last_mark = event->mark,
        .last_linear = event->linear,
    };
    ranges_take(audit);
}

void ws__between_event(struct ws_audit *audit, const struct ws_event *event)
{
    struct ws__between *between = &audit->between;
    struct ws_registers now;
    if (event->kind == WS_EVENT_CONTROL_REGISTER && event->which == WS_CR3)
        cr3_take(audit, event);
    if (event->kind != WS_EVENT_INSTRUCTION || !between->open)
        return;
    ws_machine_registers(audit->machine, &now);
    memory_check(audit, between->last_mark, between->last_linear);
    interrupts_check(audit, &now);
    between->last_mark = event->mark;
    between->last_linear = event->linear;
}

void ws__between_end(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    struct ws__between *between = &audit->between;
    if (between->open && between->cr3_mark == crossing->cr3_mark)
        memory_check(audit, audit->thorough ? between->last_mark : crossing->end,
                     audit->thorough ? between->last_linear : 0);
    between->open = false;
}
