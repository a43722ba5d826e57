/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serial input is part of the recording: it comes again at its marks, without being given again.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/image.h>
#include <worldswitch/machine.h>

/* The machine is slow, so that the guest does not ask for long whether there is a byte. */
enum { PHYS = 0x100000, IPS = 10000000, BYTE_TIME = 10417 /* instructions at 9600 baud */, END = 20 * BYTE_TIME };

/* 1: mov $0x3fd, %dx; 2: in %dx, %al; test $1, %al; jz 2b; mov $0xf8, %dl; in %dx, %al; out %al, %dx; jmp 1b */
static const uint8_t echo[] = {0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74,
                               0xfb, 0xb2, 0xf8, 0xec, 0xee, 0xeb, 0xf1};

static struct ws_machine *machine_make(void)
{
    struct ws_machine_options options = {.ips = IPS};
    struct ws_machine *machine;
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ck_assert_int_eq(ws_image_load_flat(machine, echo, sizeof echo, PHYS, NULL), WS_OK);
    return machine;
}

static void run_to(struct ws_machine *machine, uint64_t mark)
{
    ck_assert_int_eq(ws_machine_run(machine, mark - ws_machine_mark(machine)), WS_STOP_COUNT);
    ck_assert_uint_eq(ws_machine_mark(machine), mark);
}

static void give(struct ws_machine *machine, const char *text)
{
    ck_assert_int_eq(ws_machine_serial_input(machine, text, strlen(text)), WS_OK);
}

static void serial_expect(const struct ws_machine *machine, const char *wanted)
{
    size_t bytes;
    const char *seen = ws_machine_serial(machine, &bytes);
    ck_assert_msg(bytes == strlen(wanted) && memcmp(seen, wanted, bytes) == 0, "\"%.*s\", wanted \"%s\"", (int)bytes,
                  seen, wanted);
}

START_TEST(a_restored_machine_receives_the_same_again)
{
    struct ws_machine *machine = machine_make();
    struct ws_snapshot *snapshot;
    give(machine, "he");
    run_to(machine, BYTE_TIME / 2);
    ck_assert_int_eq(ws_snapshot_take(&snapshot, machine), WS_OK);
    run_to(machine, 5 * BYTE_TIME);
    serial_expect(machine, "he");
    give(machine, "llo");
    run_to(machine, END);
    serial_expect(machine, "hello");
    uint64_t hash = ws_machine_hash(machine);
    for (int i = 0; i < 2; i++) {
        ws_snapshot_restore(snapshot, machine);
        serial_expect(machine, "h");
        run_to(machine, END);
        serial_expect(machine, "hello");
        ck_assert_uint_eq(ws_machine_hash(machine), hash);
    }
    ws_snapshot_free(snapshot);
    ws_machine_free(machine);
}
END_TEST

START_TEST(another_way_forgets_what_came_later)
{
    struct ws_machine *machine = machine_make();
    struct ws_snapshot *snapshot;
    give(machine, "h");
    run_to(machine, 2 * BYTE_TIME);
    ck_assert_int_eq(ws_snapshot_take(&snapshot, machine), WS_OK);
    run_to(machine, 5 * BYTE_TIME);
    give(machine, "ello");
    run_to(machine, END);
    ws_snapshot_restore(snapshot, machine);
    give(machine, "i");
    run_to(machine, END);
    serial_expect(machine, "hi");
    ws_snapshot_free(snapshot);
    ws_machine_free(machine);
}
END_TEST

START_TEST(stepping_and_running_receive_at_the_same_marks)
{
    struct ws_machine *ran = machine_make(), *stepped = machine_make();
    give(ran, "ab");
    give(stepped, "ab");
    run_to(ran, 2 * BYTE_TIME);
    while (ws_machine_mark(stepped) < 2 * BYTE_TIME)
        run_to(stepped, ws_machine_mark(stepped) + 7 < 2 * BYTE_TIME ? ws_machine_mark(stepped) + 7 : 2 * BYTE_TIME);
    serial_expect(ran, "ab");
    ck_assert_uint_eq(ws_machine_hash(ran), ws_machine_hash(stepped));
    ws_machine_free(ran);
    ws_machine_free(stepped);
}
END_TEST

Suite *input_suite(void)
{
    Suite *suite = suite_create("input");
    TCase *tests = tcase_create("serial input");
    tcase_add_test(tests, a_restored_machine_receives_the_same_again);
    tcase_add_test(tests, another_way_forgets_what_came_later);
    tcase_add_test(tests, stepping_and_running_receive_at_the_same_marks);
    suite_add_tcase(suite, tests);
    return suite;
}
