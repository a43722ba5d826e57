/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local APIC and the I/O APIC: the timer's arithmetic, and what no write may break.  The guest programs
 * local_apic.S and io_apic.S hold the rest to QEMU.
 */
#include <check.h>
#include <string.h>

#include "devices/apic/io_apic.h"
#include "devices/apic/local_apic.h"
#include "many.h"

Suite *apic_suite(void);

enum { TIMER_ROW = 0x320, INITIAL = 0x380, CURRENT = 0x390, DIVIDER = 0x3e0, REQUESTED = 0x230, END = 0xb0 };

static struct ws__local_apic chip;
static struct ws__clock now;

static void setup(void)
{
    ws__local_apic_reset(&chip);
    now = (struct ws__clock){0, WS__LOCAL_APIC_HERTZ}; /* a tick each unit of time */
}

static void put(uint32_t offset, uint32_t value)
{
    ws__local_apic_run(&chip, &now);
    ws__local_apic_write(&chip, &now, offset, 4, value);
}

static uint32_t get(uint32_t offset)
{
    ws__local_apic_run(&chip, &now);
    return ws__local_apic_read(&chip, &now, offset, 4);
}

/* The divider's code, and by what it divides. */
static const struct {
    uint32_t code, by;
} dividers[] = {{0, 2}, {1, 4}, {2, 8}, {3, 16}, {8, 32}, {9, 64}, {10, 128}, {11, 1}};

START_TEST(the_timer_counts_down)
{
    uint32_t by = dividers[_i].by;
    put(DIVIDER, dividers[_i].code);
    put(TIMER_ROW, 0x60);
    put(INITIAL, 10);
    ck_assert_uint_eq(ws__local_apic_due(&chip, &now), 10 * by);
    now.now = 3 * by;
    ck_assert_uint_eq(get(CURRENT), 7);
    now.now = 10 * by - 1;
    ck_assert_uint_eq(get(REQUESTED), 0);
    now.now = 10 * by;
    ck_assert_uint_eq(get(REQUESTED), 1);
    ck_assert_uint_eq(get(CURRENT), 0);
    ck_assert_uint_eq(ws__local_apic_due(&chip, &now), WS__NEVER);
}
END_TEST

START_TEST(a_periodic_timer_begins_again)
{
    put(DIVIDER, 11);
    put(TIMER_ROW, 0x20060);
    put(INITIAL, 10);
    now.now = 10;
    ck_assert_uint_eq(get(REQUESTED), 1);
    ck_assert_uint_eq(ws__local_apic_due(&chip, &now), WS__NEVER); /* it is requested already */
    ck_assert_uint_eq(ws__local_apic_acknowledge(&chip), 0x60);
    ck_assert_uint_eq(ws__local_apic_due(&chip, &now), 20);
    now.now = 47;
    ck_assert_uint_eq(get(CURRENT), 3);
    ck_assert_uint_eq(get(REQUESTED), 1);
    ck_assert(!ws__local_apic_interrupts(&chip)); /* one of its class is in service */
    put(END, 0);
    ck_assert(ws__local_apic_interrupts(&chip));
}
END_TEST

START_TEST(another_divider_goes_on_from_there)
{
    put(DIVIDER, 11);
    put(TIMER_ROW, 0x60);
    put(INITIAL, 10);
    now.now = 4;
    put(DIVIDER, 0);
    ck_assert_uint_eq(get(CURRENT), 6);
    ck_assert_uint_eq(ws__local_apic_due(&chip, &now), 16);
    now.now = 16;
    ck_assert_uint_eq(get(REQUESTED), 1);
}
END_TEST

/* -- whatever is written ------------------------------------------------------------------------ */

static uint32_t state;

static uint32_t chance(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static void message_send(void *context, const struct ws__apic_message *message)
{
    (void)context;
    if (ws__local_apic_is_meant(&chip, message))
        ws__local_apic_accept(&chip, message);
}

static bool message_is_heard(void *context, const struct ws__apic_message *message)
{
    (void)context;
    return ws__local_apic_listens(&chip, message);
}

/* What must hold: an interrupt that comes is a legal vector above all that is in service, and a deadline lies ahead. */
static void sound_expect(void)
{
    uint64_t due = ws__local_apic_due(&chip, &now);
    MANY_CHECK(due > now.now, "a deadline at %llu, now %llu", (unsigned long long)due, (unsigned long long)now.now);
    if (!ws__local_apic_interrupts(&chip))
        return;
    int served = ws__vector_set_highest(&chip.in_service);
    uint8_t vector = ws__local_apic_acknowledge(&chip);
    ck_assert_int_ge(vector, 16);
    ck_assert_int_gt(vector >> 4, served >> 4);
    ck_assert_int_gt(vector >> 4, chip.task_priority >> 4);
}

START_TEST(nothing_that_is_written_breaks_them)
{
    struct ws__io_apic io;
    struct ws__io_apic_wire wire = {&io, NULL, message_send, message_is_heard};
    state = (uint32_t)_i;
    ws__io_apic_reset(&io);
    for (int i = 0; i < 20000; i++) {
        uint32_t value = chance() << 16 ^ chance();
        now.now += chance() % 3000;
        ws__local_apic_run(&chip, &now);
        switch (chance() % 5) {
        case 0:
            ws__local_apic_write(&chip, &now, chance() % 64 * 16, 1u << chance() % 3, value);
            break;
        case 1:
            ws__local_apic_read(&chip, &now, chance() % 4096, 1u << chance() % 3);
            break;
        case 2:
            ws__io_apic_write(&wire, chance() % 2 * 16, 4, chance() % 2 ? value : value & 0x3f);
            ws__io_apic_read(&io, chance() % 2 * 16, 4);
            break;
        case 3:
            ws__io_apic_line(&wire, chance() % 16, chance() & 1);
            break;
        default:
            ws__local_apic_lint0(&chip, chance() & 1);
            break;
        }
        if (chip.ended)
            ws__io_apic_end(&wire, chip.ended_vector);
        chip.ended = false;
        sound_expect();
    }
}
END_TEST

Suite *apic_suite(void)
{
    Suite *suite = suite_create("apic");
    TCase *tcase = tcase_create("apic");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_loop_test(tcase, the_timer_counts_down, 0, sizeof dividers / sizeof *dividers);
    tcase_add_test(tcase, a_periodic_timer_begins_again);
    tcase_add_test(tcase, another_divider_goes_on_from_there);
    tcase_add_loop_test(tcase, nothing_that_is_written_breaks_them, 0, 8);
    suite_add_tcase(suite, tcase);
    return suite;
}
