/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of zeros is zero each time, and takes no memory of the host before it is used.
 */
#include <check.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include "base/zeros.h"

Suite *zeros_suite(void);

enum { BYTES = 8 << 20, MANY = 1000 };

static long faults(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_minflt;
}

START_TEST(zeros_again)
{
    static const uint8_t none[4096];
    for (int round = 0; round < 3; round++) {
        uint8_t *memory = ws__zeros_new(BYTES);
        ck_assert_ptr_nonnull(memory);
        for (size_t at = 0; at < BYTES; at += sizeof none)
            ck_assert_mem_eq(memory + at, none, sizeof none);
        memset(memory, 0xa5, BYTES);
        ws__zeros_free(memory, BYTES);
    }
    ws__zeros_free(NULL, BYTES);
}
END_TEST

START_TEST(nothing_is_taken_early)
{
    uint8_t *memory = ws__zeros_new(BYTES);
    ck_assert_ptr_nonnull(memory);
    memset(memory, 1, BYTES);
    ws__zeros_free(memory, BYTES);
    long before = faults();
    for (int round = 0; round < MANY; round++) {
        memory = ws__zeros_new(BYTES);
        ck_assert_ptr_nonnull(memory);
        ws__zeros_free(memory, BYTES);
    }
    ck_assert_int_lt(faults() - before, MANY); /* each would have some two thousand */
}
END_TEST

START_TEST(too_much)
{
    ck_assert_ptr_null(ws__zeros_new(SIZE_MAX / 2));
}
END_TEST

Suite *zeros_suite(void)
{
    Suite *suite = suite_create("zeros");
    TCase *tests = tcase_create("zeros");
    tcase_add_test(tests, zeros_again);
    tcase_add_test(tests, nothing_is_taken_early);
    tcase_add_test(tests, too_much);
    suite_add_tcase(suite, tests);
    return suite;
}
