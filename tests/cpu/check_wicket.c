/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wickets, and calls that lead to another translation.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "cpu/call_stage.h"

Suite *wicket_suite(void);

#ifdef __x86_64__

/* It is told of each instruction only when each counts. */
START_TEST(a_wicket_asks_when_each_instruction_counts)
{
    const uint8_t *end = call_put(&usual);
    struct ws__turnstile_call other = usual;
    other.linear++;
    ck_assert(!ws__wicket_set(&turnstiles, &other, end));
    call();
    ck_assert_uint_eq(calls, 1);
    ck_assert(ws__wicket_set(&turnstiles, &usual, end));
    for (unsigned i = 0; i < 4; i++) {
        pace->closely = i % 2;
        calls = 0;
        memset(&asked, 0, sizeof asked);
        call();
        ck_assert_uint_eq(calls, i % 2);
        ck_assert_int_eq(memcmp(&asked, &usual, sizeof asked) == 0, i % 2);
    }
}
END_TEST

/* Asked are those that are not plain, those that are not in ring 0, and when each instruction counts. */
START_TEST(a_load_with_a_plain_value_passes)
{
    enum { FROM = 4, SELECTOR = 8, PAGING = 1 << 8, OTHERS = 1 << 12 };
    const uint8_t *end = call_put(&usual);
    struct ws__load load = {.mask = 0xf0, .plain = 0x30, .loads = PAGING, .kept = _i};
    ck_assert(ws__wicket_set_for_load(&turnstiles, &usual, end, &load, FROM, SELECTOR));
    /* there is no call any more */
    ck_assert(!ws__wicket_set_for_load(&turnstiles, &usual, end, &load, FROM, SELECTOR));
    for (uint32_t value = 0; value < 256; value++) {
        for (uint32_t selector = 8; selector < 12; selector++) {
            bool passes = (value & 0xf0) == 0x30 && selector == 8;
            for (unsigned closely = 0; closely < 2; closely++) {
                pace->closely = closely;
                pace->watched = OTHERS;
                pace->kept = 77;
                calls = 0;
                memset(&asked, 0, sizeof asked);
                memcpy(state + FROM, &value, sizeof value);
                memcpy(state + SELECTOR, &selector, sizeof selector);
                call();
                ck_assert_uint_eq(calls, !passes || closely);
                ck_assert_int_eq(memcmp(&asked, &usual, sizeof asked) == 0, calls);
                ck_assert_uint_eq(pace->watched, calls ? OTHERS : OTHERS | PAGING);
                ck_assert_uint_eq(pace->kept, _i && !calls ? value : 77);
            }
        }
    }
}
END_TEST

/* What is entered is the other one, with its call. */
START_TEST(a_stretch_can_be_executed_elsewhere)
{
    enum { OTHER = 512 };
    struct ws__turnstile_call other = usual, wrong = usual;
    other.linear += 1;
    wrong.bytes++;
    const uint8_t *from = call_put(&usual), *to = call_put_at(site + SITE + OTHER, &other);
    ck_assert(!ws__turnstile_redirect(&wrong, from, &other, to));
    ck_assert(!ws__turnstile_redirect(&usual, from, &wrong, to));
    call();
    ck_assert(memcmp(&asked, &usual, sizeof asked) == 0);
    ck_assert(ws__turnstile_redirect(&usual, from, &other, to));
    call();
    ck_assert_uint_eq(calls, 2);
    ck_assert(memcmp(&asked, &other, sizeof asked) == 0);
    ck_assert(!ws__turnstile_redirect(&usual, from, &other, to)); /* there is no call any more */
}
END_TEST

#endif

Suite *wicket_suite(void)
{
    Suite *suite = suite_create("wicket");
    TCase *tests = tcase_create("calls");
    tcase_add_checked_fixture(tests, setup, teardown);
#ifdef __x86_64__
    tcase_add_test(tests, a_wicket_asks_when_each_instruction_counts);
    tcase_add_loop_test(tests, a_load_with_a_plain_value_passes, 0, 2);
    tcase_add_test(tests, a_stretch_can_be_executed_elsewhere);
#endif
    suite_add_tcase(suite, tests);
    return suite;
}
