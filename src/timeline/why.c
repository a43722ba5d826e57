/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a run ended.
 */
#include "timeline/why.h"

#include <string.h>

#include <worldswitch/exception.h>

#include "base/printable.h"
#include "timeline/internal.h"

enum { BEFORE = 2, BEHIND = 1, LOOK_BACK = 64 };

/* -- journeys ---------------------------------------------------------------------------------- */

bool ws__why_visit(const struct ws_why *why, struct ws_buffer *out, uint64_t mark)
{
    enum ws_seek seek = ws_timeline_seek(why->timeline, mark);
    out->failed |= seek == WS_SEEK_NO_MEMORY;
    return seek == WS_SEEK_THERE;
}

void ws__why_run(const struct ws_why *why, struct ws_buffer *out, uint64_t mark)
{
    enum ws__run run;
    do {
        run = ws__timeline_run(why->timeline, mark, false);
    } while (run == WS__RUN_STOPPED);
    out->failed |= run == WS__RUN_FAILED;
}

bool ws__why_listen(const struct ws_why *why, struct ws_buffer *out, uint32_t kinds, ws_event_listener *listener,
                    void *context)
{
    bool listens = ws_machine_listen(why->machine, kinds, listener, context) == WS_OK;
    out->failed |= !listens;
    return listens;
}

/* -- places ------------------------------------------------------------------------------------ */

void ws__why_place(const struct ws_why *why, struct ws_buffer *out, uint32_t linear)
{
    uint32_t offset = 0;
    const char *symbol = why->symbols ? ws_symbols_at(why->symbols, linear, &offset) : NULL;
    ws_buffer_printf(out, "0x%08x", linear);
    if (!symbol)
        return;
    ws_buffer_printf(out, " <");
    ws__printable_append(out, symbol, strlen(symbol));
    ws_buffer_printf(out, offset ? "+0x%x>" : ">", offset);
}

static void instruction_read(const struct ws_why *why, uint32_t linear, struct ws_instruction *out)
{
    struct ws_descriptor code;
    uint8_t bytes[WS_INSTRUCTION_BYTES] = {0};
    ws_machine_segment(why->machine, WS_CS, &code);
    (void)ws_machine_read(why->machine, linear, bytes, sizeof bytes); /* what is not mapped reads as zeros */
    ws_disasm_one(why->disasm, bytes, sizeof bytes, linear, code.big, why->syntax, out);
}

void ws__why_instruction(const struct ws_why *why, struct ws_buffer *out, uint32_t linear)
{
    struct ws_instruction instruction;
    struct ws_translation walk;
    if (!ws_machine_translate(why->machine, linear, WS_ACCESS_READ, false, &walk)) {
        ws_buffer_printf(out, "(no memory is mapped there)");
        return;
    }
    instruction_read(why, linear, &instruction);
    ws_buffer_printf(out, "%s", instruction.text);
}

/* -- the code around --------------------------------------------------------------------------- */

/* Where decoding must begin to arrive at `linear` after BEFORE instructions or less: code cannot be read backwards. */
static uint32_t code_begin(const struct ws_why *why, uint32_t linear)
{
    uint32_t offset = LOOK_BACK;
    bool symbol = why->symbols && ws_symbols_at(why->symbols, linear, &offset);
    uint32_t from = linear - (symbol && offset < LOOK_BACK ? offset : LOOK_BACK), start[LOOK_BACK + 1];
    for (; from < linear; from++) {
        unsigned count = 0;
        uint32_t at = from;
        while (at < linear && count < LOOK_BACK) {
            struct ws_instruction instruction;
            instruction_read(why, at, &instruction);
            if (!instruction.valid)
                break;
            start[count++] = at;
            at += instruction.size;
        }
        if (at == linear)
            return start[count > BEFORE ? count - BEFORE : 0];
    }
    return linear;
}

static void code_append(const struct ws_why *why, struct ws_buffer *out, uint32_t linear)
{
    struct ws_translation walk;
    if (!ws_machine_translate(why->machine, linear, WS_ACCESS_READ, false, &walk))
        return;
    unsigned behind = 0;
    for (uint32_t at = code_begin(why, linear); behind <= BEHIND;) {
        struct ws_instruction instruction;
        instruction_read(why, at, &instruction);
        ws_buffer_printf(out, "  %s 0x%08x  %s\n", at == linear ? ">" : " ", at, instruction.text);
        behind += at >= linear;
        at += instruction.size;
    }
}

/* What an iret would take off the stack. */
static void frame_append(const struct ws_why *why, struct ws_buffer *out, uint32_t linear)
{
    enum { IRET = 0xcf, CS = 1 };
    struct ws_registers registers;
    struct ws_descriptor stack;
    uint8_t code = 0;
    uint32_t slot[5] = {0};
    ws_machine_registers(why->machine, &registers);
    ws_machine_segment(why->machine, WS_SS, &stack);
    uint32_t esp = registers.value[WS_ESP];
    if (ws_machine_read(why->machine, linear, &code, 1) != WS_OK || code != IRET ||
        ws_machine_read(why->machine, stack.base + esp, slot, sizeof slot) != WS_OK)
        return;
    ws_buffer_printf(out, "  frame at ESP 0x%08x: EIP 0x%08x, CS 0x%08x, EFLAGS 0x%08x", esp, slot[0], slot[CS],
                     slot[2]);
    if ((slot[CS] & WS_SELECTOR_RPL) > ws_machine_cpl(why->machine))
        ws_buffer_printf(out, ", ESP 0x%08x, SS 0x%08x", slot[3], slot[4]);
    ws_buffer_printf(out, "\n");
}

/* -- a triple fault ---------------------------------------------------------------------------- */

static void vector_append(const struct ws_why *why, struct ws_buffer *out, const struct ws_fault *fault)
{
    const struct ws_exception_info *info = ws_vector_info(fault->vector, (enum ws_origin)fault->origin);
    int irq = fault->origin == WS_ORIGIN_EXTERNAL ? ws_machine_irq(why->machine, fault->vector) : -1;
    if (irq >= 0)
        ws_buffer_printf(out, "IRQ %d (vector %u)", irq, fault->vector);
    else if (*info->mnemonic)
        ws_buffer_printf(out, "%s %s (vector %u)", info->mnemonic, info->name, fault->vector);
    else
        ws_buffer_printf(out, "vector %u", fault->vector);
    if (fault->has_error_code) {
        ws_buffer_printf(out, ", error code 0x%x", fault->error_code);
        ws_error_code_describe(out, fault->vector, fault->error_code);
    }
    if (fault->vector == WS_VECTOR_PF && fault->origin == WS_ORIGIN_EXCEPTION)
        ws_buffer_printf(out, ", cr2 0x%08x", fault->cr2);
}

static void reason_append(struct ws_buffer *out, const char *indent, const struct ws_fault *fault)
{
    ws_buffer_printf(out, "%s", indent);
    ws_reason_append(out, &fault->reason);
    ws_buffer_printf(out, "\n%s[%s]\n", indent, ws_reason_citation(&fault->reason));
}

/* Did an earlier vector behind the first one have the same reason? */
static bool reason_was_told(const struct ws_halt *halt, uint32_t at)
{
    for (uint32_t i = 1; i < at; i++) {
        if (!memcmp(&halt->fault[i].reason, &halt->fault[at].reason, sizeof halt->fault[at].reason))
            return true;
    }
    return false;
}

/* The vectors behind the first one, and what stopped the CPU. */
static void chain_append(const struct ws_why *why, struct ws_buffer *out, const struct ws_halt *halt)
{
    ws_buffer_printf(out, "why no handler could be entered\n");
    for (uint32_t i = 1; i < halt->faults; i++) {
        const struct ws_fault *fault = &halt->fault[i];
        bool doubled = fault->vector == WS_VECTOR_DF, again = reason_was_told(halt, i);
        ws_buffer_printf(out, doubled ? "  so: " : "  met: ");
        vector_append(why, out, fault);
        if (!doubled && !again) {
            ws_buffer_printf(out, "\n    ");
            ws_reason_append(out, &fault->reason);
        }
        ws_buffer_printf(out, "\n");
    }
}

static void triple_fault_append(const struct ws_why *why, struct ws_buffer *out, const struct ws_halt *halt)
{
    const struct ws_fault *first = &halt->fault[0];
    uint64_t mark = ws_why_mark(why->machine);
    bool nested = ws__why_exceptions(why, out, mark, true);
    ws_buffer_printf(out, nested ? "the last one: " : "first fault: ");
    vector_append(why, out, first);
    ws_buffer_printf(out, "\n  at mark %llu, ", (unsigned long long)mark);
    ws__why_place(why, out, first->linear);
    ws_buffer_printf(out, ", ring %u\n", first->cpl);
    reason_append(out, "  ", first);
    if (ws__why_visit(why, out, mark)) {
        code_append(why, out, first->linear);
        frame_append(why, out, first->linear);
        ws__why_entry(why, out, first);
    }
    chain_append(why, out, halt);
    /* A second walk would be too much. */
    bool another = halt->faults > 1 && !nested &&
                   (halt->fault[1].reason.code != WS_REASON_PAGE || first->reason.code != WS_REASON_PAGE);
    if (another && ws__why_visit(why, out, mark))
        ws__why_entry(why, out, &halt->fault[1]);
    ws__why_visit(why, out, UINT64_MAX);
}

/* -- other ends -------------------------------------------------------------------------------- */

/* The instruction that ended the run, and the code around it. */
static void place_append(const struct ws_why *why, struct ws_buffer *out)
{
    uint64_t mark = ws_why_mark(why->machine);
    if (!ws__why_visit(why, out, mark))
        return;
    uint32_t linear = ws_machine_eip_linear(why->machine);
    ws_buffer_printf(out, "  at mark %llu, ", (unsigned long long)mark);
    ws__why_place(why, out, linear);
    ws_buffer_printf(out, ", ring %u\n", ws_machine_cpl(why->machine));
    code_append(why, out, linear);
    ws__why_exceptions(why, out, mark, false);
}

/* What else there is to say about it. */
static void end_append(const struct ws_why *why, struct ws_buffer *out, enum ws_halt_reason reason)
{
    size_t before = out->size;
    switch (reason) {
    case WS_HALT_REAL_MODE:
        ws_buffer_printf(out, "  this instruction clears CR0.PE [SDM 3A §2.5 \"Control Registers\"]");
        break;
    case WS_HALT_RESET:
        ws_buffer_printf(out, "  the instruction asked a chip to reset the CPU; this is no fault");
        break;
    case WS_HALT_ASLEEP:
    case WS_HALT_STOPPED:
        ws_buffer_printf(out, "  ");
        ws_machine_sleep_explain(why->machine, out);
        break;
    default:
        break;
    }
    ws_buffer_printf(out, out->size > before ? "\n" : "");
}

uint64_t ws_why_mark(const struct ws_machine *machine)
{
    const struct ws_halt *halt = ws_machine_halt(machine);
    bool outside = halt->reason == WS_HALT_TRIPLE_FAULT && halt->origin == WS_ORIGIN_EXTERNAL;
    bool between = halt->reason == WS_HALT_NONE || halt->reason == WS_HALT_LIMIT || outside;
    return between || !halt->mark ? ws_machine_mark(machine) : halt->mark - 1;
}

enum ws_status ws_why_explain(const struct ws_why *why, struct ws_buffer *out)
{
    const struct ws_halt halt = *ws_machine_halt(why->machine); /* a copy: the machine goes elsewhere */
    ws_buffer_printf(out, "%s", ws_halt_text((enum ws_halt_reason)halt.reason));
    if (why->world && *why->world)
        ws_buffer_printf(out, ", in world \"%s\"", why->world);
    ws_buffer_printf(out, "\n");
    end_append(why, out, (enum ws_halt_reason)halt.reason);
    ws__why_stale(why, out);
    if (halt.faults)
        triple_fault_append(why, out, &halt);
    else if (halt.reason == WS_HALT_LIMIT || halt.reason == WS_HALT_NONE)
        ws__why_spin(why, out);
    else
        place_append(why, out);
    return out->failed ? WS_NO_MEMORY : WS_OK;
}
