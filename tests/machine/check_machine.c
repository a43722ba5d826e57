/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running and stopping, events and their marks.
 */
#include "machine/small.h"

#include "machine/board.h"

/* -- stopping ---------------------------------------------------------------------------------- */

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

static void break_behind(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    const uint64_t *rounds = context;
    if (event->mark == 4 * *rounds)
        ws_machine_break_add(machine, event->linear + 3);
}

/* Two instructions further on in the block that runs, also when the block has run often before. */
START_TEST(breakpoint_comes_in_the_midst)
{
    static const uint8_t code[] = {0xe6, 0xe9, 0x90, 0x90, 0xeb, 0xfa}; /* 1: out %al, $0xe9; nop; nop; jmp 1b */
    static const uint64_t rounds[] = {0, 1, 1000};
    for (unsigned i = 0; i < 3; i++) {
        struct ws_machine *machine = machine_make(code, sizeof code);
        ws_machine_listen(machine, WS_EVENT_MASK(IO) | WS_EVENT_MASK(NO_CHIP), break_behind, (void *)&rounds[i]);
        ck_assert_int_eq(ws_machine_run(machine, 100000), WS_STOP_BREAKPOINT);
        eip_expect(machine, CODE + 3, 4 * rounds[i] + 2);
        ws_machine_free(machine);
    }
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

/* -- events ------------------------------------------------------------------------------------ */

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
    /* mov $0x9000,%eax; mov %eax,%cr3; call +0; ret-less: pop %eax; out %al,$0x80; add $8,%eax; jmp *%eax; int $0x40;
     * hlt */
    static const uint8_t code[] = {0xb8, 0,    0x90, 0,    0,    0x0f, 0x22, 0xd8, 0xe8, 0,    0,    0,
                                   0,    0x58, 0xe6, 0x80, 0x83, 0xc0, 8,    0xff, 0xe0, 0xcd, 0x40, 0xf4};
    static const struct {
        uint8_t kind, mark;
        uint32_t linear, before, after;
    } rows[] = {
        {WS_EVENT_CONTROL_REGISTER, 1, BEGIN + 5, 0, 0x9000},
        {WS_EVENT_CALL, 2, BEGIN + 8, STACK, BEGIN + 13},
        {WS_EVENT_IO, 4, BEGIN + 14, 0, 0x20}, /* AL: the low byte of BEGIN + 13 */
        {WS_EVENT_JUMP, 6, BEGIN + 19, STACK, BEGIN + 21},
        {WS_EVENT_VECTOR, 7, BEGIN + 21, BEGIN + 21, HANDLER},
        {WS_EVENT_RETURN, 9, HANDLER + 6, HANDLER + 6, BEGIN + 23},
        {WS_EVENT_HALT, 10, BEGIN + 23, 0, 0},
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

/* Listens to instructions from a write of CR3 on, and to two of them only. */
static void event_note_two(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct notes *notes = context;
    uint32_t kinds = WS_EVENT_MASK(CONTROL_REGISTER);
    event_note(notes, machine, event);
    if (notes->count < 3)
        kinds |= WS_EVENT_MASK(INSTRUCTION);
    ws_machine_listen_to(machine, kinds, event_note_two, notes);
}

START_TEST(listener_changes_what_it_hears)
{
    /* nop; mov $0x9000,%eax; mov %eax,%cr3; five times nop; hlt */
    static const uint8_t code[] = {0x90, 0xb8, 0, 0x90, 0, 0, 0x0f, 0x22, 0xd8, 0x90, 0x90, 0x90, 0x90, 0x90, 0xf4};
    struct notes notes = {.count = 0}, other = {.count = 0};
    struct ws_machine *machine = machine_make(code, sizeof code);
    ws_machine_listen(machine, WS_EVENT_MASK(CONTROL_REGISTER), event_note_two, &notes);
    ws_machine_listen(machine, WS_EVENT_MASK(CONTROL_REGISTER), event_note, &other);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(notes.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(notes.event[i].kind, i ? WS_EVENT_INSTRUCTION : WS_EVENT_CONTROL_REGISTER);
        ck_assert_uint_eq(notes.event[i].mark, 2 + i);
    }
    ck_assert_uint_eq(other.count, 1);
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

static void fail_there(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)context;
    if (event->mark == 2)
        ws_machine_fail(machine, WS_NO_MEMORY);
    ws_machine_fail(machine, WS_OK); /* is none */
    if (event->mark == 2)
        ws_machine_fail(machine, WS_BAD_FILE); /* not the first */
}

/* A host that could not do its part is not forgotten: no run goes on, no snapshot takes it back. */
START_TEST(host_fails_for_good)
{
    static const uint8_t code[] = {0x90, 0x90, 0x90, 0x90, 0xf4};
    struct ws_snapshot *start;
    struct ws_machine *machine = machine_make(code, sizeof code);
    ck_assert_int_eq(ws_snapshot_take(&start, machine), WS_OK);
    ck_assert_int_eq(ws_machine_listen(machine, WS_EVENT_MASK(INSTRUCTION), fail_there, NULL), WS_OK);
    ck_assert_int_eq(ws_machine_run(machine, 2), WS_STOP_COUNT);
    ck_assert_int_eq(ws_machine_failure(machine), WS_OK);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_int_eq(ws_machine_failure(machine), WS_NO_MEMORY);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_HOST);
    ck_assert_int_eq(ws_halt_exit_status(ws_machine_halt(machine)), 10);
    ws_snapshot_restore(start, machine);
    ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_mark(machine), 0);
    ck_assert_int_eq(ws_machine_failure(machine), WS_NO_MEMORY);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_HOST);
    ws_snapshot_free(start);
    ws_machine_free(machine);
}
END_TEST

/* Reading and writing are symmetric, by linear and by physical address; what stands at neither answers so. */
START_TEST(memory_is_read_and_written)
{
    static const uint8_t spin[] = {0xeb, 0xfe}, halt[] = {0xfa, 0xf4};
    struct ws_machine *machine = machine_make(spin, sizeof spin);
    uint8_t found[2] = {0};
    uint32_t ram = 1 << 20;
    ck_assert_int_eq(ws_machine_run(machine, 100), WS_STOP_COUNT);
    ck_assert_int_eq(ws_machine_write(machine, CODE, halt, sizeof halt), WS_OK); /* code that is translated already */
    ck_assert_int_eq(ws_machine_read(machine, CODE, found, sizeof found), WS_OK);
    ck_assert_mem_eq(found, halt, sizeof halt);
    ck_assert_int_eq(ws_machine_read_phys(machine, CODE, found, sizeof found), WS_OK);
    ck_assert_mem_eq(found, halt, sizeof halt);
    ck_assert_int_eq(ws_machine_write_phys(machine, ram - 2, spin, sizeof spin), WS_OK);
    ck_assert_int_eq(ws_machine_read_phys(machine, ram - 2, found, sizeof found), WS_OK);
    ck_assert_mem_eq(found, spin, sizeof spin);
    ck_assert_int_eq(ws_machine_read_phys(machine, ram - 1, found, sizeof found), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_machine_read_phys(machine, UINT32_MAX, found, sizeof found), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_machine_write(machine, ram - 1, halt, sizeof halt), WS_NOT_MAPPED);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_int_eq(ws_machine_halt(machine)->reason, WS_HALT_STOPPED);
    ws_machine_free(machine);
}
END_TEST

Suite *machine_suite(void)
{
    Suite *suite = suite_create("machine");
    TCase *small = tcase_create("machine");
    tcase_add_test(small, count_stops);
    tcase_add_test(small, memory_is_read_and_written);
    tcase_add_test(small, limit_ends);
    tcase_add_test(small, host_fails_for_good);
    tcase_add_test(small, breakpoints_stop);
    tcase_add_test(small, breakpoint_comes_in_the_midst);
    tcase_add_test(small, stop_is_asked_for);
    tcase_add_test(small, events_have_marks);
    tcase_add_test(small, unlistened_hears_nothing);
    tcase_add_test(small, listener_changes_what_it_hears);
    tcase_add_test(small, arguments_are_checked);
    suite_add_tcase(suite, small);
    return suite;
}
