/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keyboard controller, as a driver sees it; and the board's own ports.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "devices/kbc8042.h"
#include "devices/key_codes.h"
#include "devices/system_ports.h"

/* "P=V" writes port P, "P?V" expects V there; "!0" and "!1" expect the interrupt, "*0" and "*1"
 * whether a reset was asked for.  All in hexadecimal. */
static const struct {
    const char *what;
    const char *script;
} rows[] = {
    {"as firmware leaves it", "64?1c !0 64=20 64?1d !1 60?61 64?1c !0 *0"},
    {"self test", "64=aa 60?55 64=ab 60?0 64=20 60?65"},
    {"command byte", "64=60 60=0 64?14 64=20 64?1d !0 60?0"},
    {"a byte as if from the keyboard", "64=d2 60=1e 64?15 !1 60?1e !0 60?1e"},
    {"keyboard off and on", "64=ad 64=20 60?71 64=ae 64=20 60?61"},
    {"output port", "64=d0 60?cf"},
    {"A20", "64=dd 64=d0 60?cd 64=df 64=d0 60?cf *0"},
    {"reset: pulse", "64=fe *1"},
    {"pulse of nothing", "64=ff *0"},
    {"reset: output port", "64=d1 60=ce *1"},
    {"output port without reset", "64=d1 60=cf *0"},
    {"keyboard: identify", "60=f2 !1 60?fa !1 60?ab 60?41 !0"},
    {"keyboard: identify, not translated", "64=60 60=21 60=f2 !1 60?fa !1 60?ab 60?83 !0"},
    {"keyboard: which scan codes", "60=f0 60?fa 60=0 60?fa 60?41 64?14"},
    {"keyboard: which scan codes, not translated", "64=60 60=21 60=f0 60?fa 60=0 60?fa 60?2 64?14"},
    {"keyboard: choose scan codes", "60=f0 60=1 60=f0 60=0 60?fa 60?fa 60?fa 60?fa 60?43 64?14"},
    {"keyboard: no such scan codes", "60=f0 60=4 60=f0 60=0 60?fa 60?fa 60?fa 60?fa 60?41 64?14"},
    {"keyboard: reset chooses the AT's", "60=f0 60=3 60=ff 60=f0 60=0 60?fa 60?fa 60?fa 60?aa 60?fa 60?fa 60?41 64?14"},
    {"keyboard: reset", "60=ff 60?fa 60?aa 64?14"},
    {"keyboard: lamps take a byte", "60=ed 60?fa 60=f2 60?fa 64?14"},
    {"keyboard: echo", "60=ee 60?ee"},
    {"more than fits is lost", "60=f2 60=f2 60=f2 60=f2 60?fa 60?ab 60?41 60?fa 60?ab 60?41 60?fa 60?ab 64?14"},
};

/* The same, behind a text that was typed.  "+" lets two milliseconds pass, "w" says that the guest waits for keys. */
static const struct {
    const char *what;
    const char *script;
    const char *typed;
} key_rows[] = {
    {"a key, pressed and released", "w + !1 64?1d 60?1e !0 + !1 60?9e !0 + 64?1c", "a"},
    {"the next key waits for the guest", "w + + + 60?1e 64?1c + 60?9e + 60?30 + 60?b0", "ab"},
    {"with shift", "w + 60?2a + 60?1e + 60?9e + 60?aa + 64?1c", "A"},
    {"with control", "w + 60?1d + 60?2e + 60?ae + 60?9d + 64?1c", "\3"},
    {"enter, tab, escape, backspace",
     "w + 60?1c + 60?9c + 60?0f + 60?8f + 60?01 + 60?81 + 60?0e + 60?8e + 60?0e + 60?8e + 64?1c", "\r\t\33\b\177"},
    {"what has no key is left out", "w + 60?02 + 60?82 + 64?1c",
     "\200"
     "1\377"},
    {"not translated", "64=60 60=21 w + 60?1c + 60?f0 + 60?1c + 64?14", "a"},
    {"set 1, not translated", "64=60 60=21 60=f0 60=1 60?fa 60?fa w + 60?1e + 60?9e + 64?14", "a"},
    {"a key before the guest waits", "+ 64?1c 60?0 + 64?1c w + 60?1e", "a"},
    {"a guest that looks again and again waits", "64?1c 64?1c 64?1c 64?1c 64?1c 64?1c 64?1c + 64?1c + 64?1d 60?1e",
     "a"},
    {"keyboard off: the key waits", "64=ad w + 64?1c 64=ae + 64?1d 60?1e", "a"},
    {"keys off, and on", "60=f5 60?fa w + 64?14 60=f4 60?fa + 60?1e", "a"},
    {"keys off, reset", "60=f5 60?fa 60=ff 60?fa 60?aa w + 60?1e", "a"},
};

static bool high;

static void line_set(void *context, unsigned number, bool value)
{
    (void)context;
    (void)number;
    high = value;
}

/* The keys that are pressed, of set 2. */
static const uint8_t *keys;
static size_t keys_left;
static struct ws__clock key_clock = {0, WS__IPS_DEFAULT};

static uint64_t keys_time(void *context)
{
    (void)context;
    return keys_left ? 0 : WS__NEVER;
}

static uint8_t keys_take(void *context)
{
    (void)context;
    keys_left--;
    return *keys++;
}

static void step_run(struct ws__kbc_wire *wire, const char *step, const char *what)
{
    unsigned port, value;
    if (*step == '!') {
        ck_assert_msg(high == (step[1] == '1'), "%s: interrupt, at \"%s\"", what, step);
    } else if (*step == '*') {
        ck_assert_msg(wire->chip->reset == (step[1] == '1'), "%s: reset, at \"%s\"", what, step);
    } else if (*step == '+') {
        key_clock.now += WS__IPS_DEFAULT / 500;
        ws__kbc8042_run(wire);
    } else if (*step == 'w') {
        ws__kbc8042_wanted(wire);
    } else if (sscanf(step, "%x=%x", &port, &value) == 2) {
        ws__kbc8042_write(wire, (uint16_t)port, (uint8_t)value);
    } else {
        ck_assert_int_eq(sscanf(step, "%x?%x", &port, &value), 2);
        uint8_t seen = ws__kbc8042_read(wire, (uint16_t)port);
        ck_assert_msg(seen == value, "%s: 0x%x, at \"%s\"", what, seen, step);
    }
}

static void script_run(const char *what, const char *script, const char *typed)
{
    struct ws__kbc8042 chip;
    struct ws__kbc_wire wire = {&chip, &key_clock, keys_time, keys_take, NULL, {line_set, NULL, 1}};
    uint8_t codes[WS__KEY_CODES * 8];
    high = false;
    keys = codes;
    keys_left = 0;
    for (const char *at = typed; *at; at++)
        keys_left += ws__key_codes((uint8_t)*at, codes + keys_left);
    ws__kbc8042_reset(&chip);
    for (const char *step = script; *step;) {
        step_run(&wire, step, what);
        step += strcspn(step, " ");
        step += strspn(step, " ");
    }
}

START_TEST(the_controller_answers)
{
    script_run(rows[_i].what, rows[_i].script, "");
}
END_TEST

START_TEST(keys_come)
{
    script_run(key_rows[_i].what, key_rows[_i].script, key_rows[_i].typed);
}
END_TEST

START_TEST(the_board_has_its_ports)
{
    struct ws__pit8254 pit;
    struct ws__clock clock = {0, WS__PIT_HERTZ};
    struct ws__pit_wire pit_wire = {&pit, &clock, {NULL, NULL, 0}};
    struct ws__system_ports chip;
    struct ws__system_wire wire = {&chip, &pit_wire};
    ws__pit8254_reset(&pit);
    ws__system_ports_reset(&chip);
    ck_assert_uint_eq(ws__system_ports_read(&wire, WS__PORT_92), 2);
    ck_assert_uint_eq(ws__system_ports_read(&wire, WS__PORT_61), 0x20);
    clock.now = 18;
    ck_assert_uint_eq(ws__system_ports_read(&wire, WS__PORT_61), 0x30);
    ws__system_ports_write(&wire, WS__PORT_61, 0xff);
    ck_assert_uint_eq(ws__system_ports_read(&wire, WS__PORT_61), 0x3f);
    ck_assert(pit.counter[2].gate);
    ws__system_ports_write(&wire, WS__PORT_POST, 0x5a);
    ck_assert_uint_eq(chip.post, 0x5a);
    ck_assert(!chip.reset);
    ws__system_ports_write(&wire, WS__PORT_92, 3);
    ck_assert(chip.reset);
}
END_TEST

Suite *kbc8042_suite(void)
{
    Suite *suite = suite_create("kbc8042");
    TCase *ports = tcase_create("ports");
    tcase_add_loop_test(ports, the_controller_answers, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(ports, keys_come, 0, sizeof key_rows / sizeof *key_rows);
    tcase_add_test(ports, the_board_has_its_ports);
    suite_add_tcase(suite, ports);
    return suite;
}
