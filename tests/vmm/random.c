/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that makes random programs of the pieces in random_pieces.S, and runs them: in ring 0, from where they may
 * get into any other, with a timer that interrupts wherever it does.  Each fault is noted, and the program goes on with
 * its next piece in ring 0.  At a program's end one line tells what the registers and its memory are, which must be the
 * same on any machine.  The first line of the disk says "SEED FIRST LAST", three numbers of six digits: the programs
 * FIRST to LAST of that seed; "!" behind them: tell of each fault.
 */
#include <worldswitch/exception.h>
#include <worldswitch/paging.h>
#include <worldswitch/registers.h>

#include "guest/shared/ata.h"
#include "guest/shared/chips.h"
#include "guest/shared/console.h"
#include "guest/shared/cpu.h"
#include "guest/shared/memory.h"
#include "guest/shared/tables.h"
#include "random.h"

enum { RPL = 3, EVENTS_MOST = 300, STEPS_MOST = 5, PAGES = 512, PROGRAMS = 32 };

typedef uint32_t page[1024] __attribute__((aligned(4096)));

extern uint8_t gate_target[], narrow_entry[], kernel_top[], work_top[], inner_top[], middle_top[], outer_top[];
extern const struct {
    const uint8_t *begin, *end;
} piece_rows[], piece_rows_end[];
void random_main(void);
void trap(struct ws_trap_frame *frame);
_Noreturn void frame_enter(struct ws_trap_frame *frame);

static struct gate idt[256];
static uint8_t gdt[8 * GDT_SLOTS] __attribute__((aligned(8))), ldt[16] __attribute__((aligned(8)));
static uint8_t tss[WS_TSS_BYTES] __attribute__((aligned(128)));
static page directory, low, table, program_table, programs[PROGRAMS], memory[MEMORY_PAGES];
static uint32_t *program; /* one of these: a new page costs the VMM no trace of writes */

static struct {
    uint32_t seed, number, last, state;
    bool loud;
    uint32_t hash, events, steps, slot;
} run;

/* -- numbers ----------------------------------------------------------------------------------- */

static uint32_t roll(uint32_t sides)
{
    run.state ^= run.state << 13;
    run.state ^= run.state >> 17;
    run.state ^= run.state << 5;
    return (run.state >> 8) % sides;
}

static uint32_t roll_any(void)
{
    static const uint32_t edges[] = {0, 1, 0xffffffff, 0x80000000, 0x7fffffff, MEMORY, PROGRAM, 0xffff};

    return roll(2) ? edges[roll(8)] : roll(0x10000) << 16 | roll(0x10000);
}

static uint32_t roll_address(void)
{
    uint32_t at = MEMORY + roll(MEMORY_PAGES) * WS_PAGE_BYTES + roll(WS_PAGE_BYTES - 64);

    return roll(16) ? roll(4) ? MEMORY + at % 256 : at : roll_any();
}

static uint32_t roll_selector(void)
{
    return roll(GDT_SLOTS + 1) * 8 | (roll(3) ? roll(4) : roll(8));
}

/* TF is rare, NT rarer, and never virtual-8086 mode. */
static uint32_t roll_flags(void)
{
    uint32_t flags = (roll(0x10000) & 0x8ed5) | (roll(2) ? WS_EFLAGS_IF : 0) | WS_EFLAGS_FIXED;

    flags &= roll(8) ? ~(uint32_t)WS_EFLAGS_NT : 0xffffffff;
    flags |= roll(4) ? 0 : roll(4) << 12;
    flags |= roll(8) ? 0 : (uint32_t)WS_EFLAGS_TF;
    return flags | (roll(4) ? 0 : 0x200000);
}

static void note(uint32_t value)
{
    run.hash = (run.hash ^ value) * 0x01000193;
    run.hash ^= run.hash >> 15;
}

/* -- making ------------------------------------------------------------------------------------ */

static uint32_t later(uint32_t slot)
{
    uint32_t to = slot + 1 + roll(6);

    return PROGRAM + SLOT_BYTES * (to < SLOTS ? to : SLOTS - 1);
}

/* What stands for the number in a copy of a piece; `end` is behind it. */
static uint32_t placed(uint32_t what, uint32_t slot, uint32_t end)
{
    switch (what) {
    case ANY:
        return roll_any();
    case ADDRESS:
        return roll_address();
    case SELECTOR:
        return roll_selector();
    case FLAGS:
        return roll_flags();
    case LATER:
        return later(slot);
    case LATER_REL:
        return later(slot) - end;
    case LATER_CODE:
        return later(slot < SLOTS - 9 ? slot + 1 : slot) + roll(2) * (uint32_t)(PROGRAM_TOO - PROGRAM);
    case NEXT:
        return PROGRAM + SLOT_BYTES * (slot + 1);
    default:
        return what;
    }
}

static void piece_make(uint32_t slot)
{
    uint32_t row = roll((uint32_t)(piece_rows_end - piece_rows)), at = slot * SLOT_BYTES;
    uint32_t bytes = (uint32_t)(piece_rows[row].end - piece_rows[row].begin);
    uint8_t *to = (uint8_t *)program + at;

    memset(to, 0x90, SLOT_BYTES);
    memcpy(to, piece_rows[row].begin, bytes);
    for (uint32_t i = 0; i + 2 <= bytes; i++) {
        uint32_t *whole = (uint32_t *)(to + i);
        uint16_t *word = (uint16_t *)(to + i);

        if (i + 4 <= bytes)
            *whole = placed(*whole, slot, PROGRAM + at + i + 4);
        if (*word == SELECTOR_WORD)
            *word = (uint16_t)roll_selector();
        if (*word == FLAGS_WORD)
            *word = (uint16_t)roll_flags();
    }
}

/* -- the machine as each program finds it ------------------------------------------------------- */

static void tables_make(void)
{
    static const struct {
        uint16_t selector;
        uint32_t base, limit, access;
    } rows[] = {
        {CODE, 0, FLAT_LIMIT, FLAT_CODE},
        {DATA, 0, FLAT_LIMIT, FLAT_DATA},
        {CODE_1, 0, FLAT_LIMIT, FLAT_CODE | 1 << 5},
        {DATA_1, 0, FLAT_LIMIT, FLAT_DATA | 1 << 5},
        {CODE_2, 0, FLAT_LIMIT, FLAT_CODE | 2 << 5},
        {DATA_2, 0, FLAT_LIMIT, FLAT_DATA | 2 << 5},
        {CODE_3, 0, FLAT_LIMIT, FLAT_CODE | RING_3},
        {DATA_3, 0, FLAT_LIMIT, FLAT_DATA | RING_3},
        {CONFORMING, 0, FLAT_LIMIT, 0xc09f},
        {READ_ONLY, 0, FLAT_LIMIT, 0xc0f1},
        {ABSENT, 0, FLAT_LIMIT, 0xc073},
        {SMALL, 0, 0, 0xc0f3},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        descriptor_put(gdt + (rows[i].selector & ~7u), rows[i].selector == SMALL ? MEMORY : rows[i].base, rows[i].limit,
                       rows[i].access);
    descriptor_put(gdt + TASK, (uint32_t)tss, sizeof tss - 1, SYSTEM_TASK);
    descriptor_put(gdt + LOCAL, (uint32_t)ldt, sizeof ldt - 1, SYSTEM_LOCAL);
    descriptor_put(gdt + NARROW, (uint32_t)narrow_entry, FLAT_LIMIT, FLAT_CODE);
    descriptor_put(ldt, MEMORY, 0xfff, 0x40f3);
    *(struct gate *)(gdt + (GATE_3 & ~7)) =
        (struct gate){(uint16_t)(uint32_t)gate_target, CODE, 0xec00, (uint16_t)((uint32_t)gate_target >> 16)};
    *(struct gate *)(gdt + GATE_1) =
        (struct gate){(uint16_t)(uint32_t)gate_target, CODE, 0x8c01, (uint16_t)((uint32_t)gate_target >> 16)};
    task_put(tss, DATA, (uint32_t)inner_top);
    ((uint32_t *)(tss + WS_TSS_ESP0))[2] = (uint32_t)middle_top;
    ((uint32_t *)(tss + WS_TSS_ESP0))[3] = DATA_1;
    ((uint32_t *)(tss + WS_TSS_ESP0))[4] = (uint32_t)outer_top;
    ((uint32_t *)(tss + WS_TSS_ESP0))[5] = DATA_2;
}

static void gates_make(void)
{
    static const uint8_t open[] = {3, 4, VECTOR_CALL, VECTOR_OVER, VECTOR_GATE};

    idt_fill(idt, CODE);
    for (unsigned i = 0; i < sizeof open; i++)
        idt[open[i]].type |= GATE_RING_3;
    idt[VECTOR_NARROW] = (struct gate){0, NARROW, 0xe600, 0};
}

/*
 *   PROGRAM_TOO ┌────────────┐ the program again, for all rings
 *   PROGRAM     ├────────────┤ the program
 *   TABLE       ├────────────┤ the page table of MEMORY
 *   MEMORY      ├────────────┤ five pages of different rights
 *               ├────────────┤
 *   0x00000000  └────────────┘ the kernel: linear is physical
 */
static void pages_make(void)
{
    const uint32_t kernel = WS_PTE_P | WS_PTE_RW, user = kernel | WS_PTE_US;
    static const uint8_t rights[MEMORY_PAGES] = {7, 1, 0, 7, 5};

    for (unsigned i = 0; i < PAGES && !low[i]; i++) /* once: a VMM watches writes to page tables */
        low[i] = i * WS_PAGE_BYTES | user;
    for (unsigned i = 0; i < MEMORY_PAGES; i++)
        table[i] = (uint32_t)memory[i] | rights[i];
    table[TABLE / WS_PAGE_BYTES % 1024] = (uint32_t)table | kernel;
    program_table[0] = program_table[1] = (uint32_t)program | user;
    directory[0] = (uint32_t)low | user;
    directory[MEMORY >> 22] = (uint32_t)table | user;
    directory[PROGRAM >> 22] = (uint32_t)program_table | user;
    __asm__ volatile("movl %0, %%cr4; movl %1, %%cr3; movl %2, %%cr0; movl %0, %%dr7; movl %0, %%dr6"
                     :
                     : "r"(0), "r"(directory), "r"(WS_CR0_PG | WS_CR0_WP | WS_CR0_NE | WS_CR0_ET | WS_CR0_PE)
                     : "memory");
}

/* On with the next piece, in ring 0. */
static _Noreturn void go_on(const struct ws_trap_frame *from, uint32_t slot)
{
    enum { OUTER = 8 }; /* bytes that iret to the same ring does not take */
    uint32_t at = (uint32_t)work_top + OUTER - sizeof *from;
    struct ws_trap_frame next = *from;

    run.slot = slot;
    next.eip = PROGRAM + slot * SLOT_BYTES;
    next.cs = CODE;
    next.eflags = WS_EFLAGS_FIXED | WS_EFLAGS_IF;
    next.ds = next.es = next.fs = next.gs = DATA;
    memcpy((void *)at, &next, sizeof next - OUTER);
    frame_enter((struct ws_trap_frame *)at);
}

static _Noreturn void program_start(void)
{
    const struct ws_cross_table gdtr = {sizeof gdt - 1, (uint32_t)gdt}, idtr = {sizeof idt - 1, (uint32_t)idt};
    struct ws_trap_frame first = {0};
    uint32_t *words = (uint32_t *)memory, *registers = &first.edi;

    run.state = (run.seed * 2246822519u + run.number * 2654435761u) | 1;
    roll(1);
    roll(1);
    run.events = run.steps = run.hash = 0;
    program = programs[run.number % PROGRAMS];
    tables_make();
    gates_make();
    pages_make();
    tables_load(&gdtr, &idtr);
    for (unsigned i = 0; i < sizeof memory / 4; i++)
        words[i] = i * 0x01010101;
    for (uint32_t slot = 0; slot < SLOTS - 1; slot++)
        piece_make(slot);
    memset((uint8_t *)program + (SLOTS - 1) * SLOT_BYTES, 0x90, SLOT_BYTES);
    memcpy((uint8_t *)program + (SLOTS - 1) * SLOT_BYTES, (const uint8_t[]){0xcd, VECTOR_OVER}, 2);
    for (unsigned i = 0; i < 8; i++)
        registers[i] = roll_any();
    go_on(&first, 0);
}

/* -- what happens ------------------------------------------------------------------------------ */

static void words_note(const void *from, unsigned bytes)
{
    for (unsigned i = 0; i < bytes / 4; i++)
        note(((const uint32_t *)from)[i]);
}

static void region_note(const char *name, const void *from, unsigned bytes)
{
    const uint32_t *words = from;

    words_note(from, bytes);
    if (run.loud)
        print("  %s: %x, from %x %x %x %x\n", name, run.hash, words[0], words[1], words[2], words[3]);
}

static _Noreturn void program_over(const struct ws_trap_frame *frame)
{
    uint32_t events = run.hash;

    region_note("registers", &frame->edi, 32);
    region_note("GDT", gdt, sizeof gdt);
    region_note("LDT", ldt, sizeof ldt);
    region_note("TSS", tss, sizeof tss);
    for (unsigned i = 0; i < MEMORY_PAGES; i++)
        table[i] &= ~(uint32_t)WS_PTE_A;
    region_note("page table", table, 4 * MEMORY_PAGES);
    for (unsigned i = 0; i < MEMORY_PAGES; i++)
        region_note("memory", memory[i], sizeof memory[i]);
    region_note("program", program, WS_PAGE_BYTES);
    print("program %u: %u events %x, then %x\n", run.number, run.events, events, run.hash);
    if (run.number++ == run.last)
        machine_leave(0);
    program_start();
}

/* In which piece the program was; behind a gate, that is where the frame leads, in words or longs.  PROGRAM's lowest 16
 * bits are 0. */
static uint32_t slot_of(const struct ws_trap_frame *frame)
{
    uint32_t eip = frame->vector == VECTOR_GATE ? PROGRAM + (frame->user_esp & 0xffff) : frame->eip;

    if (eip - PROGRAM < 2 * WS_PAGE_BYTES)
        run.slot = eip % WS_PAGE_BYTES / SLOT_BYTES;
    return run.slot;
}

/* An access to the VMM's addresses is #GP in the VM, since its segments end there.  So it is called everywhere. */
static void event_common(struct ws_trap_frame *frame, uint32_t *cr2)
{
    const uint32_t vmm = 0xffc00000;

    if (frame->vector != WS_VECTOR_PF || *cr2 < vmm)
        return;
    frame->vector = WS_VECTOR_GP;
    frame->error_code = 0;
    *cr2 = 0;
}

static void event_note(struct ws_trap_frame *frame)
{
    bool inward = frame->cs & RPL;
    uint32_t cr2 = frame->vector == WS_VECTOR_PF ? cr2_read() : 0, dr6;

    __asm__ volatile("movl %%dr6, %0; movl %1, %%dr6" : "=&r"(dr6) : "r"(0));
    __asm__ volatile("movl %0, %%cr2" : : "r"(0));
    event_common(frame, &cr2);
    words_note(frame, 16 + 32);
    note(frame->vector);
    note(frame->error_code);
    note(frame->eip);
    note(frame->cs);
    note(frame->eflags);
    note(inward ? frame->user_esp : (uint32_t)frame);
    note(inward ? frame->user_ss : 0);
    note(cr2);
    note(dr6);
    if (run.loud)
        print("  %u: vector %u, error %x, cs %x, eip %x, flags %x, sp %x:%x, cr2 %x, dr6 %x, ax %x cx %x dx %x bx %x "
              "bp %x "
              "si %x di %x ds %x es %x fs %x gs %x\n",
              run.events, frame->vector, frame->error_code, frame->cs, frame->eip, frame->eflags,
              inward ? frame->user_ss : 0, inward ? frame->user_esp : (uint32_t)frame, cr2, dr6, frame->eax, frame->ecx,
              frame->edx, frame->ebx, frame->ebp, frame->esi, frame->edi, frame->ds, frame->es, frame->fs, frame->gs);
}

void trap(struct ws_trap_frame *frame)
{
    uint32_t slot;

    if (frame->vector == VECTOR_IRQ + IRQ_TIMER) {
        irq_end(IRQ_TIMER);
        return;
    }
    slot = slot_of(frame);
    event_note(frame);
    if (frame->vector == VECTOR_OVER || ++run.events == EVENTS_MOST || slot + 1 >= SLOTS)
        program_over(frame);
    if (frame->vector == WS_VECTOR_DB) {
        if (++run.steps % STEPS_MOST == 0)
            frame->eflags &= ~(uint32_t)WS_EFLAGS_TF;
        frame->eflags |= WS_EFLAGS_RF;
        return;
    }
    if (frame->vector == VECTOR_CALL || frame->vector == WS_VECTOR_BP || frame->vector == WS_VECTOR_OF)
        return;
    go_on(frame, slot + 1);
}

/* -- what the disk says ------------------------------------------------------------------------ */

static uint32_t number_at(const char *text)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 6; i++)
        value = value * 10 + (uint32_t)(text[i] - '0');
    return value;
}

void random_main(void)
{
    static char sector[ATA_SECTOR_BYTES];

    chips_init();
    port_write(ATA_CONTROL, ATA_NO_INTERRUPTS);
    ata_there();
    ata_command(ATA_READ, 0, 1);
    if (!ata_poll(true)) {
        print("no disk\n");
        machine_leave(1);
    }
    port_read_words(ATA_DATA, sector, ATA_SECTOR_WORDS);
    port_read(ATA_COMMAND);
    run.seed = number_at(sector);
    run.number = number_at(sector + 7);
    run.last = number_at(sector + 14);
    run.loud = sector[20] == '!';
    program_start();
}
