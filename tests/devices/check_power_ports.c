/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Off and reset: what does it, and what does not.
 */
#include <check.h>

#include "devices/power_ports.h"

static const struct {
    const char *what;
    uint16_t port;
    uint8_t value;
    bool off, reset;
} rows[] = {
    {"sleep of type 0", WS__POWER_CONTROL + 1, 0x20, true, false},
    {"sleep of type 1", WS__POWER_CONTROL + 1, 0x24, false, false},
    {"type 0, no sleep", WS__POWER_CONTROL + 1, 0x00, false, false},
    {"the lower byte", WS__POWER_CONTROL, 0x20, false, false},
    {"reset", WS__RESET_CONTROL, 0x04, false, true},
    {"hard reset", WS__RESET_CONTROL, 0x06, false, true},
    {"hard, no reset yet", WS__RESET_CONTROL, 0x02, false, false},
};

START_TEST(writes_do_what_they_say)
{
    struct ws__power_ports chip = {0};
    ws__power_ports_write(&chip, rows[_i].port, rows[_i].value);
    ck_assert_msg(chip.off == rows[_i].off, "%s: off", rows[_i].what);
    ck_assert_msg(chip.reset == rows[_i].reset, "%s: reset", rows[_i].what);
}
END_TEST

START_TEST(what_was_written_is_read)
{
    struct ws__power_ports chip = {0};
    ws__power_ports_write(&chip, WS__POWER_CONTROL, 0xff);
    ws__power_ports_write(&chip, WS__POWER_CONTROL + 1, 0x34);
    ws__power_ports_write(&chip, WS__RESET_CONTROL, 0xff);
    ck_assert_uint_eq(ws__power_ports_read(&chip, WS__POWER_CONTROL), 0x07);
    ck_assert_uint_eq(ws__power_ports_read(&chip, WS__POWER_CONTROL + 1), 0x14);
    ck_assert_uint_eq(ws__power_ports_read(&chip, WS__RESET_CONTROL), 0x02);
}
END_TEST

Suite *power_ports_suite(void)
{
    Suite *suite = suite_create("power ports");
    TCase *tcase = tcase_create("power ports");
    tcase_add_loop_test(tcase, writes_do_what_they_say, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tcase, what_was_written_is_read);
    suite_add_tcase(suite, tcase);
    return suite;
}
