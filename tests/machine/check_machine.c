/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running, stopping, stepping, saving and listening: the same guest gives the same marks, events and hashes, however it is
 * run.
 */
#include "machine/guests.h"

/* -- programs of a few instructions -------------------------------------------------------------------- */

enum { CODE = 0x1000, HANDLER = 0x2000, IDT = 0x3000, IDT_POINTER = 0x3ff0, STACK = 0x8000, COUNTER = 0x9000 };

static struct ws_machine *machine_make(const void *code, size_t size)
{
    struct ws_machine_options options = {.memory_bytes = 1 << 20};
    struct ws_machine *machine;
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ck_assert_int_eq(ws_machine_write_phys(machine, CODE, code, size), WS_OK);
    ck_assert_int_eq(ws_machine_start(machine, CODE, 0, 0), WS_OK);
    return machine;
}

/* An IDT in which every vector leads to HANDLER: incl COUNTER; iret.  The GDT's entries 1 and 2 are flat code and data, as
 * the machine's segments are at the start. */
static struct ws_machine *interrupt_machine_make(const void *code, size_t size)
{
    static const uint8_t gdt[] = {0,    0,    0, 0, 0, 0,    0,    0, 0xff, 0xff, 0, 0,
                                  0,    0x9b, 0xcf, 0, 0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0};
    static const uint8_t handler[] = {0xff, 0x05, 0x00, 0x90, 0x00, 0x00, 0xcf};
    /* lgdt IDT_POINTER + 8; lidt IDT_POINTER; mov $STACK,%esp */
    static const uint8_t begin[] = {0x0f, 0x01, 0x15, 0xf8, 0x3f, 0, 0, 0x0f, 0x01, 0x1d, 0xf0, 0x3f, 0, 0,
                                    0xbc, 0x00, 0x80, 0,    0};
    static const uint8_t pointers[] = {0xff, 0x07, 0x00, 0x30, 0, 0, 0, 0, 0x17, 0, 0x00, 0x38, 0, 0};
    struct ws_gate gate = {
        .offset = HANDLER, .selector = 8, .type = WS_TYPE_INTERRUPT_GATE32, .system = true, .present = true};
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    struct ws_machine *machine = machine_make(begin, sizeof begin);
    ws_gate_encode(raw, &gate);
    for (uint32_t vector = 0; vector < 256; vector++)
        ws_machine_write_phys(machine, IDT + 8 * vector, raw, sizeof raw);
    ws_machine_write_phys(machine, 0x3800, gdt, sizeof gdt);
    ws_machine_write_phys(machine, IDT_POINTER, pointers, sizeof pointers);
    ws_machine_write_phys(machine, HANDLER, handler, sizeof handler);
    ws_machine_write_phys(machine, CODE + sizeof begin, code, size);
    ck_assert_int_eq(ws_machine_run(machine, 3), WS_STOP_COUNT);
    return machine;
}

static uint32_t register_of(const struct ws_machine *machine, enum ws_register which)
{
    struct ws_registers registers;
    ws_machine_registers(machine, &registers);
    return registers.value[which];
}

static uint32_t word_at(const struct ws_machine *machine, uint32_t linear)
{
    uint32_t word;
    ck_assert_int_eq(ws_machine_read(machine, linear, &word, sizeof word), WS_OK);
    return word;
}

static void eip_expect(const struct ws_machine *machine, uint32_t eip, uint64_t mark)
{
    ck_assert_uint_eq(register_of(machine, WS_EIP), eip);
    ck_assert_uint_eq(ws_machine_mark(machine), mark);
}

/* Where the code given to interrupt_machine_make() begins, and the mark there. */
enum { BEGIN = CODE + 19, BEGIN_MARK = 3 };

/* -- stopping ------------------------------------------------------------------------------------------ */

static const uint8_t nops[] = {0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xeb, 0xf8}; /* six nops; jmp to the first */

START_TEST(count_stops)
{
    struct ws_machine *machine = machine_make(nops, sizeof nops);
    eip_expect(machine, CODE, 0);
    ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT);
    eip_expect(machine, CODE + 1, 1);
    ck_assert_int_eq(ws_machine_run(machine, 5), WS_STOP_COUNT);
    eip_expect(machine, CODE + 6, 6);
    ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT);
    eip_expect(machine, CODE, 7);
    ck_assert_int_eq(ws_machine_run(machine, 7000000), WS_STOP_COUNT);
    eip_expect(machine, CODE, 7000007);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_NONE);
    ws_machine_free(machine);
}
END_TEST

START_TEST(limit_ends)
{
    struct ws_machine_options options = {.memory_bytes = 1 << 20, .max_instructions = 10};
    struct ws_machine *machine;
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ws_machine_write_phys(machine, CODE, nops, sizeof nops);
    ws_machine_start(machine, CODE, 0, 0);
    ck_assert_int_eq(ws_machine_run(machine, 9), WS_STOP_COUNT);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_LIMIT);
    ck_assert_uint_eq(ws_machine_halt(machine)->mark, 10);
    ck_assert_int_eq(ws_halt_exit_status(ws_machine_halt(machine)), 6);
    eip_expect(machine, CODE + 3, 10);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    eip_expect(machine, CODE + 3, 10);
    ws_machine_free(machine);
}
END_TEST

START_TEST(breakpoints_stop)
{
    struct ws_machine *machine = machine_make(nops, sizeof nops);
    ws_machine_break_add(machine, CODE + 2);
    ws_machine_break_add(machine, CODE + 5);
    ws_machine_break_add(machine, CODE + 5);
    ck_assert(ws_machine_break_at(machine, CODE + 5) && !ws_machine_break_at(machine, CODE + 4));
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_BREAKPOINT);
    eip_expect(machine, CODE + 2, 2);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_BREAKPOINT); /* not where it starts */
    eip_expect(machine, CODE + 5, 5);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_BREAKPOINT);
    eip_expect(machine, CODE + 2, 9);
    ws_machine_break_remove(machine, CODE + 2);
    ws_machine_break_remove(machine, CODE + 3);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_BREAKPOINT);
    eip_expect(machine, CODE + 5, 12);
    ws_machine_break_remove(machine, CODE + 5);
    ck_assert_int_eq(ws_machine_run(machine, 100), WS_STOP_COUNT);
    ws_machine_free(machine);
}
END_TEST

static void stop_at_mark(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    if (event->mark == *(const uint64_t *)context)
        ws_machine_stop(machine);
}

START_TEST(stop_is_asked_for)
{
    struct ws_machine *machine = machine_make(nops, sizeof nops);
    uint64_t mark = 20;
    ck_assert_int_eq(ws_machine_listen(machine, WS_EVENT_MASK(INSTRUCTION), stop_at_mark, &mark), WS_OK);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_ASKED);
    eip_expect(machine, CODE, 21); /* the instruction that was reported has begun */
    ws_machine_unlisten(machine, stop_at_mark, &mark);
    ck_assert_int_eq(ws_machine_run(machine, 3), WS_STOP_COUNT);
    ws_machine_free(machine);
}
END_TEST

/* -- sleep and interrupts ------------------------------------------------------------------------------ */

START_TEST(hlt_sleeps_until_an_interrupt)
{
    /* mov $0xff,%al; out %al,$0x21: not even the timer; sti; hlt; nop; hlt */
    static const uint8_t code[] = {0xb0, 0xff, 0xe6, 0x21, 0xfb, 0xf4, 0x90, 0xf4};
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_ASLEEP);
    eip_expect(machine, BEGIN + 6, BEGIN_MARK + 4);
    ck_assert_int_eq(ws_machine_run(machine, 5), WS_STOP_HALT);
    eip_expect(machine, BEGIN + 6, BEGIN_MARK + 4);
    ws_machine_interrupt(machine, 0x40);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT); /* incl, iret, nop, hlt */
    ck_assert_uint_eq(word_at(machine, COUNTER), 1);
    eip_expect(machine, BEGIN + 8, BEGIN_MARK + 8);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_ASLEEP);
    ws_machine_free(machine);
}
END_TEST

START_TEST(hlt_with_interrupts_off_is_woken_by_nmi_only)
{
    static const uint8_t code[] = {0xf4, 0x90, 0xf4};
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_STOPPED);
    ws_machine_interrupt(machine, 0x40);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    eip_expect(machine, BEGIN + 1, BEGIN_MARK + 1);
    ws_machine_nmi(machine);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(word_at(machine, COUNTER), 1);
    eip_expect(machine, BEGIN + 3, BEGIN_MARK + 5);
    ws_machine_free(machine);
}
END_TEST

/* Code in which an interrupt waits from the start, and where it is taken. */
static const struct {
    const char *name;
    uint8_t size;
    uint8_t code[16];
    uint8_t taken; /* EIP in the frame, from BEGIN */
    uint8_t begun; /* instructions before it */
} shadow_rows[] = {
    {"interrupts off, then sti: after the next instruction", 4, {0x90, 0xfb, 0x90, 0x90}, 3, 3},
    {"sti twice: the second one opens no new shadow", 5, {0xfb, 0xfb, 0x90, 0x90, 0x90}, 2, 2},
    {"sti, cli: never", 4, {0xfb, 0xfa, 0xeb, 0xfe}, 0xff, 0},
    {"popf sets IF: at once", 5, {0x68, 0x02, 0x02, 0x00, 0x00}, 6, 2},
    {"mov ss behind sti's shadow: after the next instruction", 6, {0xfb, 0x8e, 0xd2, 0x90, 0x90, 0x90}, 4, 3},
    {"mov ss, later: after the next instruction", 8, {0xfb, 0x8e, 0xd2, 0x8e, 0xd2, 0x90, 0x90, 0x90}, 6, 4},
};

START_TEST(shadow_holds_back)
{
    uint8_t code[32] = {0x66, 0xba, 0x10, 0x00}; /* mov $0x10,%dx: what `mov ss` loads */
    struct ws_machine *machine;
    size_t size = shadow_rows[_i].size;
    memcpy(code + 4, shadow_rows[_i].code, size);
    if (code[4] == 0x68)
        code[4 + size++] = 0x9d; /* the popf behind push */
    memset(code + 4 + size, 0x90, sizeof code - 4 - size);
    machine = interrupt_machine_make(code, sizeof code);
    ws_machine_run(machine, 1);
    ws_machine_interrupt(machine, 0x40);
    ws_machine_break_add(machine, HANDLER);
    enum ws_stop stop = ws_machine_run(machine, 10);
    if (shadow_rows[_i].taken == 0xff) {
        ck_assert_msg(stop == WS_STOP_COUNT, "%s: it is taken", shadow_rows[_i].name);
    } else {
        ck_assert_msg(stop == WS_STOP_BREAKPOINT, "%s: it is not taken", shadow_rows[_i].name);
        uint32_t eip = word_at(machine, register_of(machine, WS_ESP));
        ck_assert_msg(eip == BEGIN + 4u + shadow_rows[_i].taken, "%s: taken at +%d", shadow_rows[_i].name,
                      (int)(eip - BEGIN - 4));
        ck_assert_uint_eq(ws_machine_mark(machine), BEGIN_MARK + 1u + shadow_rows[_i].begun);
    }
    ws_machine_free(machine);
}
END_TEST

static void vectors_note(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    uint8_t *next = context;
    (void)machine;
    next[1 + next[0]++] = (uint8_t)event->which;
}

START_TEST(lowest_vector_goes_first)
{
    static const uint8_t code[] = {0xfb, 0x90, 0x90, 0x90, 0xfa, 0xf4};
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    uint8_t seen[16] = {0};
    ws_machine_listen(machine, WS_EVENT_MASK(VECTOR), vectors_note, seen);
    ws_machine_interrupt(machine, 0x80);
    ws_machine_interrupt(machine, 0x21);
    ws_machine_interrupt(machine, 0xff);
    ws_machine_interrupt(machine, 0x21); /* the same one waits once */
    ws_machine_nmi(machine);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(seen[0], 4);
    ck_assert_uint_eq(seen[1], 2);
    ck_assert_uint_eq(seen[2], 0x21);
    ck_assert_uint_eq(seen[3], 0x80);
    ck_assert_uint_eq(seen[4], 0xff);
    ck_assert_uint_eq(word_at(machine, COUNTER), 4);
    ws_machine_free(machine);
}
END_TEST

START_TEST(nmi_waits_for_iret)
{
    static const uint8_t code[] = {0x90, 0x90, 0x90, 0x90};
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    ws_machine_nmi(machine);
    ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT); /* incl */
    ck_assert_uint_eq(register_of(machine, WS_EIP), HANDLER + 6);
    ws_machine_nmi(machine);
    ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT); /* iret, not the second one */
    ck_assert_uint_eq(register_of(machine, WS_EIP), BEGIN);
    ck_assert_uint_eq(word_at(machine, COUNTER), 1);
    ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT);
    ck_assert_uint_eq(word_at(machine, COUNTER), 2);
    ws_machine_free(machine);
}
END_TEST

/* -- stepping is running ------------------------------------------------------------------------------- */

static struct guests guests;

enum { STRIDE = 997, STEPPED_MOST = 60000 };

/* Hashes are compared at every STRIDE-th mark, and at the end. */
START_TEST(stepping_equals_running)
{
    struct ws_machine *runs = guest_load(guests.name[_i]), *steps = guest_load(guests.name[_i]);
    enum ws_stop stop = WS_STOP_COUNT;
    while (stop == WS_STOP_COUNT && ws_machine_mark(runs) < STEPPED_MOST) {
        stop = ws_machine_run(runs, STRIDE);
        while (ws_machine_mark(steps) < ws_machine_mark(runs))
            ws_machine_run(steps, 1);
        if (stop == WS_STOP_HALT)
            ws_machine_run(steps, 1);
        ck_assert_msg(ws_machine_hash(runs) == ws_machine_hash(steps), "%s: running and stepping part before mark %llu",
                      guests.name[_i], (unsigned long long)ws_machine_mark(runs));
    }
    ck_assert_uint_eq(ws_machine_halt(runs)->reason, ws_machine_halt(steps)->reason);
    ws_machine_free(runs);
    ws_machine_free(steps);
}
END_TEST

static void nothing_note(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)machine;
    ++*(uint64_t *)context;
    ck_assert_uint_lt(event->kind, WS_EVENT_COUNT);
}

/* Listening to everything, and a breakpoint that is never reached, change nothing. */
START_TEST(watching_changes_nothing)
{
    struct ws_machine *alone = guest_load(guests.name[_i]), *watched = guest_load(guests.name[_i]);
    uint64_t events = 0;
    ws_machine_listen(watched, UINT32_MAX, nothing_note, &events);
    ws_machine_break_add(watched, 0xdeadbeef);
    ws_machine_run(alone, STEPPED_MOST);
    ws_machine_run(watched, STEPPED_MOST);
    ck_assert_msg(ws_machine_hash(alone) == ws_machine_hash(watched), "%s: it makes a difference", guests.name[_i]);
    ck_assert_uint_ge(events, ws_machine_mark(watched));
    ws_machine_free(alone);
    ws_machine_free(watched);
}
END_TEST

/* Snapshots at several marks, visited in another order than taken, and run on from there. */
START_TEST(snapshots_bring_it_back)
{
    enum { SNAPSHOTS = 8, PART = 5003 };
    struct ws_snapshot *snapshot[SNAPSHOTS];
    uint64_t hash[SNAPSHOTS];
    struct ws_machine *machine = guest_load(guests.name[_i]);
    for (int i = 0; i < SNAPSHOTS; i++) {
        ck_assert_int_eq(ws_snapshot_take(&snapshot[i], machine, i ? snapshot[i - 1] : NULL), WS_OK);
        hash[i] = ws_machine_hash(machine);
        ck_assert_uint_eq(ws_snapshot_mark(snapshot[i]), ws_machine_mark(machine));
        ws_machine_run(machine, PART);
    }
    for (int i = SNAPSHOTS - 1; i >= 0; i -= 2) {
        ws_snapshot_restore(snapshot[i], machine);
        ck_assert_uint_eq(ws_machine_hash(machine), hash[i]);
        for (int j = i + 1; j < SNAPSHOTS; j++) {
            ws_machine_run(machine, PART);
            ck_assert_msg(ws_machine_hash(machine) == hash[j], "%s: from snapshot %d, part %d differs",
                          guests.name[_i], i, j);
        }
    }
    for (int i = 0; i < SNAPSHOTS; i++)
        ws_snapshot_free(snapshot[i]);
    ws_machine_free(machine);
}
END_TEST

START_TEST(two_machines_do_not_meet)
{
    const char *a = guests.name[_i], *b = guests.name[(_i + 1) % guests.count];
    struct ws_machine *first = guest_load(a), *second = guest_load(b), *alone = guest_load(a);
    for (int i = 0; i < 50; i++) {
        ws_machine_run(first, 211);
        ws_machine_run(second, 307);
    }
    ws_machine_run(alone, 50 * 211);
    ck_assert_uint_eq(ws_machine_mark(first), ws_machine_mark(alone));
    ck_assert_msg(ws_machine_hash(first) == ws_machine_hash(alone), "%s beside %s is not %s alone", a, b, a);
    ws_machine_free(first);
    ws_machine_free(second);
    ws_machine_free(alone);
}
END_TEST

/* -- events -------------------------------------------------------------------------------------------- */

struct notes {
    struct ws_event event[16];
    size_t count;
};

static void event_note(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct notes *notes = context;
    (void)machine;
    if (notes->count < sizeof notes->event / sizeof notes->event[0])
        notes->event[notes->count++] = *event;
}

START_TEST(events_have_marks)
{
    /* mov $0x9000,%eax; mov %eax,%cr3; call +0; ret-less: pop %eax; out %al,$0x80; int $0x40; hlt */
    static const uint8_t code[] = {0xb8, 0, 0x90, 0, 0, 0x0f, 0x22, 0xd8, 0xe8, 0,    0,
                                   0,    0, 0x58, 0xe6, 0x80, 0xcd, 0x40, 0xf4};
    static const struct {
        uint8_t kind, mark;
        uint32_t linear, before, after;
    } rows[] = {
        {WS_EVENT_CONTROL_REGISTER, 1, BEGIN + 5, 0, 0x9000},
        {WS_EVENT_CALL, 2, BEGIN + 8, STACK, BEGIN + 13},
        {WS_EVENT_IO, 4, BEGIN + 14, 0, 0x20}, /* AL: the low byte of BEGIN + 13 */
        {WS_EVENT_VECTOR, 5, BEGIN + 16, BEGIN + 16, HANDLER},
        {WS_EVENT_RETURN, 7, HANDLER + 6, HANDLER + 6, BEGIN + 18},
        {WS_EVENT_HALT, 8, BEGIN + 18, 0, 0},
    };
    struct notes notes = {.count = 0};
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    ws_machine_listen(machine, ~WS_EVENT_MASK(INSTRUCTION), event_note, &notes);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(notes.count, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < notes.count; i++) {
        const struct ws_event *event = &notes.event[i];
        ck_assert_msg(event->kind == rows[i].kind && event->mark == BEGIN_MARK + (uint64_t)rows[i].mark &&
                          event->linear == rows[i].linear && event->before == rows[i].before &&
                          event->after == rows[i].after,
                      "event %zu: %s at mark %llu, linear %x, before %x, after %x", i,
                      ws_event_name((enum ws_event_kind)event->kind), (unsigned long long)event->mark, event->linear,
                      event->before, event->after);
    }
    ws_machine_free(machine);
}
END_TEST

START_TEST(unlistened_hears_nothing)
{
    struct ws_machine *machine = machine_make(nops, sizeof nops);
    struct notes first = {.count = 0}, second = {.count = 0};
    ws_machine_listen(machine, WS_EVENT_MASK(INSTRUCTION), event_note, &first);
    ws_machine_listen(machine, WS_EVENT_MASK(INSTRUCTION), event_note, &second);
    ws_machine_run(machine, 4);
    ws_machine_unlisten(machine, event_note, &first);
    ws_machine_run(machine, 3);
    ck_assert_uint_eq(first.count, 4);
    ck_assert_uint_eq(second.count, 7);
    for (uint64_t i = 0; i < 7; i++)
        ck_assert_uint_eq(second.event[i].mark, i);
    ws_machine_free(machine);
}
END_TEST

START_TEST(arguments_are_checked)
{
    struct ws_machine_options options = {.memory_bytes = 12345};
    struct ws_machine *machine;
    uint8_t byte = 0;
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_BAD_ARGUMENT);
    ck_assert_ptr_null(machine);
    machine = machine_make(nops, sizeof nops);
    ck_assert_int_eq(ws_machine_write_phys(machine, 1 << 20, &byte, 1), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_machine_write_phys(machine, (1 << 20) - 1, &byte, 1), WS_OK);
    ck_assert_int_eq(ws_machine_write_phys(machine, UINT32_MAX, &byte, 2), WS_BAD_ARGUMENT);
    ws_machine_run(machine, 1);
    ck_assert_int_eq(ws_machine_start(machine, 0, 0, 0), WS_BAD_ARGUMENT);
    ws_machine_free(machine);
    ws_machine_free(NULL);
}
END_TEST

Suite *machine_suite(void)
{
    Suite *suite = suite_create("machine");
    TCase *small = tcase_create("small"), *programs = tcase_create("programs");
    guests_find(&guests);
    tcase_add_test(small, count_stops);
    tcase_add_test(small, limit_ends);
    tcase_add_test(small, breakpoints_stop);
    tcase_add_test(small, stop_is_asked_for);
    tcase_add_test(small, hlt_sleeps_until_an_interrupt);
    tcase_add_test(small, hlt_with_interrupts_off_is_woken_by_nmi_only);
    tcase_add_loop_test(small, shadow_holds_back, 0, sizeof shadow_rows / sizeof shadow_rows[0]);
    tcase_add_test(small, lowest_vector_goes_first);
    tcase_add_test(small, nmi_waits_for_iret);
    tcase_add_test(small, events_have_marks);
    tcase_add_test(small, unlistened_hears_nothing);
    tcase_add_test(small, arguments_are_checked);
    suite_add_tcase(suite, small);
    tcase_set_timeout(programs, 120);
    tcase_add_loop_test(programs, stepping_equals_running, 0, guests.count);
    tcase_add_loop_test(programs, watching_changes_nothing, 0, guests.count);
    tcase_add_loop_test(programs, snapshots_bring_it_back, 0, guests.count);
    tcase_add_loop_test(programs, two_machines_do_not_meet, 0, guests.count);
    suite_add_tcase(suite, programs);
    return suite;
}
