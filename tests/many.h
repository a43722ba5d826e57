/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A check that a test makes thousands of times.
 *
 * Check writes a message to a file at each assertion, also at one that holds.  In a loop, these messages take more time
 * than what is tested.  This one is silent as long as the condition holds.
 */
#ifndef TESTS_MANY_H
#define TESTS_MANY_H

#include <check.h>

#define MANY_CHECK(condition, ...)     \
    do {                               \
        if (!(condition))              \
            ck_abort_msg(__VA_ARGS__); \
    } while (0)

#endif
