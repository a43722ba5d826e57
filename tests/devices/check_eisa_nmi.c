/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Software NMI, as a driver sees it.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "devices/eisa_nmi.h"

/* "P=V" writes port P, "P?V" expects V there, "+" and "-" hold NMIs back or not, "!0" and "!1" expect
 * the line; numbers are hexadecimal. */
static const struct {
    const char *what;
    const char *script;
} rows[] = {
    {"as firmware leaves it", "461?0 462?ff !0"},
    {"off", "462=0 461?0 !0"},
    {"on", "461=2 461?2 !0 462=0 461?22 !1"},
    {"whatever is written", "461=2 462=ff !1"},
    {"bits that are kept", "461=ff 461?e !0"},
    {"others alone do not do", "461=c 462=0 461?c !0"},
    {"asked for before it is on", "462=0 461=2 461?2 !0"},
    {"it stays until it is turned off", "461=2 462=0 461=2 461?22 !1 461=0 461?0 !0 461=2 !0"},
    {"again", "461=2 462=0 461=0 !0 461=2 462=0 !1"},
    {"held back", "+ 461=2 462=0 461?22 !0 - !1"},
    {"turned off while held back", "+ 461=2 462=0 461=0 - !0"},
};

static bool high;

static void line_set(void *context, unsigned number, bool value)
{
    (void)context;
    (void)number;
    high = value;
}

static void step_run(struct ws__eisa_nmi_wire *wire, const char *step, const char *what)
{
    unsigned port, value;
    if (*step == '!') {
        ck_assert_msg(high == (step[1] == '1'), "%s: the line, at \"%s\"", what, step);
    } else if (*step == '+' || *step == '-') {
        ws__eisa_nmi_hold_back(wire, 0, *step == '+');
    } else if (sscanf(step, "%x=%x", &port, &value) == 2) {
        ws__eisa_nmi_write(wire, (uint16_t)port, (uint8_t)value);
    } else {
        ck_assert_int_eq(sscanf(step, "%x?%x", &port, &value), 2);
        uint8_t seen = ws__eisa_nmi_read(wire, (uint16_t)port);
        ck_assert_msg(seen == value, "%s: 0x%x, at \"%s\"", what, seen, step);
    }
}

START_TEST(software_raises_nmi)
{
    struct ws__eisa_nmi chip;
    struct ws__eisa_nmi_wire wire = {&chip, {line_set, NULL, 0}};
    high = false;
    ws__eisa_nmi_reset(&chip);
    for (const char *step = rows[_i].script; *step;) {
        step_run(&wire, step, rows[_i].what);
        step += strcspn(step, " ");
        step += strspn(step, " ");
    }
}
END_TEST

Suite *eisa_nmi_suite(void)
{
    Suite *suite = suite_create("eisa nmi");
    TCase *tcase = tcase_create("ports");
    tcase_add_loop_test(tcase, software_raises_nmi, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tcase);
    return suite;
}
