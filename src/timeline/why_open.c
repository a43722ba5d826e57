/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which handlers were entered, and have not returned?
 *
 * A handler is known by the frame that the CPU has pushed for it.  It has returned when an iret takes that frame, and
 * it never will when another frame was pushed over it.
 */
#include "timeline/why.h"

#include <string.h>

#include <worldswitch/exception.h>

#include "timeline/internal.h"
#include "x86/idt.h"

enum {
    WINDOW = 4 << 20, /* instructions before the end that are looked at: a handler may say much before it stops */
    LONGER = 8,       /* each time that nothing was found */
    LONGEST = 256 << 20,
    STACK = 4096 /* frames so near to each other are on one stack */
};

static void chain_take(struct ws__chain *chain, const struct ws_event *event)
{
    if (chain->mark != event->mark)
        chain->faults = 0;
    chain->mark = event->mark;
    if (chain->faults == WS_FAULTS)
        return;
    chain->fault[chain->faults++] = (struct ws_fault){
        .eip = event->before,
        .linear = event->linear,
        .cr2 = event->cr2,
        .error_code = event->error_code,
        .vector = (uint8_t)event->which,
        .origin = event->origin,
        .has_error_code = event->has_error_code,
        .cpl = event->cpl,
        .reason = event->reason,
    };
}

static void row_remove(struct ws__opens *opens, unsigned at)
{
    memmove(&opens->row[at], &opens->row[at + 1], (--opens->count - at) * sizeof opens->row[0]);
}

/* Frames below the new one are no longer on the stack. */
static void entered(struct ws__opens *opens, const struct ws_event *event)
{
    chain_take(&opens->met, event);
    for (unsigned at = opens->count; at-- > 0;) {
        if (event->esp - opens->row[at].event.esp < STACK)
            row_remove(opens, at);
    }
    if (opens->count == WS__OPENS)
        row_remove(opens, 0);
    opens->row[opens->count++] = (struct ws__open){.event = *event, .chain = opens->met};
    opens->met.faults = 0;
}

static void returned(struct ws__opens *opens, const struct ws_event *event)
{
    for (unsigned at = opens->count; at-- > 0;) {
        if (event->esp_before - opens->row[at].event.esp <= 4) { /* behind an error code, if there is one */
            row_remove(opens, at);
            return;
        }
    }
}

static void event_see(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__opens *opens = context;
    (void)machine;
    if (event->kind == WS_EVENT_RETURN)
        returned(opens, event);
    else if (event->kind == WS_EVENT_VECTOR)
        entered(opens, event);
    else
        chain_take(&opens->met, event);
}

static void opens_find(const struct ws_why *why, struct ws_buffer *out, struct ws__opens *opens, uint64_t window)
{
    const uint32_t kinds = WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN) | WS_EVENT_MASK(FAULT_CHAIN);
    uint64_t end = ws_machine_mark(why->machine), start = ws_timeline_start(why->timeline);
    opens->count = 0;
    opens->met = (struct ws__chain){.faults = 0};
    opens->whole = end - start <= window;
    if (!ws__why_visit(why, out, opens->whole ? start : end - window) ||
        !ws__why_listen(why, out, kinds, event_see, opens))
        return;
    ws__why_run(why, out, opens->end);
    ws_machine_unlisten(why->machine, event_see, opens);
}

void ws__why_opens(const struct ws_why *why, struct ws_buffer *out, struct ws__opens *opens)
{
    opens_find(why, out, opens, WINDOW);
}

const struct ws__open *ws__why_open_long_ago(const struct ws_why *why, struct ws_buffer *out, struct ws__opens *opens,
                                             uint32_t esp)
{
    const struct ws__open *open = NULL;
    for (uint64_t window = WINDOW * LONGER; !open && !opens->whole && window <= LONGEST; window *= LONGER) {
        opens_find(why, out, opens, window);
        open = ws__why_open_near(opens, esp, UINT64_MAX);
    }
    return open;
}

const struct ws__open *ws__why_open_near(const struct ws__opens *opens, uint32_t esp, uint64_t mark)
{
    for (unsigned at = opens->count; at-- > 0;) {
        const struct ws_event *event = &opens->row[at].event;
        if (event->mark < mark && event->esp - esp + 64 < STACK + 64)
            return &opens->row[at];
    }
    return NULL;
}

/* -- frames ------------------------------------------------------------------------------------ */

enum { WORD = 2, DOUBLEWORD = 4 };

/* SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures": a gate of 16 bits pushes words. */
static uint32_t slot_bytes(const struct ws_why *why, const struct ws_event *event)
{
    struct ws_physical memory = ws_machine_memory(why->machine);
    struct ws_registers now;
    struct ws__idt_entry entry;
    ws_machine_registers(why->machine, &now);
    ws__idt_read(&memory, &now, (uint8_t)event->which, &entry);
    return ws__gate_slot_bytes(&entry.gate) == WORD ? WORD : DOUBLEWORD;
}

static void frame_name(struct ws_buffer *out, const struct ws_event *event)
{
    const struct ws_exception_info *info = ws_vector_info((uint8_t)event->which, (enum ws_origin)event->origin);
    ws_buffer_printf(out, "the frame of %s%s", info->mnemonic, *info->mnemonic ? ", " : "");
    if (event->origin == WS_ORIGIN_EXTERNAL && event->irq >= 0)
        ws_buffer_printf(out, "IRQ %d, ", event->irq);
    ws_buffer_printf(out, "vector %u (mark %llu)", event->which, (unsigned long long)event->mark);
}

void ws__why_iret(const struct ws_why *why, struct ws_buffer *out, const struct ws__open *open, uint32_t esp)
{
    const struct ws_event *event = &open->event;
    uint32_t bytes = slot_bytes(why, event), eip = event->esp + (event->has_error_code ? bytes : 0);
    if (bytes == DOUBLEWORD && esp == eip)
        return;
    if (bytes == WORD)
        ws_buffer_printf(out, "  this iret takes doublewords, but a gate of 16 bits made ");
    else
        ws_buffer_printf(out, "  ESP is %u bytes %s ", esp < eip ? eip - esp : esp - eip,
                         esp < eip ? "below" : "above");
    frame_name(out, event);
    ws_buffer_printf(out, bytes == DOUBLEWORD && esp == event->esp ? ": its error code is there\n" : "\n");
    const struct ws_exception_info *info = ws_exception_info((uint8_t)event->which);
    if (event->origin == WS_ORIGIN_EXTERNAL && *info->mnemonic)
        ws_buffer_printf(out, "  the 8259 sends this IRQ as the vector of %s: give it vectors from 32 on\n",
                         info->mnemonic);
}

void ws__why_ret(const struct ws_why *why, struct ws_buffer *out, const struct ws__open *open, uint32_t esp)
{
    static const char *const slot[] = {"error code", "EIP", "CS", "EFLAGS"};
    const struct ws_event *event = &open->event;
    uint32_t at = (esp - event->esp) / slot_bytes(why, event) + !event->has_error_code;
    if (esp < event->esp || at >= sizeof slot / sizeof *slot)
        return;
    ws_buffer_printf(out, "  it took the %s of ", slot[at]);
    frame_name(out, event);
    ws_buffer_printf(out, ": a handler leaves with iret\n");
}
