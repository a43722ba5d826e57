/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a run ended.
 */
#include "timeline/why.h"

#include <string.h>

#include <worldswitch/exception.h>

#include "base/printable.h"
#include "timeline/internal.h"

enum { BEFORE = 2, BEHIND = 1, LOOK_BACK = 64, SYMBOL_BYTES = 40 };

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
    /* Names that C++ makes may fill a screen. */
    char name[SYMBOL_BYTES];
    ws__printable_copy(name, sizeof name, symbol);
    ws_buffer_printf(out, " <%s", name);
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

void ws__why_code(const struct ws_why *why, struct ws_buffer *out, uint32_t linear, bool before)
{
    struct ws_translation walk;
    if (!ws_machine_translate(why->machine, linear, WS_ACCESS_READ, false, &walk))
        return;
    unsigned behind = 0;
    for (uint32_t at = before ? code_begin(why, linear) : linear; behind <= BEHIND;) {
        struct ws_instruction instruction;
        instruction_read(why, at, &instruction);
        ws__why_line(out, at == linear ? WS__WHY_ALWAYS : WS__WHY_AROUND);
        ws_buffer_printf(out, "  %s 0x%08x  %s\n", at == linear ? ">" : " ", at, instruction.text);
        behind += at >= linear;
        at += instruction.size;
    }
}

/* -- other ends -------------------------------------------------------------------------------- */

/* A handler that stopped the guest: of an exception, all is told of that; of an interrupt, which one. */
static bool handler_append(const struct ws_why *why, struct ws_buffer *out, struct ws__opens *opens, bool long_ago)
{
    struct ws_registers now;
    struct ws_reason told;
    ws__why_visit(why, out, opens->end);
    ws_machine_registers(why->machine, &now);
    const struct ws__open *open = ws__why_open_near(opens, now.value[WS_ESP], UINT64_MAX);
    if (!open && long_ago)
        open = ws__why_open_long_ago(why, out, opens, now.value[WS_ESP]);
    if (!open)
        return false;
    if (open->event.origin == WS_ORIGIN_EXCEPTION) {
        bool nested = ws__why_exceptions(why, out, open->event.mark, false, &told);
        ws__why_fault(why, out, &open->chain, nested ? &told : NULL, opens, true);
        return true;
    }
    ws__why_rank(out, WS__WHY_END);
    ws_buffer_printf(out, "the handler of ");
    ws__why_vector(why, out, &open->chain.fault[open->chain.faults - 1]);
    ws_buffer_printf(out, ", entered at mark %llu, has not returned\n", (unsigned long long)open->event.mark);
    return true;
}

/* The instruction that ended the run.  hlt is over when the CPU sleeps, and an interrupt may have led to it. */
static uint32_t end_linear(const struct ws_why *why, struct ws_buffer *out, uint64_t mark)
{
    enum { HLT = 0xf4 };
    uint32_t reason = ws_machine_halt(why->machine)->reason, linear = ws_machine_eip_linear(why->machine) - 1;
    uint8_t code = 0;
    if ((reason == WS_HALT_STOPPED || reason == WS_HALT_ASLEEP) &&
        ws_machine_read(why->machine, linear, &code, 1) == WS_OK && code == HLT)
        return linear;
    return ws__why_visit(why, out, mark) ? ws_machine_eip_linear(why->machine) : linear;
}

/* The instruction that ended the run, and the code around it. */
static void place_append(const struct ws_why *why, struct ws_buffer *out, struct ws__opens *opens)
{
    uint64_t mark = ws_why_mark(why->machine);
    uint32_t linear = end_linear(why, out, mark);
    ws__why_rank(out, WS__WHY_END);
    ws_buffer_printf(out, "  at mark %llu, ", (unsigned long long)mark);
    ws__why_place(why, out, linear);
    ws_buffer_printf(out, ", ring %u\n", ws_machine_cpl(why->machine));
    if (handler_append(why, out, opens, false))
        return;
    if (ws_machine_mark(why->machine) != mark)
        ws__why_visit(why, out, mark);
    ws__why_code(why, out, linear, true);
    ws__why_exceptions(why, out, mark, true, NULL);
}

/* A handler that stops for good often does so in a loop, and the run's limit comes much later. */
static void spin_append(const struct ws_why *why, struct ws_buffer *out, struct ws__opens *opens)
{
    if (ws__why_spin(why, out))
        handler_append(why, out, opens, true);
}

static void triple_fault_append(const struct ws_why *why, struct ws_buffer *out, const struct ws_halt *halt,
                                const struct ws__opens *opens)
{
    struct ws__chain chain = {.mark = ws_why_mark(why->machine), .faults = halt->faults};
    memcpy(chain.fault, halt->fault, sizeof chain.fault);
    struct ws_reason told;
    bool nested = ws__why_exceptions(why, out, chain.mark, false, &told);
    ws__why_fault(why, out, &chain, nested ? &told : NULL, opens, false);
}

/* What else there is to say about it. */
static void end_append(const struct ws_why *why, struct ws_buffer *out, enum ws_halt_reason reason)
{
    ws__why_rank(out, WS__WHY_END);
    size_t before = out->size;
    switch (reason) {
    case WS_HALT_REAL_MODE:
        ws_buffer_printf(out, "  this instruction clears CR0.PE [SDM 3A §2.5 \"Control Registers\"]");
        break;
    case WS_HALT_VIRTUAL_8086:
        ws_buffer_printf(out, "  EFLAGS gets VM by this instruction "
                              "[SDM 3A §2.3 \"System Flags and Fields in the EFLAGS Register\"]");
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

/* How the run ended, or that it has not. */
static void headline_append(const struct ws_why *why, struct ws_buffer *out, enum ws_halt_reason reason)
{
    ws__why_rank(out, WS__WHY_ALWAYS);
    if (reason != WS_HALT_NONE)
        ws_buffer_printf(out, "%s", ws_halt_text(reason));
    else
        ws_buffer_printf(out, "the run has not ended up to mark %llu",
                         (unsigned long long)ws_machine_mark(why->machine));
    if (why->world && *why->world)
        ws_buffer_printf(out, ", in world \"%s\"", why->world);
    ws_buffer_printf(out, "\n");
}

enum ws_status ws_why_explain(const struct ws_why *why, struct ws_buffer *out)
{
    const struct ws_halt halt = *ws_machine_halt(why->machine); /* a copy: the machine goes elsewhere */
    enum ws_halt_reason reason = (enum ws_halt_reason)halt.reason;
    struct ws__opens opens = {.end = reason != WS_HALT_NONE ? UINT64_MAX : ws_machine_mark(why->machine)};
    struct ws_buffer text = WS_BUFFER_INIT;
    headline_append(why, &text, reason);
    end_append(why, &text, reason);
    ws__why_stale(why, &text, opens.end);
    ws__why_opens(why, &text, &opens);
    if (halt.faults)
        triple_fault_append(why, &text, &halt, &opens);
    else if (reason == WS_HALT_LIMIT || reason == WS_HALT_NONE)
        spin_append(why, &text, &opens);
    else
        place_append(why, &text, &opens);
    ws__why_visit(why, &text, opens.end);
    ws__why_fit(why, out, &text);
    ws_buffer_release(&text);
    return out->failed ? WS_NO_MEMORY : WS_OK;
}
