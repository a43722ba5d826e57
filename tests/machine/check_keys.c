/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is typed is part of the recording, as serial input is; and accesses where nothing answers are told of once a
 * page.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/image.h>
#include <worldswitch/machine.h>

Suite *keys_suite(void);

/* The machine is slow, so that the guest does not ask for long whether there is a byte. */
enum {
    PHYS = 0x100000,
    IPS = 10000000,
    KEY_TIME = IPS / 1000 /* instructions a byte of the keyboard's */,
    END = 40 * KEY_TIME
};

/* 1: in $0x64, %al; test $1, %al; jz 1b; in $0x60, %al; mov $0x3f8, %dx; out %al, %dx; jmp 1b */
static const uint8_t codes_echo[] = {0xe4, 0x64, 0xa8, 0x01, 0x74, 0xfa, 0xe4, 0x60,
                                     0x66, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xf1};

static struct ws_machine *machine_make(const uint8_t *code, size_t bytes)
{
    struct ws_machine_options options = {.ips = IPS};
    struct ws_machine *machine;
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ck_assert_int_eq(ws_image_load_flat(machine, code, bytes, PHYS, NULL), WS_OK);
    return machine;
}

static void run_to(struct ws_machine *machine, uint64_t mark)
{
    ck_assert_int_eq(ws_machine_run(machine, mark - ws_machine_mark(machine)), WS_STOP_COUNT);
}

static void codes_expect(const struct ws_machine *machine, const char *wanted)
{
    size_t bytes;
    const char *seen = ws_machine_serial(machine, &bytes);
    ck_assert_msg(bytes == strlen(wanted) && memcmp(seen, wanted, bytes) == 0, "%zu codes, %zu wanted", bytes,
                  strlen(wanted));
}

START_TEST(a_restored_machine_is_typed_the_same_again)
{
    struct ws_machine *machine = machine_make(codes_echo, sizeof codes_echo);
    struct ws_snapshot *snapshot;
    ck_assert_int_eq(ws_machine_type(machine, "a", 1), WS_OK);
    run_to(machine, KEY_TIME / 2);
    codes_expect(machine, "\x1e");
    ck_assert_int_eq(ws_snapshot_take(&snapshot, machine), WS_OK);
    run_to(machine, 10 * KEY_TIME);
    ck_assert_int_eq(ws_machine_type(machine, "B", 1), WS_OK);
    run_to(machine, END);
    codes_expect(machine, "\x1e\x9e\x2a\x30\xb0\xaa");
    uint64_t hash = ws_machine_hash(machine);
    for (int i = 0; i < 2; i++) {
        ws_snapshot_restore(snapshot, machine);
        run_to(machine, END);
        codes_expect(machine, "\x1e\x9e\x2a\x30\xb0\xaa");
        ck_assert_uint_eq(ws_machine_hash(machine), hash);
    }
    ws_snapshot_restore(snapshot, machine);
    run_to(machine, 5 * KEY_TIME);
    ck_assert_int_eq(ws_machine_type(machine, "", 0), WS_OK); /* another way: what came later does not */
    run_to(machine, END);
    codes_expect(machine, "\x1e\x9e");
    ws_snapshot_free(snapshot);
    ws_machine_free(machine);
}
END_TEST

START_TEST(stepping_and_running_are_typed_at_the_same_marks)
{
    struct ws_machine *ran = machine_make(codes_echo, sizeof codes_echo),
                      *stepped = machine_make(codes_echo, sizeof codes_echo);
    ck_assert_int_eq(ws_machine_type(ran, "xyz", 3), WS_OK);
    ck_assert_int_eq(ws_machine_type(stepped, "xyz", 3), WS_OK);
    for (uint64_t mark = 1; mark < 8 * KEY_TIME; mark += 97) {
        run_to(stepped, mark);
        run_to(ran, mark);
        ck_assert_uint_eq(ws_machine_hash(ran), ws_machine_hash(stepped));
        if (mark < 2 * KEY_TIME)
            ck_assert_int_eq(ws_machine_run(stepped, 1), WS_STOP_COUNT);
    }
    ws_machine_free(ran);
    ws_machine_free(stepped);
}
END_TEST

/* -- nothing there ------------------------------------------------------------------------------- */

static void event_note(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_buffer *out = context;
    (void)machine;
    ws_buffer_printf(out, "%llu %s%u@%08x=%x ", (unsigned long long)event->mark, event->write ? "w" : "r", event->bytes,
                     event->which, event->after);
}

/* mov 0x20000004, %al; mov %eax, 0x20000008; mov %ax, 0x30001ffe; mov 0x30002ff0, %eax; mov 0xfee00030, %ebx; hlt */
static const uint8_t strays[] = {0xa0, 4,    0,    0,    0x20, 0xa3, 8,    0,    0,    0x20, 0x66, 0xa3, 0xfe, 0x1f,
                                 0,    0x30, 0xa1, 0xf0, 0x2f, 0,    0x30, 0x8b, 0x1d, 0x30, 0,    0xe0, 0xfe, 0xf4};

START_TEST(each_page_without_memory_is_told_of_once)
{
    struct ws_machine *machine = machine_make(strays, sizeof strays);
    struct ws_registers registers;
    struct ws_snapshot *start;
    struct ws_buffer seen = WS_BUFFER_INIT;
    ck_assert_int_eq(ws_snapshot_take(&start, machine), WS_OK);
    ck_assert_int_eq(ws_machine_listen(machine, WS_EVENT_MASK(NO_MEMORY), event_note, &seen), WS_OK);
    for (int again = 0; again < 2; again++) {
        ws_buffer_clear(&seen);
        ws_snapshot_restore(start, machine);
        ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
        ck_assert_str_eq(ws_buffer_text(&seen), "0 r1@20000004=ff 2 w2@30001ffe=ff 3 r4@30002ff0=ffffffff ");
    }
    ws_machine_registers(machine, &registers);
    ck_assert_uint_eq(registers.value[WS_EAX], UINT32_MAX);
    ck_assert_uint_eq(registers.value[WS_EBX], 0x50014); /* the local APIC answers */
    ws_buffer_release(&seen);
    ws_snapshot_free(start);
    ws_machine_free(machine);
}
END_TEST

/* -- hlt and the APICs --------------------------------------------------------------------------- */

/* movl $0x10700, 0xfee00350; sti; hlt: the 8259s are cut off, so that their timer wakes nobody. */
static const uint8_t cut_off[] = {0xc7, 0x05, 0x50, 0x03, 0xe0, 0xfe, 0x00, 0x07, 0x01, 0x00, 0xfb, 0xf4};

START_TEST(a_sleep_that_nothing_can_end_says_why)
{
    struct ws_machine *machine = machine_make(cut_off, sizeof cut_off);
    struct ws_buffer why = WS_BUFFER_INIT;
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_int_eq(ws_machine_halt(machine)->reason, WS_HALT_ASLEEP);
    ws_machine_sleep_explain(machine, &why);
    ck_assert_msg(strstr(ws_buffer_text(&why), "the local APIC masks them (LINT0"), "%s", ws_buffer_text(&why));
    ws_buffer_release(&why);
    ws_machine_free(machine);
}
END_TEST

Suite *keys_suite(void)
{
    Suite *suite = suite_create("keys");
    TCase *tcase = tcase_create("keys");
    tcase_add_test(tcase, a_restored_machine_is_typed_the_same_again);
    tcase_add_test(tcase, stepping_and_running_are_typed_at_the_same_marks);
    tcase_add_test(tcase, each_page_without_memory_is_told_of_once);
    tcase_add_test(tcase, a_sleep_that_nothing_can_end_says_why);
    suite_add_tcase(suite, tcase);
    return suite;
}
