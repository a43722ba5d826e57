/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 16550A, as a driver sees it: rows of register accesses.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "devices/uart16550.h"

/*
 * A script: "N=V" writes V to register N, "N?V" expects V when register N is read, both in
 * hexadecimal; "!0" and "!1" expect the interrupt pin.  N is the offset from the first port.
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
    {"loopback: modem lines", "4=10 6?b 4=11 6?22 4=12 6?13 4=14 6?41 4=18 6?8c 4=1f 6?f3", ""},
    {"loopback: an end of ringing counts", "4=14 6?4b 6?40 4=10 6?4 6?0", ""},
    {"loopback: modem lines interrupt", "1=8 !0 4=10 !1 2?0 6?b !0 2?1", ""},
    {"loopback: word length", "3=2 4=10 0=ff 0?7f", ""},
    {"loopback: overrun", "4=10 0=1 0=2 5?63 5?61 0?2 5?60", ""},
    {"loopback: interrupts, highest first", "4=10 1=7 0=1 2?4 0=2 2?6 5?63 2?4 0?2 2?2 2?1 !0", ""},
    {"loopback: FIFO reset", "4=10 2=1 0=1 5?61 2=3 5?60", ""},
    {"loopback: FIFO, oldest first", "4=10 2=1 0=1 0=2 0=3 5?61 0?1 0?2 5?61 0?3 5?60", ""},
    {"loopback: FIFO trigger 4", "4=10 2=41 1=1 0=1 0=2 0=3 !0 0=4 !1 2?c4 0?1 !0 2?c1", ""},
    {"loopback: FIFO trigger 14", "4=10 2=c1 1=1 0=1 0=2 0=3 0=4 0=5 0=6 0=7 0=8 !0 0=9 0=a 0=b 0=c 0=d !0 0=e !1", ""},
    {"loopback: FIFO overrun keeps the old",
     "4=10 2=1 0=1 0=2 0=3 0=4 0=5 0=6 0=7 0=8 0=9 0=a 0=b 0=c 0=d 0=e 0=f 0=10 5?61 0=11 5?63 0?1", ""},
    {"FIFOs off empties", "4=10 2=1 0=1 5?61 2=0 5?60", ""},
    {"loopback off again", "4=10 0=41 4=3 0=42", "B"},
};

/*
 * With input from outside: "abcdefghijklmnopqrstuvwxyz", all there at time 0.  "+N" lets N
 * microseconds pass, in decimal, one instruction each.  A byte takes 87 of them at 115200 baud,
 * 1042 at 9600.
 */
static const struct {
    const char *what;
    const char *script;
} inputs[] = {
    {"a byte is there", "5?61 0?61"},
    {"the next one takes its time", "0?61 5?60 +1041 5?60 +1 5?61 0?62"},
    {"faster with a smaller divisor", "0?61 3=83 0=1 3=3 +1042 0?62 +86 5?60 +1 0?63"},
    {"slower with parity and another stop bit", "0?61 3=83 0=1 3=f +1042 0?62 +104 5?60 +1 0?63"},
    {"nothing is lost while the guest does not read", "0?61 +9999 5?61 0?62 5?61 0?63 5?60 +1042 0?64"},
    {"interrupts", "1=1 !1 2?4 0?61 !0 2?1 +1042 !1 0?62 !0"},
    {"the FIFO fills", "2=1 +99999 5?61 0?62 0?63 0?64 0?65"},
    {"below the trigger it takes a timeout", "2=41 1=1 !0 +2084 !0 5?61 +4170 !1"},
    {"timeout, by its name", "2=c1 1=1 3=83 0=1 3=3 +1129 4=10 +347 !0 +1 !1 2?cc 0?62 !0 +348 !1 2?cc 0?63 !0 2?c1"},
    {"not while it listens to itself", "0?61 4=10 +9999 5?60 4=0 5?61"},
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

static unsigned letters;

static uint64_t letter_time(void *context)
{
    (void)context;
    return letters < 26 ? 0 : WS__NEVER;
}

static uint8_t letter_take(void *context)
{
    (void)context;
    return (uint8_t)('a' + letters++);
}

static void step_run(struct ws__uart16550_wire *wire, struct ws__clock *clock, const char *step, const char *what)
{
    unsigned offset, value;
    if (sscanf(step, "+%u", &value) == 1)
        clock->now += value;
    ws__uart16550_run(wire);
    if (*step == '+') {
        return;
    } else if (sscanf(step, "!%u", &value) == 1) {
        ck_assert_msg(ws__uart16550_interrupts(wire->chip) == value, "%s: pin, at \"%s\"", what, step);
    } else if (sscanf(step, "%1x=%x", &offset, &value) == 2) {
        ws__uart16550_write(wire, (uint16_t)(WS__COM1_FIRST + offset), (uint8_t)value);
    } else {
        ck_assert_int_eq(sscanf(step, "%1x?%x", &offset, &value), 2);
        uint8_t seen = ws__uart16550_read(wire, (uint16_t)(WS__COM1_FIRST + offset));
        ck_assert_msg(seen == value, "%s: 0x%x, at \"%s\"", what, seen, step);
    }
}

static void script_run(struct ws__uart16550_wire *wire, struct ws__clock *clock, const char *script, const char *what)
{
    ws__uart16550_reset(wire->chip);
    for (const char *step = script; *step;) {
        step_run(wire, clock, step, what);
        step += strcspn(step, " ");
        step += *step == ' ';
    }
}

START_TEST(drivers_find_what_the_data_sheet_says)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ws__uart16550 chip;
        struct wire_log log = {{0}, 0};
        struct ws__clock clock = {0, 1000000};
        struct ws__uart16550_wire wire = {.chip = &chip, .clock = &clock, .sink = log_byte, .context = &log};
        script_run(&wire, &clock, rows[i].script, rows[i].what);
        ck_assert_msg(log.size == strlen(rows[i].sent) && memcmp(log.text, rows[i].sent, log.size) == 0,
                      "%s: sent %zu bytes, \"%s\"", rows[i].what, log.size, log.text);
    }
}
END_TEST

START_TEST(input_comes_at_the_pace_of_the_line)
{
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct ws__uart16550 chip;
        struct ws__clock clock = {0, 1000000};
        struct ws__uart16550_wire wire = {
            .chip = &chip, .clock = &clock, .source_time = letter_time, .source_take = letter_take};
        letters = 0;
        script_run(&wire, &clock, inputs[i].script, inputs[i].what);
    }
}
END_TEST

/* When something is due the pin rises, and not before. */
START_TEST(what_is_due_happens)
{
    struct ws__uart16550 chip;
    struct ws__clock clock = {0, 1000000};
    struct ws__uart16550_wire wire = {
        .chip = &chip, .clock = &clock, .source_time = letter_time, .source_take = letter_take};
    letters = 0;
    ws__uart16550_reset(&chip);
    ck_assert(ws__uart16550_due(&wire) == WS__NEVER);
    ws__uart16550_write(&wire, WS__COM1_FIRST + 1, 1);
    for (int i = 0; i < 26; i++) {
        clock.now = ws__uart16550_due(&wire);
        ck_assert(!ws__uart16550_interrupts(&chip));
        ws__uart16550_run(&wire);
        ck_assert(ws__uart16550_interrupts(&chip));
        ck_assert_uint_eq(ws__uart16550_read(&wire, WS__COM1_FIRST), 'a' + (unsigned)i);
    }
    ck_assert(ws__uart16550_due(&wire) == WS__NEVER);
}
END_TEST

START_TEST(a_cut_wire_does_no_harm)
{
    struct ws__uart16550 chip;
    struct ws__clock clock = {0, 1000000};
    struct ws__uart16550_wire wire = {.chip = &chip, .clock = &clock};
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
    tcase_add_test(registers, input_comes_at_the_pace_of_the_line);
    tcase_add_test(registers, what_is_due_happens);
    tcase_add_test(registers, a_cut_wire_does_no_harm);
    suite_add_tcase(suite, registers);
    return suite;
}
