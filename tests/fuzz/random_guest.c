/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random descriptor tables, page tables and a TSS, and a beginning that makes the CPU use them.
 */
#include "fuzz/random_guest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/segment.h>

/* -- tables ------------------------------------------------------------------------------------ */

static void phys_put(struct ws_machine *machine, uint32_t phys, const void *bytes, size_t size)
{
    if (ws_machine_write_phys(machine, phys, bytes, size))
        abort();
}

/* Segments for both rings, which end in the page of the code, or not far from it. */
static void near_segments_make(struct ws_machine *machine, struct dice *dice)
{
    static const uint32_t limits[] = {CODE - 1,      CODE + 0x7ff,    CODE + 0x8ff, CODE + 0xfff,
                                      CODE + 0x1fff, ALIASES + 0xfff, 0xfffff,      EDGES + 0xfff};
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    for (unsigned i = NEAR_SEGMENT; i < GDT_ENTRIES; i++) {
        struct ws_descriptor descriptor = {
            .base = roll(dice, 3) ? 0 : 0x800 + roll(dice, 2) * 0x800,
            .limit = limits[roll(dice, sizeof limits / sizeof limits[0])],
            .type = (uint8_t)(roll(dice, 8)), /* data of any kind */
            .dpl = 3,
            .present = true,
            .big = true,
        };
        ws_descriptor_encode(raw, &descriptor);
        phys_put(machine, GDT + 8 * i, raw, sizeof raw);
    }
}

static void gdt_make(struct ws_machine *machine, struct dice *dice)
{
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    for (unsigned i = 0; i < GDT_ENTRIES; i++) {
        struct ws_descriptor descriptor = {
            .base = roll(dice, 4) ? 0 : roll_value(dice),
            .limit = roll(dice, 4) ? UINT32_MAX : roll_value(dice),
            .type = (uint8_t)roll(dice, 16),
            .system = roll(dice, 2),
            .dpl = (uint8_t)roll(dice, 4),
            .present = roll(dice, 8) != 0,
            .big = roll(dice, 8) != 0,
        };
        ws_descriptor_encode(raw, &descriptor);
        phys_put(machine, GDT + 8 * i, raw, sizeof raw);
    }
    static const struct ws_descriptor known[] = {
        {.limit = UINT32_MAX, .type = WS_TYPE_CODE | WS_TYPE_READABLE, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = WS_TYPE_WRITABLE, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = WS_TYPE_CODE | WS_TYPE_READABLE, .dpl = 3, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = WS_TYPE_WRITABLE, .dpl = 3, .present = true, .big = true},
        {.base = TSS, .limit = 0x2067, .type = WS_TYPE_TSS32, .system = true, .present = true},
        {.base = TASK_TSS, .limit = 0x67, .type = WS_TYPE_TSS32, .system = true, .present = true},
    };
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (roll(dice, 32) == 0)
            continue;
        ws_descriptor_encode(raw, &known[i]);
        phys_put(machine, GDT + 8 * (i + 1), raw, sizeof raw);
    }
}

static void idt_make(struct ws_machine *machine, struct dice *dice)
{
    static const uint8_t types[] = {WS_TYPE_INTERRUPT_GATE32, WS_TYPE_INTERRUPT_GATE32, WS_TYPE_TRAP_GATE32,
                                    WS_TYPE_INTERRUPT_GATE16, WS_TYPE_TRAP_GATE16,      WS_TYPE_TASK_GATE};
    bool wild = roll(dice, 2);
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    for (unsigned i = 0; i < 256; i++) {
        struct ws_gate gate = {
            .offset = CODE + roll(dice, CODE_BYTES),
            .selector = SELECTOR_CODE,
            .type = types[roll(dice, 3)],
            .system = true,
            .dpl = (uint8_t)roll(dice, 4),
            .present = true,
        };
        if (i >= 8 && roll(dice, 32) == 0) {
            gate.type = WS_TYPE_TASK_GATE;
            gate.selector = SELECTOR_TASK;
        }
        if (wild && roll(dice, 4) == 0) {
            gate.offset = roll_value(dice);
            gate.selector = (uint16_t)(roll(dice, GDT_ENTRIES + 2) * 8 | roll(dice, 8));
            gate.type = roll(dice, 2) ? types[roll(dice, sizeof types)] : (uint8_t)roll(dice, 16);
            gate.present = roll(dice, 4) != 0;
        }
        ws_gate_encode(raw, &gate);
        phys_put(machine, IDT + 8 * i, raw, sizeof raw);
    }
}

static void tss_make(struct ws_machine *machine, struct dice *dice)
{
    uint32_t words[26];
    for (unsigned i = 0; i < 26; i++)
        words[i] = roll_value(dice);
    words[1] = STACKS + 0x1000 + roll(dice, 0x3000);
    words[2] = roll(dice, 16) ? SELECTOR_DATA : roll_value(dice);
    words[7] = GUEST_DIRECTORY;
    phys_put(machine, TSS, words, sizeof words);
}

/* Another task, which can be entered more often than not. */
static void task_make(struct ws_machine *machine, struct dice *dice)
{
    static const uint16_t sound[6] = {SELECTOR_DATA, SELECTOR_CODE, SELECTOR_DATA, SELECTOR_DATA, 0, 0};
    uint32_t words[26];
    for (unsigned i = 0; i < 26; i++)
        words[i] = roll_value(dice);
    words[7] = roll(dice, 8) ? GUEST_DIRECTORY : roll_word(dice);
    words[8] = CODE + roll(dice, CODE_BYTES);
    words[9] = roll(dice, 4) ? WS_EFLAGS_FIXED : roll_word(dice) & ~(uint32_t)WS_EFLAGS_VM;
    words[14] = STACKS + 0x1000 + roll(dice, 0x3000);
    for (unsigned i = 0; i < 6; i++)
        words[18 + i] = roll(dice, 32) ? sound[i] : roll(dice, GDT_ENTRIES * 8);
    words[24] = roll(dice, 8) ? 0 : roll(dice, GDT_ENTRIES * 8);
    words[25] = roll(dice, 8) == 0;
    phys_put(machine, TASK_TSS, words, sizeof words);
}

/* What another page may be as well: code, tables, stacks. */
static uint32_t alias_of(struct dice *dice)
{
    static const uint32_t frames[] = {CODE, CODE, EDGES, EDGES + WS_PAGE_BYTES, TABLE, GUEST_DIRECTORY, GDT, STACKS};
    return frames[roll(dice, sizeof frames / sizeof frames[0])];
}

/* All vectors lead to HANDLER; some `int` are refused. */
static void handler_gates_make(struct ws_machine *machine, struct dice *dice)
{
    const struct ws_gate gate = {.offset = HANDLER,
                                 .selector = SELECTOR_CODE,
                                 .type = WS_TYPE_INTERRUPT_GATE32,
                                 .system = true,
                                 .dpl = 3,
                                 .present = true};
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    ws_gate_encode(raw, &gate);
    for (unsigned i = 0; i < 256; i++) {
        if (i < 32 || roll(dice, 8))
            phys_put(machine, IDT + 8 * i, raw, sizeof raw);
    }
}

/* Whatever happens to a lively guest, it goes on with flat segments and a stack, at another piece of its code. */
static void handler_make(struct ws_machine *machine, const struct code *code, struct dice *dice)
{
    /* clang-format off */
    static const uint8_t handler[] = {
        0xb8, SELECTOR_DATA, 0, 0, 0, 0x8e, 0xd8, 0x8e, 0xc0, 0x8e, 0xd0, /* mov to %ds, %es, %ss */
        0xbc, 0x00, 0xc0, 0, 0,                                           /* mov $0xc000, %esp */
        0xff, 0x05, 0x00, 0x90, 0x01, 0x00,                               /* incl COUNTER */
        0xa1, 0x00, 0x90, 0x01, 0x00,                                     /* mov COUNTER, %eax */
        0x83, 0xe0, TARGET_COUNT - 1,                                     /* and $(TARGET_COUNT - 1), %eax */
        0xff, 0x24, 0x85, 0x00, 0xa0, 0x01, 0x00,                         /* jmp *TARGETS(, %eax, 4) */
    };
    /* clang-format on */
    const uint32_t stack[] = {STACKS + 0x3800, SELECTOR_DATA};
    phys_put(machine, HANDLER, handler, sizeof handler);
    phys_put(machine, TSS + 4, stack, sizeof stack);
    handler_gates_make(machine, dice);
    for (unsigned i = 0; i < TARGET_COUNT; i++) {
        uint32_t target = CODE + code->start[roll(dice, code->starts)];
        phys_put(machine, TARGETS + 4 * i, &target, sizeof target);
    }
}

/* Code around the ends of some pages, and a jump back from there. */
static void edges_make(struct ws_machine *machine, struct code *code, struct dice *dice)
{
    for (unsigned i = 1; i <= EDGE_PAGES; i++) {
        uint32_t first = EDGES + i * WS_PAGE_BYTES - EDGE_BYTES, back = first + 2 * EDGE_BYTES;
        code_make(code, dice, false);
        phys_put(machine, first, code->bytes, 2 * EDGE_BYTES);
        const uint8_t jump = 0xe9;
        uint32_t distance = CODE + roll(dice, CODE_BYTES) - (back + 5);
        phys_put(machine, back, &jump, 1);
        phys_put(machine, back + 1, &distance, sizeof distance);
    }
}

/* The page in front of SECOND, from which code runs into it, and SECOND's: every second one is not there yet. */
static void second_make(struct ws_machine *machine, struct dice *dice)
{
    uint32_t front = (EDGES + roll(dice, EDGE_PAGES) * WS_PAGE_BYTES) | 7;
    phys_put(machine, TABLE + 4 * 1023, &front, sizeof front);
    for (unsigned i = 0; i < SECOND_PAGES; i++) {
        uint32_t entry = roll(dice, 2) ? 0 : alias_of(dice) | roll(dice, 8);
        phys_put(machine, SECOND_TABLE + 4 * i, &entry, sizeof entry);
    }
}

/* One to one, with holes; and some pages that are other pages, too. */
static void pages_make(struct ws_machine *machine, struct dice *dice, bool lively)
{
    unsigned holes = !lively && roll(dice, 3) == 0 ? 8 : 0;
    for (unsigned i = 0; i < 256; i++) {
        uint32_t entry = i << 12 | 7;
        if (i >= ALIASES >> 12 && i < (ALIASES >> 12) + ALIAS_PAGES)
            entry = alias_of(dice) | 7;
        if (holes && roll(dice, 64) < holes)
            entry = roll(dice, 2) ? roll_word(dice) : (i << 12 | roll(dice, 512));
        phys_put(machine, TABLE + 4 * i, &entry, sizeof entry);
    }
    second_make(machine, dice);
    for (unsigned i = 0; i < 8; i++) {
        uint32_t entry = i == 0 ? (TABLE | 7) : i == 1 ? (SECOND_TABLE | 7) : roll_value(dice);
        phys_put(machine, GUEST_DIRECTORY + 4 * (i == 7 ? 1023 : i), &entry, sizeof entry);
    }
}

/* The first instructions make the CPU use the tables; each is left out now and then. */
static size_t prologue_make(struct ws_machine *machine, struct dice *dice, bool lively)
{
    static const struct {
        uint8_t size;
        uint8_t bytes[16];
    } steps[] = {
        {5, {0xbc, 0x00, 0xc0, 0x00, 0x00}},                   /* mov $0xc000,%esp */
        {7, {0x0f, 0x01, 0x15, 0x00, 0xf0, 0x00, 0x00}},       /* lgdt 0xf000 */
        {7, {0x0f, 0x01, 0x1d, 0x08, 0xf0, 0x00, 0x00}},       /* lidt 0xf008 */
        {8, {0xb8, SELECTOR_TSS, 0, 0, 0, 0x0f, 0x00, 0xd8}},  /* ltr */
        {8, {0xb8, 0x00, 0x40, 0x00, 0x00, 0x0f, 0x22, 0xd8}}, /* mov $GUEST_DIRECTORY,%cr3 */
        {8, {0xb8, 0x90, 0x06, 0x00, 0x00, 0x0f, 0x22, 0xe0}}, /* PSE, PGE, OSFXSR into cr4 */
        {8, {0xb8, 0x11, 0x00, 0x01, 0x80, 0x0f, 0x22, 0xc0}}, /* PG, WP into cr0 */
        {1, {0xfb}},                                           /* sti */
    };
    static const uint8_t pointers[] = {GDT_ENTRIES * 8 - 1, 0, 0, GDT >> 8, 0, 0, 0, 0, 0xff, 0x07, 0, IDT >> 8, 0, 0};
    size_t size = 0;
    phys_put(machine, 0xf000, pointers, sizeof pointers);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (roll(dice, lively ? 64 : i == 6 ? 2 : 16) == 0)
            continue;
        phys_put(machine, CODE - 64 + (uint32_t)size, steps[i].bytes, steps[i].size);
        size += steps[i].size;
    }
    const uint8_t jump[] = {0xe9};
    uint32_t distance = 64 - (uint32_t)size - 5;
    phys_put(machine, CODE - 64 + (uint32_t)size, jump, 1);
    phys_put(machine, CODE - 64 + (uint32_t)size + 1, &distance, 4);
    return size;
}

/* One to one with any bits, and now and then another page, or one that is not there. */
static uint32_t disk_entry(struct dice *dice, uint32_t page)
{
    uint32_t entry = page << 12 | 7 | roll(dice, 4) << 5; /* accessed and dirty, or not */
    switch (roll(dice, 32)) {
    case 0:
        return entry & ~(1u << roll(dice, 3));
    case 1:
        return alias_of(dice) | (entry & 0xfff);
    default:
        return entry;
    }
}

void disk_make(struct ws_machine *machine)
{
    static struct code code;
    static uint8_t sectors[(CODE_SECTORS + TABLE_SECTORS) * SECTOR];
    struct dice dice = {.state = 13};
    uint8_t *at = sectors;
    for (unsigned i = 0; i < CODE_SECTORS; i++, at += SECTOR) {
        code_make(&code, &dice, true);
        memcpy(at, code.bytes, SECTOR);
    }
    for (unsigned i = 0; i < TABLE_SECTORS; i++) {
        for (unsigned entry = 0; entry < SECTOR / 4; entry++, at += 4) {
            uint32_t value = disk_entry(&dice, i % 2 * (SECTOR / 4) + entry);
            memcpy(at, &value, sizeof value);
        }
    }
    if (ws_machine_disk_attach_memory(machine, sectors, sizeof sectors))
        abort();
}

void program_make(struct ws_machine *machine, struct dice *dice)
{
    static struct code code;
    bool lively = roll(dice, 2);
    gdt_make(machine, dice);
    idt_make(machine, dice);
    tss_make(machine, dice);
    task_make(machine, dice);
    pages_make(machine, dice, lively);
    code_make(&code, dice, lively);
    phys_put(machine, CODE, code.bytes, CODE_BYTES);
    if (lively) {
        near_segments_make(machine, dice);
        handler_make(machine, &code, dice);
    }
    edges_make(machine, &code, dice);
    prologue_make(machine, dice, lively);
    if (ws_machine_start(machine, CODE - 64, 0, 0))
        abort();
}
