/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The entry of a table that decided, its bits in words, and who wrote it last.
 */
#include "timeline/why.h"

#include <string.h>

#include <worldswitch/exception.h>

#include "timeline/internal.h"
#include "x86/decode.h"
#include "x86/idt.h"
#include "x86/reason.h"

/* -- who wrote it ------------------------------------------------------------------------------ */

/* Bits that the CPU itself sets when it uses an entry: such a change is nobody's.  SDM 3A §4.8 "Accessed and Dirty
 * Flags", §3.4.5.1 "Code- and Data-Segment Descriptor Types" */
static const uint8_t page_ignored[8] = {WS_PTE_A | WS_PTE_D};
static const uint8_t segment_ignored[8] = {[5] = WS_TYPE_ACCESSED};
/* ltr makes a TSS busy, which matters only where that was refused.  SDM 3A §7.2.2 "TSS Descriptor" */
static const uint8_t task_ignored[8] = {[5] = 1 << 1};

/* A search back in time for the instruction that wrote some bytes. */
struct search {
    const struct ws_why *why;
    struct ws_watch watch;
    const uint8_t *ignored;   /* NULL: every bit counts */
    uint64_t after;           /* what was written before this mark is not told */
    uint64_t limit;           /* do not go back before this mark */
    ws_timeline_asked *asked; /* who else may interrupt */
    void *asked_context;
};

static void watched_read(const struct search *search, uint8_t out[8])
{
    memset(out, 0, 8);
    (void)ws_machine_read_phys(search->why->machine, search->watch.phys, out, search->watch.bytes);
}

static bool differs(const struct search *search, const uint8_t before[8], const uint8_t after[8])
{
    for (unsigned i = 0; i < search->watch.bytes; i++) {
        uint8_t ignored = search->ignored ? search->ignored[i] : 0;
        if ((before[i] ^ after[i]) & ~ignored & 0xff)
            return true;
    }
    return false;
}

/* Go to the instruction that wrote it last.  WS_SEEK_THERE; WS_SEEK_NONE: nobody has, since the start. */
static enum ws_seek writer_seek(struct search *search)
{
    uint8_t before[8], after[8];
    enum ws_seek seek;
    do {
        watched_read(search, after);
        seek = ws_timeline_previous_change(search->why->timeline, &search->watch);
        watched_read(search, before);
    } while (seek == WS_SEEK_THERE && search->watch.kind == WS_WATCH_MEMORY && !differs(search, before, after));
    return seek;
}

static bool limit_asked(void *context, uint64_t mark)
{
    const struct search *search = context;
    return ws_machine_mark(search->why->machine) < search->limit ||
           (search->asked && search->asked(search->asked_context, mark));
}

/* Is it a string instruction that goes to lower addresses? */
static bool is_downwards(const struct ws_why *why, uint32_t linear)
{
    struct ws_registers now;
    struct ws__opcode what;
    uint8_t code[WS_INSTRUCTION_BYTES] = {0};
    ws_machine_registers(why->machine, &now);
    return now.value[WS_EFLAGS] & WS_EFLAGS_DF && ws_machine_read(why->machine, linear, code, sizeof code) == WS_OK &&
           ws__decode_opcode(&what, code, sizeof code) && ws__decode_is_string(what.opcode);
}

/* How a change is told, and that there was none. */
struct words {
    const char *changed; /* "the PTE was last written"; NULL: only a change is told */
    const char *same;    /* "the PTE" */
};

/* Append who wrote what is watched: seen from the mark where the machine stands, to which it returns.  Returns whether
 * an instruction of the run has. */
static bool writer_append(struct search *search, struct ws_buffer *out, struct words words)
{
    const struct ws_why *why = search->why;
    uint64_t here = ws_machine_mark(why->machine);
    search->limit = why->effort && here > why->effort ? here - why->effort : 0;
    if (search->limit < search->after)
        search->limit = search->after;
    search->asked = why->timeline->asked;
    search->asked_context = why->timeline->asked_context;
    ws_timeline_interruptible(why->timeline, limit_asked, search);
    enum ws_seek seek = writer_seek(search);
    out->failed |= seek == WS_SEEK_NO_MEMORY;
    ws_timeline_interruptible(why->timeline, search->asked, search->asked_context);
    bool told = seek == WS_SEEK_THERE && ws_machine_mark(why->machine) >= search->after;
    if (!told && words.same)
        ws__why_line(out, WS__WHY_STANDING);
    if (told) {
        uint32_t linear = ws_machine_eip_linear(why->machine);
        ws_buffer_printf(out, "  %s at mark %llu by ", words.changed,
                         (unsigned long long)ws_machine_mark(why->machine));
        ws__why_place(why, out, linear);
        ws_buffer_printf(out, ": ");
        ws__why_instruction(why, out, linear);
        ws_buffer_printf(out, "%s\n", is_downwards(why, linear) ? ", downwards, since DF is set" : "");
    } else if (words.same && seek == WS_SEEK_NONE) {
        ws_buffer_printf(out, "  %s has not changed since the run began\n", words.same);
    } else if (words.same) {
        ws_buffer_printf(out, "  %s long ago: the search was given up\n", words.changed);
    }
    ws__why_visit(why, out, here);
    return told;
}

static bool memory_writer(const struct ws_why *why, struct ws_buffer *out, uint32_t phys, uint8_t bytes,
                          const uint8_t *ignored, struct words words)
{
    struct search search = {why, {.kind = WS_WATCH_MEMORY, .bytes = bytes, .phys = phys}, ignored, 0, 0, NULL, NULL};
    return phys < ws_machine_memory(why->machine).bytes && writer_append(&search, out, words);
}

bool ws__why_writer(const struct ws_why *why, struct ws_buffer *out, uint32_t phys, uint8_t bytes, const char *what)
{
    return memory_writer(why, out, phys, bytes, NULL, (struct words){what, NULL});
}

bool ws__why_entry_writer(const struct ws_why *why, struct ws_buffer *out, uint32_t phys, uint64_t after,
                          const char *what)
{
    struct search search = {
        .why = why,
        .watch = {.kind = WS_WATCH_MEMORY, .bytes = sizeof(uint32_t), .phys = phys},
        .ignored = page_ignored,
        .after = after,
    };
    return phys < ws_machine_memory(why->machine).bytes && writer_append(&search, out, (struct words){what, NULL});
}

enum { LATELY = 16 }; /* instructions */

/* `span`: how many instructions to go back at most. */
static void register_writer(const struct ws_why *why, struct ws_buffer *out, enum ws_register which, uint64_t span,
                            struct words words)
{
    uint64_t here = ws_machine_mark(why->machine);
    struct search search = {
        .why = why,
        .watch = {.kind = WS_WATCH_REGISTER, .which = (uint8_t)which},
        .after = here > span ? here - span : 0,
    };
    writer_append(&search, out, words);
}

/* -- descriptors ------------------------------------------------------------------------------- */

/* Where the descriptor is that a selector names, in linear memory. */
static uint32_t descriptor_linear(const struct ws_machine *machine, uint32_t selector)
{
    struct ws_registers registers;
    struct ws_descriptor ldt;
    ws_machine_registers(machine, &registers);
    ws_machine_segment(machine, WS_LDTR, &ldt);
    return (selector & WS_SELECTOR_TI ? ldt.base : registers.value[WS_GDTR_BASE]) + (selector & ~7u & 0xffff);
}

/* Append eight bytes as the manual draws them: the low doubleword, then the high one. */
static void raw_append(struct ws_buffer *out, uint32_t linear, const uint8_t raw[WS_DESCRIPTOR_BYTES])
{
    uint32_t word[2];
    memcpy(word, raw, sizeof word);
    ws_buffer_printf(out, " at 0x%08x is %08x %08x\n    ", linear, word[0], word[1]);
}

static void entry_writer(const struct ws_why *why, struct ws_buffer *out, uint32_t linear, const uint8_t *ignored)
{
    struct ws_translation walk;
    if (ws_machine_translate(why->machine, linear, WS_ACCESS_READ, false, &walk))
        memory_writer(why, out, walk.phys, WS_DESCRIPTOR_BYTES, ignored, (struct words){"it was last written", "it"});
}

static void descriptor_append(const struct ws_why *why, struct ws_buffer *out, uint32_t selector, bool busy)
{
    uint32_t linear = descriptor_linear(why->machine, selector);
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    struct ws_descriptor descriptor;
    if (ws_machine_read(why->machine, linear, raw, sizeof raw) != WS_OK)
        return;
    ws_descriptor_decode(&descriptor, raw);
    ws_buffer_printf(out, "  %s entry %u", selector & WS_SELECTOR_TI ? "LDT" : "GDT", (selector & 0xffff) >> 3);
    raw_append(out, linear, raw);
    ws_descriptor_describe(out, &descriptor);
    ws_buffer_printf(out, "\n");
    entry_writer(why, out, linear, !descriptor.system ? segment_ignored : busy ? NULL : task_ignored);
    if (!(selector & WS_SELECTOR_TI))
        register_writer(why, out, WS_GDTR_BASE, UINT64_MAX, (struct words){"this GDT was loaded", "GDTR"});
}

/* A segment register holds what its descriptor was when it was loaded. */
static void segment_append(const struct ws_why *why, struct ws_buffer *out, uint32_t number)
{
    static const struct {
        enum ws_register which;
        const char *name;
    } rows[] = {{WS_ES, "ES"}, {WS_CS, "CS"}, {WS_SS, "SS"}, {WS_DS, "DS"}, {WS_FS, "FS"}, {WS_GS, "GS"}};
    struct ws_registers registers;
    struct ws_descriptor hidden;
    if (number >= sizeof rows / sizeof rows[0])
        return;
    ws_machine_registers(why->machine, &registers);
    ws_machine_segment(why->machine, rows[number].which, &hidden);
    ws_buffer_printf(out, "  %s is ", rows[number].name);
    ws_selector_describe(out, (uint16_t)registers.value[rows[number].which]);
    ws_buffer_printf(out, "; it was loaded as\n    ");
    ws_descriptor_describe(out, &hidden);
    ws_buffer_printf(out, "\n");
    register_writer(why, out, rows[number].which, UINT64_MAX, (struct words){"it was last loaded", "it"});
}

/* -- tables ------------------------------------------------------------------------------------ */

static void table_append(const struct ws_why *why, struct ws_buffer *out, const char *name, enum ws_register base,
                         enum ws_register limit, bool limits)
{
    struct ws_registers registers;
    ws_machine_registers(why->machine, &registers);
    ws_buffer_printf(out, "  %s: base 0x%08x, limit 0x%x\n", name, registers.value[base], registers.value[limit]);
    if (limits)
        register_writer(why, out, limit, UINT64_MAX, (struct words){"it got this limit", "its limit"});
    else
        register_writer(why, out, base, UINT64_MAX, (struct words){"it got this base", "its base"});
}

void ws__why_gate(const struct ws_why *why, struct ws_buffer *out, uint32_t vector)
{
    struct ws_physical memory = ws_machine_memory(why->machine);
    struct ws_registers registers;
    struct ws__idt_entry entry;
    ws_machine_registers(why->machine, &registers);
    if (ws__idt_read(&memory, &registers, (uint8_t)vector, &entry) >= WS__IDT_BEYOND) {
        ws_buffer_printf(out, "  IDT entry %u at 0x%08x is where no memory is: it reads as ones\n", vector,
                         entry.linear);
        table_append(why, out, "IDTR", WS_IDTR_BASE, WS_IDTR_LIMIT, false);
        return;
    }
    ws_buffer_printf(out, "  IDT entry %u", vector);
    raw_append(out, entry.linear, entry.raw);
    ws_gate_describe(out, &entry.gate);
    ws_buffer_printf(out, "\n");
    entry_writer(why, out, entry.linear, NULL);
}

static void ldt_append(const struct ws_why *why, struct ws_buffer *out)
{
    struct ws_registers registers;
    struct ws_descriptor ldt;
    ws_machine_registers(why->machine, &registers);
    ws_machine_segment(why->machine, WS_LDTR, &ldt);
    ws_buffer_printf(out, "  LDTR: selector 0x%04x, base 0x%08x, limit 0x%x\n", registers.value[WS_LDTR] & 0xffff,
                     ldt.base, ldt.limit);
    register_writer(why, out, WS_LDTR, UINT64_MAX, (struct words){"it was last loaded", "it"});
}

enum { ES_OFFSET = 72, LDT_NUMBER = 6 };

/* The CPU has switched to a task whose TSS names what it cannot load: by the number in the TSS, ES to GS and the LDT.
 * SDM 3A §7.2.1 "Task-State Segment (TSS)", figure 7-2 */
static void task_append(const struct ws_why *why, struct ws_buffer *out, uint32_t number)
{
    struct ws_registers registers;
    struct ws_descriptor tss;
    struct ws_translation walk;
    uint32_t word = 0;
    ws_machine_registers(why->machine, &registers);
    ws_machine_segment(why->machine, WS_TR, &tss);
    uint32_t linear = tss.base + ES_OFFSET + 4 * number;
    if (!(tss.type & 8) || ws_machine_read(why->machine, linear, &word, sizeof word) != WS_OK)
        return;
    ws_buffer_printf(out, "  TSS 0x%04x at 0x%08x: the selector at its offset %u is 0x%04x\n",
                     registers.value[WS_TR] & 0xffff, tss.base, linear - tss.base, word & 0xffff);
    if (ws_machine_translate(why->machine, linear, WS_ACCESS_READ, false, &walk))
        memory_writer(why, out, walk.phys, sizeof word, NULL, (struct words){"it was last written", "it"});
}

/* SS0:ESP0 and so on.  SDM 3A §7.2.1 "Task-State Segment (TSS)" */
static void stack_append(const struct ws_why *why, struct ws_buffer *out, uint32_t ring)
{
    struct ws_descriptor tss;
    struct ws_translation walk;
    uint32_t pair[2] = {0};
    ws_machine_segment(why->machine, WS_TR, &tss);
    uint32_t linear = tss.base + 4 + 8 * ring;
    bool wide = tss.type & 8;
    if (!wide || ws_machine_read(why->machine, linear, pair, sizeof pair) != WS_OK)
        return;
    ws_buffer_printf(out, "  TSS at 0x%08x: SS%u is 0x%04x, ESP%u is 0x%08x\n", tss.base, ring, pair[1] & 0xffff, ring,
                     pair[0]);
    if (ws_machine_translate(why->machine, linear, WS_ACCESS_READ, false, &walk))
        memory_writer(why, out, walk.phys, sizeof pair, NULL, (struct words){"they were last written", "this"});
}

/* -- which ------------------------------------------------------------------------------------- */

void ws__why_page(const struct ws_why *why, struct ws_buffer *out, uint32_t linear, enum ws_access access, bool user,
                  bool used)
{
    const uint8_t *ignored = used ? NULL : page_ignored;
    struct ws_physical memory = ws_machine_memory(why->machine);
    struct ws_registers registers;
    struct ws_translation walk;
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_machine_registers(why->machine, &registers);
    ws_page_walk(&walk, &memory, &registers, linear, access, user);
    bool absent = walk.result == WS_PAGE_PDE_NOT_PRESENT || walk.result == WS_PAGE_PTE_NOT_PRESENT;
    ws_page_describe(&text, &walk);
    /* The last line repeats the reason. */
    for (const char *line = ws_buffer_text(&text), *end; *line != '#' && (end = strchr(line, '\n')); line = end + 1) {
        if (absent)
            ws__why_line(out, WS__WHY_STANDING); /* the reason has said it */
        ws_buffer_printf(out, "  ");
        ws_buffer_append(out, line, (size_t)(end + 1 - line));
    }
    out->failed |= text.failed;
    ws_buffer_release(&text);
    bool table = walk.page_bytes == WS_PAGE_BYTES || walk.result == WS_PAGE_PTE_NOT_PRESENT;
    const struct ws_reason reason = ws__reason_page(&walk);
    bool small = table && walk.pde & WS_PTE_PS; /* a page of 4 MiB was meant */
    bool decides = table && walk.result != WS_PAGE_OK && reason.value[1] == walk.pte_phys && !small;
    if (small)
        ws_buffer_printf(out, "  PS (bit 7) of the PDE is set, but CR4.PSE is 0: the PDE names a page table\n");
    if (table)
        memory_writer(why, out, walk.pte_phys, sizeof walk.pte, ignored,
                      (struct words){"the PTE was last written", "the PTE"});
    /* Where the page table entry alone decided, another search through the run would tell nothing. */
    if (decides)
        return;
    memory_writer(why, out, walk.pde_phys, sizeof walk.pde, ignored,
                  (struct words){"the PDE was last written", "the PDE"});
    if (!table) /* perhaps it is another directory since lately */
        register_writer(why, out, WS_CR3, LATELY, (struct words){"CR3 was last loaded", NULL});
}

/* The CPU itself accesses its tables, in ring 0's name. */
static void table_name(const struct ws_why *why, struct ws_buffer *out, const struct ws_fault *fault)
{
    struct ws_registers now;
    struct ws_descriptor tss, ldt;
    ws_machine_registers(why->machine, &now);
    ws_machine_segment(why->machine, WS_TR, &tss);
    ws_machine_segment(why->machine, WS_LDTR, &ldt);
    const struct {
        const char *name;
        uint32_t base, limit;
        bool loaded;
    } table[] = {
        {"IDT", now.value[WS_IDTR_BASE], now.value[WS_IDTR_LIMIT], now.value[WS_IDTR_LIMIT]},
        {"GDT", now.value[WS_GDTR_BASE], now.value[WS_GDTR_LIMIT], true},
        {"LDT", ldt.base, ldt.limit, now.value[WS_LDTR] & ~3u},
        {"TSS", tss.base, tss.limit, now.value[WS_TR] & ~3u},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].loaded && fault->cr2 - table[i].base <= table[i].limit)
            ws_buffer_printf(out, "  cr2 is in the %s: base 0x%08x, limit 0x%x\n", table[i].name, table[i].base,
                             table[i].limit);
    }
}

static void page_append(const struct ws_why *why, struct ws_buffer *out, const struct ws_fault *fault)
{
    if (!(fault->error_code & WS_PF_U))
        table_name(why, out, fault);
    ws__why_page(why, out, fault->cr2, fault->error_code & WS_PF_W ? WS_ACCESS_WRITE : WS_ACCESS_READ,
                 fault->error_code & WS_PF_U, false);
}

enum entry { SEGMENT, DESCRIPTOR, TSS, GATE, IDT, TABLE, STACK, TASK, TASK_LDT, PAGE, CONTROL_0, CONTROL_4 };

/* What each reason is about: the entry, and which value of the reason names it. */
static const struct {
    uint8_t code; /* enum ws_reason_code */
    uint8_t entry;
    uint8_t value;
} entries[] = {
    {WS_REASON_PAGE, PAGE, 0},
    {WS_REASON_SEGMENT_NULL, SEGMENT, 0},
    {WS_REASON_SEGMENT_LIMIT, SEGMENT, 2},
    {WS_REASON_SEGMENT_BELOW, SEGMENT, 2},
    {WS_REASON_SEGMENT_TYPE, SEGMENT, 0},
    {WS_REASON_SELECTOR_LIMIT, TABLE, 0},
    {WS_REASON_ABSENT, DESCRIPTOR, 0},
    {WS_REASON_DATA_TYPE, DESCRIPTOR, 0},
    {WS_REASON_DATA_DPL, DESCRIPTOR, 0},
    {WS_REASON_STACK_TYPE, DESCRIPTOR, 0},
    {WS_REASON_STACK_RPL, DESCRIPTOR, 0},
    {WS_REASON_STACK_DPL, DESCRIPTOR, 0},
    {WS_REASON_CODE_TYPE, DESCRIPTOR, 0},
    {WS_REASON_CODE_DPL, DESCRIPTOR, 0},
    {WS_REASON_RETURN_DPL, DESCRIPTOR, 0},
    {WS_REASON_GATE_OUTER, DESCRIPTOR, 0},
    {WS_REASON_LDT_TYPE, DESCRIPTOR, 0},
    {WS_REASON_TSS_TYPE, DESCRIPTOR, 0},
    {WS_REASON_TSS_IDLE, DESCRIPTOR, 0},
    {WS_REASON_TSS_LIMIT, TSS, 0},
    {WS_REASON_TASK_SEGMENT, TASK, 0},
    {WS_REASON_TASK_NULL, TASK, 0},
    {WS_REASON_TASK_LDT, TASK_LDT, 0},
    {WS_REASON_IDT_NONE, IDT, 0},
    {WS_REASON_IDT_LIMIT, IDT, 0},
    {WS_REASON_GATE_EMPTY, GATE, 0},
    {WS_REASON_GATE_TYPE, GATE, 0},
    {WS_REASON_GATE_ABSENT, GATE, 0},
    {WS_REASON_GATE_DPL, GATE, 0},
    {WS_REASON_HANDLER_NULL, GATE, 0},
    {WS_REASON_HANDLER_TYPE, DESCRIPTOR, 1},
    {WS_REASON_HANDLER_OUTER, GATE, 0},
    {WS_REASON_STACK_NULL, STACK, 0},
    {WS_REASON_STACK_BEYOND, TSS, 0},
    {WS_REASON_UNIT_NONE, CONTROL_0, 0},
    {WS_REASON_UNIT_SWITCHED, CONTROL_0, 0},
    {WS_REASON_SSE_OFF, CONTROL_4, 0},
    {WS_REASON_CLOCK, CONTROL_4, 0},
};

static void entry_append(const struct ws_why *why, struct ws_buffer *out, enum entry entry,
                         const struct ws_fault *fault, uint32_t value)
{
    switch (entry) {
    case SEGMENT:
        segment_append(why, out, value);
        break;
    case DESCRIPTOR:
    case TSS:
        descriptor_append(why, out, value, entry == DESCRIPTOR);
        break;
    case GATE:
        ws__why_gate(why, out, value);
        break;
    case IDT:
        table_append(why, out, "IDTR", WS_IDTR_BASE, WS_IDTR_LIMIT, true);
        break;
    case TABLE:
        if (value & WS_SELECTOR_TI)
            ldt_append(why, out);
        else
            table_append(why, out, "GDTR", WS_GDTR_BASE, WS_GDTR_LIMIT, true);
        break;
    case TASK:
        task_append(why, out, value);
        break;
    case TASK_LDT:
        task_append(why, out, LDT_NUMBER);
        break;
    case STACK:
        stack_append(why, out, value);
        break;
    case PAGE:
        page_append(why, out, fault);
        break;
    case CONTROL_0:
        register_writer(why, out, WS_CR0, UINT64_MAX, (struct words){"CR0 was last changed", "CR0"});
        break;
    case CONTROL_4:
        register_writer(why, out, WS_CR4, UINT64_MAX, (struct words){"CR4 was last changed", "CR4"});
        break;
    }
}

/* SS and ESP of an inner ring come from the TSS. */
static bool is_from_tss(const struct ws_fault *fault)
{
    uint32_t code = fault->reason.code;
    return fault->vector == WS_VECTOR_TS && (code == WS_REASON_STACK_RPL || code == WS_REASON_STACK_DPL);
}

void ws__why_entry(const struct ws_why *why, struct ws_buffer *out, const struct ws_fault *fault)
{
    enum { RING = 2 }; /* the reason's value */
    if (fault->origin == WS_ORIGIN_EXCEPTION && ws_machine_eip_linear(why->machine) != fault->linear)
        ws__why_visit(why, out, ws_machine_mark(why->machine) + 1); /* a task switch was under way: in the new task */
    if (is_from_tss(fault))
        stack_append(why, out, fault->reason.value[RING]);
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (entries[i].code == fault->reason.code)
            entry_append(why, out, (enum entry)entries[i].entry, fault, fault->reason.value[entries[i].value]);
    }
}
