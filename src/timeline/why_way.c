/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How control came to where an instruction faulted, and who has put that instruction there.
 *
 * It is told where the code around does not show it: where the instruction before was elsewhere, and where something is
 * executed that is hardly code.
 */
#include "timeline/why.h"

#include <string.h>

#include <worldswitch/exception.h>

#include "timeline/internal.h"

enum {
    WINDOW = 200000, /* instructions that are looked at */
    OPCODE = 2       /* bytes that say which instruction it is */
};

static const char *symbol_at(const struct ws_why *why, uint32_t linear)
{
    uint32_t offset;
    return why->symbols ? ws_symbols_at(why->symbols, linear, &offset) : NULL;
}

/* The last step that did not lead to the next instruction. */
struct way {
    const struct ws_why *why;
    bool unknown;  /* it faulted outside of all symbols: what led out of them is wanted */
    uint64_t mark; /* of the instruction that made it */
    uint32_t from, to;
    uint32_t vector;
    uint8_t bytes;         /* of that instruction */
    bool found, delivered; /* the CPU delivered a vector */
    struct ws_event last;
    bool any, pending; /* `last` is one; a vector was delivered since */
};

static void way_see(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct way *way = context;
    (void)machine;
    if (event->kind == WS_EVENT_VECTOR) {
        way->pending = true;
        way->vector = event->which;
        return;
    }
    uint32_t gone = event->linear - way->last.linear;
    bool leads = gone && gone != way->last.bytes && (!way->unknown || symbol_at(way->why, way->last.linear));
    if (way->any && leads) {
        way->found = true;
        way->mark = way->last.mark;
        way->from = way->last.linear;
        way->bytes = way->last.bytes;
        way->to = event->linear;
        way->delivered = way->pending;
    }
    way->last = *event;
    way->any = true;
    way->pending = false;
}

/* The last instruction of the window cannot always be begun: the fault is the next one. */
static void way_find(const struct ws_why *why, struct ws_buffer *out, uint64_t mark, uint32_t linear, struct way *way)
{
    uint64_t start = ws_timeline_start(why->timeline);
    *way = (struct way){.why = why, .unknown = why->symbols && !symbol_at(why, linear)};
    if (!ws__why_visit(why, out, mark - start < WINDOW ? start : mark - WINDOW) ||
        !ws__why_listen(why, out, WS_EVENT_MASK(INSTRUCTION) | WS_EVENT_MASK(VECTOR), way_see, way))
        return;
    ws__why_run(why, out, mark);
    ws_machine_unlisten(why->machine, way_see, way);
    if (way->any && way->last.mark < mark) {
        const struct ws_event arrival = {.kind = WS_EVENT_INSTRUCTION, .mark = mark, .linear = linear};
        way_see(way, why->machine, &arrival);
    }
}

/* It ran on from one function into what is hardly code. */
static bool is_wild(const struct ws_why *why, const struct way *way, uint32_t linear, bool no_code)
{
    const char *symbol = symbol_at(why, linear);
    return symbol ? no_code && symbol != symbol_at(why, way->to) : why->symbols != NULL;
}

/* What is there is hardly meant to be executed. */
static bool is_no_code(const struct ws_why *why, uint32_t linear, const struct ws_fault *fault)
{
    uint8_t code[2] = {0};
    bool odd = fault->reason.code == WS_REASON_INVALID || fault->reason.code == WS_REASON_TOO_LONG ||
               fault->reason.code == WS_REASON_UD2;
    return odd || ws_machine_read(why->machine, linear, code, sizeof code) != WS_OK || (!code[0] && !code[1]);
}

enum { RET = 0xc3, RET_WORD = 0xc2, INDIRECT = 0xff };

/* The machine stands at the instruction that led astray: who has written the address that it took from memory? */
static void address_append(const struct ws_why *why, struct ws_buffer *out, const struct way *way)
{
    struct ws_registers now;
    struct ws_descriptor stack;
    struct ws_translation walk;
    uint8_t code[WS_INSTRUCTION_BYTES] = {0};
    uint32_t address = 0;
    ws_machine_registers(why->machine, &now);
    ws_machine_segment(why->machine, WS_SS, &stack);
    (void)ws_machine_read(why->machine, way->from, code, sizeof code);
    bool ret = code[0] == RET || code[0] == RET_WORD;
    if (ret)
        address = stack.base + now.value[WS_ESP];
    else if (code[0] != INDIRECT || !ws__why_operand(why, way->from, 0, &address))
        return;
    if (ws_machine_translate(why->machine, address, WS_ACCESS_READ, false, &walk))
        ws__why_writer(why, out, walk.phys, sizeof address,
                       ret ? "the return address was written" : "that pointer was written");
}

static void way_append(const struct ws_why *why, struct ws_buffer *out, const struct way *way, uint32_t linear,
                       bool wild, const struct ws__opens *opens)
{
    struct ws_registers now;
    struct ws_translation walk;
    uint8_t code = 0;
    if (way->to == linear)
        ws_buffer_printf(out, "  it came there");
    else
        ws_buffer_printf(out, "  it ran on from 0x%08x, where it came", way->to);
    ws_buffer_printf(out, " at mark %llu from ", (unsigned long long)way->mark);
    if (!ws__why_visit(why, out, way->mark))
        return;
    ws__why_place(why, out, way->from);
    if (way->delivered) {
        ws_buffer_printf(out, ": vector %u was delivered\n", way->vector);
        if (wild)
            ws__why_gate(why, out, way->vector);
        return;
    }
    ws_buffer_printf(out, ": ");
    ws__why_instruction(why, out, way->from);
    ws_buffer_printf(out, "\n");
    if (wild && ws_machine_translate(why->machine, way->from, WS_ACCESS_READ, false, &walk))
        ws__why_writer(why, out, walk.phys, way->bytes, "that instruction was written");
    if (wild)
        address_append(why, out, way);
    ws_machine_registers(why->machine, &now);
    (void)ws_machine_read(why->machine, way->from, &code, 1);
    const struct ws__open *open = ws__why_open_near(opens, now.value[WS_ESP], way->mark);
    if (open && (code == RET || code == RET_WORD))
        ws__why_ret(why, out, open, now.value[WS_ESP]);
}

/* Who has written the instruction, or has put another page there since control came there. */
static void writers_append(const struct ws_why *why, struct ws_buffer *out, uint32_t linear, const struct way *way)
{
    struct ws_translation walk;
    if (!ws_machine_translate(why->machine, linear, WS_ACCESS_READ, false, &walk))
        return; /* the fault tells of the tables */
    if (walk.phys >= ws_machine_memory(why->machine).bytes)
        ws_buffer_printf(out, "  there is no memory at physical 0x%08x: it reads as ones\n", walk.phys);
    else if (!ws__why_writer(why, out, walk.phys, OPCODE, "what stands there was written") &&
             walk.page_bytes == WS_PAGE_BYTES)
        ws__why_entry_writer(why, out, walk.pte_phys, way->found ? way->mark : 0, "the entry of its page was written");
}

static void before_append(const struct ws_why *why, struct ws_buffer *out, uint64_t mark)
{
    if (mark == ws_timeline_start(why->timeline) || !ws__why_visit(why, out, mark - 1))
        return;
    uint32_t linear = ws_machine_eip_linear(why->machine);
    ws_buffer_printf(out, "  before it: ");
    ws__why_place(why, out, linear);
    ws_buffer_printf(out, ": ");
    ws__why_instruction(why, out, linear);
    ws_buffer_printf(out, "\n");
}

bool ws__why_way(const struct ws_why *why, struct ws_buffer *out, uint64_t mark, uint32_t linear,
                 const struct ws_fault *fault, const struct ws__opens *opens)
{
    struct way way;
    if (!ws__why_visit(why, out, mark))
        return false;
    struct ws_translation walk;
    bool no_code = is_no_code(why, linear, fault);
    bool mapped = ws_machine_translate(why->machine, linear, WS_ACCESS_READ, false, &walk);
    way_find(why, out, mark, linear, &way);
    ws__why_rank(out, WS__WHY_LED);
    bool wild = way.found && is_wild(why, &way, linear, no_code);
    bool told = way.found && (wild || way.to == linear);
    if (told)
        way_append(why, out, &way, linear, wild, opens);
    else if (!mapped)
        before_append(why, out, mark);
    if (no_code && ws__why_visit(why, out, mark))
        writers_append(why, out, linear, &way);
    ws__why_visit(why, out, mark);
    return told;
}
