/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest programs under tests/guest say what their golden files have, and end as they do.
 *
 * The golden text is the manual's: guest_qemu.sh holds the same files against QEMU.  After a change
 * of a program, run with WS_UPDATE_GOLDEN=1, and read the difference line by line.
 */
#include "machine/guests.h"

static struct guests guests; /* filled before the first test */

static void golden_path(char path[GUEST_PATH], const char *name)
{
    snprintf(path, GUEST_PATH, "%s/tests/guest/%s.golden", guest_folder("top_srcdir"), name);
}

/* The serial text and, as the last line, how it ended. */
static void guest_output(struct ws_buffer *out, const struct ws_machine *machine)
{
    const struct ws_halt *halt = ws_machine_halt(machine);
    size_t bytes;
    const char *text = ws_machine_serial(machine, &bytes);
    ws_buffer_append(out, text, bytes);
    ws_buffer_printf(out, "status %d: %s\n", ws_halt_exit_status(halt),
                     ws_halt_text((enum ws_halt_reason)halt->reason));
}

/* Name the first line that differs. */
static void lines_expect(const char *name, const char *seen, const char *golden)
{
    unsigned line = 1;
    while (*seen && *golden) {
        size_t seen_size = strcspn(seen, "\n"), golden_size = strcspn(golden, "\n");
        ck_assert_msg(seen_size == golden_size && memcmp(seen, golden, seen_size) == 0,
                      "tests/guest/%s.golden:%u: expected \"%.*s\", seen \"%.*s\"", name, line, (int)golden_size,
                      golden, (int)seen_size, seen);
        seen += seen_size + (seen[seen_size] != 0);
        golden += golden_size + (golden[golden_size] != 0);
        line++;
    }
    ck_assert_msg(!*seen && !*golden, "tests/guest/%s.golden:%u: %s", name, line,
                  *seen ? "the guest says more than this" : "the guest says less than this");
}

START_TEST(guest_says_what_is_golden)
{
    const char *name = guests.name[_i];
    struct ws_buffer seen = {0}, golden = {0};
    char path[GUEST_PATH];
    struct ws_machine *machine = guest_load(name);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    guest_output(&seen, machine);
    golden_path(path, name);
    if (getenv("WS_UPDATE_GOLDEN"))
        ck_assert_int_eq(ws_file_write(path, seen.data, seen.size), WS_OK);
    ck_assert_int_eq(ws_file_read(path, 1 << 24, &golden), WS_OK);
    lines_expect(name, ws_buffer_text(&seen), ws_buffer_text(&golden));
    ws_machine_free(machine);
    ws_buffer_release(&seen);
    ws_buffer_release(&golden);
}
END_TEST

START_TEST(guests_are_found)
{
    ck_assert_int_gt(guests.count, 0);
    ck_assert_int_lt(guests.count, GUESTS_MAX);
}
END_TEST

Suite *guest_suite(void)
{
    Suite *suite = suite_create("guest");
    TCase *tcase = tcase_create("golden");
    guests_find(&guests);
    tcase_add_test(tcase, guests_are_found);
    tcase_add_loop_test(tcase, guest_says_what_is_golden, 0, guests.count);
    suite_add_tcase(suite, tcase);
    return suite;
}
