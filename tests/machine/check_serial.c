/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that sends without end: what is kept is bounded, and the same on every way to a mark.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "machine/serial.h"
#include "machine/small.h"

Suite *serial_suite(void);

enum { KEPT = WS_SERIAL_KEPT };

static char text_at(uint64_t number)
{
    return (char)('a' + number % 23);
}

/* So many bytes in pieces of that size. */
static void sent_make(struct ws__serial *serial, uint64_t sent, size_t piece)
{
    char *bytes = malloc(piece);
    ck_assert_ptr_nonnull(bytes);
    for (uint64_t at = 0; at < sent;) {
        size_t here = sent - at < piece ? (size_t)(sent - at) : piece;
        for (size_t i = 0; i < here; i++)
            bytes[i] = text_at(at + i);
        ws__serial_append(serial, bytes, here);
        at += here;
    }
    free(bytes);
}

static const uint64_t sent_row[] = {
    0, 1, KEPT, 2 * KEPT - 1, 2 * KEPT, 2 * KEPT + 1, 3 * KEPT - 1, 3 * KEPT, 3 * KEPT + 1, 10 * KEPT + 5,
};

/* The last bytes are there, and count, kept part and hash do not depend on how they came. */
START_TEST(keeps_the_end)
{
    static const size_t piece[] = {1, 7, 4096, KEPT, 2 * KEPT, 5 * KEPT + 3};
    uint64_t sent = sent_row[_i], hash = 0;
    for (size_t i = 0; i < sizeof piece / sizeof piece[0]; i++) {
        struct ws__serial serial = {0}, copy = {0};
        sent_make(&serial, sent, piece[i]);
        ck_assert_uint_eq(ws__serial_sent(&serial), sent);
        ck_assert_uint_eq(serial.kept.size, ws__serial_kept(sent));
        ck_assert_uint_eq(serial.dropped, sent - serial.kept.size);
        ck_assert(serial.kept.size < 2 * KEPT && (serial.kept.size >= KEPT || serial.kept.size == sent));
        size_t right = 0; /* an assertion a byte would take a minute */
        while (right < serial.kept.size && serial.kept.data[right] == text_at(serial.dropped + right))
            right++;
        ck_assert_uint_eq(right, serial.kept.size);
        ck_assert_uint_eq(strlen(ws_buffer_text(&serial.kept)), serial.kept.size);
        ck_assert(!i || ws__serial_hash(1, &serial) == hash);
        hash = ws__serial_hash(1, &serial);
        ck_assert_int_eq(ws__serial_copy(&copy, &serial), WS_OK);
        ck_assert_uint_eq(ws__serial_hash(1, &copy), hash);
        ws__serial_release(&copy);
        ws__serial_release(&serial);
    }
}
END_TEST

/* A byte that is not kept any more still counts. */
START_TEST(hash_has_what_was_dropped)
{
    struct ws__serial one = {0}, other = {0};
    ws__serial_append(&one, "x", 1);
    ws__serial_append(&other, "y", 1);
    sent_make(&one, 4 * KEPT, 4096);
    sent_make(&other, 4 * KEPT, 4096);
    ck_assert_uint_eq(one.kept.size, other.kept.size);
    ck_assert_mem_eq(one.kept.data, other.kept.data, one.kept.size);
    ck_assert_uint_ne(ws__serial_hash(1, &one), ws__serial_hash(1, &other));
    ws__serial_release(&one);
    ws__serial_release(&other);
}
END_TEST

/* mov $0x3f8,%edx; 1: out %al,%dx; inc %eax; jmp 1b: a byte each three instructions */
static const uint8_t sender[] = {0xba, 0xf8, 0x03, 0x00, 0x00, 0xee, 0x40, 0xeb, 0xfc};

static uint64_t mark_of(uint64_t sent)
{
    return 1 + 3 * sent;
}

static void run_to(struct ws_machine *machine, uint64_t mark)
{
    ck_assert_int_eq(ws_machine_run(machine, mark - ws_machine_mark(machine)), WS_STOP_COUNT);
}

static void same_expect(const struct ws_machine *machine, const struct ws_machine *straight)
{
    size_t bytes, straight_bytes;
    const char *text = ws_machine_serial(machine, &bytes), *golden = ws_machine_serial(straight, &straight_bytes);
    ck_assert_uint_eq(bytes, straight_bytes);
    ck_assert_mem_eq(text, golden, bytes);
    ck_assert_uint_eq(ws_machine_serial_dropped(machine), ws_machine_serial_dropped(straight));
    ck_assert_uint_eq(ws_machine_hash(machine), ws_machine_hash(straight));
}

/* from, to: how much was sent at the snapshot, and when the state is saved since then */
/* clang-format off */
static const struct {
    uint64_t from, to;
} way[] = {
    {3, 100}, {KEPT, 3 * KEPT + 1}, {0, 2 * KEPT + 5}, {2 * KEPT + 7, 2 * KEPT + 9},
};
/* clang-format on */

/* Back and there again, and through a saved state: the same as without. */
START_TEST(every_way_is_the_same)
{
    struct ws_machine *straight = machine_make(sender, sizeof sender), *there = machine_make(sender, sizeof sender);
    struct ws_machine *copy = machine_make(sender, sizeof sender);
    struct ws_buffer state = WS_BUFFER_INIT;
    struct ws_snapshot *snapshot;
    run_to(straight, mark_of(way[_i].to));
    run_to(there, mark_of(way[_i].from));
    run_to(copy, mark_of(way[_i].from));
    ck_assert_int_eq(ws_snapshot_take(&snapshot, there), WS_OK);
    run_to(there, mark_of(way[_i].to));
    same_expect(there, straight);
    ck_assert_int_eq(ws_machine_save(there, snapshot, &state), WS_OK);
    ck_assert_int_eq(ws_machine_load(copy, state.data, state.size), WS_OK);
    same_expect(copy, straight);
    ws_snapshot_restore(snapshot, there);
    ck_assert_uint_eq(ws_machine_mark(there), mark_of(way[_i].from));
    run_to(there, mark_of(way[_i].to));
    same_expect(there, straight);
    run_to(there, mark_of(way[_i].to + KEPT / 3));
    run_to(copy, mark_of(way[_i].to + KEPT / 3));
    run_to(straight, mark_of(way[_i].to + KEPT / 3));
    same_expect(there, straight);
    same_expect(copy, straight);
    ws_snapshot_free(snapshot);
    ws_buffer_release(&state);
    ws_machine_free(straight);
    ws_machine_free(there);
    ws_machine_free(copy);
}
END_TEST

Suite *serial_suite(void)
{
    Suite *suite = suite_create("serial");
    TCase *kept = tcase_create("kept");
    TCase *ways = tcase_create("ways");
    tcase_add_loop_test(kept, keeps_the_end, 0, sizeof sent_row / sizeof sent_row[0]);
    tcase_add_test(kept, hash_has_what_was_dropped);
    tcase_set_tags(ways, "heavy");
    tcase_add_loop_test(ways, every_way_is_the_same, 0,
                        (int)effort_more(2, sizeof way / sizeof way[0], sizeof way / sizeof way[0]));
    suite_add_tcase(suite, kept);
    suite_add_tcase(suite, ways);
    return suite;
}
