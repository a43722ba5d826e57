/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 16550A, as a driver sees it: rows of register accesses.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "devices/uart16550.h"

/*
 * A script: "N=V" writes V to register N, "N?V" expects V when register N is read, both in hexadecimal;
 * "!0" and "!1" expect the interrupt pin.  N is the offset from the first port.
 */
static const struct {
    const char *what;
    const char *script;
    const char *sent;
} rows[] = {
    {"as firmware leaves it", "3?3 5?60 1?0 2?1 4?0 6?b0 !0", ""},
    {"send", "0=48 5?60 0=69 5?60", "Hi"},
    {"no data to read", "0?0 5?60", ""},
    {"scratch", "7=a5 7?a5 7=5a 7?5a", ""},
    {"divisor latch", "3=83 0=34 1=12 0?34 1?12 3=3 1?0 0=41", "A"},
    {"what is latched is not sent", "3=80 0=41 3=3", ""},
    {"eight bits", "3=3 0=c1", "\xc1"},
    {"seven bits", "3=2 0=c1", "A"},
    {"six bits", "3=1 0=c1", "\x01"},
    {"five bits", "3=0 0=ff", "\x1f"},
    {"parity and stop bits do not matter", "3=1f 0=c1", "\xc1"},
    {"reserved bits stay clear", "1=ff 1?f 4=ff 4?1f 3=ff 3?ff", ""},
    {"read-only registers", "5=0 5?60 6=0 6?b0", ""},
    {"FIFOs show in IIR", "2=1 2?c1 2=0 2?1", ""},
    {"FCR is ignored without its enable bit", "2=c8 2?1", ""},
    {"an empty holding register interrupts", "!0 1=2 !1 2?2 !0 2?1", ""},
    {"so does the next byte", "1=2 2?2 0=41 !1 2?2 !0", "A"},
    {"not if it is not asked for", "1=1 0=41 !0 2?1", "A"},
    {"asking again tells again", "1=2 2?2 1=0 1=2 2?2", ""},
    {"asking twice does not", "1=2 2?2 1=2 2?1", ""},
    {"loopback: the usual test", "4=1e 0=ae 5?61 0?ae 5?60", ""},
    {"loopback: modem lines", "4=10 6?0 4=11 6?20 4=12 6?10 4=14 6?40 4=18 6?80 4=1f 6?f0", ""},
    {"loopback: word length", "3=2 4=10 0=ff 0?7f", ""},
    {"loopback: overrun", "4=10 0=1 0=2 5?63 5?61 0?2 5?60", ""},
    {"loopback: interrupts, highest first", "4=10 1=7 0=1 2?4 0=2 2?6 5?63 2?4 0?2 2?2 2?1 !0", ""},
    {"loopback: FIFO reset", "4=10 2=1 0=1 5?61 2=3 5?60", ""},
    {"loopback off again", "4=10 0=41 4=3 0=42", "B"},
};

struct wire_log {
    char text[64];
    size_t size;
};

static void log_byte(void *context, uint8_t byte)
{
    struct wire_log *log = context;
    ck_assert_uint_lt(log->size, sizeof log->text - 1);
    log->text[log->size++] = (char)byte;
}

static void step_run(struct ws__uart16550_wire *wire, const char *step, const char *what)
{
    unsigned offset, value;
    if (sscanf(step, "!%u", &value) == 1) {
        ck_assert_msg(ws__uart16550_interrupts(wire->chip) == value, "%s: pin, at \"%s\"", what,
                      step);
    } else if (sscanf(step, "%1x=%x", &offset, &value) == 2) {
        ws__uart16550_write(wire, (uint16_t)(WS__COM1_FIRST + offset), (uint8_t)value);
    } else {
        ck_assert_int_eq(sscanf(step, "%1x?%x", &offset, &value), 2);
        uint8_t seen = ws__uart16550_read(wire, (uint16_t)(WS__COM1_FIRST + offset));
        ck_assert_msg(seen == value, "%s: 0x%x, at \"%s\"", what, seen, step);
    }
}

START_TEST(drivers_find_what_the_data_sheet_says)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ws__uart16550 chip;
        struct wire_log log = {{0}, 0};
        struct ws__uart16550_wire wire = {&chip, log_byte, &log};
        ws__uart16550_reset(&chip);
        for (const char *step = rows[i].script; *step;) {
            step_run(&wire, step, rows[i].what);
            step += strcspn(step, " ");
            step += *step == ' ';
        }
        ck_assert_msg(log.size == strlen(rows[i].sent) &&
                          memcmp(log.text, rows[i].sent, log.size) == 0,
                      "%s: sent %zu bytes, \"%s\"", rows[i].what, log.size, log.text);
    }
}
END_TEST

START_TEST(a_cut_wire_does_no_harm)
{
    struct ws__uart16550 chip;
    struct ws__uart16550_wire wire = {&chip, NULL, NULL};
    ws__uart16550_reset(&chip);
    ws__uart16550_write(&wire, WS__COM1_FIRST, 'x');
    ck_assert_uint_eq(ws__uart16550_read(&wire, WS__COM1_FIRST + 5), 0x60);
}
END_TEST

Suite *uart16550_suite(void)
{
    Suite *suite = suite_create("uart16550");
    TCase *registers = tcase_create("registers");
    tcase_add_test(registers, drivers_find_what_the_data_sheet_says);
    tcase_add_test(registers, a_cut_wire_does_no_harm);
    suite_add_tcase(suite, registers);
    return suite;
}
