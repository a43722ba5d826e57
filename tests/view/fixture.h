/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A state for views, made by hand: two worlds in one megabyte, in the midst of a world switch.
 *
 *   phys   1000  host's page directory     linear  08048000  host: user code, 2 pages at 30000
 *          2000  vmm's page directory              c0000000  host: kernel, 16 pages at 10000
 *          3000  page tables, one a page           ffc00000  both: the cross page at 8000
 *          8000  cross page                        ffc01000  vmm: kernel, 8 pages at 40000
 */
#ifndef WS_TESTS_VIEW_FIXTURE_H
#define WS_TESTS_VIEW_FIXTURE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/cross.h>
#include <worldswitch/crossing.h>
#include <worldswitch/exception.h>
#include <worldswitch/forward.h>
#include <worldswitch/hosted.h>
#include <worldswitch/segment.h>
#include <worldswitch/view.h>

enum { FIXTURE_RAM = 1 << 20, FIXTURE_CROSS_PHYS = 0x8000 };
#define FIXTURE_CROSS  0xffc00000u
#define FIXTURE_KERNEL 0xc0000000u

struct fixture {
    struct ws_text_cell text[WS_TEXT_ROWS * WS_TEXT_COLUMNS];
    uint8_t *ram;
    uint32_t next_table; /* phys */
    struct ws_view_state state;
    struct ws_symbols *symbols;
    struct ws_crossing crossing[3];
    struct ws_view_turn turn[2];
    struct ws_forward_path path[2];
    struct ws_view_step step[4];
    struct ws_view_doing done; /* not in the state: see the goldens that take them */
    struct ws_view_ahead ahead;
    struct ws_view_cause cause[3];
    struct ws_view_store store;
    struct ws_view_note note[3];
    uint32_t breakpoint;
};

static inline void fixture_put(struct fixture *fixture, uint32_t phys, uint32_t word)
{
    memcpy(fixture->ram + phys, &word, sizeof word);
}

static inline uint32_t fixture_get(const struct fixture *fixture, uint32_t phys)
{
    uint32_t word;
    memcpy(&word, fixture->ram + phys, sizeof word);
    return word;
}

static inline void fixture_map(struct fixture *fixture, uint32_t directory, uint32_t linear, uint32_t phys,
                               unsigned pages, uint32_t bits)
{
    uint32_t pde = directory + (linear >> 22) * 4;
    if (!(fixture_get(fixture, pde) & WS_PTE_P)) {
        fixture_put(fixture, pde, fixture->next_table | WS_PTE_P | WS_PTE_RW | WS_PTE_US);
        fixture->next_table += WS_PAGE_BYTES;
    }
    uint32_t table = fixture_get(fixture, pde) & ~0xfffu;
    for (unsigned page = 0; page < pages; page++)
        fixture_put(fixture, table + ((linear >> 12 & 0x3ff) + page) * 4,
                    (phys + page * WS_PAGE_BYTES) | WS_PTE_P | bits);
}

static inline void fixture_spaces(struct fixture *fixture)
{
    fixture->next_table = 0x3000;
    fixture_map(fixture, 0x1000, 0x08048000, 0x30000, 2, WS_PTE_US);
    fixture_map(fixture, 0x1000, FIXTURE_KERNEL, 0x10000, 16, WS_PTE_RW);
    fixture_map(fixture, 0x1000, FIXTURE_CROSS, FIXTURE_CROSS_PHYS, 1, WS_PTE_RW);
    fixture_map(fixture, 0x2000, FIXTURE_CROSS, FIXTURE_CROSS_PHYS, 1, WS_PTE_RW);
    fixture_map(fixture, 0x2000, FIXTURE_CROSS + 0x1000, 0x40000, 8, WS_PTE_RW | WS_PTE_G);
}

static inline void fixture_descriptor(struct fixture *fixture, uint32_t phys, struct ws_descriptor descriptor)
{
    descriptor.present = true;
    ws_descriptor_encode(fixture->ram + phys, &descriptor);
}

/* GDT at kernel + 1000, IDT at + 2000, TSS at + 3000, LDT at + 3800. */
static inline void fixture_tables(struct fixture *fixture)
{
    uint32_t gdt = 0x11000;
    struct ws_descriptor code = {.limit = 0xffffffff, .type = WS_TYPE_CODE | WS_TYPE_READABLE, .big = true};
    struct ws_descriptor data = {.limit = 0xffffffff, .type = WS_TYPE_WRITABLE, .big = true};
    struct ws_descriptor tss = {
        .base = FIXTURE_KERNEL + 0x3000, .limit = 103, .type = WS_TYPE_TSS32_BUSY, .system = true};
    struct ws_descriptor ldt = {.base = FIXTURE_KERNEL + 0x3800, .limit = 15, .type = WS_TYPE_LDT, .system = true};
    fixture_descriptor(fixture, gdt + 0x08, code);
    fixture_descriptor(fixture, gdt + 0x10, data);
    fixture_descriptor(fixture, gdt + 0x28, tss);
    fixture_descriptor(fixture, gdt + 0x30, ldt);
    code.dpl = data.dpl = 3;
    fixture_descriptor(fixture, gdt + 0x18, code);
    fixture_descriptor(fixture, gdt + 0x20, data);
    fixture_descriptor(fixture, 0x13808, data);
    struct ws_gate gate = {.offset = FIXTURE_KERNEL + 0x100,
                           .selector = 8,
                           .type = WS_TYPE_INTERRUPT_GATE32,
                           .system = true,
                           .present = true};
    ws_gate_encode(fixture->ram + 0x12000 + 8 * 14, &gate);
    gate.type = WS_TYPE_TRAP_GATE32;
    gate.dpl = 3;
    gate.offset += 0x40;
    ws_gate_encode(fixture->ram + 0x12000 + 8 * 3, &gate);
    fixture_put(fixture, 0x13000 + 4, FIXTURE_KERNEL + 0x4000);
    fixture_put(fixture, 0x13000 + 8, 0x10);
}

/* The middle of a switch: mov %eax -> (%edx); mov (%edx), %ecx; mov %ecx, %cr3; mov (%edx), %ecx;
 * ud2. */
static inline void fixture_code(struct fixture *fixture)
{
    static const uint8_t code[] = {0x9c, 0xfa, 0x89, 0x20, 0x8b, 0x4a, 0x10, 0x0f,
                                   0x22, 0xd9, 0x8b, 0x4a, 0x14, 0x0f, 0x0b};
    static const struct ws_view_step step[] = {
        {FIXTURE_CROSS + 2, 23, 45, "save", "ESP, where everything pushed above lies",
         "what was pushed is not found again"},
        {FIXTURE_CROSS + 4, 24, 45, "the address space", "the entered world's page directory",
         "CR3 gets a fault address"},
        {FIXTURE_CROSS + 7, 25, 45, "the address space",
         "here the left world vanishes: only the cross page is in both address spaces",
         "the left world's address space stays: the entered world's tables are not in it"},
        {FIXTURE_CROSS + 13, 45, 45, "return", "into the entered world", "the code runs on into nothing"},
    };
    memcpy(fixture->ram + FIXTURE_CROSS_PHYS, code, sizeof code);
    memcpy(fixture->step, step, sizeof step);
    fixture->state.step = fixture->step;
    fixture->state.steps = 4;
}

static inline void fixture_side(struct ws_view_side *side, const char *world, const char *process, unsigned number,
                                uint32_t directory)
{
    struct ws_registers *registers = &side->registers;
    *side = (struct ws_view_side){.number = number, .known = true};
    strcpy(side->world, world);
    strcpy(side->process, process);
    registers->value[WS_CR0] = WS_CR0_PG | WS_CR0_PE | WS_CR0_WP | WS_CR0_ET;
    registers->value[WS_CR3] = directory;
    registers->value[WS_TR] = 0x28;
    registers->value[WS_GDTR_BASE] = number ? FIXTURE_CROSS + 0x2000 : FIXTURE_KERNEL + 0x1000;
    registers->value[WS_IDTR_BASE] = number ? FIXTURE_CROSS + 0x3000 : FIXTURE_KERNEL + 0x2000;
}

static inline void fixture_registers(struct fixture *fixture)
{
    struct ws_view_state *state = &fixture->state;
    state->now = state->side[0].registers;
    state->now.value[WS_EAX] = 0xffc00400;
    state->now.value[WS_ECX] = 0x2000;
    state->now.value[WS_EDX] = 0xffc00430;
    state->now.value[WS_ESP] = FIXTURE_KERNEL + 0x3fc0;
    state->now.value[WS_EIP] = FIXTURE_CROSS + 7;
    state->now.value[WS_EFLAGS] = 0x1046;
    state->now.value[WS_CS] = 0x08;
    state->now.value[WS_SS] = state->now.value[WS_DS] = 0x10;
    state->now.value[WS_ES] = 0x23;
    state->now.value[WS_LDTR] = 0x30;
    state->now.value[WS_GDTR_LIMIT] = 0x37;
    state->now.value[WS_IDTR_LIMIT] = 0x7f;
    state->before = state->now;
    state->before.value[WS_ECX] = 0xdead0000;
    state->before.value[WS_EFLAGS] = 0x1202;
    state->before.value[WS_EIP] = FIXTURE_CROSS + 4;
    state->stepped = true;
    state->before_mark = 4710;
    state->mark = 4711;
    fixture->store = (struct ws_view_store){FIXTURE_CROSS + 0x410, FIXTURE_CROSS_PHYS + 0x410, 0, 0xc0003fc0, 4, true};
    state->store = &fixture->store;
    state->stores = 1;
}

static inline void fixture_crossing(struct ws_crossing *crossing, const char *from, const char *to, uint64_t begin,
                                    unsigned instructions, unsigned kind, uint32_t kept)
{
    *crossing = (struct ws_crossing){
        .begin = begin, .end = begin + instructions, .instructions = instructions, .kind = (uint8_t)kind, .kept = kept};
    crossing->changed = ~kept & ((1u << WS_CATEGORY_COUNT) - 1);
    strcpy(crossing->from, from);
    strcpy(crossing->to, to);
}

/* What the segment registers hold: what the tables say, but for SS, which says that it was loaded before its
 * descriptor became another one. */
static inline void fixture_segments(struct fixture *fixture)
{
    struct ws_view_state *state = &fixture->state;
    for (unsigned place = 0; place < WS_VIEW_SEGMENTS; place++) {
        uint32_t selector = state->now.value[ws_view_segment(place)];
        ws_descriptor_decode(&state->segment[place], fixture->ram + 0x11000 + (selector & 0xfff8));
    }
    state->segment[1].limit = 0xffff;
}

/* Two vectors, in ring 1: one that the step before has delivered, one that the next step will. */
static inline void fixture_doing(struct fixture *fixture)
{
    struct ws_view_state *state = &fixture->state;
    struct ws_event fault = {
        .kind = WS_EVENT_VECTOR,
        .which = 13,
        .before = 0x401000,
        .after = FIXTURE_KERNEL + 0x100,
        .esp = FIXTURE_KERNEL + 0x3fe0,
        .cpl = 1,
        .has_error_code = 1,
        .irq = -1,
        .reason = {.code = WS_REASON_PRIVILEGED, .value = {1}},
    };
    fixture->done.event[0] = fault;
    fixture->done.event[0].which = 14;
    fixture->done.event[0].error_code = 2;
    fixture->done.event[0].cr2 = 0xbeef;
    fixture->done.event[0].reason.code = WS_REASON_NONE;
    fixture->done.events = 1;
    fixture->ahead = (struct ws_view_ahead){.known = true, .registers = state->now};
    fixture->ahead.doing.event[0] = fault;
    fixture->ahead.doing.events = 1;
    fixture->cause[0] = (struct ws_view_cause){.begin = 1200, .vectored = true};
    fixture->cause[0].event = (struct ws_event){
        .kind = WS_EVENT_VECTOR, .which = 32, .mark = 1180, .before = 0x8048010, .origin = WS_ORIGIN_EXTERNAL};
    fixture->cause[1] = (struct ws_view_cause){.begin = 4687};
    fixture->cause[2] = (struct ws_view_cause){.begin = 5901, .mail = true, .request = 2, .argument = 'h'};
    state->cause = fixture->cause;
    state->causes = 3;
}

/* The last request had one system call only: it has no step 4. */
static inline void fixture_paths(struct fixture *fixture)
{
    for (unsigned kind = 0; kind < WS_FORWARD_KINDS; kind++) {
        struct ws_forward_path *path = &fixture->path[kind];
        *path = (struct ws_forward_path){.kind = (uint8_t)kind, .steps = (uint8_t)(5 + kind), .calls = 1};
        path->vector = kind ? 13 : 46;
        strcpy(path->vmm, "vmm");
        strcpy(path->host, "host");
        strcpy(path->vmx, "A");
        for (unsigned step = 0; step < path->steps; step++) {
            path->step[step].mark = kind && step == 3 ? 0 : 5000 + 300 * kind + 45 * step;
            path->step[step].linear = step == 1 ? FIXTURE_CROSS : 0x08048000 + step;
            path->step[step].target = FIXTURE_KERNEL + 0x100;
            strcpy(path->step[step].world, step < 2 ? "vmm" : "host");
            strcpy(path->step[step].process, step < 2 ? "" : "A");
        }
        fixture->state.forward[kind] = path;
        fixture->state.forwards[kind] = 7 + kind;
    }
    fixture->state.hosted = true;
    fixture->turn[0] = (struct ws_view_turn){.mark = 5000, .vm = true};
    fixture->turn[1] = (struct ws_view_turn){.mark = 5400, .vm = false};
    fixture->state.turn = fixture->turn;
    fixture->state.turns = 2;
    fixture->state.place = WS_HOSTED_SWITCH;
}

/* A #PF from ring 3 was pushed at the top of ring 0's stack, and a timer's interrupt in its handler below; the present
 * stack is the one that TSS names.  A return address, a symbol and an address of the stack are under them. */
static inline void fixture_stack(struct fixture *fixture)
{
    static const uint32_t word[] = {0xc0003fd0, 0xc0000105, 0xc0000100, 0,         /* c0003fc0 */
                                    0xc0000120, 8,          0x202,      0,         /* c0003fd0: the timer's */
                                    0,          0,          2,          0x8048010, /* c0003fe8: the page fault's */
                                    0x1b,       0x10246,    0xbffffff0, 0x23};
    static const uint8_t call[] = {0xe8, 0xfb, 0xff, 0xff, 0xff};
    struct ws_view_state *state = &fixture->state;
    memcpy(fixture->ram + 0x13fc0, word, sizeof word);
    memcpy(fixture->ram + 0x10100, call, sizeof call);
    state->frames = 2;
    state->frame[0] = (struct ws_view_frame){.linear = 0xc0003fd0, .slot_bytes = 4, .open = true};
    state->frame[0].event =
        (struct ws_event){.kind = WS_EVENT_VECTOR, .which = 32, .mark = 4600, .origin = WS_ORIGIN_EXTERNAL, .irq = 0};
    state->frame[1] = (struct ws_view_frame){.linear = 0xc0003fe8, .slot_bytes = 4, .inward = true};
    state->frame[1].event =
        (struct ws_event){.kind = WS_EVENT_VECTOR, .which = 14, .mark = 4500, .has_error_code = 1, .irq = -1};
}

/* The context of the host, and the one of the VMM, which has not been left yet. */
static inline void fixture_contexts(struct fixture *fixture)
{
    struct ws_cross_context host = {.esp = FIXTURE_KERNEL + 0x4000,
                                    .ss = 0x10,
                                    .ldtr = 0x30,
                                    .cr0 = 0x80010011,
                                    .cr3 = 0x1000,
                                    .tr = 0x28,
                                    .gdtr = {0x37, FIXTURE_KERNEL + 0x1000},
                                    .idtr = {0x7f, FIXTURE_KERNEL + 0x2000},
                                    .tss_descriptor = FIXTURE_KERNEL + 0x1028};
    struct ws_cross_context vmm = {.tss_descriptor = FIXTURE_CROSS + 0x2028};
    memcpy(fixture->ram + FIXTURE_CROSS_PHYS + WS_CROSS_CONTEXTS_OFFSET + WS_CROSS_CONTEXT_BYTES, &host, sizeof host);
    memcpy(fixture->ram + FIXTURE_CROSS_PHYS + WS_CROSS_CONTEXTS_OFFSET + 2 * WS_CROSS_CONTEXT_BYTES, &vmm, sizeof vmm);
    for (unsigned word = 0; word < 17; word++) /* gs, fs and so on: struct ws_cross_frame */
        fixture_put(fixture, 0x14000 + 4 * word, word < 4 ? 8 * word : 0x01010101 * word);
    fixture_put(fixture, 0x14000 + 4 * 13, FIXTURE_KERNEL + 0x108);
    fixture_put(fixture, 0x14000 + 4 * 14, 8);
    fixture->crossing[1].before.value[WS_CR3] = 0x1000;
    fixture->crossing[1].after.value[WS_CR3] = 0x2000;
}

/* What the panels show that are lines of text, or lists. */
static inline void fixture_lines(struct fixture *fixture)
{
    struct ws_view_state *state = &fixture->state;
    fixture->note[0] = (struct ws_view_note){4500, "fault", "the page fault"};
    fixture->note[1] = (struct ws_view_note){4711, "a", ""};
    fixture->note[2] = (struct ws_view_note){5901, "", ""};
    state->note = fixture->note;
    state->notes = 3;
    state->notes_found = state->chosen_note = 1;
    state->searched = "world=vmm";
    state->devices = "8259 master: IRQ 0 to 7 are vectors 32 to 39\n  requested (IRR): IRQ 0, 4\n"
                     "8254 timer\n  counter 0 (IRQ 0): mode 2, rate, from 11932, 99 times a second\n";
    state->difference = "place\tworld \"host\" -> \"vmm\"; eip 0xc0000100 -> 0xffc00007\n"
                        "memory\tpages at 0x00008000, 0x00010000 - 0x00013fff, 0x00020000 - 0x00020fff (6 in all)\n";
    state->since_mark = 4687;
    state->frontier = 6200;
    state->memory_at = FIXTURE_CROSS + 0x3f0;
}

/* A text screen: each character once, a line in colours, the cursor behind it. */
static inline void fixture_text(struct fixture *fixture)
{
    static const char line[] = "kernel panic";
    for (unsigned i = 0; i < WS_TEXT_ROWS * WS_TEXT_COLUMNS; i++)
        fixture->text[i] = (struct ws_text_cell){i < 256 ? (uint8_t)i : ' ', 0x07};
    for (unsigned i = 0; line[i]; i++)
        fixture->text[5 * WS_TEXT_COLUMNS + i] = (struct ws_text_cell){(uint8_t)line[i], 0x4f};
    fixture->state.text = fixture->text;
    fixture->state.has_text_cursor = true;
    fixture->state.text_cursor = 5 * WS_TEXT_COLUMNS + 12;
}

static inline void fixture_init(struct fixture *fixture)
{
    static const struct ws_view_key key[] = {
        {"s Right", "step", "one instruction", "S"},
        {"b", "", "breakpoint here", ""},
        {"q F10", "leave", "leave", ""},
    };
    struct ws_view_state *state = &fixture->state;
    memset(fixture, 0, sizeof *fixture);
    fixture->ram = calloc(1, FIXTURE_RAM);
    state->memory = (struct ws_physical){fixture->ram, FIXTURE_RAM};
    fixture_spaces(fixture);
    fixture_tables(fixture);
    fixture_code(fixture);
    fixture_side(&state->side[0], "host", "A", 0, 0x1000);
    fixture_side(&state->side[1], "vmm", "", 1, 0x2000);
    fixture_registers(fixture);
    fixture_segments(fixture);
    fixture_doing(fixture);
    fixture_paths(fixture);
    state->to = 1;
    fixture_crossing(&fixture->crossing[0], "A", "B", 1200, 21, WS_CROSSING_CONTEXT,
                     1u << WS_CATEGORY_GDTR | 1u << WS_CATEGORY_IDTR | 1u << WS_CATEGORY_KERNEL_SPACE);
    fixture_crossing(&fixture->crossing[1], "host", "vmm", 4687, 45, WS_CROSSING_WORLD, 1u << WS_CATEGORY_CR2);
    fixture_crossing(&fixture->crossing[2], "vmm", "host", 5901, 45, WS_CROSSING_WORLD, 0);
    state->crossing = fixture->crossing;
    state->crossings = 3;
    fixture_contexts(fixture);
    state->chosen_crossing = 1;
    state->progress =
        (struct ws_view_progress){.number = 25, .count = 45, .kind = WS_CROSSING_WORLD, .from = "host", .to = "vmm"};
    state->eip_linear = state->chosen_linear = FIXTURE_CROSS + 7;
    state->wide = true;
    state->cross_linear = FIXTURE_CROSS;
    state->has_cross = true;
    fixture->breakpoint = FIXTURE_CROSS + 10;
    state->breakpoint = &fixture->breakpoint;
    state->breakpoints = 1;
    state->serial = "host: hello\r\nhost: #PF\tat 00000000\nvmm: \x1b[2J<-- no escape reaches the terminal\n";
    state->serial_bytes = strlen(state->serial);
    fixture_text(fixture);
    fixture_stack(fixture);
    fixture_lines(fixture);
    ws_disasm_new(&state->disasm);
    ws_symbols_new(&fixture->symbols);
    ws_symbols_add(fixture->symbols, "cross", FIXTURE_CROSS, 15);
    ws_symbols_add(fixture->symbols, "page_fault", FIXTURE_KERNEL + 0x100, 16);
    state->symbols = fixture->symbols;
    state->key = key;
    state->keys = sizeof key / sizeof key[0];
    state->panel = WS_PANEL_SPACE;
}

static inline void fixture_release(struct fixture *fixture)
{
    ws_disasm_free(fixture->state.disasm);
    ws_symbols_free(fixture->symbols);
    free(fixture->ram);
}

#endif
