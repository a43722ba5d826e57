/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that makes no progress: what did it do over and over before the end?
 */
#include "timeline/why.h"

#include <string.h>

#include <worldswitch/exception.h>

#include "x86/operands.h"

enum {
    WINDOW = 100000, /* instructions before the end that are looked at */
    PLACES = 16,     /* so few different ones are a loop */
    SHOWN = 8,
    MATTER = 4 /* of those */
};

struct spin {
    const struct ws_why *why;
    uint32_t place[PLACES];  /* the instructions, in the order in which they were seen first */
    uint32_t nobody[PLACES]; /* a physical address that each accesses, and where nobody answers; 0: none */
    unsigned places;
    bool many;              /* there were more */
    struct ws_event raised; /* the first exception in the window; kind INSTRUCTION: none was seen */
    uint64_t times;         /* it was raised, at the same place */
    uint64_t back;          /* so often an iret led to that place */
    bool interrupted;       /* another vector was delivered */
};

/* -- memory that is not there ------------------------------------------------------------------ */

/* The linear address of an operand of the instruction about to begin. */
static uint32_t operand_linear(const struct ws_machine *machine, const struct ws__address *address)
{
    static const enum ws_register segment[] = {WS_ES, WS_CS, WS_SS, WS_DS, WS_FS, WS_GS};
    struct ws_registers registers;
    struct ws_descriptor descriptor;
    ws_machine_registers(machine, &registers);
    ws_machine_segment(machine, segment[address->segment], &descriptor);
    uint32_t linear = descriptor.base + (uint32_t)address->displacement;
    if (address->base != WS__NO_REGISTER)
        linear += registers.value[WS_EAX + address->base];
    if (address->index != WS__NO_REGISTER)
        linear += registers.value[WS_EAX + address->index] * address->scale;
    return linear;
}

bool ws__why_operand(const struct ws_why *why, uint32_t linear, unsigned at, uint32_t *address)
{
    uint8_t code[WS_INSTRUCTION_BYTES] = {0};
    struct ws_descriptor segment;
    struct ws__operands operands;
    ws_machine_segment(why->machine, WS_CS, &segment);
    if (ws_machine_read(why->machine, linear, code, sizeof code) != WS_OK)
        return false;
    ws__operands_find(&operands, why->disasm, code, sizeof code, segment.big);
    if (at >= operands.count || operands.operand[at].rule != WS__OFFSET_PLAIN || operands.small)
        return false;
    *address = operand_linear(why->machine, &operands.operand[at].address);
    return true;
}

/* A physical address outside RAM that the instruction about to begin accesses: no chip of this machine is there, so
 * reads give all ones, and writes are lost.  0: there is none. */
static uint32_t nobody_find(const struct ws_why *why, uint32_t linear)
{
    enum { OPERANDS = 2 };
    uint32_t address;
    for (unsigned i = 0; i < OPERANDS; i++) {
        struct ws_translation walk;
        if (ws__why_operand(why, linear, i, &address) &&
            ws_machine_translate(why->machine, address, WS_ACCESS_READ, false, &walk) &&
            walk.phys >= ws_machine_memory(why->machine).bytes)
            return walk.phys;
    }
    return 0;
}

/* -- repetition -------------------------------------------------------------------------------- */

static void instruction_see(struct spin *spin, uint32_t linear)
{
    for (unsigned i = 0; i < spin->places; i++) {
        if (spin->place[i] == linear)
            return;
    }
    spin->many |= spin->places == PLACES;
    if (spin->places == PLACES)
        return;
    spin->nobody[spin->places] = nobody_find(spin->why, linear);
    spin->place[spin->places++] = linear;
}

static void vector_see(struct spin *spin, const struct ws_event *event)
{
    spin->interrupted |= event->origin == WS_ORIGIN_EXTERNAL;
    if (event->origin != WS_ORIGIN_EXCEPTION)
        return;
    if (!spin->times)
        spin->raised = *event;
    spin->times += event->which == spin->raised.which && event->before == spin->raised.before;
}

static void event_see(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct spin *spin = context;
    (void)machine;
    if (event->kind == WS_EVENT_INSTRUCTION)
        instruction_see(spin, event->linear);
    else if (event->kind == WS_EVENT_VECTOR)
        vector_see(spin, event);
    else
        spin->back += spin->times && event->after == spin->raised.before;
}

static void exception_append(const struct ws_why *why, struct ws_buffer *out, const struct spin *spin, uint64_t window)
{
    const struct ws_event *event = &spin->raised;
    ws__why_rank(out, WS__WHY_ALWAYS);
    ws_buffer_printf(out, "no progress: %s %s at ", ws_exception_info((uint8_t)event->which)->mnemonic,
                     ws_exception_info((uint8_t)event->which)->name);
    ws__why_place(why, out, event->linear);
    ws_buffer_printf(out, ", raised %llu times in the last %llu instructions\n  ", (unsigned long long)spin->times,
                     (unsigned long long)window);
    ws__why_instruction(why, out, event->linear);
    ws_buffer_printf(out, "\n  ");
    ws_reason_append(out, &event->reason);
    ws_buffer_printf(out, "\n  [%s]\n  %s\n", ws_reason_citation(&event->reason),
                     spin->back + 1 >= spin->times ? "its handler returns to the same instruction each time"
                                                   : "its handler returns elsewhere, and the guest comes there again");
}

static void loop_append(const struct ws_why *why, struct ws_buffer *out, const struct spin *spin, uint64_t window)
{
    ws__why_line(out, WS__WHY_ALWAYS);
    ws_buffer_printf(out, "no progress: the last %llu instructions were the same %u\n", (unsigned long long)window,
                     spin->places);
    for (unsigned i = 0; i < spin->places && i < SHOWN; i++) {
        ws__why_rank(out, i < MATTER ? WS__WHY_BEGAN : WS__WHY_AROUND);
        ws_buffer_printf(out, "  ");
        ws__why_place(why, out, spin->place[i]);
        ws_buffer_printf(out, "  ");
        ws__why_instruction(why, out, spin->place[i]);
        ws_buffer_printf(out, "\n");
        if (spin->nobody[i])
            ws_buffer_printf(out, "    nobody answers at physical 0x%08x: a read gives all ones, a write is lost\n",
                             spin->nobody[i]);
    }
    if (spin->places > SHOWN)
        ws_buffer_printf(out, "  and %u more\n", spin->places - SHOWN);
}

bool ws__why_spin(const struct ws_why *why, struct ws_buffer *out)
{
    enum { LEAST = 3 }; /* less often is no repetition */
    struct spin spin = {.why = why};
    bool ended = ws_machine_halt(why->machine)->reason != WS_HALT_NONE;
    uint64_t end = ws_machine_mark(why->machine), start = ws_timeline_start(why->timeline);
    uint64_t window =
        (end - start) / 2 < WINDOW ? (end - start) / 2 : WINDOW; /* a short run begins with other things */
    if (!ws__why_visit(why, out, end - window) ||
        !ws__why_listen(why, out, WS_EVENT_MASK(INSTRUCTION) | WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN), event_see,
                        &spin))
        return false;
    ws__why_run(why, out, end);
    ws_machine_unlisten(why->machine, event_see, &spin);
    bool loops = spin.times < LEAST && spin.places && !spin.many && window > PLACES;
    if (spin.times >= LEAST)
        exception_append(why, out, &spin, window);
    else if (loops)
        loop_append(why, out, &spin, window);
    ws__why_rank(out, WS__WHY_END);
    ws_buffer_printf(out, "%s mark %llu: ", ended ? "at the end," : "then, at", (unsigned long long)end);
    ws__why_place(why, out, ws_machine_eip_linear(why->machine));
    ws_buffer_printf(out, "  ");
    ws__why_instruction(why, out, ws_machine_eip_linear(why->machine));
    ws_buffer_printf(out, "\n");
    if (loops && !spin.interrupted) {
        ws_buffer_printf(out, "  ");
        ws_machine_interrupts_explain(why->machine, out);
        ws_buffer_printf(out, "\n");
    }
    return loops;
}

/* -- nested exceptions ------------------------------------------------------------------------- */

/* The last row of equal exceptions. */
struct row {
    struct ws_event event;  /* its first one */
    struct ws_event before; /* the exception in front of it; kind INSTRUCTION: none was seen */
    uint64_t times;
};

static void row_see(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct row *row = context;
    (void)machine;
    if (event->origin != WS_ORIGIN_EXCEPTION)
        return;
    if (row->times && event->which == row->event.which && event->before == row->event.before) {
        row->times++;
        return;
    }
    row->before = row->event;
    row->event = *event;
    row->times = 1;
}

static void exception_name(const struct ws_why *why, struct ws_buffer *out, const struct ws_event *event)
{
    const struct ws_exception_info *info = ws_exception_info((uint8_t)event->which);
    ws_buffer_printf(out, "%s %s at mark %llu, ", info->mnemonic, info->name, (unsigned long long)event->mark);
    ws__why_place(why, out, event->linear);
}

bool ws__why_exceptions(const struct ws_why *why, struct ws_buffer *out, uint64_t mark, bool once,
                        struct ws_reason *reason)
{
    enum { LEAST = 3 };
    struct row row = {.times = 0};
    uint64_t start = ws_timeline_start(why->timeline), window = mark - start < WINDOW ? mark - start : WINDOW;
    if (!ws__why_visit(why, out, mark - window) || !ws__why_listen(why, out, WS_EVENT_MASK(VECTOR), row_see, &row))
        return false;
    ws__why_run(why, out, mark);
    ws_machine_unlisten(why->machine, row_see, &row);
    if (!row.times || (!once && row.times < LEAST))
        return false;
    ws__why_rank(out, WS__WHY_BEGAN);
    if (row.times < LEAST)
        ws_buffer_printf(out, "the last exception before it: ");
    else
        ws_buffer_printf(out, "it began earlier: an exception was raised %llu times at the same place, first as\n  ",
                         (unsigned long long)row.times);
    exception_name(why, out, &row.event);
    ws_buffer_printf(out, "\n    ");
    ws_reason_append(out, &row.event.reason);
    if (row.times >= LEAST && row.before.kind == WS_EVENT_VECTOR) {
        ws_buffer_printf(out, "\n  before that: ");
        exception_name(why, out, &row.before);
        ws_buffer_printf(out, "\n    ");
        ws_reason_append(out, &row.before.reason);
    }
    ws_buffer_printf(out, "\n");
    if (reason)
        *reason = row.event.reason;
    return row.times >= LEAST;
}
